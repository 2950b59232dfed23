/* Unicode's normal forms. The same name may be written in several ways: an é is
 * one code point as most systems write it (NFC), and an e with an accent behind it
 * as macOS does (NFD). */
#ifndef BASE_NORMALIZE_H
#define BASE_NORMALIZE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Adds the text in NFC (composed) or NFD. False, and nothing is added, if it is no
 * UTF-8 or memory is out. */
bool text_normalize(const char *text, size_t len, bool composed, struct buf *out);

#endif
