/* The render cache: frames are rendered ahead of need on the scheduler's threads and kept
 * within a memory limit. The key is item, file version, view and style.
 *
 * Not thread-safe: only the screen's thread calls these functions. */
#ifndef TERM_FRAMES_H
#define TERM_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/scheduler.h"
#include "term/frame.h"
#include "term/sheet.h"

struct frames;

/* Called on a worker thread when a frame is finished. */
typedef void frames_wake_fn(void *context);

/* scheduler: borrowed, must outlive the result. bytes: memory limit of finished frames, which
 * pinned frames and the most urgent one may exceed. pictures (borrowed, may be NULL) must outlive
 * the result, and is told which pictures come next. NULL and err on failure. */
struct frames *frames_new(struct scheduler *scheduler, size_t bytes, struct picture_cache *pictures,
                          frames_wake_fn *wake, void *context, struct error *err);

/* Waits for the renders in progress and frees everything. f may be NULL. */
void frames_free(struct frames *f);

/* Sets the style of all frames to come and clears the list of wanted frames. Finished
 * frames of other styles are kept while there is room, and are found again when their
 * style is set again. */
void frames_set_style(struct frames *f, const struct frame_style *style);

struct frame_request {
    uint32_t id;          /* the caller's id of the item */
    const char *path;     /* copied */
    struct region region; /* of that picture; the same for all requests of an id */
    struct frame_view view;
    const struct sheet *sheet; /* copied; NULL: one picture. An id stands for one sheet, and none
                                  of those that stand for a picture; path: of its first item */
};

/* Sets the list of wanted frames, most urgent first, in place of the previous list.
 * Renders in progress are finished. False when out of memory. */
bool frames_want(struct frames *f, const struct frame_request *requests, size_t count);

/* True when a wanted frame could not be started for lack of memory: call frames_want()
 * again to retry. */
bool frames_starved(struct frames *f);

/* True when no frame is being rendered, nor will be before the next call: all that are wanted
 * are finished, or there is no memory for more. When that comes about, wake() is called. */
bool frames_idle(struct frames *f);

/* The finished frame, pinned until frames_unpin(); NULL while there is none. If it was
 * not pinned yet, one stat() checks whether the file has changed since it was read; if
 * so, the result is NULL, and a wanted frame is rendered again. */
const struct frame *frames_get(struct frames *f, uint32_t id, struct frame_view view);

/* Undoes one frames_get(); frame may be NULL. */
void frames_unpin(struct frames *f, const struct frame *frame);

/* Drops all frames of a picture, for instance because its file has changed. */
void frames_forget(struct frames *f, uint32_t id);

/* Memory that finished frames take, in bytes. */
size_t frames_bytes(struct frames *f);

#endif
