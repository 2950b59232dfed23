#include "tell.h"

#include <stdio.h>

#include "base/text.h"
#include "say.h"

void tell_line(const struct buf *text)
{
    char line[2000];
    if (text->len) {
        text_printable(line, sizeof line, buf_text(text), text->len, -1);
        say(stderr, "thumbtag: %s\n", line);
    }
}

bool naming_next(struct naming *n)
{
    if (n->count++ >= n->max) {
        return false;
    }
    buf_adds(n->out, n->count > 1 ? ", " : "");
    return true;
}

void naming_end(struct naming *n)
{
    if (n->count > n->max) {
        buf_addf(n->out, " and %zu more", n->count - n->max);
    }
}
