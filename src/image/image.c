#include "image/image.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const struct image empty = IMAGE_INIT;

bool image_init(struct image *out, int width, int height, int channels, struct error *err)
{
    size_t stride;
    size_t bytes;
    *out = empty;
    if (width < 1 || height < 1 || (channels != 3 && channels != 4)) {
        return error_set(err, ERROR_USAGE, "invalid picture: %dx%d pixels, %d channels", width,
                         height, channels);
    }
    if (!mem_mul((size_t)width, (size_t)channels, &stride) ||
        !mem_mul(stride, (size_t)height, &bytes)) {
        return error_nomem(err, ULLONG_MAX, "a picture");
    }
    uint8_t *pixels = mem_array(bytes, 1);
    if (!pixels) {
        return error_nomem(err, bytes, "a picture");
    }
    *out = (struct image){ width, height, channels, pixels };
    return true;
}

void image_release(struct image *image)
{
    free(image->pixels);
    *image = empty;
}

/* a * b / 255, rounded. */
static unsigned mul255(unsigned a, unsigned b)
{
    unsigned t = a * b + 128;
    return (t + (t >> 8)) >> 8;
}

static void flatten_run(const uint8_t *from, uint8_t *to, int count, const uint8_t under[3])
{
    for (int i = 0; i < count; i++, from += 4, to += 3) {
        unsigned alpha = from[3];
        for (int c = 0; c < 3; c++) {
            uint8_t mixed = (uint8_t)(mul255(from[c], alpha) + mul255(under[c], 255 - alpha));
            to[c] = alpha == 255 ? from[c] : mixed;
        }
    }
}

void image_flatten(struct image *image, const struct image_background *background)
{
    if (image->channels != 4 || !image->pixels) {
        return;
    }
    int square = background->square > 0 ? background->square : INT_MAX;
    const uint8_t *from = image->pixels;
    uint8_t *to = image->pixels;
    for (int y = 0; y < image->height; y++) {
        bool odd = y / square % 2 != 0;
        for (int x = 0; x < image->width; odd = !odd) {
            int run = image->width - x < square ? image->width - x : square;
            flatten_run(from, to, run, odd ? background->odd : background->even);
            from += 4 * (size_t)run;
            to += 3 * (size_t)run;
            x += run;
        }
    }
    image->channels = 3;
    uint8_t *less = realloc(image->pixels, image_stride(image) * (size_t)image->height);
    if (less) {
        image->pixels = less;
    }
}
