#include "term/frames.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "image/encode.h"
#include "picture.h"
#include "scratch.h"

#define PICTURES 40
#define FRAME_BYTES 65536u
#define LOG_MAX 256

/* Pictures 0 to PICTURES-1 are of one colour each, whose red is the number, so
 * that the encoder below can tell which one it has. */
static struct {
    char *folder;
    char *paths[PICTURES];
    struct scheduler *scheduler;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    int log[LOG_MAX]; /* pictures in the order in which they were encoded */
    int begun, finished, wakes;
    int allowed; /* encodings that may begin */
} stage;

static void lock(void)
{
    pthread_mutex_lock(&stage.lock);
}

static void unlock(void)
{
    pthread_cond_broadcast(&stage.changed);
    pthread_mutex_unlock(&stage.lock);
}

/* Waits until the number has been reached. */
static void wait_for(const int *number, int at_least)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 60;
    lock();
    while (*number < at_least && pthread_cond_timedwait(&stage.changed, &stage.lock, &until) == 0) {
    }
    int reached = *number;
    unlock();
    assert_true(reached >= at_least);
}

static void allow(int more)
{
    lock();
    stage.allowed += more;
    unlock();
}

static void wake(void *context)
{
    (void)context;
    lock();
    stage.wakes++;
    unlock();
}

static void grid(const struct pane *pane, int w, int h, int *grid_w, int *grid_h)
{
    (void)pane;
    *grid_w = w;
    *grid_h = h;
}

static void cells(const struct pane *pane, int w, int h, int grid_w, int grid_h, int *cols,
                  int *rows)
{
    (void)w;
    (void)h;
    *cols = grid_w / pane->cell_w + 1;
    *rows = grid_h / pane->cell_h + 1;
}

static bool encode(const struct image *picture, const struct pane *pane, int w, int h,
                   struct buf *out, struct error *err)
{
    char text[64];

    (void)w;
    (void)h;
    lock();
    if (stage.begun < LOG_MAX) {
        stage.log[stage.begun] = picture->pixels[0];
    }
    stage.begun++;
    pthread_cond_broadcast(&stage.changed);
    while (stage.allowed <= 0) {
        pthread_cond_wait(&stage.changed, &stage.lock);
    }
    stage.allowed--;
    stage.finished++;
    unlock();
    snprintf(text, sizeof text, "picture %d, %d colors, centre %d", picture->pixels[0],
             pane->colors, image_at(picture, picture->width / 2, picture->height / 2)[1]);
    if (!buf_reserve(out, FRAME_BYTES)) {
        return error_nomem(err, FRAME_BYTES, "a frame");
    }
    buf_adds(out, text);
    return picture->pixels[0] != 39 || error_set(err, ERROR_IO, "39 cannot be drawn");
}

static const struct protocol test_protocol = {
    .name = "test", .text = "for tests", .grid = grid, .encode = encode, .cells = cells
};

static struct frame_style style_of(int colors)
{
    return (struct frame_style){
        .protocol = &test_protocol,
        .pane = { .cols = 10, .rows = 5, .cell_w = 2, .cell_h = 4, .colors = colors },
        .enlarge = ENLARGE_NO,
    };
}

