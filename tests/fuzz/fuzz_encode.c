/* Any picture in any pane by each protocol: what comes out is read back by a
 * decoder, has the size that was asked for and stays within the pane.
 *
 * options: -max_len=512 -len_control=0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/term/sixel/encode.h"
#include "../../src/term/sixel/quantize.h"
#include "base/mem.h"
#include "blocks_reader.h"
#include "graphics.h"
#include "pseudo.h"
#include "sixel_reader.h"
#include "source.h"
#include "term/frame.h"

#define SIDE_MAX 400 /* pixels of a picture */
#define PANE_MAX 600 /* pixels of a pane */
#define BAND 6       /* rows of sixel, which draws no fewer */

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return setenv("CMOCKA_TEST_ABORT", "1", 1);
}

/* ------------------------------------------------------------ what is tried */

/* Small ones are quick, and there the edges are. */
static int next_side(struct source *s)
{
    return next_within(s, 1, next(s) % 8 ? 40 : SIDE_MAX);
}

enum kind { NOISE, FLAT, GRADIENT, FEW, BYTES, KINDS };

static void fill_pixel(enum kind kind, const uint8_t bytes[24], int n, int x, int y,
                       uint64_t *random, uint8_t *p, int channels)
{
    for (int c = 0; c < channels; c++) {
        switch (kind) {
        case NOISE:
            p[c] = (uint8_t)pseudo_bits(random);
            break;
        case FLAT:
            p[c] = bytes[c];
            break;
        case GRADIENT:
            p[c] =
                (uint8_t)(bytes[c] + x * (int8_t)bytes[4 + c] / 16 + y * (int8_t)bytes[8 + c] / 16);
            break;
        case FEW:
            p[c] = bytes[(x / (1 + bytes[0] % 9) + y / (1 + bytes[1] % 9) * bytes[2]) % 5 * 4 + c];
            break;
        default:
            p[c] = bytes[(n * channels + c) % 24];
        }
    }
}

static enum kind make_picture(struct source *s, int channels, struct image *picture)
{
    enum kind kind = (enum kind)(next(s) % KINDS);
    int width = next_side(s);
    int height = next_side(s);
    uint8_t bytes[24];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)next(s);
    }
    uint64_t random = bytes[0];
    assert_true(image_init(picture, width, height, channels, NULL));
    for (int n = 0; n < width * height; n++) {
        int x = n % width, y = n / width;
        fill_pixel(kind, bytes, n, x, y, &random, image_at(picture, x, y), channels);
    }
    return kind;
}

static bool is_sixel(const struct protocol *p)
{
    return p == &protocol_sixel || p == &protocol_libsixel;
}

static struct frame_style make_style(struct source *s)
{
    static const int depths[] = { 1, 16, 256, 1 << 24 };
    struct frame_style style = { .enlarge = (enum enlarge)(next(s) % 3),
                                 .paper = next_within(s, 0, 0xFFFF) };
    struct pane *pane = &style.pane;
    size_t rows = 0;
    while (protocol_at(rows)) {
        rows++;
    }
    style.protocol = protocol_at(next(s) % rows);
    pane->cell_w = next_within(s, 1, next(s) % 2 ? 200 : 20);
    pane->cell_h = next_within(s, is_sixel(style.protocol) ? BAND : 1, next(s) % 2 ? 200 : 20);
    int most = next(s) % 8 ? 200 : PANE_MAX;
    pane->cols = next_within(s, 1, most / pane->cell_w);
    pane->rows = next_within(s, 1, most / pane->cell_h);
    pane->max_w = next(s) % 4 ? 0 : next_within(s, 1, PANE_MAX);
    pane->max_h = next(s) % 4 ? 0 : next_within(s, 1, PANE_MAX);
    pane->colors = depths[next(s) % ARRAY_LEN(depths)];
    pane->registers = next_within(s, 2, 256);
    pane->level = (enum level)(next(s) % LEVEL_COUNT);
    pane->tmux = next(s) % 2;
    pane->image_id = (uint32_t)next_within(s, 256, 0xFFFF) * (next(s) % 2 ? 256 : 1);
    style.max_bytes = next(s) % 2 ? 0 : (size_t)next_within(s, 1, 0xFFFF);
    return style;
}

/* -------------------------------------------------------- what is read back */

