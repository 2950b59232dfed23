/* What the two ways of kitty's graphics protocol share: the picture itself.
 * https://sw.kovidgoyal.net/kitty/graphics-protocol/ */
#ifndef TERM_PROTOCOLS_KITTY_PICTURE_H
#define TERM_PROTOCOLS_KITTY_PICTURE_H

#include "term/protocol.h"

/* Appends the picture as PNG of the pane's level under the name `id`, with what
 * `keys` asks for ("a=T,..."), passed through tmux where the pane is inside. It
 * takes the place of what had that name. */
bool kitty_send(const struct image *picture, const struct pane *pane, uint32_t id, const char *keys,
                struct buf *out, struct error *err);

/* The same of a part of it. kitty_begin() makes what the parts share; what comes of it,
 * also when it fails, is for kitty_end(). */
bool kitty_begin(struct pieces *pieces, struct error *err);
bool kitty_send_part(const struct pieces *pieces, struct image_rect rect, const struct pane *pane,
                     uint32_t id, const char *keys, struct buf *out, struct error *err);
void kitty_end(struct pieces *pieces);

/* Deletes the picture of that name, on the screen and in the terminal's memory.
 * At most size - 1 bytes and a NUL; 64 are enough. */
void kitty_delete(const struct pane *pane, uint32_t id, char *out, size_t size);

#endif
