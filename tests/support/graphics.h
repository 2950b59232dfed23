/* A terminal's ear for pictures: kitty's protocol, its placeholders, iTerm2's,
 * and tmux in between. As strict as the protocols are written: anything else
 * fails the test. */
#ifndef SUPPORT_GRAPHICS_H
#define SUPPORT_GRAPHICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* What tmux makes of a pane's output: what is passed through reaches the
 * terminal around it, the rest stays in the pane. */
void graphics_tmux(const void *bytes, size_t len, struct buf *outer, struct buf *pane);

/* One command of kitty's, put together from all of its chunks. */
struct kitty_command {
    char action, delete;    /* a, d */
    bool virtual, stays;    /* U, C */
    int quiet, format;      /* q, f */
    uint32_t id, placement; /* i, p */
    int cols, rows;         /* c, r */
    int chunks;
    struct buf data; /* decoded; the caller releases it */
};

/* Reads it from the beginning of bytes; returns where it ends. */
size_t graphics_kitty(const char *bytes, size_t len, struct kitty_command *out);

struct iterm2_file {
    int width, height; /* px */
    bool still, stretched, inlined;
    struct buf data; /* decoded, of the size that was told; the caller releases it */
};
size_t graphics_iterm2(const char *bytes, size_t len, struct iterm2_file *out);

/* A cell of a screen on which there is nothing but placeholders. */
struct placeholder {
    bool written;
    uint32_t id;
    int row, col; /* of the picture */
};

/* Runs text of placeholders from the upper left corner of an empty screen of
 * width x height cells on. At its end the colours must be the normal ones. */
void graphics_placeholders(const char *bytes, size_t len, int width, int height,
                           struct placeholder *cells);

#endif