struct trial {
    struct frame_style style;
    struct frame frame;
    bool flat;
    uint8_t color[3]; /* when flat */
};

/* A picture of one colour stays that. */
static void check_color(const struct trial *t, const uint8_t *shown, int most)
{
    for (int c = 0; t->flat && c < 3; c++) {
        assert_true(abs(shown[c] - t->color[c]) <= most);
    }
}

static void check_file(const struct trial *t, const struct buf *file, int most)
{
    struct image got;
    struct image_info info;
    assert_true(image_decode_bytes(file->data, file->len, NULL, 0, 0, &got, &info, NULL));
    assert_string_equal(info.damage, "");
    assert_int_equal(got.width, t->frame.grid_w);
    assert_int_equal(got.height, t->frame.grid_h);
    check_color(t, image_at(&got, got.width / 2, got.height / 2), most);
    image_release(&got);
}

static void check_sixel(const struct trial *t)
{
    struct sixel_picture got = sixel_read(&t->frame.bytes);
    assert_int_equal(got.width, t->frame.grid_w);
    assert_in_range(got.height, t->frame.grid_h, t->frame.grid_h + BAND - 1);
    for (int y = 0; y < t->frame.grid_h; y++) {
        for (int x = 0; x < got.width; x++) {
            assert_true(got.pixels[y * got.width + x] < t->style.pane.registers);
            /* libsixel sorts colours at 5 bits a channel. */
            check_color(t, sixel_picture_at(&got, x, y),
                        t->style.protocol == &protocol_sixel ? 2 : 9);
        }
    }
    sixel_picture_free(&got);
}

static void check_kitty(const struct trial *t)
{
    struct kitty_command c;
    const struct frame *f = &t->frame;
    assert_int_equal(graphics_kitty(f->bytes.data, f->bytes.len, &c), f->bytes.len);
    assert_int_equal(c.id, t->style.pane.image_id);
    assert_true(c.action == 'T' && c.format == 100 && c.quiet == 2 && c.stays);
    assert_true(c.cols <= f->cols && c.rows <= f->rows);
    check_file(t, &c.data, 4);
    buf_release(&c.data);
}

static void check_cells(const struct trial *t, const struct buf *text, uint32_t id)
{
    int cols = t->frame.cols, rows = t->frame.rows;
    struct placeholder *cells = mem_array((size_t)cols * (size_t)rows, sizeof *cells);
    assert_non_null(cells);
    graphics_placeholders(text->data, text->len, cols, rows, cells);
    for (int i = 0; i < cols * rows; i++) {
        assert_true(cells[i].written && cells[i].id == id);
        assert_true(cells[i].row == i / cols && cells[i].col == i % cols);
    }
    free(cells);
}

static void check_placeholders(const struct trial *t)
{
    struct kitty_command c;
    struct buf outer = BUF_INIT, text = BUF_INIT;
    const struct frame *f = &t->frame;
    if (t->style.pane.tmux) {
        graphics_tmux(f->bytes.data, f->bytes.len, &outer, &text);
    } else {
        buf_add(&outer, f->bytes.data, f->bytes.len);
    }
    size_t end = graphics_kitty(outer.data, outer.len, &c);
    buf_add(&text, outer.data + end, outer.len - end);
    assert_true(c.action == 'T' && c.format == 100 && c.quiet == 2 && c.virtual);
    assert_true(c.cols == f->cols && c.rows == f->rows);
    check_file(t, &c.data, 4);
    check_cells(t, &text, c.id);
    buf_release(&c.data);
    buf_release(&outer);
    buf_release(&text);
}

static void check_iterm2(const struct trial *t)
{
    struct iterm2_file file;
    const struct frame *f = &t->frame;
    const struct pane *pane = &t->style.pane;
    assert_int_equal(graphics_iterm2(f->bytes.data, f->bytes.len, &file), f->bytes.len);
    assert_true(file.inlined && file.still && file.stretched);
    assert_int_equal((file.width + pane->cell_w - 1) / pane->cell_w, f->cols);
    assert_int_equal((file.height + pane->cell_h - 1) / pane->cell_h, f->rows);
    check_file(t, &file.data, 8);
    buf_release(&file.data);
}