static int setup(void **state)
{
    (void)state;
    stage.folder = scratch_new();
    pthread_mutex_init(&stage.lock, NULL);
    pthread_cond_init(&stage.changed, NULL);
    for (int i = 0; i < PICTURES; i++) {
        struct buf out = BUF_INIT;
        uint8_t rgb[8 * 8 * 3];
        char name[32];
        for (int p = 0; p < 8 * 8; p++) { /* green is the column, blue the row */
            rgb[3 * p] = (uint8_t)i;
            rgb[3 * p + 1] = (uint8_t)(p % 8 * 30);
            rgb[3 * p + 2] = (uint8_t)(p / 8 * 30);
        }
        snprintf(name, sizeof name, "%d.ppm", i);
        stage.paths[i] = scratch_path(stage.folder, name);
        picture_ppm(&out, 8, 8, rgb);
        scratch_write(stage.paths[i], out.data, out.len);
        buf_release(&out);
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (int i = 0; i < PICTURES; i++) {
        free(stage.paths[i]);
    }
    scratch_remove(stage.folder);
    return 0;
}

static int reset(void **state)
{
    (void)state;
    stage.begun = stage.finished = stage.wakes = 0;
    stage.allowed = 1000000;
    return 0;
}

/* With a scheduler of so many workers. */
static struct frames *start_with(size_t workers, size_t bytes, struct picture_cache *pictures)
{
    stage.scheduler = scheduler_new(workers, NULL);
    assert_non_null(stage.scheduler);
    struct frames *f = frames_new(stage.scheduler, bytes, pictures, wake, NULL, NULL);
    assert_non_null(f);
    return f;
}

static struct frames *start(size_t workers, size_t bytes)
{
    struct frame_style style = style_of(256);
    struct frames *f = start_with(workers, bytes, NULL);

    frames_set_style(f, &style);
    return f;
}

static void stop(struct frames *f)
{
    frames_free(f);
    scheduler_free(stage.scheduler);
}

/* Wants the pictures whose numbers are given, up to a -1. */
static void want(struct frames *f, const int *numbers)
{
    struct frame_request requests[PICTURES];
    size_t n = 0;

    for (; numbers[n] >= 0; n++) {
        requests[n] = (struct frame_request){
            (uint32_t)numbers[n], stage.paths[numbers[n]], { 0 }, FRAME_VIEW_ALL, NULL
        };
    }
    assert_true(frames_want(f, requests, n));
}

#define WANT(f, ...) want(f, (const int[]){ __VA_ARGS__, -1 })

static bool has(struct frames *f, int number)
{
    const struct frame *frame = frames_get(f, (uint32_t)number, FRAME_VIEW_ALL);

    frames_unpin(f, frame);
    return frame != NULL;
}

static void test_wanted_ones_are_made(void **state)
{
    struct frames *f = start(3, 64 << 20);

    (void)state;
    assert_null(frames_get(f, 2, FRAME_VIEW_ALL));
    WANT(f, 0, 1, 2, 3, 4);
    wait_for(&stage.wakes, 5);
    for (int i = 0; i < 5; i++) {
        char text[64];
        const struct frame *frame = frames_get(f, (uint32_t)i, FRAME_VIEW_ALL);
        assert_non_null(frame);
        assert_false(frame->failed);
        snprintf(text, sizeof text, "picture %d, 256 colors, centre 120", i);
        assert_string_equal(buf_text(&frame->bytes), text);
        assert_int_equal(frame->info.width, 8);
        assert_int_equal(frame->grid_w, 8);
        assert_int_equal(frame->cols, 5);
        frames_unpin(f, frame);
    }
    assert_null(frames_get(f, 5, FRAME_VIEW_ALL));
    /* What is there is not made again. */
    WANT(f, 4, 3, 5);
    wait_for(&stage.wakes, 6);
    assert_int_equal(stage.begun, 6);
    stop(f);
}

static void test_most_urgent_first(void **state)
{
    static const int order[] = { 9, 3, 1, 2 };
    struct frames *f;

    (void)state;
    stage.allowed = 0;
    f = start(1, 64 << 20);
    WANT(f, 9, 8, 7);
    wait_for(&stage.begun, 1);
    WANT(f, 5, 6);
    WANT(f, 3, 1, 2); /* 8, 7, 5 and 6 are no longer wanted */
    allow(4);
    wait_for(&stage.wakes, 4);
    assert_memory_equal(stage.log, order, sizeof order);
    assert_int_equal(stage.begun, 4);
    assert_true(has(f, 9)); /* it had been begun */
    stop(f);
}

/* Two workers never make the same picture. */
static void test_none_is_made_twice(void **state)
{
    struct frames *f;

    (void)state;
    stage.allowed = 0;
    f = start(2, 64 << 20);
    WANT(f, 1);
    wait_for(&stage.begun, 1);
    WANT(f, 1, 2);
    wait_for(&stage.begun, 2);
    allow(2);
    wait_for(&stage.wakes, 2);
    assert_int_equal(stage.log[0] + stage.log[1], 3);
    stop(f);
}

static void test_limit_is_kept(void **state)
{
    size_t limit = 5 * (FRAME_BYTES + 4096);
    struct frames *f = start(1, limit);

    (void)state;
    WANT(f, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    wait_for(&stage.wakes, 6);
    assert_true(frames_bytes(f) <= limit);
    for (int i = 0; i < 5; i++) { /* the most urgent ones stay */
        assert_true(has(f, i));
    }
    /* It is seen that there is no room: the others are not made in vain. */
    WANT(f, 0, 1, 2, 3, 4, 20);
    wait_for(&stage.wakes, 7);
    assert_int_equal(stage.begun, 7);
    /* What is not wanted makes room for what is. */
    WANT(f, 20, 21, 22);
    wait_for(&stage.wakes, 10);
    assert_true(has(f, 20) && has(f, 21) && has(f, 22));
    assert_true(frames_bytes(f) <= limit);
    stop(f);
}

/* Of what is not wanted any more, that which was looked at last stays longest;
 * and it never stays in place of what is wanted. */
static void test_who_has_to_go(void **state)
{
    struct frames *f = start(1, 5 * (FRAME_BYTES + 4096));

    (void)state;
    WANT(f, 0, 1, 2, 3);
    wait_for(&stage.wakes, 4);
    WANT(f, 4, 5);
    wait_for(&stage.wakes, 6); /* 0 went */
    assert_true(has(f, 4) && has(f, 5));
    assert_false(has(f, 0));
    assert_true(has(f, 2) && has(f, 3) && has(f, 1)); /* 1 was looked at last, now */
    WANT(f, 4, 5, 6, 7);
    wait_for(&stage.wakes, 8);
    assert_true(has(f, 4) && has(f, 5) && has(f, 6) && has(f, 7));
    assert_true(has(f, 1));
    stop(f);
}

/* However small the memory, the picture wanted first is made and stays. */
static void test_first_one_is_always_made(void **state)
{
    struct frames *f = start(2, 1000);

    (void)state;
    for (int i = 0; i < 10; i++) {
        int wakes = stage.wakes;
        WANT(f, i, i + 1);
        while (!has(f, i)) {
            wait_for(&stage.wakes, ++wakes);
        }
    }
    const struct frame *shown = frames_get(f, 9, FRAME_VIEW_ALL);
    assert_non_null(shown);
    WANT(f, 20, 21); /* while what is shown takes all the memory */
    int wakes = 0;
    while (!has(f, 20)) {
        wait_for(&stage.wakes, ++wakes);
    }
    frames_unpin(f, shown);
    stop(f);
}

static void test_pinned_ones_stay(void **state)
{
    size_t limit = 3 * (FRAME_BYTES + 4096);
    struct frames *f = start(1, limit);
    const struct frame *pinned[2];

    (void)state;
    WANT(f, 0);
    wait_for(&stage.wakes, 1);
    pinned[0] = frames_get(f, 0, FRAME_VIEW_ALL);
    pinned[1] = frames_get(f, 0, FRAME_VIEW_ALL);
    assert_ptr_equal(pinned[0], pinned[1]);
    WANT(f, 1, 2, 3, 4, 5, 6);
    wait_for(&stage.wakes, 4);
    struct frame_style style = style_of(16);
    frames_set_style(f, &style);
    frames_forget(f, 0);
    assert_string_equal(buf_text(&pinned[0]->bytes), "picture 0, 256 colors, centre 120");
    assert_null(frames_get(f, 0, FRAME_VIEW_ALL));
    frames_unpin(f, pinned[0]);
    assert_string_equal(buf_text(&pinned[1]->bytes), "picture 0, 256 colors, centre 120");
    frames_unpin(f, pinned[1]);
    stop(f);
}

static void set_colors(struct frames *f, int colors)
{
    struct frame_style style;

    memset(&style, colors, sizeof style); /* what is between the fields does not count */
    struct frame_style fields = style_of(colors);
    style.protocol = fields.protocol;
    style.pane.cols = fields.pane.cols;
    style.pane.rows = fields.pane.rows;
    style.pane.cell_w = fields.pane.cell_w;
    style.pane.cell_h = fields.pane.cell_h;
    style.pane.max_w = fields.pane.max_w;
    style.pane.max_h = fields.pane.max_h;
    style.pane.colors = fields.pane.colors;
    style.pane.registers = fields.pane.registers;
    style.pane.level = fields.pane.level;
    style.pane.tmux = fields.pane.tmux;
    style.pane.image_id = fields.pane.image_id;
    style.pane.grounded = fields.pane.grounded;
    style.pane.ground = fields.pane.ground;
    style.enlarge = fields.enlarge;
    style.paper = fields.paper;
    style.pieces_most = fields.pieces_most;
    style.max_bytes = fields.max_bytes;
    style.most_bytes = fields.most_bytes;
    frames_set_style(f, &style);
}

static void assert_shows(struct frames *f, int number, const char *text)
{
    const struct frame *frame = frames_get(f, (uint32_t)number, FRAME_VIEW_ALL);

    assert_non_null(frame);
    assert_string_equal(buf_text(&frame->bytes), text);
    frames_unpin(f, frame);
}

/* Each style has frames of its own, which are there when it comes back. */
static void test_styles(void **state)
{
    struct frames *f;

    (void)state;
    stage.allowed = 0;
    f = start(1, 64 << 20);
    WANT(f, 0, 1);
    wait_for(&stage.begun, 1);
    set_colors(f, 16); /* while 0 is being made in the old one */
    assert_false(has(f, 0));
    WANT(f, 0, 1);
    allow(3);
    wait_for(&stage.wakes, 3);
    assert_shows(f, 0, "picture 0, 16 colors, centre 120");
    assert_shows(f, 1, "picture 1, 16 colors, centre 120");
    set_colors(f, 256);
    assert_shows(f, 0, "picture 0, 256 colors, centre 120");
    assert_false(has(f, 1));
    allow(2);
    WANT(f, 0, 1);
    wait_for(&stage.wakes, 4);
    assert_int_equal(stage.begun, 4); /* 0 not again */
    assert_shows(f, 1, "picture 1, 256 colors, centre 120");
    set_colors(f, 16);
    assert_shows(f, 0, "picture 0, 16 colors, centre 120");
    assert_true(frames_bytes(f) > 4 * FRAME_BYTES);
    stop(f);
}

/* Any field makes another style. */
static void test_style_fields(void **state)
{
    struct frame_style a = style_of(16);
    struct frame_style styles[17];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(styles); i++) {
        styles[i] = a;
        assert_true(frame_style_same(&a, &styles[i]));
    }
    styles[0].protocol = NULL;
    styles[1].pane.cols++;
    styles[2].pane.rows++;
    styles[3].pane.cell_w++;
    styles[4].pane.cell_h++;
    styles[5].pane.max_w++;
    styles[6].pane.max_h++;
    styles[7].pane.colors++;
    styles[8].pane.registers++;
    styles[9].pane.level++;
    styles[10].pane.tmux = true;
    styles[11].pane.image_id++;
    styles[12].enlarge = ENLARGE_SHARP;
    styles[13].paper++;
    styles[14].max_bytes++;
    styles[15].most_bytes++;
    styles[16].pieces_most++;
    for (size_t i = 0; i < ARRAY_LEN(styles); i++) {
        assert_false(frame_style_same(&a, &styles[i]));
    }
}

/* What is of another style goes before anything of the one in force. */
static void test_other_styles_go_first(void **state)
{
    struct frames *f = start(1, 4 * (FRAME_BYTES + 4096));

    (void)state;
    WANT(f, 0, 1);
    wait_for(&stage.wakes, 2);
    set_colors(f, 16);
    WANT(f, 2, 3);
    wait_for(&stage.wakes, 4);
    set_colors(f, 256);
    assert_true(has(f, 0)); /* used later than 2 and 3 */
    set_colors(f, 16);
    WANT(f, 4); /* 2 and 3 are not wanted any more, but 1 goes */
    wait_for(&stage.wakes, 5);
    assert_true(has(f, 2) && has(f, 3) && has(f, 4));
    set_colors(f, 256);
    assert_true(has(f, 0));
    assert_false(has(f, 1));
    set_colors(f, 16);
    WANT(f, 5, 6); /* 0, then 2 */
    wait_for(&stage.wakes, 7);
    assert_false(has(f, 2));
    assert_true(has(f, 3) && has(f, 4));
    stop(f);
}

/* Writes picture `shade` in place of picture `number`. */
static void change_picture(int number, int shade, int side)
{
    struct buf out = BUF_INIT;
    uint8_t rgb[9 * 9 * 3];

    memset(rgb, shade, sizeof rgb);
    picture_ppm(&out, side, side, rgb);
    assert_int_equal(unlink(stage.paths[number]), 0); /* another inode, or at least time */
    scratch_write(stage.paths[number], out.data, out.len);
    buf_release(&out);
}

/* A file that has changed is seen when its picture comes up again, and only then. */
static void test_changed_files(void **state)
{
    struct frames *f = start(1, 64 << 20);

    (void)state;
    WANT(f, 30, 31);
    wait_for(&stage.wakes, 2);
    const struct frame *up = frames_get(f, 30, FRAME_VIEW_ALL);
    assert_non_null(up);
    change_picture(30, 77, 9);
    assert_ptr_equal(frames_get(f, 30, FRAME_VIEW_ALL), up); /* it is on the screen */
    frames_unpin(f, up);
    frames_unpin(f, up);
    assert_null(frames_get(f, 30, FRAME_VIEW_ALL));
    wait_for(&stage.wakes, 3); /* wanted as it was, it is made anew */
    assert_shows(f, 30, "picture 77, 256 colors, centre 77");
    assert_true(has(f, 31));
    assert_int_equal(stage.begun, 3);

    assert_int_equal(unlink(stage.paths[31]), 0); /* now it is gone */
    assert_null(frames_get(f, 31, FRAME_VIEW_ALL));
    wait_for(&stage.wakes, 4);
    const struct frame *gone = frames_get(f, 31, FRAME_VIEW_ALL);
    assert_true(gone && gone->failed);
    frames_unpin(f, gone);
    scratch_write(stage.paths[31], "P6 1 1 255 abc", 14); /* and there again */
    assert_null(frames_get(f, 31, FRAME_VIEW_ALL));
    wait_for(&stage.wakes, 5);
    assert_true(has(f, 31));
    stop(f);
}

/* What is being read while it changes is not kept. */
static void test_forget_what_is_in_work(void **state)
{
    struct frames *f;

    (void)state;
    stage.allowed = 0;
    f = start(1, 64 << 20);
    WANT(f, 0);
    wait_for(&stage.begun, 1);
    frames_forget(f, 0);
    allow(1);
    wait_for(&stage.begun, 2);
    assert_false(has(f, 0));
    allow(1);
    wait_for(&stage.wakes, 2);
    assert_true(has(f, 0));
    assert_true(frames_bytes(f) < 2 * FRAME_BYTES);
    stop(f);
}

/* More pictures than the table began with. */
static void test_many(void **state)
{
    enum { MANY = 1000 };
    struct frame_request *requests = mem_array(MANY, sizeof *requests);
    struct frame_style style = style_of(256);
    struct frames *f = start(2, 64 << 20);

    (void)state;
    style.protocol = NULL; /* facts alone */
    frames_set_style(f, &style);
    for (uint32_t i = 0; i < MANY; i++) {
        requests[i] =
            (struct frame_request){ i * 7, stage.paths[i % 30], { 0 }, FRAME_VIEW_ALL, NULL };
    }
    assert_true(frames_want(f, requests, MANY));
    wait_for(&stage.wakes, MANY);
    for (int i = 0; i < MANY; i++) {
        assert_true(has(f, i * 7));
        assert_false(has(f, i * 7 + 1));
    }
    free(requests);
    stop(f);
}

static void test_forget(void **state)
{
    struct frames *f = start(1, 64 << 20);

    (void)state;
    WANT(f, 0, 1);
    wait_for(&stage.wakes, 2);
    WANT(f, 1); /* or 0 would be made again at once */
    frames_forget(f, 0);
    assert_false(has(f, 0));
    assert_true(has(f, 1));
    WANT(f, 0);
    wait_for(&stage.wakes, 3);
    assert_true(has(f, 0));
    stop(f);
}

static void test_failures_are_frames(void **state)
{
    struct frames *f = start(2, 64 << 20);
    char *missing = scratch_path(stage.folder, "missing.png");
    char *text = scratch_path(stage.folder, "text.jpg");
    scratch_write(text, "no picture at all\n", 18);
    struct frame_request requests[] = { { 100, missing, { 0 }, FRAME_VIEW_ALL, NULL },
                                        { 101, text, { 0 }, FRAME_VIEW_ALL, NULL },
                                        { 102, stage.folder, { 0 }, FRAME_VIEW_ALL, NULL },
                                        { 39, stage.paths[39], { 0 }, FRAME_VIEW_ALL, NULL } };

    (void)state;
    assert_true(frames_want(f, requests, ARRAY_LEN(requests)));
    wait_for(&stage.wakes, 4);
    for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
        const struct frame *frame = frames_get(f, requests[i].id, FRAME_VIEW_ALL);
        assert_non_null(frame);
        assert_true(frame->failed);
        assert_true(frame->error.kind != ERROR_NONE);
        assert_non_null(strstr(frame->error.message, i == 0   ? "missing.png"
                                                     : i == 1 ? "text.jpg"
                                                     : i == 2 ? stage.folder
                                                              : "39 cannot be drawn"));
        frames_unpin(f, frame);
    }
    free(missing);
    free(text);
    stop(f);
}

