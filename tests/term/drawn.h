/* Pictures that protocols draw in the tests, and what became of them. */
#ifndef TESTS_TERM_DRAWN_H
#define TESTS_TERM_DRAWN_H

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "image/decode.h"

/* Smooth, so that few colours can show it, and different everywhere, so that no
 * two parts can be taken for each other. */
static inline void drawn_make(struct image *picture, int width, int height)
{
    assert_true(image_init(picture, width, height, 3, NULL));
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            uint8_t *p = image_at(picture, x, y);
            p[0] = (uint8_t)(255 * (x + y) / (width + height));
            p[1] = (uint8_t)(200 - 100 * x / width);
            p[2] = (uint8_t)(40 + 60 * y / height);
        }
    }
}

/* Of a file of that format against the picture; 99: the same. */
static inline double drawn_psnr(const struct image *picture, const struct buf *file,
                                const char *format)
{
    struct image got = IMAGE_INIT;
    struct image_info info;
    double sum = 0;
    assert_true(image_decode_bytes(file->data, file->len, NULL, 0, 0, &got, &info, NULL));
    assert_string_equal(info.format, format);
    assert_string_equal(info.damage, "");
    assert_int_equal(got.width, picture->width);
    assert_int_equal(got.height, picture->height);
    size_t bytes = image_stride(picture) * (size_t)picture->height;
    for (size_t i = 0; i < bytes; i++) {
        double d = got.pixels[i] - picture->pixels[i];
        sum += d * d;
    }
    image_release(&got);
    return sum > 0 ? 10 * log10(255.0 * 255.0 * (double)bytes / sum) : 99;
}

#endif
