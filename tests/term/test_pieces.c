/* Frames in pieces (C2): put together they are the frame that is drawn at once, and
 * none takes longer than it may. */
#include "term/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "graphics.h"
#include "image/decode.h"
#include "picture.h"
#include "pseudo.h"
#include "scratch.h"
#include "sixel_reader.h"

#define WIDTH 500
#define HEIGHT 380

static char *folder, *photo;

static int set_up(void **state)
{
    uint8_t *rgb = mem_array(WIDTH * HEIGHT, 3);
    struct buf file = BUF_INIT;
    uint64_t random = 5;
    (void)state;
    assert_non_null(rgb);
    for (size_t i = 0; i < WIDTH * HEIGHT * 3; i++) {
        size_t x = i / 3 % WIDTH, y = i / 3 / WIDTH;
        rgb[i] = (uint8_t)(x / 3 + (i % 3) * y / 4 + pseudo_bits(&random) % (1 + y / 8));
    }
    picture_ppm(&file, WIDTH, HEIGHT, rgb);
    folder = scratch_new();
    photo = scratch_path(folder, "photo.ppm");
    scratch_write(photo, file.data, file.len);
    buf_release(&file);
    free(rgb);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_remove(folder);
    free(photo);
    return 0;
}

static struct frame_style style_of(const struct protocol *protocol, int cell_w, int cell_h)
{
    return (struct frame_style){ .protocol = protocol,
                                 .enlarge = ENLARGE_SMOOTH,
                                 .pieces_most = PIECES_MOST,
                                 .pane = { .cols = 60,
                                           .rows = 20,
                                           .cell_w = cell_w,
                                           .cell_h = cell_h,
                                           .colors = 1 << 24,
                                           .registers = 256,
                                           .level = LEVEL_SLOW,
                                           .image_id = 777 } };
}

static struct frame_view with_effort(int effort)
{
    struct frame_view view = FRAME_VIEW_ALL;
    view.effort = effort;
    return view;
}

/* What a terminal makes of it. */
struct canvas {
    struct image image;
    uint8_t *times; /* by pixel: that it was drawn */
};

static void canvas_init(struct canvas *c, int width, int height)
{
    assert_true(image_init(&c->image, width, height, 3, NULL));
    c->times = mem_array((size_t)width, (size_t)height);
    assert_non_null(c->times);
    memset(c->times, 0, (size_t)width * (size_t)height);
}

static void canvas_release(struct canvas *c)
{
    image_release(&c->image);
    free(c->times);
}

static void canvas_set(struct canvas *c, int x, int y, const uint8_t *rgb)
{
    assert_in_range(x, 0, c->image.width - 1);
    assert_in_range(y, 0, c->image.height - 1);
    memcpy(image_at(&c->image, x, y), rgb, 3);
    c->times[(size_t)y * (size_t)c->image.width + (size_t)x]++;
}

static void paint_sixel(struct canvas *c, const struct buf *bytes, int x0, int y0)
{
    struct sixel_picture got = sixel_read(bytes);
    for (int y = 0; y < got.height && y0 + y < c->image.height; y++) {
        for (int x = 0; x < got.width; x++) {
            canvas_set(c, x0 + x, y0 + y, sixel_picture_at(&got, x, y));
        }
    }
    sixel_picture_free(&got);
}

static void paint_file(struct canvas *c, struct buf *file, int x0, int y0)
{
    struct image got;
    assert_true(image_decode_bytes(file->data, file->len, NULL, 0, 0, &got, NULL, NULL));
    for (int y = 0; y < got.height; y++) {
        for (int x = 0; x < got.width; x++) {
            canvas_set(c, x0 + x, y0 + y, image_at(&got, x, y));
        }
    }
    image_release(&got);
    buf_release(file);
}

static void paint(struct canvas *c, const struct protocol *p, const char *bytes, size_t len, int x,
                  int y)
{
    struct buf piece = BUF_INIT;
    buf_add(&piece, bytes, len);
    if (p == &protocol_sixel) {
        paint_sixel(c, &piece, x, y);
    } else if (p == &protocol_kitty) {
        struct kitty_command command;
        assert_int_equal(graphics_kitty(buf_text(&piece), len, &command), len);
        assert_true(command.stays);
        paint_file(c, &command.data, x, y);
    } else {
        struct iterm2_file file;
        assert_int_equal(graphics_iterm2(buf_text(&piece), len, &file), len);
        paint_file(c, &file.data, x, y);
    }
    buf_release(&piece);
}

/* All pieces of a frame, each at its cells. */
static void compose(struct canvas *c, const struct frame *f, const struct frame_style *style)
{
    size_t begin = 0;
    canvas_init(c, f->grid_w, f->grid_h);
    for (int i = 0; i < f->piece_count; i++) {
        const struct frame_piece *p = &f->pieces[i];
        assert_true(p->end > begin);
        paint(c, style->protocol, f->bytes.data + begin, p->end - begin,
              p->col * style->pane.cell_w, p->row * style->pane.cell_h);
        begin = p->end;
    }
    assert_int_equal(begin, f->bytes.len);
    for (int i = 0; i < f->grid_w * f->grid_h; i++) {
        assert_true(c->times[i] >= 1);
    }
}

static size_t longest_piece(const struct frame *f)
{
    size_t longest = 0;
    for (int i = 0; i < f->piece_count; i++) {
        size_t bytes = f->pieces[i].end - (i ? f->pieces[i - 1].end : 0);
        longest = bytes > longest ? bytes : longest;
    }
    return longest;
}

static double mean_difference(const struct image *a, const struct image *b)
{
    double sum = 0;
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->height, b->height);
    for (size_t i = 0; i < image_stride(a) * (size_t)a->height; i++) {
        sum += abs(a->pixels[i] - b->pixels[i]);
    }
    return sum / (double)(image_stride(a) * (size_t)a->height);
}

