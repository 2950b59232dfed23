#include "image/thumbnails.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "image/encode.h"
#include "image/scale.h"
#include "scratch.h"
#include "thumbnail.h"

#define PNG_W 1300
#define PNG_H 1000
#define JPEG_W 2700
#define JPEG_H 3600
#define MIB ((int64_t)1 << 20)

/* The pictures, made once. */
static struct {
    char *folder, *png, *jpeg;
    struct buf png_bytes, jpeg_bytes;
} album;

struct desk {
    char *root, *folder, *picture;
    struct cache *disk;
    struct thumbnails *t;
};

/* Shapes, edges, a gradient and some grain. */
static void paint(struct image *out, int width, int height)
{
    uint32_t grain = 1;

    assert_true(image_init(out, width, height, 3, NULL));
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            uint8_t *p = image_at(out, x, y);
            int u = x * 1000 / width;
            int v = y * 1000 / width;
            grain = grain * 1664525 + 1013904223;
            int n = (int)(grain >> 28);
            bool disc = (u - 300) * (u - 300) + (v - 300) * (v - 300) < 40000;
            p[0] = (uint8_t)(n + (disc ? 210 : u / 5));
            p[1] = (uint8_t)(n + (disc ? 60 : v / 5));
            p[2] = (uint8_t)(n + (u / 100 % 2 ? 120 : 50));
        }
    }
}

