/* Draws pictures beside curses' text. Text, even a blank, erases the pixels under it, and
 * curses writes only cells that have changed. To erase a picture, the pane's blanks are
 * replaced by other blanks that look the same (screen_fill_pane()), which curses writes;
 * the new picture is then written directly, without curses. */
#include "screen/private.h"

#include <string.h>

#define SYNC_BEGIN "\033[?2026h"
#define SYNC_END "\033[?2026l"

#define PIECE_LONG_NS 350e6 /* a piece that takes longer is written paced */

/* The frame's cells, in the middle of the pane. A frame with fewer cells than its full view
 * is aligned with the full view's cells, so that the pieces of that cover it. */
static struct cells centre(const struct frame *frame, struct cells pane)
{
    int rows = frame->full_rows > frame->rows ? frame->full_rows : frame->rows;
    int cols = frame->full_cols > frame->cols ? frame->full_cols : frame->cols;
    return (struct cells){
        .row = pane.row + (pane.rows - rows) / 2 + (rows - frame->rows) / 2,
        .col = pane.col + (pane.cols - cols) / 2 + (cols - frame->cols) / 2,
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

/* Saves the cursor and moves it. No scrolling region, which a picture would scroll; sixel
 * scrolling on (DECSDM off), otherwise the picture is drawn at 0,0. */
static bool go_to(struct screen *s, struct cells at)
{
    char place[64];
    int len =
        snprintf(place, sizeof place, "\0337\033[r\033[?80l\033[%d;%dH", at.row + 1, at.col + 1);
    return tty_write(&s->tty, place, (size_t)len);
}

static bool write_at(struct screen *s, struct cells at, const char *bytes, size_t len)
{
    return go_to(s, at) && tty_write(&s->tty, bytes, len) && tty_write(&s->tty, "\0338", 2);
}

static size_t piece_begin(const struct frame *frame, int number)
{
    return number ? frame->pieces[number - 1].end : 0;
}

static struct cells cells_of_piece(const struct frame *frame, int number, struct cells at)
{
    at.row += frame->pieces[number].row;
    at.col += frame->pieces[number].col;
    return at;
}

/* at: cells of the whole frame. */
static bool write_first_piece(struct screen *s, const struct frame *frame, struct cells at)
{
    return write_at(s, cells_of_piece(frame, 0, at), frame->bytes.data, frame->pieces[0].end);
}

static bool write_all_pieces(struct screen *s, const struct frame *frame, struct cells at)
{
    bool ok = true;
    for (int i = 0; ok && i < frame->piece_count; i++) {
        size_t begin = piece_begin(frame, i);
        ok = write_at(s, cells_of_piece(frame, i, at), frame->bytes.data + begin,
                      frame->pieces[i].end - begin);
    }
    return ok;
}

static bool write_picture(struct screen *s, const struct frame *frame, struct cells at)
{
    return frame->together          ? write_all_pieces(s, frame, at)
           : frame_in_pieces(frame) ? write_first_piece(s, frame, at)
                                    : write_at(s, at, frame->bytes.data, frame->bytes.len);
}

/* Writes the text, which erases the old picture, and then the new picture. */
static bool draw_text_and_picture(struct screen *s, const struct frame *frame, struct cells at)
{
    struct tmux_question question = { 0 };
    bool outer = frame && frame->outer && s->caps.tmux;
    bool ok = screen_wipe(s);
    if (outer) {
        tmux_start(&question); /* runs while tmux processes the text */
    }
    screen_flush(s);
    if (frame) {
        buf_add(&s->wipe, frame->wipe.data, frame->wipe.len);
        s->wipe_outer = outer;
    }
    if (outer) {
        return screen_outer_picture(s, &question, frame, at) && ok;
    }
    return ok && (!frame || write_picture(s, frame, at));
}

/* The terminal that draws the picture must answer: the outer terminal may be far behind
 * tmux. */
static bool send_fence(struct screen *s, bool outer)
{
    s->fence_outer = outer && s->caps.around.keys && !s->owed;
    return s->fence_outer ? screen_send_outer(s, FENCE, sizeof FENCE - 1)
                          : tty_write(&s->tty, FENCE, sizeof FENCE - 1);
}

/* Starts to measure `bytes` more. All bytes in flight are measured together, from the first
 * byte to the reply to the last fence. */
static void take_off(struct screen *s, size_t bytes)
{
    if (s->shown == s->drawn || !s->flight_ns) {
        s->flight_bytes = 0;
        s->flight_ns = tty_now_ns(&s->tty);
    }
    s->flight_bytes += bytes;
}

static bool end_with_fence(struct screen *s, bool outer)
{
    s->drawn++;
    s->drawn_at_ns = tty_now_ns(&s->tty);
    if (!s->caps.replies.fence) {
        s->shown = s->drawn;
        return true;
    }
    return send_fence(s, outer);
}

static bool sync(struct screen *s, bool begin)
{
    return !s->caps.replies.sync ||
           tty_write(&s->tty, begin ? SYNC_BEGIN : SYNC_END, sizeof SYNC_BEGIN - 1);
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
    s->pieces = 0;
    buf_clear(&s->placement);
    if (frame) {
        note_placement(s, frame, at);
    }
    take_off(s, !frame ? 0 : frame_in_pieces(frame) ? frame->pieces[0].end : frame->bytes.len);
    bool was_outer = s->outer;
    bool ok = sync(s, true);
    ok = draw_text_and_picture(s, frame, at) && ok;
    ok = ok && sync(s, false);
    ok = ok && end_with_fence(s, s->outer || was_outer);
    return ok ? s->drawn : 0;
}

/* Writes a piece; one that takes longer than a key should wait is written paced, until a
 * key comes. */
static bool write_piece(struct screen *s, struct cells at, const char *bytes, size_t len, char cut,
                        size_t *written)
{
    bool paced = cut && s->caps.replies.fence && (double)len * s->link.ns_per_byte > PIECE_LONG_NS;
    *written = len;
    return paced ? go_to(s, at) && screen_write_paced(s, bytes, len, cut, written) &&
                       tty_write(&s->tty, "\0338", 2)
                 : write_at(s, at, bytes, len);
}

bool screen_piece(struct screen *s, const struct frame *frame, int number, struct cells pane,
                  bool *complete)
{
    struct cells at = centre(frame, pane);
    *complete = true;
    note_placement(s, frame, at);
    if (number == 0) {
        buf_add(&s->wipe, frame->wipe.data, frame->wipe.len);
    }
    size_t begin = piece_begin(frame, number);
    size_t len = frame->pieces[number].end - begin, written = 0;
    take_off(s, 0);
    bool ok = sync(s, true) &&
              write_piece(s, cells_of_piece(frame, number, at), frame->bytes.data + begin, len,
                          frame->cut, &written) &&
              sync(s, false);
    *complete = written == len;
    s->flight_bytes += written;
    s->piece_bytes = written;
    s->pieces++;
    s->piece_ns = tty_now_ns(&s->tty);
    return ok && end_with_fence(s, false);
}

/* The next piece is due when the link has transmitted the one before, whose reply may
 * still be on its way. */
int screen_piece_due(const struct screen *s)
{
    uint64_t out = s->drawn - s->shown;
    double takes_ns = (double)s->piece_bytes * s->link.ns_per_byte;
    if (!out) {
        return 0;
    }
    if (!s->pieces || takes_ns < 1.0 ||
        (double)out > 1.0 + (double)s->link.round_trip_ns / takes_ns) {
        return -1;
    }
    int64_t left_ns = s->piece_ns + (int64_t)takes_ns - tty_now_ns(&s->tty);
    return left_ns > 0 ? (int)(left_ns / 1000000) + 1 : 0;
}

uint64_t screen_shown(const struct screen *s)
{
    return s->shown;
}

const char *screen_placement(const struct screen *s)
{
    return buf_text(&s->placement);
}

bool screen_busy(const struct screen *s)
{
    return s->shown + (uint64_t)s->pieces < s->drawn;
}

const struct link *screen_link(const struct screen *s)
{
    return &s->link;
}
