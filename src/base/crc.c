#include "base/crc.h"

#define TABLE_FROM 4096 /* bytes for which a table pays off */

/* Reflected polynomials. */
#define IEEE 0xEDB88320u
#define CASTAGNOLI 0x82F63B78u

static uint32_t step(uint32_t crc, uint32_t polynomial)
{
    for (int bit = 0; bit < 8; bit++) {
        crc = crc >> 1 ^ (crc & 1 ? polynomial : 0);
    }
    return crc;
}

static uint32_t crc_by_table(const uint8_t *p, size_t len, uint32_t crc, uint32_t polynomial)
{
    uint32_t table[256];
    for (uint32_t i = 0; i < 256; i++) {
        table[i] = step(i, polynomial);
    }
    for (size_t i = 0; i < len; i++) {
        crc = crc >> 8 ^ table[(crc ^ p[i]) & 0xff];
    }
    return crc;
}

static uint32_t crc_of(const uint8_t *p, size_t len, uint32_t polynomial)
{
    uint32_t crc = UINT32_MAX;
    if (len >= TABLE_FROM) {
        return ~crc_by_table(p, len, crc, polynomial);
    }
    for (size_t i = 0; i < len; i++) {
        crc = step(crc ^ p[i], polynomial);
    }
    return ~crc;
}

uint32_t crc32_of(const void *bytes, size_t len)
{
    return crc_of(bytes, len, IEEE);
}

uint32_t crc32c_of(const void *bytes, size_t len)
{
    return crc_of(bytes, len, CASTAGNOLI);
}
