/* timeout: 400 */
#include "learn/cache.h"

#include <dirent.h>
#include <fcntl.h>
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

static const struct region whole;

#define RGB_MODEL "tests/data/rgb/model.tflite" /* its features are mean colours */
#define LARGE ((int64_t)1 << 30)
#define SIDE 8

struct room {
    char *folder, *place, *cache; /* place/embeddings */
    struct cache *disk;
    struct embedder *embedder;
    struct embed_runner *runner;
};

static int setup(void **state)
{
    struct room *r = calloc(1, sizeof *r);

    assert_non_null(r);
    r->folder = scratch_new();
    r->place = scratch_path(r->folder, "cache");
    r->cache = scratch_path(r->place, "embeddings");
    r->disk = cache_new(r->place, LARGE, NULL);
    assert_non_null(r->disk);
    r->embedder = embedder_new(RGB_MODEL, NULL, NULL);
    r->runner = embed_runner_new(r->embedder, NULL);
    assert_non_null(r->runner);
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    struct room *r = *state;

    embed_runner_free(r->runner);
    embedder_free(r->embedder);
    cache_free(r->disk);
    free(r->cache);
    free(r->place);
    scratch_remove(r->folder);
    free(r);
    return 0;
}

static char *picture_path(const struct room *r, int number)
{
    char name[32];

    snprintf(name, sizeof name, "%d.ppm", number);
    return scratch_path(r->folder, name);
}

