#include "viewer.h"

#include <string.h>

/* Without a key for this long the user is looking at the picture. */
#define PATIENT_MS 700

bool viewer_same_view(struct frame_view a, struct frame_view b)
{
    return a.zoom == b.zoom && a.x == b.x && a.y == b.y && a.actual == b.actual;
}

void viewer_init(struct viewer *v, struct frames *frames, struct screen *screen)
{
    memset(v, 0, sizeof *v);
    v->frames = frames;
    v->screen = screen;
    v->view = FRAME_VIEW_ALL;
    v->item = v->requested = v->up.item = VIEWER_NO_ITEM;
}

void viewer_release(struct viewer *v)
{
    frames_unpin(v->frames, v->up.frame);
    v->up.frame = NULL;
    v->up.item = VIEWER_NO_ITEM;
}

/* ------------------------------------------------------------------ the state */

/* The item's frame in its view, failed or not, is in the pane, or goes there with the next
 * viewer_draw(). */
static bool is_up(const struct viewer *v)
{
    return v->item != VIEWER_NO_ITEM && v->up.item == v->item &&
           viewer_same_view(v->up.view, v->view);
}

bool viewer_is_settled(const struct viewer *v)
{
    return is_up(v) && v->up.view.effort >= v->view.effort;
}

static bool has_pieces_left(const struct viewer *v)
{
    return v->up.frame && frame_in_pieces(v->up.frame) && v->up.piece < v->up.frame->piece_count;
}

static bool can_be_better(const struct viewer *v)
{
    return !v->up.frame->failed && v->up.frame->limited && v->up.view.effort + 1 < EFFORT_QUALITY;
}

/* It follows from what is wanted and what is up; no field tells it a second time. */
enum viewer_state viewer_state(const struct viewer *v)
{
    if (v->item == VIEWER_NO_ITEM || v->covered) {
        return VIEWER_EMPTY;
    }
    if (!is_up(v)) {
        return VIEWER_WANTED;
    }
    if (v->repaint) {
        return VIEWER_READY;
    }
    if (v->shown < v->up.serial) {
        return VIEWER_SENT;
    }
    return !viewer_is_settled(v) || has_pieces_left(v) || can_be_better(v) ? VIEWER_SEEN
                                                                           : VIEWER_REFINED;
}

/* --------------------------------------------------------- what is to be seen */

void viewer_show(struct viewer *v, uint32_t item, struct frame_view view)
{
    if (item != v->item || !viewer_same_view(view, v->view)) {
        v->requested = VIEWER_NO_ITEM;
    }
    v->item = item;
    v->view = view;
    v->view.effort = EFFORT_NONE;
}

struct frame_view viewer_next_view(const struct viewer *v)
{
    struct frame_view view = v->keep_view ? v->view : FRAME_VIEW_ALL;
    view.effort = EFFORT_NONE;
    return view;
}

void viewer_keep_view(struct viewer *v, bool keep)
{
    v->keep_view = keep;
    v->requested = VIEWER_NO_ITEM; /* the next items need other frames */
}

/* What is up no longer counts. */
static void take_off(struct viewer *v)
{
    viewer_release(v);
    v->repaint = true;
    v->requested = VIEWER_NO_ITEM;
}

void viewer_adapt(struct viewer *v, const struct frame_style *style)
{
    v->style = *style;
    frames_set_style(v->frames, style);
    v->requested = VIEWER_NO_ITEM;
}

void viewer_set_style(struct viewer *v, const struct frame_style *style, struct cells pane)
{
    v->pane = pane;
    take_off(v);
    viewer_adapt(v, style);
}

void viewer_cover(struct viewer *v, bool covered)
{
    v->repaint |= covered != v->covered;
    v->covered = covered;
}

void viewer_repaint(struct viewer *v)
{
    v->repaint = true;
}

void viewer_reload(struct viewer *v)
{
    take_off(v);
    frames_forget(v->frames, v->item);
    v->still_ns = 0;
}

bool viewer_is_stale(const struct viewer *v)
{
    return v->requested != v->item;
}

void viewer_request_again(struct viewer *v)
{
    v->requested = VIEWER_NO_ITEM;
}

size_t viewer_requests(struct viewer *v, const struct viewer_item *items, size_t count,
                       struct frame_request *out)
{
    struct frame_view next = viewer_next_view(v);
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        const struct viewer_item *item = &items[i];
        if (i == 0 && (!viewer_same_view(v->view, next) || v->view.effort)) {
            out[n++] =
                (struct frame_request){ item->id, item->path, item->region, v->view, item->sheet };
        }
        out[n++] = (struct frame_request){ item->id, item->path, item->region, next, item->sheet };
    }
    v->requested = v->item;
    return n;
}

/* -------------------------------------------------------------- what is up */

