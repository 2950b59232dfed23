#include "image/picture_cache.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/mem.h"
#include "image/encode.h"
#include "scratch.h"

#define MIB ((size_t)1 << 20)
#define SMALL 40 /* sides of the pictures of one colour, in pixels */
#define SMALL_BYTES ((size_t)SMALL * SMALL * 3)
#define LARGE_W 1600
#define LARGE_H 1200

/* The files of a test, how often they were read, and who is held while reading. */
static struct {
    char *folder;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int reads, let_in; /* reads begun; how many of them may go on */
} desk;

bool __real_image_read_file(const char *path, const struct image_limits *limits,
                            struct budget_lease *lease, struct buf *out, struct error *err);
bool __wrap_image_read_file(const char *path, const struct image_limits *limits,
                            struct budget_lease *lease, struct buf *out, struct error *err);

bool __wrap_image_read_file(const char *path, const struct image_limits *limits,
                            struct budget_lease *lease, struct buf *out, struct error *err)
{
    pthread_mutex_lock(&desk.lock);
    int number = ++desk.reads;
    pthread_cond_broadcast(&desk.changed);
    while (number > desk.let_in) {
        pthread_cond_wait(&desk.changed, &desk.lock);
    }
    pthread_mutex_unlock(&desk.lock);
    return __real_image_read_file(path, limits, lease, out, err);
}

static void let_in(int reads)
{
    pthread_mutex_lock(&desk.lock);
    desk.let_in = reads;
    pthread_cond_broadcast(&desk.changed);
    pthread_mutex_unlock(&desk.lock);
}

static int reads(void)
{
    pthread_mutex_lock(&desk.lock);
    int count = desk.reads;
    pthread_mutex_unlock(&desk.lock);
    return count;
}

static void wait_for_read(int number)
{
    pthread_mutex_lock(&desk.lock);
    while (desk.reads < number) {
        pthread_cond_wait(&desk.changed, &desk.lock);
    }
    pthread_mutex_unlock(&desk.lock);
}

static int setup(void **state)
{
    (void)state;
    desk.folder = scratch_new();
    desk.reads = 0;
    desk.let_in = INT32_MAX;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    scratch_remove(desk.folder);
    return 0;
}

