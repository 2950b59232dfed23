#include "image/reshape.h"

#include <stdint.h>
#include <string.h>

#include "image/scale.h"

static bool scale(const struct image *from, int width, int height, struct image *to,
                  struct error *err)
{
    bool grow = from->width < width || from->height < height;
    return image_scale(from, width, height, grow ? IMAGE_FILTER_CUBIC : IMAGE_FILTER_AREA, to, err);
}

static bool crop(const struct image *whole, int width, int height, struct image *out,
                 struct error *err)
{
    struct image part = IMAGE_INIT;
    struct image_rect r = { 0, 0, whole->width, whole->height };
    int64_t across = (int64_t)whole->width * height;
    int64_t down = (int64_t)whole->height * width;
    if (across > down) {
        r.width = (int)(down / height);
        r.width = r.width < 1 ? 1 : r.width;
        r.x = (whole->width - r.width) / 2;
    } else {
        r.height = (int)(across / width);
        r.height = r.height < 1 ? 1 : r.height;
        r.y = (whole->height - r.height) / 2;
    }
    bool ok = image_crop(whole, r, &part, err) && scale(&part, width, height, out, err);
    image_release(&part);
    return ok;
}

static bool letterbox(const struct image *whole, int width, int height, struct image *out,
                      struct error *err)
{
    struct image part = IMAGE_INIT;
    int w, h;
    image_fit(whole->width, whole->height, width, height, true, &w, &h);
    bool ok = scale(whole, w, h, &part, err) && image_init(out, width, height, 3, err);
    if (ok) {
        memset(out->pixels, 128, image_stride(out) * (size_t)height);
        for (int y = 0; y < h; y++) {
            memcpy(image_at(out, (width - w) / 2, (height - h) / 2 + y), image_at(&part, 0, y),
                   image_stride(&part));
        }
    }
    image_release(&part);
    return ok;
}

bool image_reshape(struct image *in, int width, int height, enum image_reshape how,
                   struct image *out, struct error *err)
{
    static const struct image_background white = { { 255, 255, 255 }, { 255, 255, 255 }, 0 };
    image_flatten(in, &white);
    switch (how) {
    case IMAGE_RESHAPE_CROP:
        return crop(in, width, height, out, err);
    case IMAGE_RESHAPE_LETTERBOX:
        return letterbox(in, width, height, out, err);
    case IMAGE_RESHAPE_STRETCH:
        return scale(in, width, height, out, err);
    }
    return false;
}