/* No seam is to be seen: with palettes, not a pixel is another one. */
static void test_C2_pieces_are_the_picture(void **state)
{
    static const struct {
        const struct protocol *protocol;
        int cell_w, cell_h;
        size_t max_bytes;
        double differs; /* on average, at most */
    } cases[] = {
        { &protocol_sixel, 6, 13, 7000, 0 },  { &protocol_sixel, 10, 20, 7000, 0 },
        { &protocol_sixel, 9, 17, 30000, 0 }, { &protocol_sixel, 9, 18, 0, 0 },
        { &protocol_kitty, 9, 17, 7000, 0 },  { &protocol_kitty, 10, 20, 0, 0 },
        { &protocol_iterm2, 9, 17, 7000, 5 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct frame_style style = style_of(cases[i].protocol, cases[i].cell_w, cases[i].cell_h);
        struct frame whole, frame;
        struct canvas want, got;
        frame_render(&whole, photo, &style, FRAME_VIEW_ALL);
        canvas_init(&want, whole.grid_w, whole.grid_h);
        paint(&want, style.protocol, whole.bytes.data, whole.bytes.len, 0, 0);
        style.max_bytes = cases[i].max_bytes;
        frame_render(&frame, photo, &style, with_effort(EFFORT_FULL));
        assert_false(frame.failed || frame.limited);
        assert_int_equal(frame.cols, whole.cols);
        assert_int_equal(frame.rows, whole.rows);
        compose(&got, &frame, &style);
        assert_true(mean_difference(&want.image, &got.image) <= cases[i].differs);
        if (style.max_bytes) {
            assert_in_range(frame.piece_count, 2, PIECES_MOST);
            assert_in_range(longest_piece(&frame), 1, style.max_bytes * 13 / 10);
        } else {
            assert_int_equal(frame.piece_count, 1);
        }
        canvas_release(&want);
        canvas_release(&got);
        frame_release(&whole);
        frame_release(&frame);
    }
}

/* Where so many are not to be had, as in xterm, they are larger. */
static void test_C2_no_more_pieces_than_may_be(void **state)
{
    (void)state;
    for (int most = 1; most < 30; most += 7) {
        struct frame_style style = style_of(&protocol_sixel, 6, 13);
        struct frame frame;
        struct canvas got;
        style.max_bytes = 3000;
        style.pieces_most = most;
        frame_render(&frame, photo, &style, with_effort(EFFORT_FULL));
        assert_in_range(frame.piece_count, 1, most);
        compose(&got, &frame, &style);
        canvas_release(&got);
        frame_release(&frame);
    }
}

/* Text blocks: every cell, once. */
static void test_C2_pieces_of_blocks(void **state)
{
    struct frame_style style = style_of(&protocol_blocks, 10, 20);
    struct frame frame;
    int cells = 0, next_row = 0;

    (void)state;
    style.max_bytes = 2000;
    frame_render(&frame, photo, &style, with_effort(EFFORT_FULL));
    assert_in_range(frame.piece_count, 4, PIECES_MOST);
    assert_in_range(longest_piece(&frame), 1, style.max_bytes);
    for (int i = 0; i < frame.piece_count; i++) {
        assert_true(frame.pieces[i].row >= next_row);
        next_row = frame.pieces[i].row;
    }
    for (size_t at = 0; at < frame.bytes.len; at++) { /* each line of each piece ends so */
        cells += at + 3 < frame.bytes.len && memcmp(frame.bytes.data + at, "\033[B", 3) == 0;
    }
    assert_true(cells >= frame.rows - 1);
    frame_release(&frame);
}

/* All are taken off again. */
static void test_C2_all_pieces_are_wiped(void **state)
{
    struct frame_style style = style_of(&protocol_kitty, 10, 20);
    struct frame frame;
    size_t deleted = 0;

    (void)state;
    style.max_bytes = 7000;
    frame_render(&frame, photo, &style, with_effort(EFFORT_FULL));
    for (size_t at = 0; at < frame.wipe.len;) {
        struct kitty_command command;
        at += graphics_kitty(buf_text(&frame.wipe) + at, frame.wipe.len - at, &command);
        assert_int_equal(command.action, 'd');
        assert_int_equal(command.id, 777 + deleted);
        deleted++;
        buf_release(&command.data);
    }
    assert_int_equal(deleted, 1 + (size_t)frame.piece_count);
    frame_release(&frame);
}

/* Protocols without pieces get more bytes with each step, up to what they need. */
static void test_C2_without_pieces_it_grows(void **state)
{
    (void)state;
    for (int tmux = 0; tmux < 2; tmux++) {
        struct frame_style style =
            style_of(tmux ? &protocol_placeholders : &protocol_libsixel, 10, 20);
        int before = 0;
        style.pane.tmux = tmux != 0;
        style.max_bytes = 8000;
        for (int effort = EFFORT_NONE; effort < EFFORT_QUALITY; effort++) {
            struct frame frame;
            frame_render(&frame, photo, &style, with_effort(effort));
            assert_int_equal(frame.piece_count, 0);
            assert_true(frame.grid_w >= before);
            assert_true(effort || frame.limited);
            before = frame.grid_w;
            if (effort == EFFORT_QUALITY - 1) {
                assert_false(frame.limited);
            }
            frame_release(&frame);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_C2_pieces_are_the_picture),
        cmocka_unit_test(test_C2_no_more_pieces_than_may_be),
        cmocka_unit_test(test_C2_pieces_of_blocks),
        cmocka_unit_test(test_C2_all_pieces_are_wiped),
        cmocka_unit_test(test_C2_without_pieces_it_grows),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
