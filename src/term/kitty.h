/* What the two ways of kitty's graphics protocol share: the picture itself.
 * https://sw.kovidgoyal.net/kitty/graphics-protocol/ */
#ifndef TERM_KITTY_H
#define TERM_KITTY_H

#include "term/protocol.h"

/* Appends the picture as PNG of the pane's level under the name `id`, with what
 * `keys` asks for ("a=T,..."), passed through tmux where the pane is inside. It
 * takes the place of what had that name. */
bool kitty_send(const struct image *picture, const struct pane *pane, uint32_t id, const char *keys,
                struct buf *out, struct error *err);

/* Deletes the picture of that name, on the screen and in the terminal's memory.
 * At most size - 1 bytes and a NUL; 64 are enough. */
void kitty_delete(const struct pane *pane, uint32_t id, char *out, size_t size);

/* Cells that pixels touch, at least one. */
int kitty_cells(int pixels, int cell);

#endif