/* So that it counts as settled, with a stamp that does not change. */
static void set_changed(const char *path, time_t second)
{
    struct timespec times[2] = { { second, 0 }, { second, 0 } };

    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void write_old(const char *path, const void *bytes, size_t len)
{
    scratch_write(path, bytes, len);
    set_changed(path, 1000000);
}

static int make_album(void **state)
{
    struct image picture = IMAGE_INIT;

    (void)state;
    album.folder = scratch_new();
    album.png = scratch_path(album.folder, "a.png");
    album.jpeg = scratch_path(album.folder, "b.jpg");
    paint(&picture, PNG_W, PNG_H);
    assert_true(image_encode_png(&picture, &album.png_bytes, NULL));
    write_old(album.png, album.png_bytes.data, album.png_bytes.len);
    image_release(&picture);
    paint(&picture, JPEG_W, JPEG_H);
    assert_true(image_encode_jpeg(&picture, 85, &album.jpeg_bytes, NULL));
    write_old(album.jpeg, album.jpeg_bytes.data, album.jpeg_bytes.len);
    image_release(&picture);
    return 0;
}

static int remove_album(void **state)
{
    (void)state;
    buf_release(&album.png_bytes);
    buf_release(&album.jpeg_bytes);
    free(album.png);
    free(album.jpeg);
    scratch_remove(album.folder);
    return 0;
}

static int setup(void **state)
{
    struct desk *d = calloc(1, sizeof *d);

    assert_non_null(d);
    d->root = scratch_new();
    d->folder = scratch_path(d->root, "thumbnails");
    d->picture = scratch_path(d->root, "picture");
    d->disk = cache_new(d->root, 64 * MIB, NULL);
    d->t = thumbnails_new(d->disk, NULL);
    assert_non_null(d->t);
    *state = d;
    return 0;
}

static int teardown(void **state)
{
    struct desk *d = *state;

    thumbnails_free(d->t);
    cache_free(d->disk);
    free(d->folder);
    free(d->picture);
    scratch_remove(d->root);
    free(d);
    return 0;
}

/* Decodes for a box and keeps; true when a thumbnail served. */
static bool look_at(struct thumbnails *t, const char *path, int w, int h)
{
    struct image out;
    struct image_info info;
    struct thumbnail_key key;

    assert_true(thumbnail_or_file(t, path, w, h, &out, &info, &key, NULL));
    thumbnails_keep(t, path, &key, &out, &info);
    image_release(&out);
    return key.side == 0;
}

static bool look(struct desk *d)
{
    return look_at(d->t, d->picture, 400, 300);
}

/* The one thumbnail's path, the caller's. */
static char *only_thumbnail(const struct desk *d)
{
    char *found = NULL;
    DIR *dir = opendir(d->folder);

    assert_non_null(dir);
    for (struct dirent *e; (e = readdir(dir));) {
        if (strstr(e->d_name, ".cache")) {
            assert_null(found);
            found = scratch_path(d->folder, e->d_name);
        }
    }
    closedir(dir);
    assert_non_null(found);
    return found;
}

static double psnr(const struct image *a, const struct image *b)
{
    double sum = 0.0;
    size_t n = (size_t)a->height * image_stride(a);

    assert_int_equal(a->width, b->width);
    assert_int_equal(a->height, b->height);
    assert_int_equal(a->channels, b->channels);
    for (size_t i = 0; i < n; i++) {
        double d = (double)a->pixels[i] - (double)b->pixels[i];
        sum += d * d;
    }
    return 10.0 * log10(255.0 * 255.0 * (double)n / (sum + 1e-9));
}

/* As it is shown in a box. */
static void show(struct thumbnails *t, const char *path, int box_w, int box_h, struct image *out,
                 struct image_info *info, bool *hit)
{
    struct image whole;
    struct thumbnail_key key;
    int w, h;

    assert_true(thumbnail_or_file(t, path, box_w, box_h, &whole, info, &key, NULL));
    *hit = key.side == 0;
    thumbnails_keep(t, path, &key, &whole, info);
    image_fit(info->width, info->height, box_w, box_h, true, &w, &h);
    assert_true(w <= whole.width && h <= whole.height); /* never enlarged */
    assert_true(image_scale(&whole, w, h, IMAGE_FILTER_LANCZOS, out, NULL));
    image_release(&whole);
}

/* With and without, the same is seen and told. */
static void test_looks_the_same(void **state)
{
    static const struct {
        bool jpeg;
        int w, h;
    } cases[] = {
        { false, 400, 300 }, { false, 830, 720 }, { false, 1000, 300 },
        { false, 512, 512 }, { true, 400, 300 },  { true, 830, 720 },
    };
    struct desk *d = *state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *path = cases[i].jpeg ? album.jpeg : album.png;
        struct image images[2] = { IMAGE_INIT, IMAGE_INIT };
        struct image_info infos[2];
        bool hits[2];
        char name[32];
        snprintf(name, sizeof name, "case-%zu", i);
        char *folder = scratch_path(d->root, name);
        struct cache *disk = cache_new(folder, 64 * MIB, NULL);
        struct thumbnails *t = thumbnails_new(disk, NULL);
        for (int j = 0; j < 2; j++) {
            show(t, path, cases[i].w, cases[i].h, &images[j], &infos[j], &hits[j]);
        }
        assert_true(!hits[0] && hits[1]);
        assert_true(psnr(&images[0], &images[1]) >= 45.0);
        assert_int_equal(infos[1].width, cases[i].jpeg ? JPEG_W : PNG_W);
        assert_int_equal(infos[1].height, cases[i].jpeg ? JPEG_H : PNG_H);
        assert_string_equal(infos[1].format, cases[i].jpeg ? "JPEG" : "PNG");
        assert_int_equal(infos[1].orientation, 1);
        assert_string_equal(infos[1].damage, "");
        image_release(&images[0]);
        image_release(&images[1]);
        thumbnails_free(t);
        cache_free(disk);
        free(folder);
    }
}

/* It is the thumbnail that is shown: the file's content is not looked at. */
static void test_hit(void **state)
{
    struct desk *d = *state;
    struct image out;
    struct image_info info;
    struct thumbnail_key key;

    write_old(d->picture, album.png_bytes.data, album.png_bytes.len);
    assert_false(look(d));
    assert_true(look(d));
    char *garbage = mem_array(album.png_bytes.len, 1);
    assert_non_null(garbage);
    write_old(d->picture, garbage, album.png_bytes.len); /* the same inode, size and time */
    free(garbage);
    assert_true(thumbnail_or_file(d->t, d->picture, 400, 300, &out, &info, &key, NULL));
    assert_int_equal(out.width, 512);
    assert_int_equal(info.width, PNG_W);
    image_release(&out);
    set_changed(d->picture, 1000001); /* and now it is */
    assert_false(thumbnail_or_file(d->t, d->picture, 400, 300, &out, &info, &key, NULL));
}

