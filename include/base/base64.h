/* Base64 (RFC 4648), the form in which terminals accept binary data. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stddef.h>

#include "base/buf.h"

/* Encoded length of `len` bytes, padding included. */
#define BASE64_LEN(len) (((len) + 2) / 3 * 4)

/* Appends the encoded bytes, without line breaks. */
void base64_add(struct buf *out, const void *bytes, size_t len);

#endif
