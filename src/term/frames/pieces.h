/* Splits a frame into pieces. Private to frame.c. */
#ifndef TERM_FRAMES_PIECES_H
#define TERM_FRAMES_PIECES_H

#include "term/frame.h"

/* Encodes the scaled picture, over frame->cols x rows cells, into frame->bytes and
 * frame->pieces. A piece has as many rows of cells as fit into max_bytes (0: no limit), or
 * part of a row if a whole one does not fit. At most `most` pieces, which may exceed
 * max_bytes then. */
bool frame_draw_pieces(struct frame *frame, const struct image *scaled,
                       const struct protocol *protocol, const struct pane *pane, size_t max_bytes,
                       int most);

#endif