/* Each view of a picture is a frame of its own, and shows its part. */
static void test_views(void **state)
{
    static const struct {
        struct frame_view view;
        const char *want;
    } cases[] = {
        { { 1.0f, 0.5f, 0.5f, 0, false }, "picture 7, 256 colors, centre 120" },
        { { 4.0f, 0.0f, 0.5f, 0, false }, "picture 7, 256 colors, centre 30" },  /* columns 0, 1 */
        { { 4.0f, 1.0f, 0.5f, 0, false }, "picture 7, 256 colors, centre 210" }, /* and 6, 7 */
        { { 4.0f, 0.5f, 0.5f, 0, false }, "picture 7, 256 colors, centre 120" },
        { { 1.0f, 0.5f, 0.5f, 0, true }, "picture 7, 256 colors, centre 120" },
        { { 1000.0f, 0.0f, 0.0f, 0, false }, "picture 7, 256 colors, centre 0" },
    };
    struct frames *f = start(2, 64 << 20);
    struct frame_request requests[ARRAY_LEN(cases)];
    struct frame_style style = style_of(256);

    (void)state;
    style.enlarge = ENLARGE_SHARP;
    frames_set_style(f, &style);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        requests[i] = (struct frame_request){ 7, stage.paths[7], { 0 }, cases[i].view, NULL };
    }
    assert_true(frames_want(f, requests, ARRAY_LEN(cases)));
    wait_for(&stage.wakes, ARRAY_LEN(cases));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct frame *frame = frames_get(f, 7, cases[i].view);
        assert_non_null(frame);
        assert_string_equal(buf_text(&frame->bytes), cases[i].want);
        assert_int_equal(frame->info.width, 8);
        frames_unpin(f, frame);
    }
    assert_true(frames_want(f, NULL, 0)); /* or they would be made again at once */
    frames_forget(f, 7);
    assert_int_equal(frames_bytes(f), 0);
    stop(f);
}