/* Each content its own time of change, long ago. */
static void write_at(const char *path, const void *bytes, size_t len, time_t second)
{
    struct timespec times[2] = { { second, 0 }, { second, 0 } };

    scratch_write(path, bytes, len);
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* A picture of one grey; the path is freed by the caller. */
static char *grey(const char *name, int value)
{
    struct buf file = BUF_INIT;
    char *path = scratch_path(desk.folder, name);

    buf_addf(&file, "P6\n%d %d\n255\n", SMALL, SMALL);
    for (size_t i = 0; i < SMALL_BYTES; i++) {
        buf_add(&file, &(uint8_t){ (uint8_t)value }, 1);
    }
    write_at(path, file.data, file.len, 1000000 + value);
    buf_release(&file);
    return path;
}

static char *large(const char *name, bool png)
{
    struct image picture = IMAGE_INIT;
    struct buf file = BUF_INIT;
    char *path = scratch_path(desk.folder, name);

    assert_true(image_init(&picture, LARGE_W, LARGE_H, 3, NULL));
    memset(picture.pixels, 90, (size_t)LARGE_W * LARGE_H * 3);
    assert_true(png ? image_encode_png(&picture, &file, NULL)
                    : image_encode_jpeg(&picture, 90, &file, NULL));
    write_at(path, file.data, file.len, 1000000);
    buf_release(&file);
    image_release(&picture);
    return path;
}

static struct picture_request request_of(const char *path, enum picture_use use, int width,
                                         int height)
{
    struct picture_request r = {
        .path = path, .use = use, .want_width = width, .want_height = height, .rank = 1
    };
    file_stamp_of(path, &r.stamp);
    return r;
}

static const struct picture *get(struct picture_cache *p, const char *path, enum picture_use use,
                                 int width, int height)
{
    struct picture_request r = request_of(path, use, width, height);
    struct error err = { ERROR_NONE, "" };
    const struct picture *picture = picture_cache_get(p, &r, &err);

    if (!picture) {
        fail_msg("%s", err.message);
    }
    return picture;
}

/* Asks for the whole picture and gives it back. */
static void touch(struct picture_cache *p, const char *path)
{
    picture_cache_put(p, get(p, path, PICTURE_FOR_SCREEN, 0, 0));
}

static struct picture_cache *new_cache(size_t bytes)
{
    struct picture_cache *p = picture_cache_new(bytes, NULL, NULL);

    assert_non_null(p);
    return p;
}

/* --------------------------------------------------------------- sharing */

static void test_read_once(void **state)
{
    struct picture_cache *p = new_cache(MIB);
    char *path = grey("a.ppm", 7);

    (void)state;
    const struct picture *a = get(p, path, PICTURE_FOR_SCREEN, 0, 0);
    const struct picture *b = get(p, path, PICTURE_FOR_NETWORK, 0, 0);
    assert_ptr_equal(a, b);
    assert_int_equal(a->image.width, SMALL);
    assert_int_equal(a->image.pixels[0], 7);
    assert_string_equal(a->info.format, "PNM");
    assert_false(a->from_thumbnail);
    picture_cache_put(p, a);
    picture_cache_put(p, b);
    touch(p, path);
    assert_int_equal(reads(), 1);
    assert_int_equal(picture_cache_bytes(p), SMALL_BYTES);
    picture_cache_free(p);
    free(path);
}

/* The content is that of the file, by which embeddings are kept. */
static void test_content(void **state)
{
    struct picture_cache *p = new_cache(MIB);
    char *path = grey("a.ppm", 7);
    size_t len;
    char *file = scratch_read(path, &len);

    (void)state;
    struct hash128 content = hash128(file, len, 0);
    const struct picture *a = get(p, path, PICTURE_FOR_SCREEN, 0, 0);
    assert_true(a->content.low == content.low && a->content.high == content.high);
    picture_cache_put(p, a);
    picture_cache_free(p);
    free(file);
    free(path);
}

/* The screen takes what is large enough; a network what was decoded for its size, whatever the
 * screen had before. */
static void test_sizes(void **state)
{
    struct picture_cache *p = new_cache(64 * MIB);
    char *path = large("a.jpg", false);

    (void)state;
    const struct picture *half = get(p, path, PICTURE_FOR_SCREEN, 800, 600);
    assert_int_equal(half->image.width, 800);
    assert_int_equal(half->info.width, LARGE_W);
    const struct picture *less = get(p, path, PICTURE_FOR_SCREEN, 300, 200);
    assert_ptr_equal(less, half);
    const struct picture *network = get(p, path, PICTURE_FOR_NETWORK, 800, 600);
    assert_ptr_equal(network, half);
    assert_int_equal(reads(), 1);
    const struct picture *small = get(p, path, PICTURE_FOR_NETWORK, 96, 96);
    assert_int_equal(small->image.width, 200);
    assert_int_equal(reads(), 2);
    const struct picture *whole = get(p, path, PICTURE_FOR_SCREEN, 0, 0);
    assert_int_equal(whole->image.width, LARGE_W);
    assert_int_equal(reads(), 3);
    /* At full size there is no other way to decode it. */
    const struct picture *full = get(p, path, PICTURE_FOR_NETWORK, 1500, 1100);
    assert_ptr_equal(full, whole);
    assert_int_equal(reads(), 3);
    const struct picture *all[] = { half, less, network, small, whole, full };
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        picture_cache_put(p, all[i]);
    }
    picture_cache_free(p);
    free(path);
}

