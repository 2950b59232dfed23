/* Scaling and cropping.
 *
 * Filters work on the 8-bit sRGB values (not on linear light), like the decoders' own
 * scaling and most image viewers; colours are premultiplied by alpha while filtering, so
 * that transparent pixels do not tint an edge. */
#ifndef IMAGE_SCALE_H
#define IMAGE_SCALE_H

#include <stdbool.h>

#include "base/error.h"
#include "image/image.h"

/* Separable filters, each for shrinking and enlarging. */
enum image_filter {
    IMAGE_FILTER_NEAREST, /* the pixel under the centre: sharp; drops pixels when shrinking */
    IMAGE_FILTER_AREA,    /* mean of the area covered: fast; enlarges to sharp squares */
    IMAGE_FILTER_CUBIC,   /* Catmull-Rom: smooth enlarging */
    IMAGE_FILTER_LANCZOS, /* 3 lobes: best for shrinking */
    IMAGE_FILTER_COUNT,
};

/* The picture at width x height. in and out must differ; *out is overwritten. */
bool image_scale(const struct image *in, int width, int height, enum image_filter filter,
                 struct image *out, struct error *err);

/* The largest size within the box that keeps the aspect ratio; each side at least 1. A
 * picture smaller than the box is enlarged only if allow_up. All arguments >= 1. */
void image_fit(int width, int height, int box_width, int box_height, bool allow_up, int *out_width,
               int *out_height);

/* A copy of the part of `in` within rect; ERROR_USAGE if they do not overlap. in and out
 * must differ. */
bool image_crop(const struct image *in, struct image_rect rect, struct image *out,
                struct error *err);

#endif