/* Nothing is made before it is known how; without a protocol frames are facts. */
static void test_no_style_no_protocol(void **state)
{
    struct frames *f = start_with(1, 64 << 20, NULL);
    struct frame_style style = style_of(256);

    (void)state;
    assert_non_null(f);
    WANT(f, 1);
    style.protocol = NULL;
    frames_set_style(f, &style);
    WANT(f, 1);
    wait_for(&stage.wakes, 1);
    const struct frame *frame = frames_get(f, 1, FRAME_VIEW_ALL);
    assert_non_null(frame);
    assert_false(frame->failed);
    assert_int_equal(frame->bytes.len, 0);
    assert_int_equal(frame->info.height, 8);
    assert_string_equal(frame->info.format, "PNM");
    assert_int_equal(stage.begun, 0);
    frames_unpin(f, frame);
    stop(f);
}

/* So large that it gets a thumbnail. */
static char *large_picture(void)
{
    struct image picture = IMAGE_INIT;
    struct buf bytes = BUF_INIT;
    struct timespec old[2] = { { 1000000, 0 }, { 1000000, 0 } };
    char *path = scratch_path(stage.folder, "large.png");

    assert_true(image_init(&picture, 1400, 1000, 3, NULL));
    memset(picture.pixels, 33, 1400 * 1000 * 3);
    assert_true(image_encode_png(&picture, &bytes, NULL));
    scratch_write(path, bytes.data, bytes.len);
    assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
    buf_release(&bytes);
    image_release(&picture);
    return path;
}

