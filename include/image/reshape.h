/* A picture into a rectangle of another aspect, as networks want it. */
#ifndef IMAGE_RESHAPE_H
#define IMAGE_RESHAPE_H

#include <stdbool.h>

#include "base/error.h"
#include "image/image.h"

enum image_reshape {
    IMAGE_RESHAPE_CROP,      /* its middle, as large as fits */
    IMAGE_RESHAPE_LETTERBOX, /* all of it, mid-grey beside it */
    IMAGE_RESHAPE_STRETCH,   /* all of it, its aspect lost */
};

/* The picture at width x height, 3 channels. Transparent pixels are laid over
 * white, in place. Shrinking takes the mean of the area covered, enlarging is
 * bicubic, both on the sRGB values as they are. in and out must differ. */
bool image_reshape(struct image *in, int width, int height, enum image_reshape how,
                   struct image *out, struct error *err);

#endif