/* A box that is larger than the thumbnail asks for another one; a smaller one is
 * served by it. */
static void test_sides(void **state)
{
    static const struct {
        int w, h;
        bool hit;
    } steps[] = {
        { 600, 600, false }, { 600, 600, true }, { 100, 100, true },  { 1024, 10, true },
        { 512, 512, true },  { 1025, 1, false }, { 2048, 100, true }, { 3, 3, true },
    };
    struct desk *d = *state;

    write_old(d->picture, album.png_bytes.data, album.png_bytes.len);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        assert_int_equal(look_at(d->t, d->picture, steps[i].w, steps[i].h), steps[i].hit);
    }
    assert_int_equal(scratch_count(d->folder), 2); /* 1024, all of it as 2048 */
}

/* A JPEG is decoded near the size wanted, and kept as that: too small for a larger
 * box of the same side. */
static void test_grows_within_a_side(void **state)
{
    struct desk *d = *state;

    assert_false(look_at(d->t, album.jpeg, 520, 520));
    assert_true(look_at(d->t, album.jpeg, 520, 520));
    struct image out;
    struct image_info info;
    struct thumbnail_key key;
    assert_true(thumbnail_or_file(d->t, album.jpeg, 1024, 1024, &out, &info, &key, NULL));
    assert_true(out.height >= 1024);
    thumbnails_keep(d->t, album.jpeg, &key, &out, &info);
    image_release(&out);
    assert_true(look_at(d->t, album.jpeg, 1024, 1024));
    assert_true(look_at(d->t, album.jpeg, 520, 520));
}

static bool is_wanted_ahead(const struct thumbnails *t, const char *path, int w, int h)
{
    struct file_stamp stamp;
    assert_true(file_stamp_of(path, &stamp));
    struct thumbnail_key key = thumbnails_key(t, &stamp, w, h);
    return thumbnails_wanted_ahead(t, path, &key);
}

/* Before it is shown only what is slow at any size, once, and not in place of all others. */
static void test_ahead(void **state)
{
    struct desk *d = *state;
    char *other = scratch_path(d->root, "other.png");
    char *little = scratch_path(d->root, "little.png");
    struct stat st;

    write_old(other, album.png_bytes.data, album.png_bytes.len);
    write_old(little, album.png_bytes.data, 1000);
    assert_true(is_wanted_ahead(d->t, album.png, 400, 300));
    assert_true(is_wanted_ahead(d->t, other, 400, 300));
    assert_false(is_wanted_ahead(d->t, album.jpeg, 400, 300));
    assert_false(is_wanted_ahead(d->t, little, 400, 300));
    assert_false(is_wanted_ahead(d->t, album.png, 2049, 100));
    assert_false(is_wanted_ahead(NULL, album.png, 400, 300));
    assert_false(look_at(d->t, album.png, 400, 300));
    assert_false(is_wanted_ahead(d->t, album.png, 400, 300)); /* it is there */
    assert_true(is_wanted_ahead(d->t, other, 400, 300));
    char *thumbnail = only_thumbnail(d);
    assert_int_equal(stat(thumbnail, &st), 0);
    assert_int_equal(unlink(thumbnail), 0);
    struct cache *disk =
        cache_new(d->root, 2 * (int64_t)st.st_size, NULL); /* a quarter: half of it */
    struct thumbnails *small = thumbnails_new(disk, NULL);
    assert_true(is_wanted_ahead(small, other, 400, 300));
    assert_false(look_at(small, album.png, 400, 300));
    assert_false(is_wanted_ahead(small, other, 400, 300));
    thumbnails_free(small);
    cache_free(disk);
    free(thumbnail);
    free(other);
    free(little);
}

