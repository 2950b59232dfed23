/* What the sequences do to the cells. */
#ifndef TERM_SCRIPTED_VT_CELLS_H
#define TERM_SCRIPTED_VT_CELLS_H

#include "scripted/vt.h"

/* Writes a character at the cursor. utf8: one character. */
void vt_put(struct vt *vt, const char *utf8);

/* Empties cells, in the cursor's background, from the first to the last of a row; both are
 * limited to the screen. */
void vt_erase(struct vt *vt, int row, int first, int last);

/* Places are limited to the screen. */
void vt_go(struct vt *vt, int row, int col);

/* SGR: bytes between "ESC [" and 'm'. False: one of the numbers is not known. */
bool vt_style(struct vt_look *look, const char *params);

/* Marks cells under a picture, from the cursor on. */
void vt_mark(struct vt *vt, int rows, int cols);

/* No picture is on the screen. */
void vt_unmark(struct vt *vt);

#endif
