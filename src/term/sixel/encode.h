/* Encodes indexed pixels as sixel (DEC STD 070, chapter 9), lossless and in few bytes.
 *
 * Six rows make a band. In each band the colour that covers most is drawn first, and its
 * runs may extend over pixels of later colours, which paint over it: this gives fewer and
 * longer runs. Pieces of several colours that do not overlap share a pass over the band. */
#ifndef TERM_SIXEL_ENCODE_H
#define TERM_SIXEL_ENCODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "quantize.h"

/* Appends ESC P … ESC \. Pixels of the last band below the picture are left unchanged on
 * the screen. Sides are at most 65535, else ERROR_UNSUPPORTED; otherwise fails only
 * without memory. */
bool sixel_encode_indexed(const uint8_t *indices, int width, int height,
                          const struct palette *palette, struct buf *out, struct error *err);

#endif
