#include "orient.h"

#include <string.h>

/* Side of a block in pixels: source and target of its transposition fit into the L1
 * cache. */
#define BLOCK 32

static void swap_pixels(uint8_t *a, uint8_t *b, size_t channels)
{
    uint8_t keep[4];
    memcpy(keep, a, channels);
    memcpy(a, b, channels);
    memcpy(b, keep, channels);
}

static void mirror_row(uint8_t *row, int width, size_t channels)
{
    uint8_t *left = row;
    uint8_t *right = row + ((size_t)width - 1) * channels;
    for (; left < right; left += channels, right -= channels) {
        swap_pixels(left, right, channels);
    }
}

static void mirror_horizontally(struct image *image)
{
    for (int y = 0; y < image->height; y++) {
        mirror_row(image_at(image, 0, y), image->width, (size_t)image->channels);
    }
}

static void mirror_vertically(struct image *image)
{
    size_t stride = image_stride(image);
    for (int y = 0; y < image->height / 2; y++) {
        uint8_t *top = image_at(image, 0, y);
        uint8_t *bottom = image_at(image, 0, image->height - 1 - y);
        for (size_t i = 0; i < stride; i++) {
            uint8_t keep = top[i];
            top[i] = bottom[i];
            bottom[i] = keep;
        }
    }
}

static void transpose_block(const struct image *in, struct image *out, int x0, int y0)
{
    size_t channels = (size_t)in->channels;
    int x1 = x0 + BLOCK < in->width ? x0 + BLOCK : in->width;
    int y1 = y0 + BLOCK < in->height ? y0 + BLOCK : in->height;
    for (int x = x0; x < x1; x++) {
        uint8_t *to = image_at(out, y0, x);
        for (int y = y0; y < y1; y++, to += channels) {
            memcpy(to, image_at(in, x, y), channels);
        }
    }
}

static bool transpose(struct image *image, struct error *err)
{
    struct image out;
    if (!image_init(&out, image->height, image->width, image->channels, err)) {
        return false;
    }
    for (int y = 0; y < image->height; y += BLOCK) {
        for (int x = 0; x < image->width; x += BLOCK) {
            transpose_block(image, &out, x, y);
        }
    }
    image_release(image);
    *image = out;
    return true;
}

bool orient_upright(struct image *image, int orientation, struct error *err)
{
    /* EXIF 2.32's orientations (which side is row 0, which column 0) as mirroring after
     * an optional transposition. */
    static const struct {
        bool turn, mirror_x, mirror_y;
    } steps[9] = {
        [2] = { false, true, false }, [3] = { false, true, true }, [4] = { false, false, true },
        [5] = { true, false, false }, [6] = { true, true, false }, [7] = { true, true, true },
        [8] = { true, false, true },
    };
    if (orientation < 1 || orientation > 8) {
        return true;
    }
    if (steps[orientation].turn && !transpose(image, err)) {
        return false;
    }
    if (steps[orientation].mirror_x) {
        mirror_horizontally(image);
    }
    if (steps[orientation].mirror_y) {
        mirror_vertically(image);
    }
    return true;
}