/* A part of the picture at that size takes more of it; with other levels it is another picture. */
static void test_parts_and_levels(void **state)
{
    struct picture_cache *p = new_cache(64 * MIB);
    char *path = large("a.jpg", false);
    struct picture_request r = request_of(path, PICTURE_FOR_SCREEN, 200, 150);

    (void)state;
    picture_cache_put(p, picture_cache_get(p, &r, NULL));
    r.part_width = r.part_height = 400;
    const struct picture *part = picture_cache_get(p, &r, NULL);
    assert_non_null(part);
    assert_int_equal(part->image.width, 800);
    assert_int_equal(reads(), 2);
    picture_cache_put(p, part);
    touch(p, path);
    assert_int_equal(reads(), 3);
    picture_cache_put(p, picture_cache_get(p, &r, NULL)); /* the whole serves the part */
    assert_int_equal(reads(), 3);
    r.levels = IMAGE_LEVELS_FULL;
    picture_cache_put(p, picture_cache_get(p, &r, NULL));
    assert_int_equal(reads(), 4);
    picture_cache_free(p);
    free(path);
}

static void test_without_cache(void **state)
{
    char *path = grey("a.ppm", 7);

    (void)state;
    const struct picture *a = get(NULL, path, PICTURE_FOR_SCREEN, 0, 0);
    assert_int_equal(a->image.pixels[0], 7);
    picture_cache_put(NULL, a);
    picture_cache_put(NULL, NULL);
    free(path);
}

/* --------------------------------------------------------------- threads */

#define CROWD 8
#define FILES 12

struct crowd {
    struct picture_cache *p;
    char *paths[FILES];
    pthread_barrier_t start;
    int wrong;
};

static void *ask_all(void *context)
{
    struct crowd *c = context;

    for (int i = 0; i < FILES; i++) {
        struct picture_request r = request_of(c->paths[i], PICTURE_FOR_NETWORK, 0, 0);
        pthread_barrier_wait(&c->start);
        const struct picture *picture = picture_cache_get(c->p, &r, NULL);
        if (!picture || picture->image.pixels[SMALL_BYTES - 1] != i) {
            __atomic_add_fetch(&c->wrong, 1, __ATOMIC_RELAXED);
        }
        picture_cache_put(c->p, picture);
    }
    return NULL;
}

static void test_single_flight(void **state)
{
    struct crowd c = { .p = new_cache(MIB) };
    pthread_t threads[CROWD];

    (void)state;
    for (int i = 0; i < FILES; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d.ppm", i);
        c.paths[i] = grey(name, i);
    }
    pthread_barrier_init(&c.start, NULL, CROWD);
    for (int i = 0; i < CROWD; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, ask_all, &c), 0);
    }
    for (int i = 0; i < CROWD; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(c.wrong, 0);
    assert_int_equal(reads(), FILES);
    pthread_barrier_destroy(&c.start);
    for (int i = 0; i < FILES; i++) {
        free(c.paths[i]);
    }
    picture_cache_free(c.p);
}

struct asker {
    struct picture_cache *p;
    struct picture_request request;
    const struct picture *got;
    struct error err;
    pthread_t thread;
};

static void *ask(void *context)
{
    struct asker *a = context;

    a->got = picture_cache_get(a->p, &a->request, &a->err);
    return NULL;
}

static void start_asker(struct asker *a, struct picture_cache *p, const char *path,
                        enum picture_use use)
{
    *a = (struct asker){ .p = p, .request = request_of(path, use, 0, 0) };
    assert_int_equal(pthread_create(&a->thread, NULL, ask, a), 0);
}

static const struct picture *joined(struct asker *a)
{
    pthread_join(a->thread, NULL);
    return a->got;
}

/* What was asked for while it is decoded is not dropped by a limit, nor by a change. */
static void test_forgotten_while_decoded(void **state)
{
    struct picture_cache *p = new_cache(1);
    char *path = grey("a.ppm", 7);
    struct asker a;

    (void)state;
    let_in(0);
    start_asker(&a, p, path, PICTURE_FOR_SCREEN);
    wait_for_read(1);
    picture_cache_forget(p, path);
    let_in(INT32_MAX);
    const struct picture *got = joined(&a);
    assert_non_null(got);
    assert_int_equal(got->image.pixels[0], 7);
    picture_cache_put(p, got);
    assert_int_equal(picture_cache_bytes(p), 0);
    picture_cache_free(p);
    free(path);
}

