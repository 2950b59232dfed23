/* A rectangle of a picture, in pixels of the upright picture from its top left corner. */
#ifndef BASE_REGION_H
#define BASE_REGION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define REGION_MAX 10000000 /* the largest coordinate and side */

struct region {
    int32_t x, y;          /* 0 to REGION_MAX */
    int32_t width, height; /* 1 to REGION_MAX; both 0: the whole picture */
};

static inline bool region_is_whole(const struct region *r)
{
    return r->width == 0;
}

static inline bool region_equal(const struct region *a, const struct region *b)
{
    return a->x == b->x && a->y == b->y && a->width == b->width && a->height == b->height;
}

/* Order of the items of one picture: the whole picture, then its regions from top to
 * bottom and from left to right. < 0: a comes first. */
int region_compare(const struct region *a, const struct region *b);

/* Appends what tells a region in messages, " [120,80 64x48]"; nothing for the whole. */
void region_add_text(struct buf *out, const struct region *r);

/* The part of a region that lies in a picture of that size (>= 1); the picture's rectangle
 * for the whole. False: none of it. */
bool region_within(const struct region *r, int width, int height, struct region *part);

#endif
