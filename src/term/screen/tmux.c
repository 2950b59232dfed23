/* Pictures through tmux to the outer terminal. tmux does not know of them: it writes text
 * over them when it redraws the window, and passes them on even if the terminal shows
 * another window. So tmux is asked where the pane is before each picture, and regularly
 * whether the pane has been hidden since. */
#include "screen/private.h"
#include "terminal/passthrough.h"

#define ASK_SYNC "\033[>c" /* DA2: no other reply looks like it */
#define SYNC_MS 500
#define ANSWER_MS 250     /* time limit of a query of tmux's state */
#define LOOK_MS 500       /* interval of these queries */
#define KEPT_LOOK_MS 3000 /* the same while tmux blocks pictures */

bool screen_send_outer(struct screen *s, const void *bytes, size_t len)
{
    struct buf out = BUF_INIT;
    passthrough_add(&out, bytes, len);
    bool ok = !out.failed && tty_write(&s->tty, out.data, out.len);
    buf_release(&out);
    return ok;
}

/* Waits until tmux has sent the text on to the outer terminal. tmux sends text only after
 * it has processed its input, but passes wrapped bytes through at once, so that earlier
 * text would overwrite the picture. A reply means that the text is on its way. The replies
 * stay in s->input. */
static bool wait_for_text(struct screen *s)
{
    size_t had = input_count_replies(&s->input, '>', 'c');
    int64_t end = tty_now_ns(&s->tty) + SYNC_MS * 1000000LL;
    unsigned seen = 0;
    bool ok = tty_write(&s->tty, ASK_SYNC, sizeof ASK_SYNC - 1);
    while (ok && input_count_replies(&s->input, '>', 'c') <= had) {
        int64_t left = (end - tty_now_ns(&s->tty)) / 1000000;
        bool readable = false;
        seen |= left > 0 ? tty_wait(&s->tty, (int)left, &readable) : 0;
        unsigned char bytes[512];
        int n = readable ? tty_read(&s->tty, bytes, sizeof bytes) : 0;
        ok = n >= 0 && left > 0 && !(seen & TTY_QUIT);
        if (n > 0) {
            input_time(&s->input, tty_now_ns(&s->tty));
            input_feed(&s->input, bytes, (size_t)n);
        }
    }
    tty_again(&s->tty, seen);
    return ok;
}

/* True when a picture at these cells of the pane would be visible now. */
static bool is_in_sight(const struct screen *s, const struct tmux_state *t, struct cells at)
{
    return t->rows == s->caps.size.rows && t->cols == s->caps.size.cols &&
           tmux_shows(t, at.row, at.col, at.rows, at.cols);
}

/* As write_at() of picture.c; tmux sets its own scrolling region again afterwards. */
static void add_at(struct buf *out, int row, int col, const char *bytes, size_t len)
{
    buf_addf(out, "\0337\033[r\033[?80l\033[%d;%dH", row + 1, col + 1);
    buf_add(out, bytes, len);
    buf_adds(out, "\0338");
}

/* row, col: of the frame, on the outer terminal. */
static void add_frame(struct buf *out, const struct frame *frame, int row, int col)
{
    if (!frame->together) {
        add_at(out, row, col, frame->bytes.data, frame->bytes.len);
        return;
    }
    size_t begin = 0;
    for (int i = 0; i < frame->piece_count; i++) {
        const struct frame_piece *piece = &frame->pieces[i];
        add_at(out, row + piece->row, col + piece->col, frame->bytes.data + begin,
               piece->end - begin);
        begin = piece->end;
    }
}

bool screen_outer_picture(struct screen *s, struct tmux_question *question,
                          const struct frame *frame, struct cells at)
{
    struct tmux_state *t = &s->caps.around;
    bool synced = wait_for_text(s);
    tmux_finish(question, ANSWER_MS, t);
    s->around_ns = tty_now_ns(&s->tty);
    s->outer = true;
    s->outer_at = at;
    s->owed = !synced || !is_in_sight(s, t, at);
    if (s->owed) {
        return true;
    }
    struct buf out = BUF_INIT;
    struct buf wrapped = BUF_INIT;
    add_frame(&out, frame, t->row + at.row, t->col + at.col);
    passthrough_add(&wrapped, out.data, out.len);
    bool ok = !out.failed && !wrapped.failed;
    if (ok && wrapped.len <= TMUX_SEQUENCE_MAX) { /* tmux would drop a longer one */
        ok = tty_write(&s->tty, wrapped.data, wrapped.len);
    }
    buf_release(&wrapped);
    buf_release(&out);
    return ok;
}

/* True while the outer terminal could not be asked, as the pane was not visible. */
static bool is_unasked(const struct screen *s)
{
    const struct term_caps *c = &s->caps;
    return c->tmux && c->around.passthrough && !c->outer.da1 && !c->outer_due && !c->late;
}

int screen_outer_due(const struct screen *s)
{
    bool waits = s->outer || is_unasked(s);
    if (!waits && !probe_is_kept(&s->caps)) {
        return -1;
    }
    int64_t every = waits ? LOOK_MS : KEPT_LOOK_MS;
    int64_t passed = (tty_now_ns(&s->tty) - s->around_ns) / 1000000;
    return passed >= every ? 0 : (int)(every - passed);
}

bool screen_outer_look(struct screen *s)
{
    const struct tmux_state before = s->caps.around;
    struct tmux_state now;
    bool known = tmux_ask(ANSWER_MS, &now);
    s->around_ns = tty_now_ns(&s->tty);
    if (!known) {
        return false;
    }
    s->caps.around = now;
    if (is_unasked(s)) {
        probe_ask_outer(&s->tty, &s->caps);
    }
    if (!s->outer) {
        return false;
    }
    bool in_sight = is_in_sight(s, &now, s->outer_at);
    bool moved = now.row != before.row || now.col != before.col ||
                 now.view_row != before.view_row || now.view_rows != before.view_rows ||
                 now.view_cols != before.view_cols || now.clients != before.clients;
    s->owed |= !in_sight || moved;
    return in_sight && s->owed;
}
