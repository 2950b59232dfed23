/* Unicode's normal forms, by utf8proc. The same text may be written in several ways:
 * an é is one code point as most systems write it (NFC), and an e with a combining
 * accent behind it as macOS does (NFD); the marks on a letter come in any order. */
#ifndef BASE_NORMALIZE_H
#define BASE_NORMALIZE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Appends the text in NFC (composed) or NFD. False, with nothing appended, if it is not
 * valid UTF-8 or memory is out. */
bool text_normalize(const char *text, size_t len, bool composed, struct buf *out);

/* Appends s[0..len) in NFD, so that texts which look the same are the same bytes; with
 * ignore_case, in small letters (by towlower()). Bytes that are not UTF-8 are copied. */
void text_fold(struct buf *out, const char *s, size_t len, bool ignore_case);

/* True when the two have the same normal form. */
bool text_same(const char *a, const char *b);

#endif
