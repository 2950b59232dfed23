#include "base/stamps.h"

#include <stdlib.h>

#include "base/mem.h"

bool stamps_add(struct stamps *s, const struct file_stamp *stamp, struct error *err)
{
    if (!mem_reserve(&s->items, &s->cap, s->count + 1, sizeof *s->items)) {
        return error_nomem(err, (s->count + 1) * sizeof *s->items, "the list of pictures");
    }
    s->items[s->count++] = *stamp;
    return true;
}

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int by_time(const struct file_stamp *x, const struct file_stamp *y)
{
    int order = compare((uint64_t)x->changed_ns, (uint64_t)y->changed_ns);
    return order ? order : compare((uint64_t)x->size, (uint64_t)y->size);
}

/* By time and size first. */
static int in_order(const void *a, const void *b)
{
    const struct file_stamp *x = a;
    const struct file_stamp *y = b;
    int order = by_time(x, y);
    order = order ? order : compare(x->device, y->device);
    return order ? order : compare(x->inode, y->inode);
}

void stamps_sort(struct stamps *s)
{
    size_t kept = 0;
    if (s->count) {
        qsort(s->items, s->count, sizeof *s->items, in_order);
    }
    for (size_t i = 0; i < s->count; i++) {
        if (!kept || !file_stamp_same(&s->items[kept - 1], &s->items[i])) {
            s->items[kept++] = s->items[i];
        }
    }
    s->count = kept;
}

void stamps_release(struct stamps *s)
{
    free(s->items);
    *s = (struct stamps){ .items = NULL };
}

bool stamps_have(const struct stamps *s, const struct file_stamp *stamp)
{
    return s->count && bsearch(stamp, s->items, s->count, sizeof *s->items, in_order);
}

static int in_order_of_time(const void *a, const void *b)
{
    return by_time(a, b);
}

bool stamps_have_time(const struct stamps *s, const struct file_stamp *stamp)
{
    return s->count && bsearch(stamp, s->items, s->count, sizeof *s->items, in_order_of_time);
}