/* The picture on the screen does not wait for a slow thread of the network. */
static void test_screen_is_impatient(void **state)
{
    struct picture_cache *p = new_cache(MIB);
    char *path = grey("a.ppm", 7);
    struct asker network, screen;

    (void)state;
    let_in(0);
    start_asker(&network, p, path, PICTURE_FOR_NETWORK);
    wait_for_read(1);
    screen = (struct asker){ .p = p, .request = request_of(path, PICTURE_FOR_SCREEN, 0, 0) };
    screen.request.rank = 0;
    assert_int_equal(pthread_create(&screen.thread, NULL, ask, &screen), 0);
    wait_for_read(2); /* its own */
    let_in(INT32_MAX);
    assert_non_null(joined(&network));
    assert_non_null(joined(&screen));
    picture_cache_put(p, network.got);
    picture_cache_put(p, screen.got);
    picture_cache_free(p);
    free(path);
}

/* The network waits for the picture that the screen is about to decode, and for no other. */
static void test_await(void **state)
{
    struct picture_cache *p = new_cache(MIB);
    char *path = grey("a.ppm", 7);
    char *other = grey("b.ppm", 8);
    struct asker a;

    (void)state;
    picture_cache_await(p, path);
    start_asker(&a, p, path, PICTURE_FOR_NETWORK);
    picture_cache_put(p, get(p, other, PICTURE_FOR_NETWORK, 0, 0));
    let_in(2); /* a third read, by the network, would be held for ever */
    picture_cache_put(p, get(p, path, PICTURE_FOR_SCREEN, 0, 0));
    picture_cache_arrived(p, path);
    assert_non_null(joined(&a));
    picture_cache_put(p, a.got);
    assert_int_equal(reads(), 2);

    /* Nobody decodes it after all. */
    let_in(INT32_MAX);
    picture_cache_forget(p, path);
    picture_cache_await(p, path);
    start_asker(&a, p, path, PICTURE_FOR_NETWORK);
    picture_cache_arrived(p, other);
    assert_int_equal(reads(), 2);
    picture_cache_await(p, NULL);
    assert_non_null(joined(&a));
    picture_cache_put(p, a.got);
    assert_int_equal(reads(), 3);
    picture_cache_free(p);
    free(other);
    free(path);
}

/* ------------------------------------------------------------- the limit */

static void test_limit(void **state)
{
    struct picture_cache *p = new_cache(3 * SMALL_BYTES);
    char *paths[5];

    (void)state;
    for (int i = 0; i < 5; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d.ppm", i);
        paths[i] = grey(name, i);
    }
    const char *next[] = { paths[1], paths[0] };
    picture_cache_set_next(p, next, 2);
    for (int i = 0; i < 5; i++) { /* 0 and 1 come next; 2 goes first, then 3 */
        touch(p, paths[i]);
        assert_true(picture_cache_bytes(p) <= 3 * SMALL_BYTES);
    }
    assert_int_equal(reads(), 5);
    touch(p, paths[0]);
    touch(p, paths[1]);
    touch(p, paths[4]);
    assert_int_equal(reads(), 5);
    touch(p, paths[2]);
    assert_int_equal(reads(), 6);
    picture_cache_set_next(p, NULL, 0); /* now the least recently used goes: 0 */
    touch(p, paths[3]);
    touch(p, paths[1]);
    assert_int_equal(reads(), 7 + 0);
    touch(p, paths[0]);
    assert_int_equal(reads(), 8);
    picture_cache_free(p);
    for (int i = 0; i < 5; i++) {
        free(paths[i]);
    }
}

/* What was decoded for its thumbnail goes before what was shown, though it came later. */
static void test_limit_of_what_is_ahead(void **state)
{
    struct picture_cache *p = new_cache(2 * SMALL_BYTES);
    char *shown = grey("a.ppm", 1), *ahead = grey("b.ppm", 2), *next = grey("c.ppm", 3);
    struct picture_request r = request_of(ahead, PICTURE_FOR_NETWORK, 0, 0);

    (void)state;
    touch(p, shown);
    r.ahead = true;
    picture_cache_put(p, picture_cache_get(p, &r, NULL));
    touch(p, next);
    assert_int_equal(reads(), 3);
    touch(p, shown);
    assert_int_equal(reads(), 3);
    touch(p, ahead);
    assert_int_equal(reads(), 4);
    picture_cache_free(p);
    free(shown);
    free(ahead);
    free(next);
}

