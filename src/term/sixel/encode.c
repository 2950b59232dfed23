/* The sixel encoder: see encode.h. */
#include "sixel/encode.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define BAND 6
#define SIDE_MAX 65535
#define SPLIT_GAP 4     /* blank columns at which a colour's line is split in two */
#define COLUMN_BYTES 16 /* most bytes of a column of a colour, with the commands around it */

/* A column of a band in which a colour has pixels. */
struct column {
    int x;
    int next;      /* next column of the colour, to the right; -1: none */
    unsigned bits; /* bit r: the pixel in row r */
};

/* A piece of a colour's line: sixels for the columns x0 to x1 - 1. */
struct piece {
    int x0, x1;
    int color;
    size_t at, len; /* in the text of the band */
    int pass;
    int next; /* first in the list of its x0, later in that of its pass; -1: none */
};

struct encoder {
    int width, height;
    int colors;
    bool unused[256];   /* by colour: no pixel has it */
    uint8_t names[256]; /* by colour: its register; the most used have one digit */
    int current;        /* selected colour; -1: none yet */
    struct buf *out;

    /* The current band. */
    struct column *columns;    /* at most six at each x */
    int first[256], last[256]; /* by colour: its columns; -1: none */
    int counts[256];           /* by colour: number of its columns */
    int order[256];            /* colours of the band, the most columns first */
    int used;                  /* number of them */
    uint8_t *taken;            /* by x: pixels that must not be painted over any more */
    uint16_t *heights;         /* by x: passes in use; a piece comes after those that it overlaps */
    struct piece *pieces;      /* at most as many as columns */
    int piece_count;
    int passes[256]; /* first piece of each pass; at most one pass per colour */
    int pass_count;
    int *begins; /* by x: the latest piece that begins there; before that, scratch space for
                    sorting the colours */
    struct buf text;
};

/* ------------------------------------------------------------------- text */

/* The caller must have reserved the room. */
static void put(struct buf *b, char c)
{
    b->data[b->len++] = c;
}