/* A worker keeps what it decoded, and finds it the next time. */
static void test_thumbnails(void **state)
{
    char *place = scratch_path(stage.folder, "cache");
    char *folder = scratch_path(place, "thumbnails");
    char *path = large_picture();
    struct cache *disk = cache_new(place, 1 << 20, NULL);
    struct thumbnails *t = thumbnails_new(disk, NULL);
    struct frame_style style = style_of(256);

    (void)state;
    assert_non_null(t);
    for (int i = 0; i < 2; i++) {
        struct picture_cache *p = picture_cache_new(64 << 20, t, NULL);
        assert_non_null(p);
        struct frames *f = start_with(1, 64 << 20, p);
        struct frame_request request = { 1, path, { 0 }, FRAME_VIEW_ALL, NULL };
        assert_non_null(f);
        frames_set_style(f, &style);
        assert_true(frames_want(f, &request, 1));
        wait_for(&stage.wakes, 2 * i + 1);
        assert_shows(f, 1, "picture 33, 256 colors, centre 33");
        const struct frame *frame = frames_get(f, 1, FRAME_VIEW_ALL);
        assert_int_equal(frame->info.width, 1400);
        assert_string_equal(frame->info.format, "PNG");
        frames_unpin(f, frame);
        WANT(f, 2); /* the one worker comes to it behind the thumbnail */
        wait_for(&stage.wakes, 2 * i + 2);
        stop(f);
        picture_cache_free(p);
        assert_int_equal(scratch_count(folder), 1);
        if (i == 0) { /* the same stamp, but no picture any more */
            int fd = open(path, O_WRONLY);
            struct timespec old[2] = { { 1000000, 0 }, { 1000000, 0 } };
            assert_int_equal(pwrite(fd, "garbage", 7, 0), 7);
            assert_int_equal(futimens(fd, old), 0);
            close(fd);
        }
    }
    thumbnails_free(t);
    cache_free(disk);
    free(path);
    free(folder);
    free(place);
}

