/* Splits a frame into pieces of about max_bytes, by encoding and measuring them. */
#include "frames/pieces.h"

#include <stdlib.h>

#include "base/mem.h"

/* A single row of cells may exceed max_bytes by this factor before it is split: its two
 * halves would take more in all, as each has its own palette. */
#define ROW_MORE 1.3

struct cutter {
    struct frame *frame;
    const struct protocol *protocol;
    struct pieces pieces;
    size_t max_bytes;
    int most;
};

/* Appends a piece; *bytes is its length. */
static bool add(struct cutter *c, struct piece piece, size_t *bytes)
{
    struct frame *f = c->frame;
    size_t before = f->bytes.len;
    piece.number = f->piece_count;
    if (!c->protocol->piece(&c->pieces, &piece, &f->bytes, &f->error)) {
        return false;
    }
    *bytes = f->bytes.len - before;
    f->pieces[f->piece_count++] = (struct frame_piece){ f->bytes.len, piece.row, piece.col };
    return true;
}

/* Drops what was appended after the first `bytes` and `pieces`. */
static void take_back(struct cutter *c, size_t bytes, int pieces)
{
    c->frame->bytes.len = bytes;
    c->frame->piece_count = pieces;
}

static int within(int n, int least, int most)
{
    return n > most ? most : n < least ? least : n;
}

/* Appends a row as `parts` pieces side by side; *longest: bytes of the longest. */
static bool add_parts(struct cutter *c, int row, int parts, size_t *longest)
{
    int cols = c->frame->cols;
    *longest = 0;
    for (int i = 0; i < parts; i++) {
        int col = cols * i / parts;
        struct piece piece = { 0, col, row, cols * (i + 1) / parts - col, 1 };
        size_t bytes;
        if (!add(c, piece, &bytes)) {
            return false;
        }
        *longest = bytes > *longest ? bytes : *longest;
    }
    return true;
}

/* Appends a row, which takes `bytes` as one piece, as several pieces of at most about
 * max_bytes, as far as the number of pieces allows. */
static bool add_columns(struct cutter *c, int row, size_t bytes)
{
    size_t before = c->frame->bytes.len;
    int pieces = c->frame->piece_count;
    int left = c->most - pieces - (c->frame->rows - row - 1);
    int most = within(left, 1, c->frame->cols);
    int parts = within((int)(bytes / c->max_bytes) + 1, 1, most);
    for (;; parts++) {
        size_t longest;
        if (!add_parts(c, row, parts, &longest)) {
            return false;
        }
        if ((double)longest <= ROW_MORE * (double)c->max_bytes || parts >= most) {
            return true;
        }
        take_back(c, before, pieces);
    }
}

/* How many rows to try next, as `rows` rows took `bytes`; the same number: accept them.
 * *down: too many rows were tried before, so only fewer may be tried. */
static int better_rows(const struct cutter *c, int rows, size_t bytes, int least, int most,
                       bool *down)
{
    int fits =
        c->max_bytes ? (int)((double)rows * 0.95 * (double)c->max_bytes / (double)bytes) : rows;
    if (c->max_bytes && bytes > c->max_bytes) {
        *down = true;
        return within(fits < rows ? fits : rows - 1, least, rows);
    }
    return *down || fits <= rows + rows / 4 ? rows : within(fits, rows, most);
}

/* Appends the next piece, of about *rows rows; sets *rows to their number. */
static bool add_rows(struct cutter *c, int row, int *rows)
{
    int left = c->frame->rows - row;
    int pieces = c->frame->piece_count;
    int rest = within(c->most - pieces, 1, left);
    int least = (left + rest - 1) / rest; /* fewer rows would need too many pieces */
    size_t before = c->frame->bytes.len;
    bool down = false;
    size_t bytes;
    int next = within(*rows, least, left);
    do {
        take_back(c, before, pieces);
        *rows = next;
        struct piece piece = { .row = row, .cols = c->frame->cols, .rows = next };
        if (!add(c, piece, &bytes)) {
            return false;
        }
        next = better_rows(c, next, bytes, least, left, &down);
    } while (next != *rows);
    if (c->max_bytes && (double)bytes > ROW_MORE * (double)c->max_bytes && *rows == 1) {
        take_back(c, before, pieces);
        return add_columns(c, row, bytes);
    }
    return true;
}

bool frame_draw_pieces(struct frame *frame, const struct image *scaled,
                       const struct protocol *protocol, const struct pane *pane, size_t max_bytes,
                       int most)
{
    struct cutter c = { .frame = frame,
                        .protocol = protocol,
                        .pieces = { .picture = scaled, .pane = pane },
                        .max_bytes = max_bytes,
                        .most = within(most, 1, PIECES_MOST) };
    frame->pieces = mem_array(PIECES_MOST, sizeof *frame->pieces);
    if (!frame->pieces) {
        return error_nomem(&frame->error, PIECES_MOST * sizeof *frame->pieces, "a picture");
    }
    bool ok = !protocol->pieces_begin || protocol->pieces_begin(&c.pieces, &frame->error);
    int rows = max_bytes ? 1 : frame->rows;
    for (int row = 0; ok && row < frame->rows;) {
        int count = rows;
        ok = add_rows(&c, row, &count);
        row += count;
        rows = count;
    }
    if (protocol->pieces_end) {
        protocol->pieces_end(&c.pieces);
    }
    return ok;
}
