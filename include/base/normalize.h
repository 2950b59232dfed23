/* Unicode normal forms, by utf8proc. The same text has several encodings: most systems
 * write é as one code point (NFC), macOS as e and a combining accent (NFD); several
 * marks on one letter may come in any order. */
#ifndef BASE_NORMALIZE_H
#define BASE_NORMALIZE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Appends the text in NFC (composed) or NFD. False, with nothing appended, if it is not
 * valid UTF-8 or when out of memory. */
bool text_normalize(const char *text, size_t len, bool composed, struct buf *out);

/* Appends s[0..len) in NFD, so that texts which look the same become the same bytes; with
 * ignore_case in lower case (towlower()). Invalid UTF-8 is copied byte by byte. */
void text_fold(struct buf *out, const char *s, size_t len, bool ignore_case);

/* True when the two have the same normal form. */
bool text_same(const char *a, const char *b);

#endif
