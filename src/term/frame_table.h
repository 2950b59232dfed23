/* The frames that are kept, and which of them has to go. Whoever calls holds
 * the lock. Private to frames.c. */
#ifndef TERM_FRAME_TABLE_H
#define TERM_FRAME_TABLE_H

#include "base/stamp.h"
#include "term/frames.h"

#define RANK_NONE SIZE_MAX /* not wanted */

enum entry_state { ENTRY_WORKING, ENTRY_DONE };

struct entry {
    struct frame frame; /* first: frames_unpin() gets a pointer to it */
    uint32_t id;
    struct frame_view view;
    struct frame_style style;
    char *path;
    struct file_stamp stamp; /* of the file before it was read; zeros: none there */
    enum entry_state state;
    bool current; /* of the style in force */
    bool stale;   /* its file has changed: not to be found, and goes at once */
    int pins;
    size_t rank;   /* how urgently it is wanted: 0 is first */
    uint64_t used; /* clock of the last use */
    struct entry *next; /* in its slot */
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

/* The entry of that picture in the style in force, in work or done; NULL. */
struct entry *frame_table_find(const struct frame_table *t, uint32_t id, struct frame_view view);

/* A new entry in work; NULL when memory is out. The path is copied. */
struct entry *frame_table_add(struct frame_table *t, uint32_t id, struct frame_view view,
                              const char *path);

/* The frame of an entry that was in work, now the table's. */
void frame_table_done(struct frame_table *t, struct entry *e, const struct frame *frame,
                      const struct file_stamp *stamp);

/* It is the most recently used one from now on. */
void frame_table_use(struct frame_table *t, struct entry *e);

void frame_table_make_stale(struct frame_table *t, struct entry *e);

/* Makes all frames of a picture stale, in all styles. */
void frame_table_forget(struct frame_table *t, uint32_t id);

/* What is of another style stays, but is not to be found while that is so. */
void frame_table_set_style(struct frame_table *t, const struct frame_style *style);

/* Nothing is wanted until entries get their ranks anew. */
void frame_table_clear_ranks(struct frame_table *t);

/* Drops what is stale and not pinned, then what is needed least until the limit
 * is kept: frames of other styles, then those not wanted, the least recently
 * used first, then the least urgent; never the first. True when something
 * wanted had to go. */
bool frame_table_evict(struct frame_table *t);

#endif
