/* Texts that look the same: "é" is one character or two (é, e and an accent), as the
 * system that wrote it has it (macOS: two), and the marks on a letter come in any
 * order. The folded text is one for all of them. */
#ifndef BASE_TEXT_FOLD_H
#define BASE_TEXT_FOLD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Adds s[0..len) to out in Unicode's canonical decomposition (NFD) for characters
 * up to U+30FF and for Hangul; with ignore_case, small letters for capitals (by
 * towlower()). Bytes that are no UTF-8 stay as they are. */
void text_fold(struct buf *out, const char *s, size_t len, bool ignore_case);

/* True when the two are one text, written with other code points or not. */
bool text_same(const char *a, const char *b);

#endif