static void check_blocks(const struct trial *t)
{
    struct blocks_screen screen;
    const struct frame *f = &t->frame;
    assert_null(memchr(f->bytes.data, 0, f->bytes.len));
    blocks_read(f->bytes.data, t->style.pane.colors, f->cols, f->rows, &screen);
    free(screen.rgb);
}

/* ---------------------------------------------------------------- the trials */

static void check_frame(const struct trial *t)
{
    const struct frame *f = &t->frame;
    const struct pane *pane = &t->style.pane;
    const struct protocol *p = t->style.protocol;
    assert_false(f->failed);
    assert_in_range(f->cols, 1, pane->cols);
    assert_in_range(f->rows, 1, pane->rows);
    assert_true(!p->wipe || f->wipe.len);
    /* No link is given fewer; the text of placeholders is what it is. */
    if (t->style.max_bytes >= 6144 && p != &protocol_placeholders) {
        assert_true(f->bytes.len <= t->style.max_bytes);
    }
    if (is_sixel(p)) {
        check_sixel(t);
    } else if (p == &protocol_kitty) {
        check_kitty(t);
    } else if (p == &protocol_placeholders) {
        check_placeholders(t);
    } else if (p == &protocol_iterm2) {
        check_iterm2(t);
    } else {
        assert_ptr_equal(p, &protocol_blocks);
        check_blocks(t);
    }
}

/* Now and then a region, the outline of which is not the picture's one colour. */
static struct region make_region(struct source *s, struct trial *t)
{
    struct region r = { 0 };
    if (next(s) % 4 == 0) {
        t->flat = false;
        r.x = next(s);
        r.y = next(s);
        r.width = next(s) + 1;
        r.height = next(s) + 1;
    }
    return r;
}

static void try_frame(struct source *s)
{
    struct image picture;
    struct trial t = { .style = make_style(s) };
    struct frame_view view = FRAME_VIEW_ALL;
    int channels = next(s) % 4 ? 3 : 4;
    if (next(s) % 4 == 0) {
        view.zoom = 1.0f + (float)next(s) / 16.0f;
        view.x = (float)next(s) / 255.0f;
        view.y = (float)next(s) / 255.0f;
    }
    t.flat = make_picture(s, channels, &picture) == FLAT && channels == 3;
    memcpy(t.color, picture.pixels, 3);
    struct region region = make_region(s, &t);
    t.frame.info.width = picture.width;
    t.frame.info.height = picture.height;
    frame_draw(&t.frame, &picture, &region, &t.style, view);
    check_frame(&t);
    frame_release(&t.frame);
    image_release(&picture);
}

static void check_exact(const uint8_t *indices, const struct image *picture,
                        const struct palette *palette)
{
    struct buf out = BUF_INIT;
    assert_true(
        sixel_encode_indexed(indices, picture->width, picture->height, palette, &out, NULL));
    struct sixel_picture got = sixel_read(&out);
    assert_int_equal(got.width, picture->width);
    assert_in_range(got.height, picture->height, picture->height + BAND - 1);
    for (int n = 0; n < picture->width * picture->height; n++) {
        const uint8_t *shown = sixel_picture_at(&got, n % picture->width, n / picture->width);
        assert_memory_equal(shown, palette->rgb[indices[n]], 3);
    }
    sixel_picture_free(&got);
    buf_release(&out);
}

/* The quantiser's colours to sixel and back, exactly. */
static void try_exact(struct source *s)
{
    struct quantize_options options = { .colors = next_within(s, 2, 256),
                                        .diffusion = next_within(s, 0, 256),
                                        .byte = next_within(s, 0, 1000),
                                        .share = next_within(s, 0, 100),
                                        .percent = next(s) % 4 != 0 };
    struct image picture;
    struct palette palette;
    make_picture(s, 3, &picture);
    size_t count = (size_t)picture.width * (size_t)picture.height;
    uint8_t *indices = mem_array(count, 1);
    assert_non_null(indices);
    assert_true(quantize_picture(&picture, &options, indices, &palette, NULL));
    assert_in_range(palette.count, 1, options.colors);
    for (size_t i = 0; i < count; i++) {
        assert_true(indices[i] < palette.count);
    }
    if (options.percent) {
        check_exact(indices, &picture, &palette);
    }
    free(indices);
    image_release(&picture);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source s = { data, size, 0 };
    if (next(&s) % 4 == 0) {
        try_exact(&s);
    } else {
        try_frame(&s);
    }
    return 0;
}
