/* The parser of a video terminal. */
#include "scripted/vt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "scripted/vt_cells.h"

#define ESC 0x1B

/* Remembers the first sequence that is not known, ESC as "ESC ". */
static void not_known(struct vt *vt, const char *begin, const char *text)
{
    if (!vt->unknown[0]) {
        snprintf(vt->unknown, sizeof vt->unknown, "ESC %s%.30s", begin, text);
    }
}

/* ------------------------------------------------------------------ controls */

static void line_feed(struct vt *vt)
{
    if (vt->cursor.row + 1 == vt->rows) {
        not_known(vt, "", "(a line feed that scrolls)");
    }
    vt_go(vt, vt->cursor.row + 1, vt->cursor.col);
}

static void control(struct vt *vt, unsigned char byte)
{
    struct vt_cursor *c = &vt->cursor;
    switch (byte) {
    case '\b':
        vt_go(vt, c->row, c->col - 1);
        break;
    case '\t':
        vt_go(vt, c->row, c->col / 8 * 8 + 8);
        break;
    case '\n':
        line_feed(vt);
        break;
    case '\r':
        vt_go(vt, c->row, 0);
        break;
    case '\a':
    case 0x0F: /* G0 */
        break;
    default:
        not_known(vt, "", "(a control character)");
        break;
    }
}

static void escape(struct vt *vt, unsigned char byte)
{
    char text[2] = { (char)byte, '\0' };
    switch (byte) {
    case '7':
        vt->saved = vt->cursor;
        vt->in_picture = true;
        break;
    case '8':
        vt->cursor = vt->saved;
        vt->in_picture = false;
        break;
    case 'M':
        vt_go(vt, vt->cursor.row - 1, vt->cursor.col);
        break;
    case '=': /* the keypad */
    case '>':
    case '\\':
        break;
    default:
        not_known(vt, "", text);
        break;
    }
}

/* ----------------------------------------------------------------------- CSI */

/* The number at this place; `missing` if it is left out or 0. */
static int param(const char *params, int index, int missing)
{
    for (; index > 0 && params; index--) {
        params = strchr(params, ';');
        params += params != NULL;
    }
    int n = params ? atoi(params) : 0;
    return n ? n : missing;
}

static void erase_display(struct vt *vt, int what)
{
    const struct vt_cursor *c = &vt->cursor;
    int first = what == 0 ? c->row : 0;
    int last = what == 1 ? c->row : vt->rows - 1;
    for (int row = first; row <= last; row++) {
        vt_erase(vt, row, what == 0 && row == c->row ? c->col : 0,
                 what == 1 && row == c->row ? c->col : vt->cols - 1);
    }
}

static void repeat(struct vt *vt, int count)
{
    for (int i = 0; i < count && vt->last[0]; i++) {
        vt_put(vt, vt->last);
    }
}

/* Moves the cursor or changes cells. False: some other sequence. */
static bool edit(struct vt *vt, char final, const char *params)
{
    const struct vt_cursor *c = &vt->cursor;
    int n = param(params, 0, 1);
    int what = param(params, 0, 0);
    switch (final) {
    case 'A':
        vt_go(vt, c->row - n, c->col);
        return true;
    case 'B':
        vt_go(vt, c->row + n, c->col);
        return true;
    case 'C':
        vt_go(vt, c->row, c->col + n);
        return true;
    case 'D':
        vt_go(vt, c->row, c->col - n);
        return true;
    case 'G':
        vt_go(vt, c->row, n - 1);
        return true;
    case 'd':
        vt_go(vt, n - 1, c->col);
        return true;
    case 'H':
        vt_go(vt, n - 1, param(params, 1, 1) - 1);
        return true;
    case 'J':
        erase_display(vt, what);
        return what <= 2;
    case 'K':
        vt_erase(vt, c->row, what == 0 ? c->col : 0, what == 1 ? c->col : vt->cols - 1);
        return what <= 2;
    case 'X':
        vt_erase(vt, c->row, c->col, c->col + n - 1);
        return true;
    case 'b':
        repeat(vt, n);
        return true;
    case 'm':
        return vt_style(&vt->cursor.look, params);
    case 'r': /* the scrolling region: only the whole screen */
        vt_go(vt, 0, 0);
        return n == 1 && param(params, 1, vt->rows) == vt->rows;
    default:
        return false;
    }
}

