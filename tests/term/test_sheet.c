/* Sheets of thumbnails: where each is, what is in it, and how many bytes they take. */
#include "term/frames.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/scheduler.h"
#include "picture.h"
#include "pseudo.h"
#include "scratch.h"
#include "sixel_reader.h"

#define PICTURES 12
#define BROKEN 5 /* of these, one is no picture */
#define SHEET 0x80000001u

static char *folder;
static char *paths[PICTURES];
static char *noisy; /* nothing that few bytes could hold */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int wakes;
} woken = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0 };

/* Picture i is of one colour, wide if i is even, else high. */
static const uint8_t *color_of(int i)
{
    static uint8_t rgb[3];
    rgb[0] = (uint8_t)(20 + 18 * i);
    rgb[1] = (uint8_t)(240 - 16 * i);
    rgb[2] = (uint8_t)(i % 3 * 90);
    return rgb;
}

static void write_noise(const char *path)
{
    static uint8_t rgb[120 * 90 * 3];
    struct buf file = BUF_INIT;
    uint64_t random = 3;
    for (size_t p = 0; p < sizeof rgb; p++) {
        rgb[p] = (uint8_t)pseudo_bits(&random);
    }
    picture_ppm(&file, 120, 90, rgb);
    scratch_write(path, file.data, file.len);
    buf_release(&file);
}

static int set_up(void **state)
{
    (void)state;
    folder = scratch_new();
    for (int i = 0; i < PICTURES; i++) {
        char name[16];
        struct buf file = BUF_INIT;
        static uint8_t rgb[120 * 90 * 3];
        snprintf(name, sizeof name, "%02d.ppm", i);
        for (size_t p = 0; p < sizeof rgb; p++) {
            rgb[p] = color_of(i)[p % 3];
        }
        picture_ppm(&file, i % 2 ? 90 : 120, i % 2 ? 120 : 90, rgb);
        paths[i] = scratch_path(folder, name);
        if (i == BROKEN) {
            scratch_write(paths[i], "no picture", 10);
        } else {
            scratch_write(paths[i], file.data, file.len);
        }
        buf_release(&file);
    }
    noisy = scratch_path(folder, "noisy.ppm");
    write_noise(noisy);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(noisy);
    for (int i = 0; i < PICTURES; i++) {
        free(paths[i]);
    }
    scratch_remove(folder);
    return 0;
}

static void wake(void *context)
{
    (void)context;
    pthread_mutex_lock(&woken.lock);
    woken.wakes++;
    pthread_cond_broadcast(&woken.changed);
    pthread_mutex_unlock(&woken.lock);
}

/* 4 x 3 boxes of 10 x 5 cells, one column and one row apart. */
static const struct sheet_grid grid = { .across = 4,
                                        .down = 3,
                                        .row = 1,
                                        .col = 2,
                                        .box_rows = 5,
                                        .box_cols = 10,
                                        .row_pitch = 6,
                                        .col_pitch = 11 };

static struct frame_style style_of(const struct protocol *protocol, size_t max_bytes)
{
    return (struct frame_style){ .protocol = protocol,
                                 .enlarge = ENLARGE_SMOOTH,
                                 .max_bytes = max_bytes,
                                 .pieces_most = 14,
                                 .pane = { .cols = 48,
                                           .rows = 20,
                                           .cell_w = 8,
                                           .cell_h = 16,
                                           .colors = 1 << 24,
                                           .registers = 256,
                                           .level = LEVEL_DEFAULT,
                                           .image_id = 777 } };
}

struct desk {
    struct scheduler *scheduler;
    struct frames *frames;
    const struct frame *frame;
};

/* only: the path of all of them; NULL: each has its own. */
static void want(struct frames *f, size_t count, const char *only, struct frame_view view)
{
    struct sheet_item items[PICTURES];
    struct sheet sheet = { .grid = grid, .background = 0x102030, .count = count, .items = items };
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct sheet_item){ only ? only : paths[i], { 0 } };
    }
    struct frame_request request = { SHEET, paths[0], { 0 }, view, &sheet };
    assert_true(frames_want(f, &request, 1));
}

static const struct frame *get(struct frames *f, struct frame_view view)
{
    struct timespec until;
    const struct frame *frame;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 60;
    for (;;) {
        pthread_mutex_lock(&woken.lock);
        int wakes = woken.wakes;
        pthread_mutex_unlock(&woken.lock);
        if ((frame = frames_get(f, SHEET, view))) {
            return frame;
        }
        pthread_mutex_lock(&woken.lock);
        while (woken.wakes == wakes) {
            assert_int_equal(pthread_cond_timedwait(&woken.changed, &woken.lock, &until), 0);
        }
        pthread_mutex_unlock(&woken.lock);
    }
}