/* Sets the time of change to `seconds` after 2001, long ago. */
static void set_time(const char *path, time_t seconds)
{
    struct timespec times[2] = { { 1000000000 + seconds, 5 }, { 1000000000 + seconds, 5 } };

    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* A picture of one grey. */
static void paint(const struct room *r, int number, uint8_t grey)
{
    uint8_t rgb[SIDE * SIDE * 3];
    struct buf out = BUF_INIT;
    char *path = picture_path(r, number);

    memset(rgb, grey, sizeof rgb);
    picture_ppm(&out, SIDE, SIDE, rgb);
    scratch_write(path, out.data, out.len);
    set_time(path, number);
    buf_release(&out);
    free(path);
}

static struct embedding_cache *cache(const struct room *r)
{
    struct embedding_cache *c = embedding_cache_new(r->disk, r->embedder, NULL);

    assert_non_null(c);
    return c;
}

static void set_budget(struct room *r, int64_t max_bytes)
{
    cache_free(r->disk);
    r->disk = cache_new(r->place, max_bytes, NULL);
    assert_non_null(r->disk);
}

/* The grey that the cache has for the picture. */
static int look(const struct room *r, struct embedding_cache *c, int number)
{
    char *path = picture_path(r, number);
    void *packed = malloc(embedder_packed_bytes(r->embedder));
    float values[15];
    struct error err = { ERROR_NONE, "" };

    assert_true(embedding_cache_get(c, r->runner, path, &whole, packed, &err));
    embedder_unpack(r->embedder, packed, values, NULL);
    free(packed);
    free(path);
    return (int)(values[0] * 255.0f + 0.5f);
}

/* The red that the cache has for a region of a file. */
static int look_at_region(const struct room *r, struct embedding_cache *c, const char *path,
                          const struct region *region)
{
    void *packed = malloc(embedder_packed_bytes(r->embedder));
    float values[15];

    assert_true(embedding_cache_get(c, r->runner, path, region, packed, NULL));
    embedder_unpack(r->embedder, packed, values, NULL);
    free(packed);
    return (int)(values[0] * 255.0f + 0.5f);
}

/* The embedding of a region is that of its crop; those of the whole picture, of its regions
 * and of an equal region of another file are never taken for each other, whether they are
 * found by the file's stamp or by its content. */
static void test_regions(void **state)
{
    struct room *r = *state;
    static const struct region left = { 0, 0, 4, 8 }, right = { 4, 0, 4, 8 };
    static const struct region beyond = { 4, 0, 100, 100 }, outside = { 8, 0, 4, 4 };
    uint8_t rgb[SIDE * SIDE * 3];
    struct buf out = BUF_INIT;
    char *path = picture_path(r, 1), *copy = picture_path(r, 2);
    void *packed = malloc(embedder_packed_bytes(r->embedder));
    struct error err;

    for (int i = 0; i < SIDE * SIDE; i++) {
        memset(rgb + 3 * i, i % SIDE < 4 ? 40 : 200, 3);
    }
    picture_ppm(&out, SIDE, SIDE, rgb);
    scratch_write(path, out.data, out.len);
    set_time(path, 1);
    for (int session = 0; session < 3; session++) {
        struct embedding_cache *c = cache(r);
        const char *file = session < 2 ? path : copy;
        assert_in_range(look_at_region(r, c, file, &left), 38, 42);
        assert_in_range(look_at_region(r, c, file, &whole), 116, 124);
        assert_in_range(look_at_region(r, c, file, &right), 198, 202);
        assert_in_range(look_at_region(r, c, file, &beyond), 198, 202);
        assert_false(embedding_cache_get(c, r->runner, file, &outside, packed, &err));
        assert_non_null(strstr(err.message, "the region [8,0 4x4] is outside the picture"));
        embedding_cache_free(c);
        if (session == 1) { /* the same content elsewhere */
            scratch_write(copy, out.data, out.len);
            set_time(copy, 2);
        }
    }
    paint(r, 3, 90);
    char *other = picture_path(r, 3);
    struct embedding_cache *c = cache(r);
    assert_in_range(look_at_region(r, c, other, &left), 88, 92);
    embedding_cache_free(c);
    free(other);
    free(packed);
    free(path);
    free(copy);
    buf_release(&out);
}

/* What the screen needs soon is not read here again, and gives the same embeddings. */
static void test_shared_pictures(void **state)
{
    struct room *r = *state;
    static const struct region left = { 0, 0, 4, 8 }, right = { 4, 0, 4, 8 };
    static const struct region outside = { 8, 0, 4, 4 };
    struct picture_cache *p = picture_cache_new(1 << 20, NULL, NULL);
    struct embedding_cache *c = cache(r);
    uint8_t rgb[SIDE * SIDE * 3];
    struct buf out = BUF_INIT;
    char *path = picture_path(r, 1), *text = picture_path(r, 2);
    void *packed = malloc(embedder_packed_bytes(r->embedder));
    struct error err;

    assert_non_null(p);
    for (int i = 0; i < SIDE * SIDE; i++) {
        memset(rgb + 3 * i, i % SIDE < 4 ? 40 : 200, 3);
    }
    picture_ppm(&out, SIDE, SIDE, rgb);
    scratch_write(path, out.data, out.len);
    set_time(path, 1);
    scratch_write(text, "no picture", 10);
    picture_cache_set_box(p, 2 * SIDE, 2 * SIDE);
    embedding_cache_share(c, p, false);
    assert_in_range(look_at_region(r, c, path, &left), 38, 42);
    assert_int_equal(picture_cache_bytes(p), SIDE * SIDE * 3); /* the screen finds it */
    assert_in_range(look_at_region(r, c, path, &whole), 116, 124);
    assert_in_range(look_at_region(r, c, path, &right), 198, 202);
    assert_false(embedding_cache_get(c, r->runner, path, &outside, packed, &err));
    assert_non_null(strstr(err.message, path));
    assert_non_null(strstr(err.message, "the region [8,0 4x4] is outside the picture"));
    assert_false(embedding_cache_get(c, r->runner, text, &whole, packed, &err));
    assert_non_null(strstr(err.message, text));
    assert_int_equal(picture_cache_bytes(p), SIDE * SIDE * 3);
    embedding_cache_free(c);

    /* The others are read for the network alone, and found again on the disk. */
    paint(r, 3, 90);
    picture_cache_set_next(p, NULL, 0);
    c = cache(r);
    embedding_cache_share(c, p, false);
    assert_int_equal(look(r, c, 3), 90);
    assert_in_range(look_at_region(r, c, path, &left), 38, 42);
    assert_int_equal(picture_cache_bytes(p), SIDE * SIDE * 3);
    embedding_cache_free(c);
    picture_cache_free(p);
    free(packed);
    free(path);
    free(text);
    buf_release(&out);
}

/* A picture that is slow to decode at any size is decoded for its thumbnail too. */
static void test_thumbnail_ahead(void **state)
{
    struct room *r = *state;
    char *folder = scratch_path(r->place, "thumbnails");
    char *path = scratch_path(r->folder, "large.png");
    struct thumbnails *t = thumbnails_new(r->disk, NULL);
    struct image picture = IMAGE_INIT;
    struct buf file = BUF_INIT;
    uint32_t grain = 1;
    struct picture_request request = {
        .path = path, .use = PICTURE_FOR_SCREEN, .want_width = 400, .want_height = 300
    };

    assert_non_null(t);
    assert_true(image_init(&picture, 1200, 900, 3, NULL));
    for (int i = 0; i < 1200 * 900 * 3; i++) {
        grain = grain * 1664525 + 1013904223;
        picture.pixels[i] = (uint8_t)(120 + (grain >> 28));
    }
    assert_true(image_encode_png(&picture, &file, NULL));
    scratch_write(path, file.data, file.len);
    set_time(path, 1);
    file_stamp_of(path, &request.stamp);
    for (int all = 1; all >= 0; all--) {
        struct picture_cache *p = picture_cache_new(1 << 20, t, NULL);
        struct embedding_cache *c = embedding_cache_new(NULL, r->embedder, NULL);
        assert_true(p && c);
        picture_cache_set_box(p, 400, 300);
        picture_cache_set_next(p, NULL, 0);
        embedding_cache_share(c, p, all);
        assert_in_range(look_at_region(r, c, path, &whole), 125, 131);
        assert_int_equal(scratch_exists(folder), !all);
        picture_cache_forget(p, path);
        const struct picture *shown = picture_cache_get(p, &request, NULL);
        assert_non_null(shown);
        assert_int_equal(shown->from_thumbnail, !all);
        picture_cache_put(p, shown);
        embedding_cache_free(c);
        picture_cache_free(p);
    }
    thumbnails_free(t);
    image_release(&picture);
    buf_release(&file);
    free(path);
    free(folder);
}

/* Where a picture shines through, others still see it as it is. */
static void test_shared_alpha(void **state)
{
    struct room *r = *state;
    struct picture_cache *p = picture_cache_new(1 << 20, NULL, NULL);
    struct embedding_cache *c = cache(r);
    char *path = scratch_path(r->folder, "a.pam");
    struct buf out = BUF_INIT;
    struct picture_request request = { .path = path, .use = PICTURE_FOR_SCREEN };

    assert_non_null(p);
    buf_addf(&out, "P7\nWIDTH %d\nHEIGHT %d\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n",
             SIDE, SIDE);
    for (int i = 0; i < SIDE * SIDE; i++) {
        buf_add(&out, "\0\0\0\x80", 4); /* black, half transparent over white: grey */
    }
    scratch_write(path, out.data, out.len);
    picture_cache_set_box(p, SIDE, SIDE);
    embedding_cache_share(c, p, false);
    assert_in_range(look_at_region(r, c, path, &whole), 125, 129);
    file_stamp_of(path, &request.stamp);
    const struct picture *picture = picture_cache_get(p, &request, NULL);
    assert_non_null(picture);
    assert_int_equal(picture->image.channels, 4);
    assert_int_equal(picture->image.pixels[3], 0x80);
    picture_cache_put(p, picture);
    embedding_cache_free(c);
    picture_cache_free(p);
    buf_release(&out);
    free(path);
}

/* A session of its own that looks at pictures 0..count-1. */
static void look_at_all(const struct room *r, int count)
{
    struct embedding_cache *c = cache(r);

    for (int i = 0; i < count; i++) {
        look(r, c, i);
    }
    embedding_cache_free(c);
}

/* A file of the cache, the caller's. */
static char *file_of(const struct room *r, const char *name)
{
    char *model = scratch_path(r->cache, embedder_id(r->embedder));
    char *path = scratch_path(model, name);

    free(model);
    return path;
}

static int64_t bytes_of(const struct room *r, const char *name)
{
    struct stat st;
    char *path = file_of(r, name);
    int64_t bytes = stat(path, &st) == 0 ? st.st_size : -1;

    free(path);
    return bytes;
}

static int vectors(const struct room *r)
{
    int64_t record = 24 + ((int64_t)embedder_packed_bytes(r->embedder) + 7) / 8 * 8;

    return (int)(bytes_of(r, "0001.vectors") / record) - 1;
}

static int index_entries(const struct room *r)
{
    return (int)(bytes_of(r, "0001.index") / 64) - 1;
}

static void test_unchanged_files_are_not_read(void **state)
{
    struct room *r = *state;

    paint(r, 0, 50);
    paint(r, 1, 200);
    look_at_all(r, 2);
    assert_int_equal(vectors(r), 2);
    assert_int_equal(index_entries(r), 2);
    paint(r, 0, 90); /* of the same size, and its time is set back */
    struct embedding_cache *c = cache(r);
    assert_int_equal(look(r, c, 0), 50);
    assert_int_equal(look(r, c, 1), 200);
    char *path = picture_path(r, 0);
    set_time(path, 77);
    assert_int_equal(look(r, c, 0), 90);
    free(path);
    embedding_cache_free(c);
    assert_int_equal(vectors(r), 3);
}

static void test_content_has_many_names(void **state)
{
    struct room *r = *state;

    paint(r, 0, 50);
    look_at_all(r, 1);
    paint(r, 1, 50);
    paint(r, 0, 50); /* the same again, at another time */
    look_at_all(r, 2);
    assert_int_equal(vectors(r), 1);
    assert_int_equal(index_entries(r), 2);
    paint(r, 1, 90); /* so that it shows whether it is known by its stamp */
    struct embedding_cache *c = cache(r);
    assert_int_equal(look(r, c, 1), 50);
    embedding_cache_free(c);
}

/* What has only just been written may be written again within one tick of the
 * file system's clock. */
static void test_fresh_files_are_known_by_content_only(void **state)
{
    struct room *r = *state;
    char *path = picture_path(r, 0);
    struct timespec times[2];

    paint(r, 0, 50);
    clock_gettime(CLOCK_REALTIME, &times[0]);
    times[1] = times[0];
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    look_at_all(r, 1);
    assert_int_equal(vectors(r), 1);
    paint(r, 0, 90);
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    struct embedding_cache *c = cache(r);
    assert_int_equal(look(r, c, 0), 90);
    embedding_cache_free(c);
    free(path);
}

static void append(const char *path, const char *bytes, size_t len)
{
    FILE *f = fopen(path, "a");

    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

static void test_torn_tails(void **state)
{
    static const char *const names[] = { "0001.index", "0001.vectors" };
    struct room *r = *state;

    for (int i = 0; i < 3; i++) {
        paint(r, i, (uint8_t)(50 + 50 * i));
    }
    look_at_all(r, 2);
    for (size_t i = 0; i < 2; i++) {
        char *path = file_of(r, names[i]);
        append(path, "torn", 4);
        free(path);
    }
    look_at_all(r, 3);
    assert_int_equal(vectors(r), 3);
    assert_int_equal(index_entries(r), 3);
    paint(r, 2, 90);
    struct embedding_cache *c = cache(r);
    assert_int_equal(look(r, c, 2), 150);
    embedding_cache_free(c);
}

/* Any byte of either file may be wrong: an embedding is then made anew, never
 * taken as it is. */
static void test_damage(void **state)
{
    static const char *const names[] = { "0001.index", "0001.vectors" };
    struct room *r = *state;

    for (int i = 0; i < 3; i++) {
        paint(r, i, (uint8_t)(50 + 50 * i));
    }
    look_at_all(r, 3);
    for (size_t n = 0; n < ARRAY_LEN(names); n++) {
        size_t len;
        char *path = file_of(r, names[n]);
        char *bytes = scratch_read(path, &len);
        for (size_t at = 0; at < len; at += 3) {
            bytes[at] ^= 0x55;
            scratch_write(path, bytes, len);
            bytes[at] ^= 0x55;
            struct embedding_cache *c = cache(r);
            for (int i = 0; i < 3; i++) {
                assert_int_equal(look(r, c, i), 50 + 50 * i);
            }
            embedding_cache_free(c);
        }
        free(bytes);
        free(path);
    }
}

static void test_two_at_once(void **state)
{
    struct room *r = *state;
    struct embedding_cache *one = cache(r);
    struct embedding_cache *two = cache(r);

    for (int i = 0; i < 200; i++) {
        paint(r, i, (uint8_t)i);
    }
    for (int i = 0; i < 200; i++) {
        assert_int_equal(look(r, i % 2 ? one : two, i), i);
    }
    embedding_cache_free(one);
    embedding_cache_free(two);
    assert_int_equal(vectors(r), 200);
    for (int i = 0; i < 200; i++) {
        paint(r, i, 255);
    }
    one = cache(r);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(look(r, one, i), i);
    }
    embedding_cache_free(one);
}

static void test_removed_while_in_use(void **state)
{
    struct room *r = *state;
    struct embedding_cache *c = cache(r);

    for (int i = 0; i < 200; i++) {
        paint(r, i, (uint8_t)i);
        if (i == 100) {
            char *model = scratch_path(r->cache, embedder_id(r->embedder));
            scratch_remove(model);
        }
        assert_int_equal(look(r, c, i), i);
    }
    assert_int_equal(look(r, c, 3), 3);
    embedding_cache_free(c);
    look_at_all(r, 2);
    assert_true(vectors(r) >= 100 + 2); /* what came after it is kept */
}

static int64_t bytes_of_all(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *d;
    struct stat st;
    int64_t bytes = 0;

    while (dir && (d = readdir(dir))) {
        if (d->d_name[0] != '.') {
            char *path = scratch_path(folder, d->d_name);
            assert_int_equal(stat(path, &st), 0);
            bytes += S_ISDIR(st.st_mode) ? bytes_of_all(path) : st.st_size;
            free(path);
        }
    }
    if (dir) {
        closedir(dir);
    }
    return bytes;
}

static void test_bounded(void **state)
{
    struct room *r = *state;
    const int64_t max = 64 * 1024;
    int newest = 2000;

    set_budget(r, max);

    for (int session = 0; session < 4; session++) {
        struct embedding_cache *c = cache(r);
        for (int i = 500 * session; i < 500 * (session + 1); i++) {
            paint(r, i % 100, (uint8_t)(i % 256));
            char *path = picture_path(r, i % 100);
            set_time(path, i);
            char extra[16];
            append(path, extra, (size_t)snprintf(extra, sizeof extra, "%d", i)); /* of its own */
            set_time(path, i);
            free(path);
            assert_int_equal(look(r, c, i % 100), i % 256);
        }
        embedding_cache_free(c);
        assert_true(bytes_of_all(r->cache) < 2 * max);
        assert_true(bytes_of_all(r->cache) > max / 8);
    }
    struct embedding_cache *c = cache(r);
    for (int i = newest - 50; i < newest; i++) { /* the last ones are there */
        char *path = picture_path(r, i % 100);
        FILE *f = fopen(path, "r+");
        assert_non_null(f);
        assert_int_equal(fseek(f, 20, SEEK_SET), 0);
        fputs("x", f); /* another picture, but for its stamp */
        fclose(f);
        set_time(path, i);
        free(path);
        assert_int_equal(look(r, c, i % 100), i % 256);
    }
    embedding_cache_free(c);
}

/* Models that have not been used for the longest go. */
static void test_old_models_go(void **state)
{
    static const char id[] = "%032x";
    struct room *r = *state;
    char name[64];

    set_budget(r, 1 << 20);
    for (unsigned m = 0; m < 10; m++) {
        snprintf(name, sizeof name, id, m);
        char *folder = scratch_path(r->cache, name);
        char *path = scratch_path(folder, "0003.index");
        char *bytes = calloc(1, 170 << 10);
        for (char *s = path + 1; (s = strchr(s, '/')); s++) {
            *s = '\0';
            mkdir(path, 0700);
            *s = '/';
        }
        scratch_write(path, bytes, 170 << 10);
        set_time(path, m % 2 ? m : 1000 + m);
        free(bytes);
        free(path);
        free(folder);
    }
    char *other = scratch_path(r->cache, "notes.txt"); /* nothing of ours */
    scratch_write(other, "", 0);
    paint(r, 0, 50);
    struct embedding_cache *c = cache(r);
    look(r, c, 0);
    embedding_cache_free(c);
    for (unsigned m = 0; m < 10; m++) {
        snprintf(name, sizeof name, id, m);
        char *folder = scratch_path(r->cache, name);
        assert_int_equal(scratch_exists(folder), m % 2 == 0);
        free(folder);
    }
    assert_true(scratch_exists(other));
    free(other);
}

/* The embedding that the cache has for picture 0, looked up for that model. */
static void *packed_of(const struct room *r, const struct embedder *e, size_t *bytes)
{
    struct embedding_cache *c = embedding_cache_new(r->disk, e, NULL);
    struct embed_runner *runner = embed_runner_new(e, NULL);
    char *path = picture_path(r, 0);
    *bytes = embedder_packed_bytes(e);
    void *packed = malloc(*bytes);

    assert_true(embedding_cache_get(c, runner, path, &whole, packed, NULL));
    free(path);
    embed_runner_free(runner);
    embedding_cache_free(c);
    return packed;
}

/* Two models take turns on one picture: neither gets what the other has computed, even if
 * their embeddings have the same size and the picture has changed unseen meanwhile. */
static void test_models_take_turns(void **state)
{
    struct room *r = *state;
    const struct classifier_options fed = {
        .input_given = true, .input = { { 0.5f, 0.5f, 0.5f }, { 1.0f, 1.0f, 1.0f } }
    };
    struct embedder *others[] = { embedder_new(NULL, NULL, NULL),
                                  embedder_new(RGB_MODEL, &fed, NULL) };
    size_t bytes, again_bytes;

    paint(r, 0, 200);
    void *first = packed_of(r, r->embedder, &bytes);
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        size_t other_bytes;
        void *other = packed_of(r, others[i], &other_bytes);
        assert_true(other_bytes != bytes || memcmp(other, first, bytes) != 0);
        free(other);
        embedder_free(others[i]);
    }
    paint(r, 0, 90); /* of the same size and time: only the cache knows of 200 */
    void *again = packed_of(r, r->embedder, &again_bytes);
    assert_int_equal(again_bytes, bytes);
    assert_memory_equal(again, first, bytes);
    free(again);
    free(first);
}