static void test_who_gets_none(void **state)
{
    struct desk *d = *state;
    struct image small = IMAGE_INIT;
    struct buf bytes = BUF_INIT;

    paint(&small, 900, 700);
    assert_true(image_encode_png(&small, &bytes, NULL));
    write_old(d->picture, bytes.data, bytes.len); /* quick to decode */
    for (int i = 0; i < 2; i++) {
        assert_false(look(d));
    }
    buf_clear(&bytes);
    image_release(&small);
    for (int i = 0; i < 2; i++) { /* more is wanted than there are thumbnails for */
        look_at(d->t, album.png, 2049, 100);
        look_at(d->t, album.png, 0, 0);
    }
    assert_false(scratch_exists(d->folder));
    scratch_write(d->picture, album.png_bytes.data, album.png_bytes.len);
    assert_false(look(d)); /* just written: it may change again unnoticed */
    assert_false(scratch_exists(d->folder));
    buf_release(&bytes);
}

/* What has alpha is never kept: JPEG has none. */
static void test_alpha(void **state)
{
    struct desk *d = *state;
    struct image picture = IMAGE_INIT;
    struct image_info info = { .width = 2000, .height = 1500, .format = "PNG", .orientation = 1 };
    struct thumbnail_key key = { .side = 512 };

    write_old(d->picture, "x", 1);
    assert_true(file_stamp_of(d->picture, &key.stamp));
    assert_true(image_init(&picture, 2000, 1500, 4, NULL));
    thumbnails_keep(d->t, d->picture, &key, &picture, &info);
    assert_false(scratch_exists(d->folder));
    image_release(&picture);
    assert_true(image_init(&picture, 2000, 1500, 3, NULL));
    thumbnails_keep(d->t, d->picture, &key, &picture, &info);
    assert_true(scratch_exists(d->folder));
    image_release(&picture);
}

/* A thumbnail tells the picture's format by its number, which no other format may have. */
static void test_formats(void **state)
{
    static const char *const formats[] = { "JPEG", "PNG", "WebP", "GIF", "BMP", "TGA", "PNM" };
    struct desk *d = *state;
    struct image picture = IMAGE_INIT;
    struct image small;

    write_old(d->picture, "x", 1);
    assert_true(image_init(&picture, 800, 600, 3, NULL));
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        struct image_info info = {
            .width = 8000, .height = 6000, .format = formats[i], .orientation = 1
        };
        struct thumbnail_key key = { .side = 512 };
        set_changed(d->picture, 1000000 + (time_t)i);
        assert_true(file_stamp_of(d->picture, &key.stamp));
        thumbnails_keep(d->t, d->picture, &key, &picture, &info);
        info.format = NULL;
        assert_true(thumbnails_find(d->t, &key, 400, 300, &small, &info));
        assert_string_equal(info.format, formats[i]);
        image_release(&small);
    }
    image_release(&picture);
}

static void test_damage_is_told(void **state)
{
    struct desk *d = *state;
    struct image out;
    struct image_info infos[2];
    struct thumbnail_key key;

    write_old(d->picture, album.jpeg_bytes.data, album.jpeg_bytes.len * 3 / 4);
    for (int i = 0; i < 2; i++) {
        assert_true(thumbnail_or_file(d->t, d->picture, 400, 300, &out, &infos[i], &key, NULL));
        thumbnails_keep(d->t, d->picture, &key, &out, &infos[i]);
        image_release(&out);
    }
    assert_int_equal(key.side, 0);
    assert_true(infos[0].damage[0]);
    assert_string_equal(infos[1].damage, infos[0].damage);
}

static void test_stale(void **state)
{
    struct desk *d = *state;

    write_old(d->picture, album.png_bytes.data, album.png_bytes.len);
    assert_false(look(d));
    assert_true(look(d));
    set_changed(d->picture, 1000001); /* by time */
    assert_false(look(d));
    assert_true(look(d));
    char *other = scratch_path(d->root, "other"); /* by inode: put in its place */
    write_old(other, album.png_bytes.data, album.png_bytes.len);
    set_changed(other, 1000001);
    assert_int_equal(rename(other, d->picture), 0);
    assert_false(look(d));
    assert_true(look(d));
    scratch_write(d->picture, album.png_bytes.data, album.png_bytes.len + 1); /* by size */
    set_changed(d->picture, 1000001);
    assert_false(look(d));
    free(other);
}

