/* How text and pictures live together. Text, even a blank, wipes the pixels
 * under it, and curses writes only what it thinks has changed. So the pane's
 * blanks are made others that look the same (screen_fill_pane()), which curses
 * writes and which wipe the old picture; the new one is written behind its back. */
#include "screen/private.h"

#include <string.h>

#include "base/clock.h"

#define SYNC_BEGIN "\033[?2026h"
#define SYNC_END "\033[?2026l"
#define FENCE "\033[5n"

static struct cells centre(const struct frame *frame, struct cells pane)
{
    return (struct cells){
        .row = pane.row + (pane.rows - frame->rows) / 2,
        .col = pane.col + (pane.cols - frame->cols) / 2,
        .rows = frame->rows,
        .cols = frame->cols,
    };
}

static void note_placement(struct screen *s, const struct frame *frame, struct cells at)
{
    buf_clear(&s->placement);
    buf_addf(&s->placement, "[picture %dx%d at row %d, column %d: %dx%d samples of %s %dx%d]\n",
             at.cols, at.rows, at.row, at.col, frame->grid_w, frame->grid_h, frame->info.format,
             frame->info.width, frame->info.height);
}

static bool write_picture(struct screen *s, const struct frame *frame, struct cells at)
{
    char place[64];
    /* Cursor saved; no scrolling region, which a picture would scroll; sixel
     * scrolling on, or DECSDM pins the picture at 0,0. */
    int len =
        snprintf(place, sizeof place, "\0337\033[r\033[?80l\033[%d;%dH", at.row + 1, at.col + 1);
    return tty_write(&s->tty, place, (size_t)len) &&
           tty_write(&s->tty, frame->bytes.data, frame->bytes.len) &&
           tty_write(&s->tty, "\0338", 2);
}

bool screen_wipe(struct screen *s)
{
    size_t len = strlen(s->wipe);
    bool ok = !len || (s->wipe_outer ? screen_send_outer(s, s->wipe, len)
                                     : tty_write(&s->tty, s->wipe, len));
    s->wipe[0] = '\0';
    s->outer = s->owed = false;
    return ok;
}

/* The text, which takes the old picture away, and then the new one. */
static bool draw(struct screen *s, const struct frame *frame, struct cells at)
{
    struct tmux_question question = { 0 };
    bool outer = frame && frame->outer && s->caps.tmux;
    bool ok = screen_wipe(s);
    if (outer) {
        tmux_start(&question); /* it has its answer when tmux has the text */
    }
    screen_flush(s);
    if (frame) {
        memcpy(s->wipe, frame->wipe, sizeof s->wipe);
        s->wipe_outer = outer;
    }
    if (outer) {
        return screen_outer_picture(s, &question, &frame->bytes, at) && ok;
    }
    return ok && (!frame || write_picture(s, frame, at));
}

/* To be answered by the terminal that has the picture: behind tmux it may be far
 * from having it when tmux has. */
static bool send_fence(struct screen *s, bool outer)
{
    s->fence_outer = outer && s->caps.around.keys && !s->owed;
    return s->fence_outer ? screen_send_outer(s, FENCE, sizeof FENCE - 1)
                          : tty_write(&s->tty, FENCE, sizeof FENCE - 1);
}

uint64_t screen_picture(struct screen *s, const struct frame *frame, struct cells pane)
{
    struct cells at = { 0 };
    if (frame && (frame->failed || !frame->bytes.len)) {
        frame = NULL;
    }
    if (frame) {
        at = centre(frame, pane);
    }
    if (s->script) {
        buf_clear(&s->placement);
        if (frame) {
            note_placement(s, frame, at);
        }
        screen_flush(s);
        return s->shown = ++s->drawn;
    }
    s->flight_ns = clock_monotonic_ns();
    s->flight_bytes = frame ? frame->bytes.len : 0;
    bool was_outer = s->outer;
    bool ok = !s->caps.replies.sync || tty_write(&s->tty, SYNC_BEGIN, sizeof SYNC_BEGIN - 1);
    ok = draw(s, frame, at) && ok;
    ok = ok && (!s->caps.replies.sync || tty_write(&s->tty, SYNC_END, sizeof SYNC_END - 1));
    s->drawn++;
    s->drawn_at_ns = clock_monotonic_ns();
    if (!s->caps.replies.fence) {
        s->shown = s->drawn;
    } else {
        ok = ok && send_fence(s, s->outer || was_outer);
    }
    return ok ? s->drawn : 0;
}

uint64_t screen_shown(const struct screen *s)
{
    return s->shown;
}

bool screen_busy(const struct screen *s)
{
    return s->shown < s->drawn;
}

const struct link *screen_link(const struct screen *s)
{
    return &s->link;
}