/* frame: of the item and the view, pinned; NULL: none. */
static void put_up(struct viewer *v, const struct frame *frame)
{
    frames_unpin(v->frames, v->up.frame);
    v->up.frame = frame;
    v->up.item = frame ? v->item : VIEWER_NO_ITEM;
    v->up.view = v->view;
    v->up.piece = 0;
}

static bool is_better(const struct frame *frame, const struct frame *than)
{
    return !frame->failed &&
           (frame_in_pieces(frame) || frame->grid_w > than->grid_w ||
            frame->grid_h > than->grid_h ||
            (frame->grid_w == than->grid_w && frame->bytes.len > than->bytes.len));
}

/* Another frame of the view that is up: it is drawn over or instead of that, or dropped if it
 * is no better. */
static void improve(struct viewer *v, const struct frame *frame)
{
    if (!is_better(frame, v->up.frame)) {
        frames_unpin(v->frames, frame);
        v->up.view = v->view;
        return;
    }
    put_up(v, frame);
    v->still_seen = true;
    v->repaint |= !frame_in_pieces(frame);
}

void viewer_take(struct viewer *v)
{
    bool same = v->up.frame && v->up.item == v->item;
    if (viewer_state(v) >= VIEWER_SENT && viewer_is_settled(v)) {
        return; /* it stays, even if the style has changed meanwhile */
    }
    const struct frame *frame =
        v->covered || v->item == VIEWER_NO_ITEM ? NULL : frames_get(v->frames, v->item, v->view);
    if (same && !frame && !v->covered) {
        return; /* its new view or refinement is still being rendered */
    }
    if (same && frame && frame != v->up.frame && viewer_same_view(v->up.view, v->view)) {
        improve(v, frame);
        return;
    }
    v->still_seen = same && frame && v->view.effort;
    v->repaint |= frame != v->up.frame;
    put_up(v, frame);
}

static void draw_pieces(struct viewer *v, int64_t now_ns)
{
    while (has_pieces_left(v) && viewer_patience(v, now_ns) == 0) {
        bool complete;
        if (!screen_piece(v->screen, v->up.frame, v->up.piece, v->pane, &complete)) {
            return; /* the next event says why */
        }
        if (!complete) {
            return; /* handle the key first */
        }
        v->up.piece++;
    }
}

bool viewer_wipes(const struct viewer *v)
{
    return v->repaint;
}

void viewer_draw(struct viewer *v, int64_t now_ns)
{
    if (!v->repaint) {
        screen_flush(v->screen);
        draw_pieces(v, now_ns);
        return;
    }
    uint64_t serial = screen_picture(v->screen, v->up.frame, v->pane);
    v->repaint = false;
    v->up.piece = 1;
    if (!serial) { /* the next event says why: a hang-up, or the user quits */
        v->up.serial = UINT64_MAX;
    } else if (!v->still_seen) {
        v->up.serial = serial;
    }
    v->still_seen = false;
}

uint32_t viewer_shown(struct viewer *v, uint64_t shown)
{
    v->shown = shown > v->shown ? shown : v->shown; /* a key may have waited */
    return shown >= v->up.serial ? v->up.item : VIEWER_NO_ITEM;
}

bool viewer_was_seen(const struct viewer *v, uint64_t shown)
{
    return v->item != VIEWER_NO_ITEM && v->up.item == v->item && shown >= v->up.serial;
}

/* ---------------------------------------------------------------- refinement */

/* The full view is drawn in pieces over the picture, so that a key waits for at most one
 * piece; or, if the protocol has no pieces, in frames of more and more bytes. */

void viewer_touch(struct viewer *v, int64_t now_ns)
{
    v->still_ns = now_ns;
}

void viewer_arrived(struct viewer *v, int64_t now_ns)
{
    if (v->still_ns && !has_pieces_left(v)) {
        v->still_ns = now_ns;
    }
}

static int still_ms(const struct viewer *v, int64_t now_ns)
{
    int64_t ms = (now_ns - v->still_ns) / 1000000;
    return ms < PATIENT_MS ? (int)ms : PATIENT_MS;
}

int viewer_patience(const struct viewer *v, int64_t now_ns)
{
    if (viewer_state(v) != VIEWER_SEEN || !viewer_is_settled(v) || screen_busy(v->screen)) {
        return -1;
    }
    int left = PATIENT_MS - still_ms(v, now_ns);
    return left > 0 ? left : has_pieces_left(v) ? screen_piece_due(v->screen) : 0;
}

static void want_effort(struct viewer *v, int effort)
{
    v->view.effort = effort;
    v->requested = VIEWER_NO_ITEM;
}

bool viewer_refine(struct viewer *v, int64_t now_ns)
{
    if (viewer_patience(v, now_ns) != 0 || has_pieces_left(v)) {
        return false;
    }
    want_effort(v, v->up.view.effort + 1);
    return true;
}

void viewer_refine_fully(struct viewer *v)
{
    v->still_ns = 0;
    want_effort(v, EFFORT_QUALITY);
}
