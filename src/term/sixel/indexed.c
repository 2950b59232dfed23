#include "sixel/indexed.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static bool init(struct indexed *p, int width, int height, struct error *err)
{
    p->width = width;
    p->height = height;
    p->indices = mem_array((size_t)width, (size_t)height);
    return p->indices || error_nomem(err, (size_t)width * (size_t)height, "a picture");
}

bool indexed_make(const struct image *picture, const struct quantize_options *options,
                  struct indexed *out, struct error *err)
{
    if (!init(out, picture->width, picture->height, err)) {
        return false;
    }
    bool ok = quantize_picture(picture, options, out->indices, &out->palette, err);
    if (!ok) {
        indexed_release(out);
    }
    return ok;
}

bool indexed_crop(const struct indexed *in, struct image_rect rect, struct indexed *out,
                  struct error *err)
{
    if (!init(out, rect.width, rect.height, err)) {
        return false;
    }
    out->palette = in->palette;
    for (int y = 0; y < rect.height; y++) {
        memcpy(out->indices + (size_t)y * (size_t)rect.width,
               in->indices + (size_t)(rect.y + y) * (size_t)in->width + rect.x, (size_t)rect.width);
    }
    return true;
}

void indexed_release(struct indexed *p)
{
    free(p->indices);
    p->indices = NULL;
}
