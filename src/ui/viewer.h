/* A picture pane as a state machine: which item is to be seen in it, which part of it and how
 * large, and how far that has come.
 *
 *     EMPTY -> WANTED -> READY -> SENT -> SEEN -> REFINED
 *
 * viewer_show() is the only way to another item or another view, and leads to WANTED, from
 * any state; viewer_take() takes the frame once it is rendered (READY), viewer_draw() writes
 * it (SENT), and with viewer_shown() the terminal has drawn it (SEEN). While nothing happens
 * then, a frame that was reduced for a slow line is followed by better ones or by pieces, until
 * it is as good as it can be (REFINED). A frame is never replaced by a smaller one of the same
 * view.
 *
 * A viewer knows the terminal's frames and screen, which it borrows, and nothing of a session:
 * its owner says what is to be shown, has the frames rendered that it asks for, and fills the
 * cells around the picture. Several viewers may share the frames and the screen. */
#ifndef UI_VIEWER_H
#define UI_VIEWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "term/frames.h"
#include "term/screen.h"

#define VIEWER_NO_ITEM UINT32_MAX

enum viewer_state {
    VIEWER_EMPTY,   /* nothing is to be seen: there is no item, or something covers the pane */
    VIEWER_WANTED,  /* the item's frame is not there in this view and style */
    VIEWER_READY,   /* it is; the next viewer_draw() writes it */
    VIEWER_SENT,    /* it is written, and the terminal has not drawn it yet */
    VIEWER_SEEN,    /* the terminal has drawn it; a better one may follow */
    VIEWER_REFINED, /* no better one will follow */
};

/* May be read; the functions alone change it. */
struct viewer {
    struct frames *frames;
    struct screen *screen;
    struct cells pane;
    struct frame_style style; /* of the frames to come */
    uint32_t item;            /* to be seen; VIEWER_NO_ITEM: nothing */
    struct frame_view view;   /* of it; its effort grows with each refinement */
    bool keep_view;           /* the next items start in the same view */
    bool covered;             /* by something else */
    uint32_t requested;       /* item for which viewer_requests() was last called */

    /* What is in the pane, or is put there by the next viewer_draw(). Until then it may be
     * another item's. */
    struct {
        const struct frame *frame; /* pinned; NULL: none */
        uint32_t item;             /* whose; VIEWER_NO_ITEM without a frame */
        struct frame_view view;
        uint64_t serial; /* of screen_picture(); UINT64_MAX: the terminal is gone */
        int piece;       /* the next to be written */
    } up;
    uint64_t shown;   /* newest screen_shown() */
    bool repaint;     /* the pane must be written again */
    bool still_seen;  /* meanwhile, in the same view: keys need not wait for the terminal */
    int64_t still_ns; /* since then neither a key nor a new picture came; 0: refine at once */
};

/* Empty. style and pane are set by viewer_set_style(), which must follow. */
void viewer_init(struct viewer *v, struct frames *frames, struct screen *screen);

/* Unpins what is up. To be called before the frames are freed. */
void viewer_release(struct viewer *v);

enum viewer_state viewer_state(const struct viewer *v);

/* From now on `item` is to be seen, in this view (its effort is ignored). What was up is
 * replaced by the next viewer_take(). */
void viewer_show(struct viewer *v, uint32_t item, struct frame_view view);

/* The view in which the next items start: all of them, or as the present one where views are
 * kept. viewer_keep_view() switches that. */
struct frame_view viewer_next_view(const struct viewer *v);
void viewer_keep_view(struct viewer *v, bool keep);

/* What is up belongs to another style or another pane: it is taken off, and all is rendered
 * anew. */
void viewer_set_style(struct viewer *v, const struct frame_style *style, struct cells pane);

/* The same, but what is up stays: only the frames to come have this style. */
void viewer_adapt(struct viewer *v, const struct frame_style *style);

/* Something else is drawn over the whole pane, or no longer. */
void viewer_cover(struct viewer *v, bool covered);

/* The terminal may have lost the picture: it is written again. */
void viewer_repaint(struct viewer *v);

/* Drops the item's frames: its file is read again. */
void viewer_reload(struct viewer *v);

/* What is needed next, an item with its picture. */
struct viewer_item {
    uint32_t id;
    const char *path;
    struct region region;
    const struct sheet *sheet; /* NULL: a picture; see struct frame_request */
};

/* True when the frames requested are not those needed now: viewer_requests() is due.
 * viewer_request_again() makes it so, as the items behind the present one have changed. */
bool viewer_is_stale(const struct viewer *v);
void viewer_request_again(struct viewer *v);

/* The requests for frames_want(), most urgent first, into out[count + 1]: items[0] is the
 * viewer's own, in its view, and each of them is wanted in viewer_next_view(). Returns their
 * number. */
size_t viewer_requests(struct viewer *v, const struct viewer_item *items, size_t count,
                       struct frame_request *out);

/* Takes the frame of the item and the view if it is finished, in place of what is up. To be
 * called before drawing. */
void viewer_take(struct viewer *v);

/* True when the next viewer_draw() writes the pane: it must be filled with wipe. */
bool viewer_wipes(const struct viewer *v);

/* Flushes the screen's text, and writes the picture or the pieces of it that are due. */
void viewer_draw(struct viewer *v, int64_t now_ns);

/* screen_shown() is, or was at an event that is handled now, `shown`. Returns the item that the
 * terminal showed then; VIEWER_NO_ITEM: what is up was not drawn yet. viewer_arrived(): a picture
 * was drawn just now. */
uint32_t viewer_shown(struct viewer *v, uint64_t shown);
void viewer_arrived(struct viewer *v, int64_t now_ns);

/* The item, in any view, was visible while screen_shown() was `shown`. */
bool viewer_was_seen(const struct viewer *v, uint64_t shown);

/* The frame of the item in its view is up, written or not, and no refinement of it is being
 * rendered; whether something covers it or not. */
bool viewer_is_settled(const struct viewer *v);

/* A key came: refining waits. */
void viewer_touch(struct viewer *v, int64_t now_ns);

/* Milliseconds until viewer_refine() or the next viewer_draw() has something to do without
 * another event; -1: never. */
int viewer_patience(const struct viewer *v, int64_t now_ns);

/* To be called when that time is over. True when viewer_requests() is due. */
bool viewer_refine(struct viewer *v, int64_t now_ns);

/* The best quality at once, whatever the line. */
void viewer_refine_fully(struct viewer *v);

/* True when two views show the same part at the same size, whatever their effort. */
bool viewer_same_view(struct frame_view a, struct frame_view b);

#endif