/* Whatever stands in a thumbnail's place, the picture itself is shown, and a good
 * thumbnail put there. */
static void test_garbage(void **state)
{
    struct desk *d = *state;
    size_t len;

    write_old(d->picture, album.png_bytes.data, album.png_bytes.len);
    assert_false(look(d));
    char *path = only_thumbnail(d);
    char *good = scratch_read(path, &len);
    const size_t lengths[] = { 0, 1, 100, 175, 176, 177, len / 2, len - 1 };
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        scratch_write(path, good, lengths[i]); /* cut off */
        assert_false(look(d));
        assert_true(look(d));
    }
    const size_t places[] = { 0, 8, 12, 16, 24, 32, 40, 48, 60, 64, 159, 160, 168, 176, len - 1 };
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        good[places[i]] ^= 0x10; /* one bit is wrong */
        scratch_write(path, good, len);
        good[places[i]] ^= 0x10;
        assert_false(look(d));
        assert_true(look(d));
    }
    memset(good, 'x', len);
    scratch_write(path, good, len);
    assert_false(look(d));
    assert_true(look(d));
    free(good);
    free(path);
}

static void test_none(void **state)
{
    static const int64_t limits[] = { 0, -1 };
    struct desk *d = *state;

    for (size_t i = 0; i <= ARRAY_LEN(limits); i++) {
        struct cache *disk = i < ARRAY_LEN(limits) ? cache_new(d->root, limits[i], NULL) : NULL;
        struct thumbnails *t = thumbnails_new(disk, NULL);
        struct image out;
        struct image_info info;
        struct thumbnail_key key;
        assert_true(thumbnail_or_file(t, album.png, 400, 300, &out, &info, &key, NULL));
        assert_int_equal(out.width, PNG_W);
        thumbnails_keep(t, album.png, &key, &out, &info);
        image_release(&out);
        thumbnails_free(t);
        cache_free(disk);
    }
    assert_false(scratch_exists(d->folder));
    thumbnails_free(NULL);
}

static void test_failures_are_the_pictures(void **state)
{
    struct desk *d = *state;
    struct image out;
    struct image_info info;
    struct thumbnail_key key;
    struct error err;

    assert_false(thumbnail_or_file(d->t, d->picture, 400, 300, &out, &info, &key, &err));
    assert_int_equal(err.kind, ERROR_IO);
    assert_non_null(strstr(err.message, d->picture));
    assert_null(out.pixels);
    write_old(d->picture, "no picture at all", 17);
    assert_false(thumbnail_or_file(d->t, d->picture, 400, 300, &out, &info, &key, &err));
    assert_int_equal(err.kind, ERROR_DATA);
}

static void test_limit(void **state)
{
    enum { PICTURES = 12 };
    struct desk *d = *state;
    struct thumbnails *t;
    int64_t limit;
    size_t len;

    write_old(d->picture, album.png_bytes.data, album.png_bytes.len);
    assert_false(look(d));
    char *path = only_thumbnail(d);
    free(scratch_read(path, &len));
    limit = 4 * (int64_t)len + 1000;
    struct cache *disk = cache_new(d->root, limit, NULL);
    t = thumbnails_new(disk, NULL);
    for (int i = 0; i < PICTURES; i++) {
        set_changed(d->picture, 2000000 + i); /* another picture */
        assert_false(look_at(t, d->picture, 400, 300));
        assert_true(look_at(t, d->picture, 400, 300));
        assert_in_range(scratch_count(d->folder), 1, 4);
    }
    assert_false(scratch_exists(path));
    free(path);
    thumbnails_free(t);
    cache_free(disk);
}

