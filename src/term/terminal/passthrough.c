/* Wraps sequences for tmux. */
#include "terminal/passthrough.h"

#include <string.h>

void passthrough_add(struct buf *out, const void *bytes, size_t len)
{
    const char *from = bytes;
    const char *end = from + len;
    buf_adds(out, "\033Ptmux;");
    while (from < end) {
        const char *esc = memchr(from, '\033', (size_t)(end - from));
        const char *to = esc ? esc + 1 : end;
        buf_add(out, from, (size_t)(to - from));
        if (esc) {
            buf_addc(out, '\033');
        }
        from = to;
    }
    buf_adds(out, "\033\\");
}
