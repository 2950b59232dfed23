/* Percent-encoding of single bytes, "%0A", in file names and marks. */
#ifndef STORE_PERCENT_H
#define STORE_PERCENT_H

#include <stdbool.h>

#include "base/buf.h"

void percent_add(struct buf *out, char byte);

/* Decodes the code at `at`, which begins with '%', and moves *at to its last character. False
 * if it is none, or that of NUL. */
bool percent_take(const char **at, const char *end, char *byte);

#endif
