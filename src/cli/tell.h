/* Lines for stderr, and lists of names in them. */
#ifndef CLI_TELL_H
#define CLI_TELL_H

#include "base/buf.h"

/* "thumbtag: TEXT" to stderr, fit for a terminal; nothing for an empty text. */
void tell_line(const struct buf *text);

/* "a, b, c and 2 more":
 *
 *   struct naming n = { &text, 3, 0 };
 *   for (...)
 *       if (naming_next(&n))
 *           buf_adds(&text, name);
 *   naming_end(&n); */
struct naming {
    struct buf *out;
    size_t max;   /* names that are written out */
    size_t count; /* of all */
};

/* Counts another name. True where it is to be added, behind a comma if need be. */
bool naming_next(struct naming *n);
void naming_end(struct naming *n);

#endif
