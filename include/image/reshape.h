/* Fits a picture into the input of a network, a rectangle of another aspect ratio. */
#ifndef IMAGE_RESHAPE_H
#define IMAGE_RESHAPE_H

#include <stdbool.h>

#include "base/error.h"
#include "image/image.h"

enum image_reshape {
    IMAGE_RESHAPE_CROP,      /* the largest central part of that aspect ratio */
    IMAGE_RESHAPE_LETTERBOX, /* all of it, padded with mid-grey */
    IMAGE_RESHAPE_STRETCH,   /* all of it, distorted */
};

/* The picture at width x height, 3 channels. *in is first composited over white, in
 * place. Shrinking averages over areas, enlarging is bicubic, both on the sRGB values
 * (not on linear light). in and out must differ. */
bool image_reshape(struct image *in, int width, int height, enum image_reshape how,
                   struct image *out, struct error *err);

#endif