static void put_number(struct buf *b, unsigned n)
{
    char digits[10];
    int i = 0;
    do {
        digits[i++] = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    while (i) {
        put(b, digits[--i]);
    }
}

static void put_run(struct buf *b, unsigned bits, int length)
{
    char sixel = (char)('?' + bits);
    if (length > 3) {
        put(b, '!');
        put_number(b, (unsigned)length);
        put(b, sixel);
        return;
    }
    while (length-- > 0) {
        put(b, sixel);
    }
}

/* --------------------------------------------------------------- one band */

static void add_column(struct encoder *e, int color, int x, unsigned bits, int *count)
{
    e->columns[*count] = (struct column){ x, -1, bits };
    if (e->last[color] < 0) {
        e->first[color] = *count;
    } else {
        e->columns[e->last[color]].next = *count;
    }
    e->last[color] = (*count)++;
    e->counts[color]++;
}

static int collect_columns(struct encoder *e, const uint8_t *rows, int height)
{
    size_t width = (size_t)e->width;
    int count = 0;
    memset(e->counts, 0, sizeof e->counts);
    memset(e->last, -1, sizeof e->last);
    for (int x = 0; x < e->width; x++) {
        unsigned left = (1u << height) - 1;
        while (left) {
            int y = __builtin_ctz(left);
            int color = rows[(size_t)y * width + (size_t)x];
            unsigned bits = 0;
            for (int i = y; i < height; i++) {
                bits |= (unsigned)(rows[(size_t)i * width + (size_t)x] == color) << i;
            }
            left &= ~bits;
            add_column(e, color, x, bits, &count);
        }
    }
    return count;
}

/* Sorts the colours of the band by their number of columns, the most first, then by
 * index. */
static void order_colors(struct encoder *e)
{
    int *begins = e->begins; /* by number of columns: its first place in the order */
    memset(begins, 0, ((size_t)e->width + 2) * sizeof *begins);
    e->used = 0;
    for (int color = 0; color < e->colors; color++) {
        begins[e->counts[color]]++;
    }
    for (int count = e->width; count > 0; count--) {
        int colors = begins[count];
        begins[count] = e->used;
        e->used += colors;
    }
    for (int color = 0; color < e->colors; color++) {
        if (e->counts[color]) {
            e->order[begins[e->counts[color]]++] = color;
        }
    }
}

/* Puts the piece into the first pass after all pieces that it overlaps. */
static void add_piece(struct encoder *e, struct piece piece)
{
    int height = 0;
    for (int x = piece.x0; x < piece.x1; x++) {
        height = e->heights[x] > height ? e->heights[x] : height;
    }
    for (int x = piece.x0; x < piece.x1; x++) {
        e->heights[x] = (uint16_t)(height + 1);
    }
    piece.pass = height;
    piece.next = e->begins[piece.x0];
    e->begins[piece.x0] = e->piece_count;
    e->pieces[e->piece_count++] = piece;
    e->pass_count = height < e->pass_count ? e->pass_count : height + 1;
}

/* Links the pieces of each pass from left to right. */
static void link_passes(struct encoder *e)
{
    int *ends[256];
    for (int pass = 0; pass < e->pass_count; pass++) {
        ends[pass] = &e->passes[pass];
    }
    for (int x = 0; x < e->width; x++) {
        for (int i = e->begins[x], next; i >= 0; i = next) {
            struct piece *p = &e->pieces[i];
            next = p->next;
            *ends[p->pass] = i;
            ends[p->pass] = &p->next;
        }
    }
    for (int pass = 0; pass < e->pass_count; pass++) {
        *ends[pass] = -1;
    }
}

/* A run of equal sixels that may still grow: pixels that it must set and must not set. */
struct run {
    int x0, x1;
    unsigned set, unset;
};

/* True when the run can be extended to include that column; *unset is for the extended
 * run. */
static bool reaches(const struct encoder *e, const struct run *run, const struct column *column,
                    unsigned *unset)
{
    unsigned set = run->set | column->bits;
    *unset = run->unset;
    for (int x = run->x1; x <= column->x; x++) {
        *unset |= e->taken[x];
        if (set & *unset) {
            return false;
        }
    }
    return true;
}

static void end_piece(struct encoder *e, struct piece *piece, const struct run *run)
{
    piece->x1 = run->x1;
    piece->len = e->text.len - piece->at;
    add_piece(e, *piece);
}

static void draw_color(struct encoder *e, int color)
{
    const struct column *c = &e->columns[e->first[color]];
    struct run run = { c->x, c->x + 1, c->bits, e->taken[c->x] };
    struct piece piece = { .x0 = c->x, .at = e->text.len, .color = color };
    for (int i = c->next; i >= 0; i = c->next) {
        unsigned unset;
        c = &e->columns[i];
        if (reaches(e, &run, c, &unset)) {
            run.x1 = c->x + 1;
            run.set |= c->bits;
            run.unset = unset;
            continue;
        }
        int gap = c->x - run.x1;
        put_run(&e->text, run.set, run.x1 - run.x0);
        if (gap < SPLIT_GAP) {
            put_run(&e->text, 0, gap);
        } else {
            end_piece(e, &piece, &run);
            piece.x0 = c->x;
            piece.at = e->text.len;
        }
        run = (struct run){ c->x, c->x + 1, c->bits, e->taken[c->x] };
    }
    put_run(&e->text, run.set, run.x1 - run.x0);
    for (int i = e->first[color]; i >= 0; i = e->columns[i].next) {
        e->taken[e->columns[i].x] |= (uint8_t)e->columns[i].bits;
    }
    end_piece(e, &piece, &run);
}

static void put_pass(struct encoder *e, int first)
{
    int x = 0;
    for (int i = first; i >= 0; i = e->pieces[i].next) {
        const struct piece *p = &e->pieces[i];
        if (p->color != e->current) {
            put(e->out, '#');
            put_number(e->out, e->names[p->color]);
            e->current = p->color;
        }
        put_run(e->out, 0, p->x0 - x);
        memcpy(e->out->data + e->out->len, e->text.data + p->at, p->len);
        e->out->len += p->len;
        x = p->x1;
    }
}

static bool put_band(struct encoder *e, const uint8_t *rows, int height)
{
    size_t columns = (size_t)collect_columns(e, rows, height);
    order_colors(e);
    buf_clear(&e->text);
    e->piece_count = 0;
    e->pass_count = 0;
    memset(e->begins, -1, (size_t)e->width * sizeof *e->begins);
    memset(e->heights, 0, (size_t)e->width * sizeof *e->heights);
    memset(e->taken, 63 & ~((1 << height) - 1), (size_t)e->width);
    if (!buf_reserve(&e->text, columns * COLUMN_BYTES)) {
        return false;
    }
    for (int i = 0; i < e->used; i++) {
        draw_color(e, e->order[i]);
    }
    link_passes(e);
    if (!buf_reserve(e->out, e->text.len + (size_t)e->piece_count * COLUMN_BYTES + 8)) {
        return false;
    }
    for (int pass = 0; pass < e->pass_count; pass++) {
        if (pass) {
            put(e->out, '$');
        }
        put_pass(e, e->passes[pass]);
    }
    return true;
}

/* ------------------------------------------------------------ the picture */

/* Assigns registers: a colour that starts more runs in the picture's rows is selected more
 * often and gets a shorter number. */
static void name_colors(struct encoder *e, const uint8_t *indices)
{
    size_t count = (size_t)e->width * (size_t)e->height;
    size_t begins[256] = { 0 };
    int order[256];
    begins[indices[0]]++;
    for (size_t i = 1; i < count; i++) {
        begins[indices[i]] += indices[i] != indices[i - 1];
    }
    for (int color = 0; color < e->colors; color++) {
        e->unused[color] = !begins[color];
        int at = color;
        for (; at > 0 && begins[order[at - 1]] < begins[color]; at--) {
            order[at] = order[at - 1];
        }
        order[at] = color;
    }
    for (int i = 0; i < e->colors; i++) {
        e->names[order[i]] = (uint8_t)i;
    }
}

static void put_head(struct encoder *e, const struct palette *palette)
{
    buf_addf(e->out, "\033P0;1q\"1;1;%d;%d", e->width, e->height);
    for (int i = 0; i < e->colors; i++) {
        const uint8_t *rgb = palette->rgb[i];
        if (e->unused[i]) {
            continue;
        }
        buf_addf(e->out, "#%d;2;%d;%d;%d", e->names[i], (rgb[0] * 100 + 127) / 255,
                 (rgb[1] * 100 + 127) / 255, (rgb[2] * 100 + 127) / 255);
    }
}

static bool put_bands(struct encoder *e, const uint8_t *indices)
{
    for (int y = 0; y < e->height; y += BAND) {
        int height = e->height - y < BAND ? e->height - y : BAND;
        if (y) {
            put(e->out, '-'); /* room was reserved with the band before */
        }
        if (!put_band(e, indices + (size_t)y * (size_t)e->width, height)) {
            return false;
        }
    }
    buf_adds(e->out, "\033\\");
    return !e->out->failed;
}

bool sixel_encode_indexed(const uint8_t *indices, int width, int height,
                          const struct palette *palette, struct buf *out, struct error *err)
{
    if (width < 1 || height < 1 || width > SIDE_MAX || height > SIDE_MAX) {
        return error_set(err, ERROR_UNSUPPORTED,
                         "cannot encode %dx%d pixels as sixel: at most %d a side", width, height,
                         SIDE_MAX);
    }
    struct encoder e = { .width = width,
                         .height = height,
                         .colors = palette->count,
                         .current = -1,
                         .out = out,
                         .text = BUF_INIT };
    size_t columns = (size_t)width * BAND;
    e.columns = mem_array(columns, sizeof *e.columns);
    e.pieces = mem_array(columns, sizeof *e.pieces);
    e.taken = mem_array((size_t)width, 1);
    e.begins = mem_array((size_t)width + 2, sizeof *e.begins);
    e.heights = mem_array((size_t)width, sizeof *e.heights);
    bool ok = e.columns && e.pieces && e.begins && e.taken && e.heights;
    if (ok) {
        name_colors(&e, indices);
        put_head(&e, palette);
        ok = !out->failed && put_bands(&e, indices);
    }
    free(e.columns);
    free(e.begins);
    free(e.taken);
    free(e.heights);
    free(e.pieces);
    buf_release(&e.text);
    return ok || error_nomem(err, columns * sizeof *e.columns, "a sixel picture");
}
