/* Indexed pixels to sixel (DEC STD 070, chapter 9): the fewest bytes that decode
 * to just these pixels.
 *
 * Six rows make a band. In each, the colour that covers most is drawn first and
 * may run on over pixels of colours still to come, as those paint over it:
 * fewer and longer runs. Pieces of several colours that do not overlap share a
 * pass over the band. */
#ifndef TERM_SIXEL_ENCODE_H
#define TERM_SIXEL_ENCODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

#include "quantize.h"

/* Appends ESC P … ESC \. Pixels that the picture has not, below the last row of
 * the last band, are left as they are on the screen. Sides at most 65535. Fails
 * only for want of memory, or for its size. */
bool sixel_encode_indexed(const uint8_t *indices, int width, int height,
                          const struct palette *palette, struct buf *out, struct error *err);

#endif
