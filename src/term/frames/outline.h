/* The line around a region. Private to frame.c. */
#ifndef TERM_FRAMES_OUTLINE_H
#define TERM_FRAMES_OUTLINE_H

#include <stdbool.h>

#include "image/image.h"

/* Draws the outline of a region, in two tones so that it is seen on any picture: with fine
 * samples a light line around the region and a dark one around that, else one line of light
 * and dark dashes. It lies just outside the region, or within where there is no room. Sides
 * that are out of sight are left out. scaled: 3 channels; it shows the part `shown` of the
 * picture; both rectangles in the picture's pixels. */
void outline_draw(struct image *scaled, struct image_rect region, struct image_rect shown,
                  bool fine);

#endif