static void test_unwritable(void **state)
{
    struct desk *d = *state;

    scratch_write(d->folder, "", 0); /* a file where the folder should be */
    for (int i = 0; i < 6; i++) {
        assert_false(look_at(d->t, album.png, 400, 300));
    }
}

/* A disk that is full: pictures are shown all the same, nothing is left behind. */
static void test_full_disk(void **state)
{
    struct desk *d = *state;
    int status;

    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct rlimit little = { 1000, 1000 };
        signal(SIGXFSZ, SIG_IGN);
        bool ok = setrlimit(RLIMIT_FSIZE, &little) == 0;
        for (int i = 0; i < 5; i++) {
            ok = ok && !look_at(d->t, album.png, 400, 300);
        }
        _exit(ok ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(scratch_count(d->folder), 0);
}

static void test_processes(void **state)
{
    enum { PROCESSES = 3 };
    struct desk *d = *state;
    pid_t children[PROCESSES];
    int status;

    for (int p = 0; p < PROCESSES; p++) {
        children[p] = fork();
        assert_true(children[p] >= 0);
        if (children[p] == 0) {
            struct thumbnails *t = thumbnails_new(cache_new(d->root, 64 * MIB, NULL), NULL);
            look_at(t, album.png, 400, 300);
            bool ok = look_at(t, album.png, 400, 300);
            look_at(t, album.jpeg, 400, 300);
            _exit(ok && look_at(t, album.jpeg, 400, 300) ? 0 : 1);
        }
    }
    for (int p = 0; p < PROCESSES; p++) {
        assert_int_equal(waitpid(children[p], &status, 0), children[p]);
        assert_int_equal(status, 0);
    }
    assert_true(look_at(d->t, album.png, 400, 300));
    assert_true(look_at(d->t, album.jpeg, 400, 300));
    assert_int_equal(scratch_count(d->folder), 2);
}

static void test_removed_while_in_use(void **state)
{
    struct desk *d = *state;
    char *usage = scratch_path(d->root, "usage");

    for (int i = 0; i < 3; i++) {
        assert_false(look_at(d->t, album.png, 400, 300));
        assert_true(look_at(d->t, album.png, 400, 300));
        char *path = only_thumbnail(d);
        assert_int_equal(unlink(path) | unlink(usage) | rmdir(d->folder), 0);
        free(path);
    }
    free(usage);
}

/* Those of one picture are measured and removed, whatever their side; others stay. */
static void test_of_a_picture(void **state)
{
    struct desk *d = *state;
    struct file_stamp stamp;
    size_t count = 0;
    int64_t bytes = 0;

    write_old(d->picture, album.png_bytes.data, album.png_bytes.len);
    look(d);
    look_at(d->t, d->picture, 900, 900);
    look_at(d->t, album.jpeg, 400, 300);
    assert_true(file_stamp_of(d->picture, &stamp));
    assert_true(thumbnails_of(d->disk, &stamp, false, &count, &bytes, NULL));
    assert_int_equal(count, 2);
    assert_true(bytes > 1000);
    assert_int_equal(scratch_count(d->folder), 3);
    assert_true(thumbnails_of(d->disk, &stamp, true, &count, &bytes, NULL));
    assert_int_equal(count, 4); /* added up */
    assert_int_equal(scratch_count(d->folder), 1);
    assert_false(look(d));
    assert_true(look_at(d->t, album.jpeg, 400, 300));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_looks_the_same),
        TEST(test_hit),
        TEST(test_of_a_picture),
        TEST(test_sides),
        TEST(test_grows_within_a_side),
        TEST(test_ahead),
        TEST(test_who_gets_none),
        TEST(test_alpha),
        TEST(test_formats),
        TEST(test_damage_is_told),
        TEST(test_stale),
        TEST(test_garbage),
        TEST(test_none),
        TEST(test_failures_are_the_pictures),
        TEST(test_limit),
        TEST(test_unwritable),
        TEST(test_full_disk),
        TEST(test_processes),
        TEST(test_removed_while_in_use),
    };
    return cmocka_run_group_tests(tests, make_album, remove_album);
}