static void add_stamp(const struct room *r, int number, struct stamps *set)
{
    char *path = picture_path(r, number);
    struct file_stamp stamp;

    assert_true(file_stamp_of(path, &stamp));
    assert_true(stamps_add(set, &stamp, NULL));
    stamps_sort(set);
    free(path);
}

static struct embedding_part part_of(const struct room *r, const struct stamps *set, bool removing)
{
    struct embedding_part part;
    struct error err = { ERROR_NONE, "" };

    assert_true(
        embedding_cache_part(r->disk, embedder_id(r->embedder), set, removing, &part, &err));
    return part;
}

/* What is of some pictures is measured and removed: of the whole ones, their regions, and those
 * known by content only. What other pictures have stays, also what both have. */
static void test_part(void **state)
{
    struct room *r = *state;
    static const struct region left = { 0, 0, 4, 8 };
    struct stamps set = { .items = NULL };
    struct embedding_cache *c;
    int64_t record = 24 + ((int64_t)embedder_packed_bytes(r->embedder) + 7) / 8 * 8;

    paint(r, 0, 50);
    paint(r, 1, 50); /* the same content */
    paint(r, 2, 90);
    paint(r, 3, 130);
    char *fresh = picture_path(r, 2), *other = picture_path(r, 3);
    assert_int_equal(utimensat(AT_FDCWD, fresh, NULL, 0), 0);
    look_at_all(r, 1);
    c = cache(r);
    for (int i = 1; i < 4; i++) {
        look(r, c, i);
    }
    look_at_region(r, c, fresh, &left);
    look_at_region(r, c, other, &left);
    embedding_cache_free(c);
    assert_int_equal(vectors(r), 5);
    assert_int_equal(index_entries(r), 6);
    assert_int_equal(part_of(r, NULL, false).count, 6);
    add_stamp(r, 0, &set);
    add_stamp(r, 2, &set);
    struct embedding_part part = part_of(r, &set, false);
    assert_int_equal(part.count, 3); /* two of picture 2, and picture 0, whose vector stays */
    assert_int_equal(part.bytes, 3 * 64 + 2 * record);
    part = part_of(r, &set, true);
    assert_int_equal(part.count, 3);
    assert_int_equal(vectors(r), 3);
    assert_int_equal(index_entries(r), 3);
    assert_int_equal(part_of(r, &set, false).count, 0);
    for (int i = 0; i < 4; i++) {
        paint(r, i, 200); /* shows what is known by its stamp */
    }
    c = cache(r);
    assert_int_equal(look(r, c, 0), 200);
    assert_int_equal(look(r, c, 1), 50);
    assert_int_equal(look(r, c, 2), 200);
    assert_int_equal(look(r, c, 3), 130);
    assert_int_equal(look_at_region(r, c, other, &left), 130);
    embedding_cache_free(c);
    free(fresh);
    free(other);
    stamps_release(&set);
}

