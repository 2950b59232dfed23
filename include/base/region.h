/* A rectangle of a picture, in pixels of the upright picture from its top left corner. */
#ifndef BASE_REGION_H
#define BASE_REGION_H

#include <stdbool.h>
#include <stdint.h>

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

#endif
