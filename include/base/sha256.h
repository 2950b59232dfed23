/* SHA-256 (FIPS 180-4), for metadata that asks for it. Nothing here depends on its secrecy. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>

#define SHA256_TEXT_SIZE 65 /* with its NUL */

/* The digest in hexadecimal digits. */
void sha256_text(const void *bytes, size_t len, char out[SHA256_TEXT_SIZE]);

#endif