/* Where nothing is left, the files go. */
static void test_part_is_all(void **state)
{
    struct room *r = *state;
    struct stamps set = { .items = NULL };

    paint(r, 0, 50);
    look_at_all(r, 1);
    add_stamp(r, 0, &set);
    assert_int_equal(part_of(r, &set, true).count, 1);
    assert_int_equal(bytes_of(r, "0001.index"), -1);
    assert_int_equal(bytes_of(r, "0001.vectors"), -1);
    stamps_release(&set);
}

/* Pictures are removed from under a running session: it never gets a wrong embedding, and
 * what it computes from then on is kept. */
static void test_part_while_in_use(void **state)
{
    struct room *r = *state;
    struct stamps set = { .items = NULL };
    struct embedding_cache *c;

    for (int i = 0; i < 200; i++) {
        paint(r, i, (uint8_t)i);
    }
    look_at_all(r, 70);
    c = cache(r);
    for (int i = 60; i < 130; i++) {
        assert_int_equal(look(r, c, i), i);
    }
    for (int i = 0; i < 50; i++) {
        add_stamp(r, i, &set);
    }
    assert_int_equal(part_of(r, &set, true).count, 50);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(look(r, c, i), i);
    }
    embedding_cache_free(c);
    for (int i = 0; i < 200; i++) {
        paint(r, i, 255);
    }
    c = cache(r);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(look(r, c, i), i);
    }
    embedding_cache_free(c);
    stamps_release(&set);
}

