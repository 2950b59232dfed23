/* Labels of several classes that are the same in any order. */
#ifndef CLI_LABEL_ORDER_H
#define CLI_LABEL_ORDER_H

#include <stdbool.h>

#include "base/buf.h"

/* Appends the classes of the label, sorted, each once, with LABEL_SEPARATOR between. False
 * when out of memory. */
bool label_add_sorted(struct buf *out, const char *label);

#endif
