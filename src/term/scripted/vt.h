/* The screen of a video terminal: cells, a cursor, and what writes them. Knows what curses
 * writes for xterm-256color, and what the program writes besides; nothing that the program
 * must not send, such as sequences that move rows, and with them pictures. */
#ifndef TERM_SCRIPTED_VT_H
#define TERM_SCRIPTED_VT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define VT_TEXT 24        /* bytes of a cell's text, with its NUL */
#define VT_STRING_MAX 256 /* of a control string these bytes count, with the NUL */

#define VT_DEFAULT (-1)   /* the terminal's own colour; else 0 to 255, */
#define VT_RGB 0x01000000 /* or this and 0xRRGGBB */

enum vt_attr { VT_BOLD = 1, VT_DIM = 2, VT_UNDERLINE = 4, VT_REVERSE = 8 };

struct vt_look {
    int32_t fg, bg;
    unsigned attrs;
};

struct vt_cell {
    char text[VT_TEXT]; /* UTF-8 with combining characters; "": the right half of a wide one */
    struct vt_look look;
    bool picture; /* shows a part of a picture */
};

struct vt_cursor {
    int row, col;
    bool wraps; /* behind the last column: the next character goes to the next row */
    struct vt_look look;
};

struct vt {
    int rows, cols;
    int cell_w, cell_h; /* pixels, for the cells under a picture */
    struct vt_cell *cells;
    struct vt_cursor cursor, saved;
    bool in_picture; /* between ESC 7 and ESC 8, where pictures are drawn */
    bool autowrap;
    bool coded_keys;  /* kitty's keyboard protocol is on */
    char unknown[40]; /* the first sequence that is not known, printable; "": none */

    /* A question to the terminal: the bytes of a CSI sequence ('[') without its start, or of
     * a control string ('P', ']', '_'). False: it is none. */
    bool (*ask)(void *context, char kind, const char *text);
    void *context;

    /* The parser. */
    enum { VT_GROUND, VT_ESCAPE, VT_CHARSET, VT_CSI, VT_STRING, VT_STRING_ESCAPE } state;
    char kind; /* of the string */
    char text[VT_STRING_MAX];
    size_t len;   /* also of a character's first bytes */
    char last[5]; /* the latest character, for REP */
};

/* Sets the size and empties the screen. False and err when out of memory: it stays as it
 * was. At first all zero but `ask` and the cell's size. */
bool vt_resize(struct vt *vt, int rows, int cols, struct error *err);
void vt_release(struct vt *vt);

void vt_feed(struct vt *vt, unsigned char byte);

const struct vt_cell *vt_at(const struct vt *vt, int row, int col);

#endif
