/* The screen's size, and what goes to the terminal: the text that curses has gathered, and the
 * bytes that take a picture away. */
#include "screen/private.h"

#include <unistd.h>

int screen_rows(const struct screen *s)
{
    return s->caps.size.rows;
}

int screen_cols(const struct screen *s)
{
    return s->caps.size.cols;
}

bool screen_send(struct screen *s)
{
    int fd = fileno(s->out);
    off_t len = lseek(fd, 0, SEEK_CUR);
    bool ok = true;
    for (off_t at = 0; ok && at < len;) {
        char bytes[16384];
        ssize_t n = pread(fd, bytes, sizeof bytes, at);
        ok = n > 0 && tty_write(&s->tty, bytes, (size_t)n);
        at += n;
    }
    if (len > 0) {
        ok = ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0 && ok;
    }
    return ok;
}

bool screen_wipe(struct screen *s)
{
    const struct buf *w = &s->wipe;
    bool ok = !w->len || (s->wipe_outer ? screen_send_outer(s, w->data, w->len)
                                        : tty_write(&s->tty, w->data, w->len));
    buf_clear(&s->wipe);
    s->outer = s->owed = false;
    return ok;
}