/* Modes of which nothing is to be seen here. The alternate screen has cells of its own. */
static bool mode(struct vt *vt, char final, const char *params)
{
    static const int ignored[] = { 1,    5,    6,    9,    12,   25,   69,   80,   1000, 1001,
                                   1002, 1003, 1004, 1005, 1006, 1007, 1015, 1016, 2004, 2026 };
    int n = atoi(params);
    if (n == 1049) {
        erase_display(vt, 2);
        return true;
    }
    if (n == 7) {
        vt->autowrap = final == 'h';
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(ignored); i++) {
        if (ignored[i] == n) {
            return true;
        }
    }
    return false;
}

/* Other sequences that change nothing to be seen, or false. */
static bool quiet(struct vt *vt, const char *text)
{
    static const char *const known[] = { ">4;0m", ">4m", "4l", "20l", "22;0;0t", "23;0;0t", "!p" };
    size_t len = strlen(text);
    char final = text[len - 1];
    if (text[0] == '?' && strchr("hlsr", final)) {
        return mode(vt, final, text + 1);
    }
    if ((text[0] == '>' || text[0] == '<') && final == 'u') {
        vt->coded_keys = text[0] == '>';
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (strcmp(text, known[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void csi(struct vt *vt)
{
    const char *text = vt->text;
    bool plain = text[0] < '<' || text[0] > '?';
    if (!(plain && edit(vt, text[vt->len - 1], text)) && !vt->ask(vt->context, '[', text) &&
        !quiet(vt, text)) {
        not_known(vt, "[", text);
    }
}

/* ------------------------------------------------------------------- strings */

static int cells_of(int pixels, int cell)
{
    return (pixels + cell - 1) / cell;
}

/* A value "KEY=number" of kitty's; 0: not there. */
static int kitty_value(const char *keys, char key)
{
    for (const char *at = keys; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (at[0] == key && at[1] == '=') {
            return atoi(at + 2);
        }
    }
    return 0;
}

/* Four characters of base64 as 24 bits. */
static unsigned base64_bits(const char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned bits = 0;
    for (int i = 0; i < 4; i++) {
        const char *digit = strchr(digits, text[i]);
        bits = bits << 6 | (digit ? (unsigned)(digit - digits) : 0);
    }
    return bits;
}

/* Width and height of a PNG in base64, of which only the first bytes need be there: they are
 * the bytes 16 to 23. */
static bool png_size(const char *base64, int *w, int *h)
{
    if (strncmp(base64, "iVBORw0KGgo", 11) != 0 || strlen(base64) < 32) {
        return false;
    }
    unsigned a = base64_bits(base64 + 20), b = base64_bits(base64 + 24);
    unsigned c = base64_bits(base64 + 28);
    *w = (int)((a & 0xFFFF) << 16 | b >> 8);
    *h = (int)((b & 0xFF) << 24 | c);
    return true;
}

/* Of the size that it is told in cells, or of the PNG's. */
static bool kitty(struct vt *vt, const char *text)
{
    const char *data = strchr(text, ';');
    int w, h;
    if (text[0] != 'G') {
        return false;
    }
    if (strncmp(text, "Ga=d", 4) == 0) {
        vt_unmark(vt);
    } else if (kitty_value(text + 1, 'r')) {
        vt_mark(vt, kitty_value(text + 1, 'r'), kitty_value(text + 1, 'c'));
    } else if (strncmp(text, "Ga=T", 4) == 0 && data && png_size(data + 1, &w, &h)) {
        vt_mark(vt, cells_of(h, vt->cell_h), cells_of(w, vt->cell_w));
    }
    return true;
}

static bool sixel(struct vt *vt, const char *text)
{
    const char *raster = text + strspn(text, "0123456789;");
    int w, h;
    if (*raster != 'q') {
        return false;
    }
    if (sscanf(raster, "q\"%*d;%*d;%d;%d", &w, &h) == 2) {
        vt_mark(vt, cells_of(h, vt->cell_h), cells_of(w, vt->cell_w));
    }
    return true;
}

static bool iterm2(struct vt *vt, const char *text)
{
    int w, h;
    const char *size = strstr(text, "width=");
    if (strncmp(text, "1337;File=", 10) != 0) {
        return false;
    }
    if (size && sscanf(size, "width=%dpx;height=%dpx", &w, &h) == 2) {
        vt_mark(vt, cells_of(h, vt->cell_h), cells_of(w, vt->cell_w));
    }
    return true;
}

static void string(struct vt *vt)
{
    const char *text = vt->text;
    bool known = vt->ask(vt->context, vt->kind, text);
    known = known || (vt->kind == '_' && kitty(vt, text)) || (vt->kind == 'P' && sixel(vt, text)) ||
            (vt->kind == ']' && iterm2(vt, text));
    if (!known) {
        char begin[2] = { vt->kind, '\0' };
        not_known(vt, begin, text);
    }
}

/* ---------------------------------------------------------------------- bytes */

/* What does not fit is left out. */
static void collect(struct vt *vt, unsigned char byte)
{
    if (vt->len + 1 < sizeof vt->text) {
        vt->text[vt->len++] = (char)byte;
        vt->text[vt->len] = '\0';
    }
}

static void begin(struct vt *vt, unsigned char byte)
{
    vt->len = 0;
    vt->text[0] = '\0';
    vt->kind = (char)byte;
    vt->state = byte == '['                             ? VT_CSI
                : byte == '('                           ? VT_CHARSET
                : byte != '\0' && strchr("P]_^X", byte) ? VT_STRING
                                                        : VT_GROUND;
    if (vt->state == VT_GROUND) {
        escape(vt, byte);
    }
}

/* A character of UTF-8, as soon as it is complete. */
static void character(struct vt *vt, unsigned char byte)
{
    collect(vt, byte);
    unsigned char lead = (unsigned char)vt->text[0];
    size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (vt->len >= need) {
        strcpy(vt->last, vt->text);
        vt_put(vt, vt->text);
        vt->len = 0;
    }
}

static void ground(struct vt *vt, unsigned char byte)
{
    if (byte == ESC) {
        vt->state = VT_ESCAPE;
    } else if (byte < ' ') {
        control(vt, byte);
    } else {
        character(vt, byte);
    }
}

void vt_feed(struct vt *vt, unsigned char byte)
{
    switch (vt->state) {
    case VT_GROUND:
        ground(vt, byte);
        break;
    case VT_ESCAPE:
        begin(vt, byte);
        break;
    case VT_CHARSET:
        if (byte != 'B') {
            not_known(vt, "(", (char[]){ (char)byte, '\0' });
        }
        vt->state = VT_GROUND;
        break;
    case VT_CSI:
        collect(vt, byte);
        if (byte >= 0x40) {
            vt->state = VT_GROUND;
            csi(vt);
            vt->len = 0;
        }
        break;
    case VT_STRING:
        if (byte == ESC) {
            vt->state = VT_STRING_ESCAPE;
        } else if (byte == '\a' && vt->kind == ']') {
            vt->state = VT_GROUND;
            string(vt);
            vt->len = 0;
        } else {
            collect(vt, byte);
        }
        break;
    case VT_STRING_ESCAPE:
        vt->state = VT_GROUND;
        string(vt);
        vt->len = 0;
        if (byte != '\\') {
            begin(vt, byte);
        }
        break;
    }
}
