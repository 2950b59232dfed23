/* A frame that is drawn in pieces: how large they are. Private to frame.c. */
#ifndef TERM_FRAMES_PIECES_H
#define TERM_FRAMES_PIECES_H

#include "term/frame.h"

/* The scaled picture over frame->cols x rows cells: rows of cells from the top on, as
 * many in a piece as max_bytes allow (0: all), fewer than all of a row's columns where
 * even one row takes more; but never more than `most` pieces, which are larger then. */
bool frame_draw_pieces(struct frame *frame, const struct image *scaled,
                       const struct protocol *protocol, const struct pane *pane, size_t max_bytes,
                       int most);

#endif