/* A picture in use stays, over the limit; then it goes. */
static void test_in_use(void **state)
{
    struct picture_cache *p = new_cache(1);
    char *path = grey("a.ppm", 7);

    (void)state;
    const struct picture *a = get(p, path, PICTURE_FOR_SCREEN, 0, 0);
    const struct picture *b = get(p, path, PICTURE_FOR_SCREEN, 0, 0);
    assert_ptr_equal(a, b);
    picture_cache_put(p, a);
    assert_int_equal(b->image.pixels[0], 7);
    assert_int_equal(picture_cache_bytes(p), SMALL_BYTES);
    picture_cache_put(p, b);
    assert_int_equal(picture_cache_bytes(p), 0);
    picture_cache_free(p);
    free(path);
}

/* Which pictures are decoded for the screen although it does not need them yet. */
static void test_shown_soon(void **state)
{
    struct picture_cache *p = new_cache(2 * SMALL_BYTES);
    char *paths[] = { grey("a.ppm", 1), grey("b.ppm", 2), grey("c.ppm", 3) };
    int w, h;

    (void)state;
    assert_false(picture_cache_shown_soon(NULL, paths[0], &w, &h));
    picture_cache_set_count(p, 2);
    picture_cache_set_box(p, 0, 0);
    assert_false(picture_cache_shown_soon(p, paths[0], &w, &h)); /* nothing is shown */
    picture_cache_set_box(p, SMALL, SMALL);
    touch(p, paths[0]); /* what they take is known from now on */
    assert_true(picture_cache_shown_soon(p, paths[2], &w, &h)); /* all have room */
    assert_int_equal(w, SMALL);
    assert_int_equal(h, SMALL);
    picture_cache_set_count(p, 3);
    assert_true(picture_cache_shown_soon(p, paths[2], &w, &h)); /* it may come next */
    picture_cache_set_next(p, NULL, 0);
    assert_false(picture_cache_shown_soon(p, paths[2], &w, &h));
    picture_cache_set_next(p, (const char *const *)paths, 3);
    assert_true(picture_cache_shown_soon(p, paths[0], &w, &h));
    assert_true(picture_cache_shown_soon(p, paths[1], &w, &h));
    assert_false(picture_cache_shown_soon(p, paths[2], &w, &h)); /* no room left */
    picture_cache_free(p);
    for (int i = 0; i < 3; i++) {
        free(paths[i]);
    }
}

/* --------------------------------------------------- changes and failures */

static void test_changed_file(void **state)
{
    struct picture_cache *p = new_cache(MIB);
    char *path = grey("a.ppm", 7);

    (void)state;
    const struct picture *before = get(p, path, PICTURE_FOR_SCREEN, 0, 0);
    free(grey("a.ppm", 8)); /* another content and another time */
    const struct picture *after = get(p, path, PICTURE_FOR_SCREEN, 0, 0);
    assert_int_equal(before->image.pixels[0], 7);
    assert_int_equal(after->image.pixels[0], 8);
    assert_int_equal(picture_cache_bytes(p), SMALL_BYTES);
    picture_cache_put(p, before);
    picture_cache_put(p, after);
    picture_cache_free(p);
    free(path);
}

static void test_forget(void **state)
{
    struct picture_cache *p = new_cache(MIB);
    char *path = grey("a.ppm", 7);

    (void)state;
    touch(p, path);
    picture_cache_forget(p, path);
    assert_int_equal(picture_cache_bytes(p), 0);
    touch(p, path);
    assert_int_equal(reads(), 2);
    picture_cache_free(p);
    free(path);
}

