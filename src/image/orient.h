#ifndef IMAGE_ORIENT_H
#define IMAGE_ORIENT_H

#include "image/image.h"

/* Turns a picture stored with that EXIF orientation (1 to 8) upright. 5 to 8 need a
 * temporary copy. On failure the image is unchanged. */
bool orient_upright(struct image *image, int orientation, struct error *err);

/* True for orientations that swap width and height. */
static inline bool orient_turns(int orientation)
{
    return orientation >= 5;
}

#endif
