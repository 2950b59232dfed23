/* Lines for stderr, and lists of names in messages. */
#ifndef CLI_TELL_H
#define CLI_TELL_H

#include "base/buf.h"

/* Prints "thumbtag: TEXT" to stderr, escaped for a terminal; nothing if it is empty. */
void tell_line(const struct buf *text);

/* Builds "a, b, c and 2 more":
 *
 *   struct naming n = { &text, 3, 0 };
 *   for (...)
 *       if (naming_next(&n))
 *           buf_adds(&text, name);
 *   naming_end(&n); */
struct naming {
    struct buf *out;
    size_t max;   /* names written out at most */
    size_t count; /* all names so far */
};

/* Counts a name. True if the caller must append it; adds the comma before it. */
bool naming_next(struct naming *n);
void naming_end(struct naming *n);

#endif