static struct desk render_only(const struct frame_style *style, size_t count, const char *only,
                               int effort)
{
    struct error err;
    struct frame_view view = FRAME_VIEW_ALL;
    struct desk d = { .scheduler = scheduler_new(1, &err) };
    assert_non_null(d.scheduler);
    d.frames = frames_new(d.scheduler, 64 << 20, NULL, wake, NULL, &err);
    assert_non_null(d.frames);
    view.effort = effort;
    frames_set_style(d.frames, style);
    want(d.frames, count, only, view);
    d.frame = get(d.frames, view);
    assert_false(d.frame->failed);
    return d;
}

static struct desk render(const struct frame_style *style, size_t count, int effort)
{
    return render_only(style, count, NULL, effort);
}

static void put_away(struct desk *d)
{
    frames_unpin(d->frames, d->frame);
    frames_free(d->frames);
    scheduler_free(d->scheduler);
}

static struct buf piece_of(const struct frame *frame, int i)
{
    struct buf piece = BUF_INIT;
    size_t begin = i ? frame->pieces[i - 1].end : 0;
    buf_add(&piece, frame->bytes.data + begin, frame->pieces[i].end - begin);
    assert_false(piece.failed);
    return piece;
}

static bool is_near(const uint8_t *a, const uint8_t *b)
{
    return abs(a[0] - b[0]) < 8 && abs(a[1] - b[1]) < 8 && abs(a[2] - b[2]) < 8;
}

/* In sixel, a row of thumbnails is one picture, each at the foot of its box and in its
 * middle; the background is around them. */
static void test_sixel_rows(void **state)
{
    static const uint8_t background[3] = { 0x10, 0x20, 0x30 };
    struct frame_style style = style_of(&protocol_sixel, 0);
    struct desk d = render(&style, PICTURES, EFFORT_NONE);
    (void)state;
    assert_true(d.frame->together);
    assert_int_equal(d.frame->piece_count, 3);
    assert_int_equal(d.frame->missing, 1 << BROKEN);
    for (int row = 0; row < 3; row++) {
        struct buf bytes = piece_of(d.frame, row);
        struct sixel_picture picture = sixel_read(&bytes);
        assert_int_equal(d.frame->pieces[row].row, 1 + 6 * row);
        assert_int_equal(d.frame->pieces[row].col, 2);
        assert_int_equal(picture.width, 43 * 8);
        assert_int_equal(picture.height, 78); /* 80, in bands of six */
        for (int col = 0; col < 4; col++) {
            int i = 4 * row + col, left = 88 * col, middle = left + 40;
            if (i == BROKEN) {
                assert_false(is_near(sixel_picture_at(&picture, middle, 40), background));
                continue;
            }
            assert_true(is_near(sixel_picture_at(&picture, middle, 40), color_of(i)));
            assert_true(is_near(sixel_picture_at(&picture, middle, 77), color_of(i)));
            bool high = i % 2; /* 58 x 78, and 80 x 60 pixels */
            assert_true(
                is_near(sixel_picture_at(&picture, middle, 8), high ? color_of(i) : background));
            assert_true(
                is_near(sixel_picture_at(&picture, left + 5, 60), high ? background : color_of(i)));
            if (col < 3) {
                assert_true(is_near(sixel_picture_at(&picture, left + 84, 60), background));
            }
        }
        sixel_picture_free(&picture);
        buf_release(&bytes);
    }
    put_away(&d);
}

/* Where a terminal takes no such wide picture, a row is several. */
static void test_widest_picture(void **state)
{
    struct frame_style style = style_of(&protocol_sixel, 0);
    style.pane.max_w = 200;
    struct desk d = render(&style, PICTURES, EFFORT_NONE);
    (void)state;
    assert_int_equal(d.frame->piece_count, 6);
    for (int i = 0; i < 6; i++) {
        struct buf bytes = piece_of(d.frame, i);
        struct sixel_picture picture = sixel_read(&bytes);
        assert_in_range(picture.width, 1, 200);
        assert_int_equal(d.frame->pieces[i].col, 2 + i % 2 * 22);
        sixel_picture_free(&picture);
        buf_release(&bytes);
    }
    put_away(&d);
}

