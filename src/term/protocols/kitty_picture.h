/* Sending of pictures by kitty's graphics protocol, shared by kitty.c and placeholders.c.
 * https://sw.kovidgoyal.net/kitty/graphics-protocol/ */
#ifndef TERM_PROTOCOLS_KITTY_PICTURE_H
#define TERM_PROTOCOLS_KITTY_PICTURE_H

#include "term/protocol.h"

/* Appends the sequences that send the picture as PNG of the pane's level with the id `id`
 * and the control keys `keys` ("a=T,..."), wrapped for tmux if pane->tmux. It replaces
 * the picture that had this id. */
bool kitty_send(const struct image *picture, const struct pane *pane, uint32_t id, const char *keys,
                struct buf *out, struct error *err);

/* The same for a part of the picture. kitty_begin() prepares pieces->shared; kitty_end()
 * must be called even when it has failed. */
bool kitty_begin(struct pieces *pieces, struct error *err);
bool kitty_send_part(const struct pieces *pieces, struct image_rect rect, const struct pane *pane,
                     uint32_t id, const char *keys, struct buf *out, struct error *err);
void kitty_end(struct pieces *pieces);

/* Writes the sequence that deletes the picture with this id, on the screen and in the
 * terminal's memory: at most size - 1 bytes and a NUL; 64 bytes are enough. */
void kitty_delete(const struct pane *pane, uint32_t id, char *out, size_t size);

#endif
