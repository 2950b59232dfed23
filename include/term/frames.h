/* Frames made ahead of their being needed, on worker threads, and kept within
 * a memory limit: by picture, file as it was read, view and style.
 *
 * One thread (the screen's) calls these functions; the workers are inside. */
#ifndef TERM_FRAMES_H
#define TERM_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "term/frame.h"

struct frames;

/* Called on a worker thread when a frame has been finished. */
typedef void frames_wake_fn(void *context);

/* workers >= 1 threads; finished frames take at most `bytes` (what is pinned
 * and what is wanted first may pass that). thumbnails, which may be NULL, is the
 * caller's and must outlive the frames. NULL and err on failure. */
struct frames *frames_new(int workers, size_t bytes, struct thumbnails *thumbnails,
                          frames_wake_fn *wake, void *context, struct error *err);

/* Waits for the pictures in work and frees everything. */
void frames_free(struct frames *f);

/* How frames are drawn from now on, and that nothing is wanted. Finished ones of
 * other styles stay while there is room for them, and are found again when
 * their style comes back. */
void frames_set_style(struct frames *f, const struct frame_style *style);

struct frame_request {
    uint32_t id;      /* the caller's name of the picture */
    const char *path; /* copied */
    struct frame_view view;
};

/* What is wanted, most urgent first; takes the place of what was wanted
 * before. Work already begun is finished. False when memory is out. */
bool frames_want(struct frames *f, const struct frame_request *requests, size_t count);

/* Something that is wanted could not be begun for want of memory; it is, when it is
 * wanted again and there is some. */
bool frames_starved(struct frames *f);

/* The finished frame, pinned until frames_unpin(); NULL while there is none. When
 * it was not pinned before, the file is looked at with one stat(): where it has
 * changed since it was read, there is no frame, and it is made anew if it is
 * among what is wanted. */
const struct frame *frames_get(struct frames *f, uint32_t id, struct frame_view view);
void frames_unpin(struct frames *f, const struct frame *frame);

/* Forgets the frames of a picture, as its file has changed. */
void frames_forget(struct frames *f, uint32_t id);

/* Bytes held by finished frames. */
size_t frames_bytes(struct frames *f);

#endif
