/* A picture in memory: upright rows of 8-bit sRGB.
 *
 * A function that fills a struct image passes the pixels to its caller, who frees them
 * with image_release(). On failure *out is empty. */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct image {
    int width;       /* pixels, >= 1 (0 when empty) */
    int height;      /* pixels, >= 1 (0 when empty) */
    int channels;    /* 3: R G B, 4: R G B A with straight alpha */
    uint8_t *pixels; /* height rows of width * channels bytes, no padding */
};

#define IMAGE_INIT                                                                                 \
    {                                                                                              \
        0, 0, 0, NULL                                                                              \
    }

struct image_rect {
    int x, y; /* of the upper left corner, pixels */
    int width, height;
};

/* The background of transparent pictures: a checkerboard of two colours, or one plain
 * colour if square is 0 or both are equal. */
struct image_background {
    uint8_t even[3];
    uint8_t odd[3];
    int square; /* side of a checkerboard square in pixels, >= 0 */
};

/* A black picture of that size; transparent if channels is 4. */
bool image_init(struct image *out, int width, int height, int channels, struct error *err);

/* Frees the pixels; the image is then empty. */
void image_release(struct image *image);

/* Bytes per row. */
static inline size_t image_stride(const struct image *image)
{
    return (size_t)image->width * (size_t)image->channels;
}

static inline uint8_t *image_at(const struct image *image, int x, int y)
{
    return image->pixels + (size_t)y * image_stride(image) + (size_t)x * (size_t)image->channels;
}

/* Composites the picture over the background, in place, to 3 channels. A picture of 3
 * channels is unchanged. Cannot fail. */
void image_flatten(struct image *image, const struct image_background *background);

#endif