static void test_failure_is_shared(void **state)
{
    struct picture_cache *p = new_cache(MIB);
    char *path = scratch_path(desk.folder, "text.jpg");
    struct error screen, network;

    (void)state;
    write_at(path, "no picture", 10, 1000000);
    struct picture_request r = request_of(path, PICTURE_FOR_SCREEN, 0, 0);
    assert_null(picture_cache_get(p, &r, &screen));
    r.use = PICTURE_FOR_NETWORK;
    assert_null(picture_cache_get(p, &r, &network));
    r.want_width = r.want_height = 100; /* nor is it one at another size */
    assert_null(picture_cache_get(p, &r, NULL));
    assert_int_equal(reads(), 1);
    assert_int_equal(screen.kind, ERROR_DATA);
    assert_string_equal(screen.message, network.message);
    assert_memory_equal(screen.message, path, strlen(path));
    free(grey("text.jpg", 9)); /* it has become a picture */
    touch(p, path);
    picture_cache_free(p);
    free(path);
}

/* What may be another time is tried again. */
static void test_missing_file(void **state)
{
    struct picture_cache *p = new_cache(MIB);
    char *path = grey("a.ppm", 7);
    struct picture_request r = request_of(path, PICTURE_FOR_SCREEN, 0, 0);
    struct error err;

    (void)state;
    assert_int_equal(remove(path), 0);
    for (int i = 1; i <= 2; i++) {
        assert_null(picture_cache_get(p, &r, &err));
        assert_int_equal(err.kind, ERROR_IO);
        assert_int_equal(reads(), i);
    }
    file_stamp_of(path, &r.stamp); /* no file, no stamp */
    assert_null(picture_cache_get(p, &r, &err));
    assert_int_equal(picture_cache_bytes(p), 0);
    picture_cache_free(p);
    free(path);
}

/* ------------------------------------------------------------ thumbnails */

static void test_thumbnails(void **state)
{
    char *folder = scratch_path(desk.folder, "thumbnails");
    char *path = large("a.png", true);
    struct cache *disk = cache_new(folder, MIB, NULL);
    struct thumbnails *t = thumbnails_new(disk, NULL);
    struct picture_cache *p = picture_cache_new(64 * MIB, t, NULL);

    (void)state;
    assert_non_null(p);
    const struct picture *a = get(p, path, PICTURE_FOR_NETWORK, 400, 300);
    picture_cache_keep_thumbnail(p, path, a);
    size_t kept = scratch_count(folder);
    assert_true(kept > 0);
    picture_cache_put(p, a);
    picture_cache_forget(p, path);

    /* Without the file being opened, but the network wants that. */
    a = get(p, path, PICTURE_FOR_SCREEN, 400, 300);
    assert_int_equal(reads(), 1);
    assert_true(a->from_thumbnail);
    assert_int_equal(a->info.width, LARGE_W);
    assert_string_equal(a->info.format, "PNG");
    picture_cache_keep_thumbnail(p, path, a);
    picture_cache_put(p, a);
    a = get(p, path, PICTURE_FOR_NETWORK, 400, 300);
    assert_int_equal(reads(), 2);
    assert_false(a->from_thumbnail);
    picture_cache_put(p, a);
    assert_int_equal(scratch_count(folder), kept);
    picture_cache_free(p);
    thumbnails_free(t);
    cache_free(disk);
    free(path);
    free(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_read_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_content, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sizes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_parts_and_levels, setup, teardown),
        cmocka_unit_test_setup_teardown(test_without_cache, setup, teardown),
        cmocka_unit_test_setup_teardown(test_single_flight, setup, teardown),
        cmocka_unit_test_setup_teardown(test_forgotten_while_decoded, setup, teardown),
        cmocka_unit_test_setup_teardown(test_screen_is_impatient, setup, teardown),
        cmocka_unit_test_setup_teardown(test_await, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limit_of_what_is_ahead, setup, teardown),
        cmocka_unit_test_setup_teardown(test_in_use, setup, teardown),
        cmocka_unit_test_setup_teardown(test_shown_soon, setup, teardown),
        cmocka_unit_test_setup_teardown(test_changed_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_forget, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failure_is_shared, setup, teardown),
        cmocka_unit_test_setup_teardown(test_missing_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_thumbnails, setup, teardown),
    };

    pthread_mutex_init(&desk.lock, NULL);
    pthread_cond_init(&desk.changed, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