/* No thumbnail is made while another picture is waited for. */
static void test_thumbnails_can_wait(void **state)
{
    char *folder = scratch_path(stage.folder, "waiting");
    char *path = large_picture();
    struct cache *disk = cache_new(folder, 1 << 20, NULL);
    struct thumbnails *t = thumbnails_new(disk, NULL);
    struct frame_style style = style_of(256);
    struct picture_cache *p = picture_cache_new(64 << 20, t, NULL);
    struct frames *f = start_with(1, 64 << 20, p);
    struct frame_request request = { 1, path, { 0 }, FRAME_VIEW_ALL, NULL };

    (void)state;
    stage.allowed = 0;
    frames_set_style(f, &style);
    assert_true(frames_want(f, &request, 1));
    wait_for(&stage.begun, 1);
    WANT(f, 2);
    allow(2);
    wait_for(&stage.wakes, 2);
    stop(f);
    picture_cache_free(p);
    assert_false(scratch_exists(folder));
    thumbnails_free(t);
    cache_free(disk);
    free(path);
    free(folder);
}

static void test_free_while_working(void **state)
{
    struct frames *f;

    (void)state;
    stage.allowed = 0;
    f = start(2, 64 << 20);
    WANT(f, 0, 1, 2, 3, 4);
    wait_for(&stage.begun, 2);
    allow(5);
    stop(f);
    assert_in_range(stage.finished, 2, 5);
    frames_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_wanted_ones_are_made, reset),
        cmocka_unit_test_setup(test_most_urgent_first, reset),
        cmocka_unit_test_setup(test_none_is_made_twice, reset),
        cmocka_unit_test_setup(test_limit_is_kept, reset),
        cmocka_unit_test_setup(test_who_has_to_go, reset),
        cmocka_unit_test_setup(test_first_one_is_always_made, reset),
        cmocka_unit_test_setup(test_pinned_ones_stay, reset),
        cmocka_unit_test_setup(test_styles, reset),
        cmocka_unit_test_setup(test_style_fields, reset),
        cmocka_unit_test_setup(test_other_styles_go_first, reset),
        cmocka_unit_test_setup(test_changed_files, reset),
        cmocka_unit_test_setup(test_forget_what_is_in_work, reset),
        cmocka_unit_test_setup(test_many, reset),
        cmocka_unit_test_setup(test_forget, reset),
        cmocka_unit_test_setup(test_failures_are_frames, reset),
        cmocka_unit_test_setup(test_views, reset),
        cmocka_unit_test_setup(test_no_style_no_protocol, reset),
        cmocka_unit_test_setup(test_thumbnails, reset),
        cmocka_unit_test_setup(test_thumbnails_can_wait, reset),
        cmocka_unit_test_setup(test_free_while_working, reset),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
