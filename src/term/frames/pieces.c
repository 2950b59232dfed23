#include "frames/pieces.h"

#include <stdlib.h>

#include "base/mem.h"

struct cutter {
    struct frame *frame;
    const struct protocol *protocol;
    struct pieces pieces;
    size_t max_bytes;
    int most;
};

/* Appends a piece; *bytes is what it took. */
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

static void take_back(struct cutter *c, size_t bytes)
{
    c->frame->bytes.len -= bytes;
    c->frame->piece_count--;
}

static int within(int n, int least, int most)
{
    return n > most ? most : n < least ? least : n;
}

/* A row in several pieces beside each other, if there may be so many more. */
static bool add_columns(struct cutter *c, int row, int rows, size_t bytes)
{
    int cols = c->frame->cols;
    int left = c->most - c->frame->piece_count - (c->frame->rows - row - rows);
    int parts = within((int)(bytes / c->max_bytes) + 1, 1, within(left, 1, cols));
    for (int i = 0; i < parts; i++) {
        int col = cols * i / parts;
        struct piece piece = { 0, col, row, cols * (i + 1) / parts - col, rows };
        if (!add(c, piece, &bytes)) {
            return false;
        }
    }
    return true;
}

/* The next piece, of about *rows, which is brought nearer to what the bytes allow. */
static bool add_rows(struct cutter *c, int row, int *rows)
{
    int left = c->frame->rows - row;
    int pieces_left = c->most - c->frame->piece_count;
    int rest = within(pieces_left, 1, left);
    int least = (left + rest - 1) / rest; /* rows, or there would be too many pieces */
    struct piece piece = { .row = row, .cols = c->frame->cols };
    size_t bytes;
    for (int tries = 0;; tries++) {
        piece.rows = within(*rows, least, left);
        if (!add(c, piece, &bytes)) {
            return false;
        }
        if (!c->max_bytes) {
            break;
        }
        *rows = within((int)((double)piece.rows * 0.95 * (double)c->max_bytes / (double)bytes), 1,
                       left);
        bool good = bytes <= c->max_bytes
                        ? *rows <= piece.rows + piece.rows / 4 || piece.rows == left
                        : piece.rows <= least;
        if (good || tries == 3) {
            break;
        }
        take_back(c, bytes);
    }
    if (c->max_bytes && bytes > c->max_bytes && piece.rows == 1 && pieces_left > left) {
        take_back(c, bytes);
        if (!add_columns(c, row, 1, bytes)) {
            return false;
        }
    }
    *rows = piece.rows;
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
    bool ok = protocol->pieces_begin(&c.pieces, &frame->error);
    int rows = max_bytes ? 1 : frame->rows;
    for (int row = 0; ok && row < frame->rows;) {
        int count = rows;
        ok = add_rows(&c, row, &count);
        row += count;
        rows = count;
    }
    protocol->pieces_end(&c.pieces);
    return ok;
}
