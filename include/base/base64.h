/* Base64 of RFC 4648, as terminals want their binary data. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stddef.h>

#include "base/buf.h"

/* Characters, padding included, that `len` bytes become. */
#define BASE64_LEN(len) (((len) + 2) / 3 * 4)

/* Appends them, without line breaks. */
void base64_add(struct buf *out, const void *bytes, size_t len);

#endif
