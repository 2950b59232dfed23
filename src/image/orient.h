#ifndef IMAGE_ORIENT_H
#define IMAGE_ORIENT_H

#include "image/image.h"

/* Turns a picture stored with that EXIF orientation (1 to 8) upright. 5 to 8
 * need a second buffer for a moment. On failure the image is as it was. */
bool orient_upright(struct image *image, int orientation, struct error *err);

/* Orientations whose stored width is the upright height. */
static inline bool orient_turns(int orientation)
{
    return orientation >= 5;
}

#endif
