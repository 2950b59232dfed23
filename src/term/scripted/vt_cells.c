#include "scripted/vt_cells.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

static struct vt_cell *at(struct vt *vt, int row, int col)
{
    return &vt->cells[row * vt->cols + col];
}

const struct vt_cell *vt_at(const struct vt *vt, int row, int col)
{
    return &vt->cells[row * vt->cols + col];
}

bool vt_resize(struct vt *vt, int rows, int cols, struct error *err)
{
    static const struct vt_look plain = { VT_DEFAULT, VT_DEFAULT, 0 };
    size_t count = (size_t)rows * (size_t)cols;
    struct vt_cell *cells = mem_array(count, sizeof *cells);
    if (!cells) {
        return error_nomem(err, count * sizeof *cells, "the terminal of a script");
    }
    free(vt->cells);
    vt->cells = cells;
    vt->rows = rows;
    vt->cols = cols;
    vt->cursor = vt->saved = (struct vt_cursor){ .look = plain };
    vt->autowrap = true;
    for (int row = 0; row < rows; row++) {
        vt_erase(vt, row, 0, cols - 1);
    }
    return true;
}

void vt_release(struct vt *vt)
{
    free(vt->cells);
    vt->cells = NULL;
}

static int limited(int value, int count)
{
    return value < 0 ? 0 : value >= count ? count - 1 : value;
}

void vt_go(struct vt *vt, int row, int col)
{
    vt->cursor.row = limited(row, vt->rows);
    vt->cursor.col = limited(col, vt->cols);
    vt->cursor.wraps = false;
}

static void blank(struct vt *vt, struct vt_cell *cell)
{
    *cell = (struct vt_cell){ .text = " ", .look = { VT_DEFAULT, vt->cursor.look.bg, 0 } };
}

void vt_erase(struct vt *vt, int row, int first, int last)
{
    for (int col = limited(first, vt->cols); col <= limited(last, vt->cols); col++) {
        blank(vt, at(vt, row, col));
    }
}

/* Half of a wide character that is overwritten leaves a blank. */
static void break_wide(struct vt *vt, int row, int col)
{
    if (!at(vt, row, col)->text[0] && col > 0) {
        strcpy(at(vt, row, col - 1)->text, " ");
    }
    if (col + 1 < vt->cols && !at(vt, row, col + 1)->text[0]) {
        strcpy(at(vt, row, col + 1)->text, " ");
    }
}

static void next_row(struct vt *vt)
{
    vt->cursor.col = 0;
    vt->cursor.wraps = false;
    if (vt->cursor.row + 1 < vt->rows) {
        vt->cursor.row++;
        return;
    }
    memmove(vt->cells, vt->cells + vt->cols,
            (size_t)(vt->rows - 1) * (size_t)vt->cols * sizeof *vt->cells);
    vt_erase(vt, vt->rows - 1, 0, vt->cols - 1);
}

/* A combining character joins the one before the cursor. */
static void combine(struct vt *vt, const char *utf8)
{
    const struct vt_cursor *c = &vt->cursor;
    int col = c->wraps ? c->col : c->col - 1;
    while (col > 0 && !at(vt, c->row, col)->text[0]) {
        col--;
    }
    if (col >= 0) {
        char *text = at(vt, c->row, col)->text;
        size_t len = strlen(text);
        if (len + strlen(utf8) < VT_TEXT) {
            strcpy(text + len, utf8);
        }
    }
}

static void write_cell(struct vt *vt, const char *utf8)
{
    struct vt_cursor *c = &vt->cursor;
    struct vt_cell *cell = at(vt, c->row, c->col);
    break_wide(vt, c->row, c->col);
    *cell = (struct vt_cell){ .look = c->look, .picture = vt->in_picture };
    strcpy(cell->text, utf8);
    if (c->col + 1 < vt->cols) {
        c->col++;
    } else {
        c->wraps = vt->autowrap;
    }
}

void vt_put(struct vt *vt, const char *utf8)
{
    uint32_t code;
    text_decode(utf8, strlen(utf8), &code);
    int columns = text_code_width(code);
    if (columns <= 0) {
        combine(vt, utf8);
        return;
    }
    if (vt->cursor.wraps || (columns == 2 && vt->cursor.col + 1 == vt->cols && vt->autowrap)) {
        next_row(vt);
    }
    write_cell(vt, utf8);
    if (columns == 2 && !vt->cursor.wraps) {
        write_cell(vt, "");
    }
}

void vt_mark(struct vt *vt, int rows, int cols)
{
    const struct vt_cursor *c = &vt->cursor;
    for (int row = c->row; row < c->row + rows && row < vt->rows; row++) {
        for (int col = c->col; col < c->col + cols && col < vt->cols; col++) {
            at(vt, row, col)->picture = true;
        }
    }
}

void vt_unmark(struct vt *vt)
{
    for (int i = 0; i < vt->rows * vt->cols; i++) {
        vt->cells[i].picture = false;
    }
}

/* --------------------------------------------------------------------- looks */

/* Reads a number and the ';' or ':' behind it. */
static int number(const char **at)
{
    char *end;
    int n = (int)strtol(*at, &end, 10);
    *at = *end ? end + 1 : end;
    return n;
}

/* The rest of a colour: "5;N" or "2;R;G;B"; with colons an empty number may follow the 2. */
static bool color(const char **params, int32_t *out)
{
    bool colons = (*params)[0] && (*params)[1] == ':';
    int form = number(params);
    if (form == 5) {
        *out = number(params) & 255;
        return true;
    }
    if (form != 2) {
        return false;
    }
    if (colons && strchr(*params, ':') && (*params)[0] == ':') {
        number(params);
    }
    int r = number(params), g = number(params), b = number(params);
    *out = VT_RGB | (r & 255) << 16 | (g & 255) << 8 | (b & 255);
    return true;
}

static bool style_one(struct vt_look *look, int n, const char **params)
{
    static const struct vt_look plain = { VT_DEFAULT, VT_DEFAULT, 0 };
    switch (n) {
    case 0:
        *look = plain;
        return true;
    case 1:
        look->attrs |= VT_BOLD;
        return true;
    case 2:
        look->attrs |= VT_DIM;
        return true;
    case 4:
        look->attrs |= VT_UNDERLINE;
        return true;
    case 7:
        look->attrs |= VT_REVERSE;
        return true;
    case 22:
        look->attrs &= ~(unsigned)(VT_BOLD | VT_DIM);
        return true;
    case 24:
        look->attrs &= ~(unsigned)VT_UNDERLINE;
        return true;
    case 27:
        look->attrs &= ~(unsigned)VT_REVERSE;
        return true;
    case 38:
        return color(params, &look->fg);
    case 48:
        return color(params, &look->bg);
    case 39:
        look->fg = VT_DEFAULT;
        return true;
    case 49:
        look->bg = VT_DEFAULT;
        return true;
    default:
        break;
    }
    int base = n / 10 * 10;
    bool bright = base == 90 || base == 100;
    if ((base != 30 && base != 40 && !bright) || n - base > 7) {
        return false;
    }
    *(base == 30 || base == 90 ? &look->fg : &look->bg) = n - base + (bright ? 8 : 0);
    return true;
}

bool vt_style(struct vt_look *look, const char *params)
{
    bool known = true;
    do {
        int n = number(&params);
        known = style_one(look, n, &params) && known;
    } while (*params);
    return known;
}
