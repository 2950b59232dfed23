/* The checksums of ZIP, PNG and gzip, and of iSCSI and TFRecord. */
#ifndef BASE_CRC_H
#define BASE_CRC_H

#include <stddef.h>
#include <stdint.h>

/* CRC-32 (IEEE 802.3): reflected polynomial 0xEDB88320, initial value all ones, result
 * inverted. */
uint32_t crc32_of(const void *bytes, size_t len);

/* CRC-32C (RFC 3720): the same with the polynomial 0x82F63B78. */
uint32_t crc32c_of(const void *bytes, size_t len);

#endif
