/* The screen of a script's terminal as text, and how its cells look. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "scripted/scripted.h"

#define LOOKS_MAX 63 /* '.', and a letter or digit each */

static const char letters[] = ".abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

bool scripted_has_picture(const struct scripted *t)
{
    for (int i = 0; i < t->vt.rows * t->vt.cols; i++) {
        if (t->vt.cells[i].picture) {
            return true;
        }
    }
    return false;
}

static void add_row(const struct vt *vt, int row, struct buf *out)
{
    size_t end = out->len; /* behind the last cell that is not blank */
    for (int col = 0; col < vt->cols; col++) {
        const struct vt_cell *cell = vt_at(vt, row, col);
        buf_adds(out, cell->picture ? " " : cell->text);
        if (!cell->picture && cell->text[0] && strcmp(cell->text, " ") != 0) {
            end = out->len;
        }
    }
    if (!out->failed) {
        out->len = end;
    }
    buf_addc(out, '\n');
}

void scripted_dump(const struct scripted *t, struct buf *out)
{
    for (int row = 0; row < t->vt.rows; row++) {
        add_row(&t->vt, row, out);
    }
    if (t->vt.unknown[0]) {
        buf_addf(out, "[the terminal does not know: %s]\n", t->vt.unknown);
    }
}

/* ---------------------------------------------------------------------- looks */

struct looks {
    struct vt_look looks[LOOKS_MAX];
    size_t cells[LOOKS_MAX];
    size_t count; /* LOOKS_MAX: there may be more */
};

/* Without what nobody sees. The right half of a wide character looks as the left one. */
static struct vt_look seen(const struct vt_cell *cell)
{
    struct vt_look look = cell->look;
    if (strcmp(cell->text, " ") == 0 && !(look.attrs & (VT_REVERSE | VT_UNDERLINE))) {
        look.fg = VT_DEFAULT;
        look.attrs = 0;
    }
    return look;
}

static bool same(const struct vt_look *a, const struct vt_look *b)
{
    return a->fg == b->fg && a->bg == b->bg && a->attrs == b->attrs;
}

static size_t find(const struct looks *looks, struct vt_look look)
{
    size_t i = 0;
    while (i < looks->count && !same(&looks->looks[i], &look)) {
        i++;
    }
    return i;
}

static void count_looks(const struct vt *vt, struct looks *looks)
{
    for (int i = 0; i < vt->rows * vt->cols; i++) {
        struct vt_look look = seen(&vt->cells[i]);
        size_t at = find(looks, look);
        if (vt->cells[i].picture || at == LOOKS_MAX) {
            continue;
        }
        if (at == looks->count) {
            looks->looks[looks->count++] = look;
        }
        looks->cells[at]++;
    }
}

/* Puts the commonest look in front; the others stay in order. */
static void sort_looks(struct looks *looks)
{
    size_t most = 0;
    for (size_t i = 1; i < looks->count; i++) {
        most = looks->cells[i] > looks->cells[most] ? i : most;
    }
    struct vt_look first = looks->looks[most];
    memmove(looks->looks + 1, looks->looks, most * sizeof first);
    looks->looks[0] = first;
}

static void add_color(struct buf *out, int32_t color)
{
    if (color == VT_DEFAULT) {
        buf_adds(out, "default");
    } else if (color & VT_RGB) {
        buf_addf(out, "#%06x", (unsigned)color & 0xFFFFFF);
    } else {
        buf_addf(out, "%d", (int)color);
    }
}

static void add_look(struct buf *out, char letter, const struct vt_look *look)
{
    static const char *const names[] = { "bold", "dim", "underline", "reverse" };
    buf_addf(out, "%c = ", letter);
    add_color(out, look->fg);
    buf_adds(out, " on ");
    add_color(out, look->bg);
    for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
        if (look->attrs & 1u << i) {
            buf_addf(out, " %s", names[i]);
        }
    }
    buf_addc(out, '\n');
}

static void add_look_row(const struct vt *vt, const struct looks *looks, int row, struct buf *out)
{
    size_t end = out->len;
    for (int col = 0; col < vt->cols; col++) {
        const struct vt_cell *cell = vt_at(vt, row, col);
        size_t at = cell->picture ? 0 : find(looks, seen(cell));
        buf_addc(out, cell->picture ? '#' : at < looks->count ? letters[at] : '?');
        if (cell->picture || at) {
            end = out->len;
        }
    }
    if (!out->failed) {
        out->len = end;
    }
    buf_addc(out, '\n');
}

void scripted_dump_looks(const struct scripted *t, struct buf *out)
{
    struct looks looks = { .count = 0 };
    count_looks(&t->vt, &looks);
    sort_looks(&looks);
    for (int row = 0; row < t->vt.rows; row++) {
        add_look_row(&t->vt, &looks, row, out);
    }
    for (size_t i = 0; i < looks.count; i++) {
        add_look(out, letters[i], &looks.looks[i]);
    }
}
