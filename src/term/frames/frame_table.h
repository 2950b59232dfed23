/* The table of cached frames, and its eviction. Callers must hold the lock of struct
 * frames. Private to frames.c. Chained, not a base/hash_table.h: a picture has several frames,
 * and entries are removed. */
#ifndef TERM_FRAMES_FRAME_TABLE_H
#define TERM_FRAMES_FRAME_TABLE_H

#include "base/stamp.h"
#include "frames/sheet.h"
#include "term/frames.h"

#define RANK_NONE SIZE_MAX /* not wanted */

enum entry_state { ENTRY_WORKING, ENTRY_DONE };

struct entry {
    struct frame frame; /* first: frames_unpin() gets a pointer to it */
    uint32_t id;
    struct region region;
    struct frame_view view;
    struct frame_style style;
    char *path;
    struct kept_sheet *sheet; /* NULL: it is a picture */
    struct file_stamp stamp;  /* of the file before it was read; zeros: no file */
    enum entry_state state;
    bool current; /* rendered in the table's style */
    bool stale;   /* its file has changed: never found, evicted as soon as possible */
    int pins;
    size_t rank;        /* urgency: 0 is the most urgent, RANK_NONE: not wanted */
    uint64_t used;      /* table's clock at the last use */
    struct entry *next; /* in the same slot */
};

struct frame_table {
    struct entry **slots; /* by id */
    size_t slot_count;    /* a power of two */
    size_t count, stale_count;
    struct frame_style style;
    bool styled;
    uint64_t clock;
    size_t bytes, bytes_max;
};

bool frame_table_init(struct frame_table *t, size_t bytes_max, struct error *err);
void frame_table_release(struct frame_table *t);

/* The entry of a picture and view in the table's style, in either state; NULL: none. */
struct entry *frame_table_find(const struct frame_table *t, uint32_t id, struct frame_view view);

/* Adds an entry in the state ENTRY_WORKING; NULL when out of memory. Copies the path and the
 * sheet (NULL: none). */
struct entry *frame_table_add(struct frame_table *t, uint32_t id, struct frame_view view,
                              const char *path, const struct region *region,
                              const struct kept_sheet *sheet);

/* Completes an entry: the table takes over *frame. */
void frame_table_done(struct frame_table *t, struct entry *e, const struct frame *frame,
                      const struct file_stamp *stamp);

/* Makes the entry the most recently used one. */
void frame_table_use(struct frame_table *t, struct entry *e);

void frame_table_make_stale(struct frame_table *t, struct entry *e);

/* The path of a picture that has frames, in any style; NULL: it has none. */
const char *frame_table_path(const struct frame_table *t, uint32_t id);

/* Makes all frames of a picture stale, in all styles. */
void frame_table_forget(struct frame_table *t, uint32_t id);

/* Sets the table's style. Entries of other styles stay but are not found meanwhile. */
void frame_table_set_style(struct frame_table *t, const struct frame_style *style);

/* Sets all ranks to RANK_NONE. */
void frame_table_clear_ranks(struct frame_table *t);

/* Evicts stale entries, then others until the limit is kept: first frames of other
 * styles, then unwanted ones by least recent use, then the least urgent; never pinned
 * ones or rank 0. True when a wanted frame was evicted. */
bool frame_table_evict(struct frame_table *t);

#endif