/* In the other protocols each is a picture of its own, within its box. */
static void test_pictures_of_their_own(void **state)
{
    static const struct protocol *const protocols[] = { &protocol_kitty, &protocol_placeholders,
                                                        &protocol_iterm2, &protocol_blocks };
    (void)state;
    for (size_t p = 0; p < ARRAY_LEN(protocols); p++) {
        struct frame_style style = style_of(protocols[p], 0);
        struct desk d = render(&style, PICTURES - 1, EFFORT_NONE);
        assert_int_equal(d.frame->piece_count, PICTURES - 1);
        assert_true(d.frame->together);
        assert_int_equal(d.frame->rows, 20);
        assert_int_equal(d.frame->cols, 48);
        for (int i = 0; i < d.frame->piece_count; i++) {
            const struct frame_piece *piece = &d.frame->pieces[i];
            int row = 1 + 6 * (i / 4), col = 2 + 11 * (i % 4);
            assert_in_range(piece->row, row, row + 4);
            assert_in_range(piece->col, col, col + 9);
            if (i % 2 && i != BROKEN) { /* high: as high as its box, and in the middle */
                assert_int_equal(piece->row, row);
                assert_in_range(piece->col, col + 1, col + 2);
            } else if (i % 2 == 0) { /* wide: 80 x 60 pixels, at the foot */
                assert_int_equal(piece->row, row + 1);
                assert_int_equal(piece->col, col);
            }
        }
        put_away(&d);
    }
}

/* Each of kitty's has a name of its own, and all are wiped. */
static void test_kitty_names(void **state)
{
    struct frame_style style = style_of(&protocol_kitty, 0);
    struct desk d = render(&style, 3, EFFORT_NONE);
    struct buf wipe = BUF_INIT;
    (void)state;
    buf_add(&wipe, d.frame->wipe.data, d.frame->wipe.len);
    for (int i = 0; i < 3; i++) {
        char name[32], deleted[32];
        struct buf piece = piece_of(d.frame, i);
        snprintf(name, sizeof name, "i=%d,", 778 + i);
        snprintf(deleted, sizeof deleted, "i=%d", 778 + i);
        assert_non_null(strstr(buf_text(&piece), name));
        assert_non_null(strstr(buf_text(&wipe), deleted));
        buf_release(&piece);
    }
    buf_release(&wipe);
    put_away(&d);
}

/* A limit of bytes is kept, whatever the protocol; then the same comes in pieces, or better. */
static void test_limit_and_pieces(void **state)
{
    static const struct protocol *const protocols[] = { &protocol_sixel, &protocol_kitty,
                                                        &protocol_iterm2, &protocol_blocks };
    (void)state;
    for (size_t p = 0; p < ARRAY_LEN(protocols); p++) {
        struct frame_style style = style_of(protocols[p], 0);
        struct desk whole = render_only(&style, PICTURES, noisy, EFFORT_NONE);
        assert_false(whole.frame->limited);
        style.max_bytes = whole.frame->bytes.len / 2;
        struct desk limited = render_only(&style, PICTURES, noisy, EFFORT_NONE);
        assert_true(limited.frame->limited);
        assert_in_range(limited.frame->bytes.len, 1, style.max_bytes);
        struct desk pieces = render_only(&style, PICTURES, noisy, EFFORT_FULL);
        assert_int_equal(frame_in_pieces(pieces.frame), protocols[p]->piece != NULL);
        assert_int_equal(pieces.frame->cols, limited.frame->cols);
        put_away(&whole);
        put_away(&limited);
        put_away(&pieces);
    }
}

/* A change of any of its files makes it stale. */
static void test_changed_file(void **state)
{
    struct frame_style style = style_of(&protocol_kitty, 0);
    struct desk d = render(&style, PICTURES, EFFORT_NONE);
    (void)state;
    assert_int_equal(d.frame->missing, 1 << BROKEN);
    frames_unpin(d.frames, d.frame);
    size_t len;
    char *copy = scratch_read(paths[0], &len);
    char *before = scratch_read(paths[BROKEN], NULL);
    scratch_write(paths[BROKEN], copy, len);
    assert_null(frames_get(d.frames, SHEET, FRAME_VIEW_ALL));
    d.frame = get(d.frames, FRAME_VIEW_ALL);
    assert_int_equal(d.frame->missing, 0);
    put_away(&d);
    scratch_write(paths[BROKEN], before, strlen(before));
    free(before);
    free(copy);
}

/* Without pictures it is nothing but its facts. */
static void test_no_protocol(void **state)
{
    struct frame_style style = style_of(NULL, 0);
    struct desk d = render(&style, PICTURES, EFFORT_NONE);
    (void)state;
    assert_int_equal(d.frame->bytes.len, 0);
    assert_int_equal(d.frame->piece_count, 0);
    put_away(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sixel_rows),       cmocka_unit_test(test_widest_picture),
        cmocka_unit_test(test_kitty_names),      cmocka_unit_test(test_pictures_of_their_own),
        cmocka_unit_test(test_limit_and_pieces), cmocka_unit_test(test_changed_file),
        cmocka_unit_test(test_no_protocol),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