static void test_without_a_disk(void **state)
{
    struct room *r = *state;
    struct error err;
    struct embedding_cache *none[2];
    char *file = scratch_path(r->folder, "cache");
    char *packed = malloc(embedder_packed_bytes(r->embedder));

    scratch_write(file, "", 0); /* where a folder would have to be */
    none[0] = cache(r);
    none[1] = embedding_cache_new(NULL, r->embedder, NULL);
    for (size_t i = 0; i < ARRAY_LEN(none); i++) {
        paint(r, 0, (uint8_t)(10 + i));
        paint(r, 1, 70);
        assert_int_equal(look(r, none[i], 0), 10 + i);
        assert_int_equal(look(r, none[i], 1), 70);
        scratch_write(file, "no picture", 10);
        assert_false(embedding_cache_get(none[i], r->runner, file, &whole, packed, &err));
        assert_int_equal(err.kind, ERROR_DATA);
        assert_non_null(strstr(err.message, file));
        embedding_cache_free(none[i]);
    }
    embedding_cache_free(NULL);
    free(packed);
    free(file);
}

static void test_modes(void **state)
{
    static const mode_t masks[] = { 0, 022, 077 };
    struct room *r = *state;
    struct stat st;

    paint(r, 0, 50);
    for (size_t i = 0; i < ARRAY_LEN(masks); i++) {
        mode_t old = umask(masks[i]);
        look_at_all(r, 1);
        umask(old);
        char *path = file_of(r, "0001.vectors");
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & masks[i] & 0777, 0);
        free(path);
        assert_int_equal(stat(r->cache, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0700);
        char *folder = scratch_path(r->folder, "cache");
        scratch_remove(folder);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_unchanged_files_are_not_read),
        TEST(test_regions),
        TEST(test_shared_pictures),
        TEST(test_thumbnail_ahead),
        TEST(test_shared_alpha),
        TEST(test_content_has_many_names),
        TEST(test_fresh_files_are_known_by_content_only),
        TEST(test_torn_tails),
        TEST(test_damage),
        TEST(test_two_at_once),
        TEST(test_removed_while_in_use),
        TEST(test_bounded),
        TEST(test_old_models_go),
        TEST(test_models_take_turns),
        TEST(test_part),
        TEST(test_part_is_all),
        TEST(test_part_while_in_use),
        TEST(test_without_a_disk),
        TEST(test_modes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
