#include "base/region.h"

static int compare(int32_t a, int32_t b)
{
    return (a > b) - (a < b);
}

int region_compare(const struct region *a, const struct region *b)
{
    if (region_is_whole(a) || region_is_whole(b)) {
        return region_is_whole(b) - region_is_whole(a);
    }
    int order = compare(a->y, b->y);
    order = order ? order : compare(a->x, b->x);
    order = order ? order : compare(a->height, b->height);
    return order ? order : compare(a->width, b->width);
}

void region_add_text(struct buf *out, const struct region *r)
{
    if (!region_is_whole(r)) {
        buf_addf(out, " [%d,%d %dx%d]", (int)r->x, (int)r->y, (int)r->width, (int)r->height);
    }
}

bool region_within(const struct region *r, int width, int height, struct region *part)
{
    *part = (struct region){ 0, 0, width, height };
    if (region_is_whole(r)) {
        return true;
    }
    if (r->x >= width || r->y >= height) {
        return false;
    }
    part->x = r->x;
    part->y = r->y;
    part->width = r->width < width - r->x ? r->width : width - r->x;
    part->height = r->height < height - r->y ? r->height : height - r->y;
    return true;
}
