#include "frames/frame_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define SLOTS_FIRST 256

bool frame_table_init(struct frame_table *t, size_t bytes_max, struct error *err)
{
    *t = (struct frame_table){ .bytes_max = bytes_max, .slot_count = SLOTS_FIRST };
    t->slots = mem_array(SLOTS_FIRST, sizeof *t->slots);
    return t->slots || error_nomem(err, SLOTS_FIRST * sizeof *t->slots, "the frames");
}

static void free_entry(struct entry *e)
{
    frame_release(&e->frame);
    kept_sheet_free(e->sheet);
    free(e->path);
    free(e);
}

void frame_table_release(struct frame_table *t)
{
    for (size_t i = 0; t->slots && i < t->slot_count; i++) {
        for (struct entry *e = t->slots[i], *next; e; e = next) {
            next = e->next;
            free_entry(e);
        }
    }
    free(t->slots);
    *t = (struct frame_table){ 0 };
}

/* Hash by the low bits, as ids are mostly consecutive. */
static struct entry **slot_of(const struct frame_table *t, uint32_t id)
{
    return &t->slots[id & (t->slot_count - 1)];
}

/* Calls `visit` for each entry, which may remove the one that it is given. */
static void each(struct frame_table *t, void (*visit)(struct frame_table *t, struct entry *e))
{
    for (size_t i = 0; i < t->slot_count; i++) {
        for (struct entry *e = t->slots[i], *next; e; e = next) {
            next = e->next;
            visit(t, e);
        }
    }
}

static bool same_view(struct frame_view a, struct frame_view b)
{
    return a.zoom == b.zoom && a.effort == b.effort && a.x == b.x && a.y == b.y &&
           a.actual == b.actual;
}

struct entry *frame_table_find(const struct frame_table *t, uint32_t id, struct frame_view view)
{
    for (struct entry *e = *slot_of(t, id); e; e = e->next) {
        if (e->id == id && e->current && !e->stale && same_view(e->view, view)) {
            return e;
        }
    }
    return NULL;
}

static size_t entry_bytes(const struct entry *e)
{
    return e->frame.bytes.cap + sizeof *e;
}

static void put(struct frame_table *t, struct entry *e)
{
    struct entry **slot = slot_of(t, e->id);
    e->next = *slot;
    *slot = e;
}

/* Doubles the number of slots; without memory the chains grow longer instead. */
static void grow(struct frame_table *t)
{
    size_t before = t->slot_count;
    struct entry **old = t->slots;
    struct entry **slots = mem_array(2 * before, sizeof *slots);
    if (!slots) {
        return;
    }
    t->slots = slots;
    t->slot_count = 2 * before;
    for (size_t i = 0; i < before; i++) {
        for (struct entry *e = old[i], *next; e; e = next) {
            next = e->next;
            put(t, e);
        }
    }
    free(old);
}

struct entry *frame_table_add(struct frame_table *t, uint32_t id, struct frame_view view,
                              const char *path, const struct region *region,
                              const struct kept_sheet *sheet)
{
    struct entry *e = calloc(1, sizeof *e);
    if (!e || !(e->path = mem_string(path, strlen(path))) ||
        (sheet && !(e->sheet = kept_sheet_new(&sheet->sheet)))) {
        if (e) {
            free(e->path);
        }
        free(e);
        return NULL;
    }
    e->id = id;
    e->region = *region;
    e->view = view;
    e->style = t->style;
    e->current = true;
    e->rank = RANK_NONE;
    if (t->count >= t->slot_count) {
        grow(t);
    }
    put(t, e);
    frame_table_use(t, e);
    t->count++;
    t->bytes += entry_bytes(e);
    return e;
}

static void remove_entry(struct frame_table *t, struct entry *gone)
{
    struct entry **at = slot_of(t, gone->id);
    while (*at != gone) {
        at = &(*at)->next;
    }
    *at = gone->next;
    t->count--;
    t->stale_count -= gone->stale;
    t->bytes -= entry_bytes(gone);
    free_entry(gone);
}

void frame_table_done(struct frame_table *t, struct entry *e, const struct frame *frame,
                      const struct file_stamp *stamp)
{
    e->frame = *frame;
    e->stamp = *stamp;
    e->state = ENTRY_DONE;
    t->bytes += frame->bytes.cap;
}

void frame_table_use(struct frame_table *t, struct entry *e)
{
    e->used = ++t->clock;
}

void frame_table_make_stale(struct frame_table *t, struct entry *e)
{
    t->stale_count += !e->stale;
    e->stale = true;
}

const char *frame_table_path(const struct frame_table *t, uint32_t id)
{
    const struct entry *e = *slot_of(t, id);
    while (e && e->id != id) {
        e = e->next;
    }
    return e ? e->path : NULL;
}

void frame_table_forget(struct frame_table *t, uint32_t id)
{
    for (struct entry *e = *slot_of(t, id); e; e = e->next) {
        if (e->id == id) {
            frame_table_make_stale(t, e);
        }
    }
}

static void compare_style(struct frame_table *t, struct entry *e)
{
    e->current = frame_style_same(&e->style, &t->style);
}

void frame_table_set_style(struct frame_table *t, const struct frame_style *style)
{
    t->style = *style;
    t->styled = true;
    each(t, compare_style);
}

static void clear_rank(struct frame_table *t, struct entry *e)
{
    (void)t;
    e->rank = RANK_NONE;
}

void frame_table_clear_ranks(struct frame_table *t)
{
    each(t, clear_rank);
}

static bool can_go(const struct entry *e)
{
    return e->state == ENTRY_DONE && !e->pins;
}

static bool is_needed_less(const struct entry *a, const struct entry *b)
{
    if (a->current != b->current) {
        return b->current;
    }
    return a->rank != b->rank ? a->rank > b->rank : a->used < b->used;
}

/* The entry to evict next; NULL: none. Rank 0, the most urgent, is never evicted. */
static struct entry *least_needed(const struct frame_table *t)
{
    struct entry *least = NULL;
    for (size_t i = 0; i < t->slot_count; i++) {
        for (struct entry *e = t->slots[i]; e; e = e->next) {
            if (can_go(e) && e->rank > 0 && (!least || is_needed_less(e, least))) {
                least = e;
            }
        }
    }
    return least;
}

static void drop_stale(struct frame_table *t, struct entry *e)
{
    if (e->stale && can_go(e)) {
        remove_entry(t, e);
    }
}

bool frame_table_evict(struct frame_table *t)
{
    struct entry *least;
    bool wanted = false;
    if (t->stale_count) {
        each(t, drop_stale);
    }
    while (t->bytes > t->bytes_max && (least = least_needed(t))) {
        wanted |= least->rank != RANK_NONE;
        remove_entry(t, least);
    }
    return wanted;
}
