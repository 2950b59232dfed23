#include "base/cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "scratch.h"

#define LIMIT 100000
#define PIECE 9000
#define ID "0123456789abcdef0123456789abcdef"

struct shelf {
    char *root, *place, *folder; /* place/thumbnails */
    struct cache *cache;
};

static int setup(void **state)
{
    struct shelf *s = calloc(1, sizeof *s);

    assert_non_null(s);
    s->root = scratch_new();
    s->place = scratch_path(s->root, "a/b");
    s->folder = scratch_path(s->place, "thumbnails");
    s->cache = cache_new(s->place, LIMIT, NULL);
    assert_non_null(s->cache);
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    struct shelf *s = *state;

    cache_free(s->cache);
    free(s->folder);
    free(s->place);
    scratch_remove(s->root);
    free(s);
    return 0;
}

static struct hash128 name_of(uint64_t n)
{
    return (struct hash128){ n, 7 };
}

static char *path_of(const struct shelf *s, unsigned n)
{
    char name[64];

    snprintf(name, sizeof name, "0000000000000007%016x.cache", n);
    return scratch_path(s->folder, name);
}

static bool put(struct cache *cache, unsigned n, size_t len)
{
    char *bytes = mem_array(len, 1);

    assert_non_null(bytes);
    memset(bytes, (int)n, len);
    bool ok = cache_write_file(cache, CACHE_THUMBNAILS, name_of(n), bytes, len);
    free(bytes);
    return ok;
}

static bool has(struct cache *cache, unsigned n, size_t len)
{
    struct buf out = BUF_INIT;
    bool found = cache_read_file(cache, CACHE_THUMBNAILS, name_of(n), LIMIT, &out);

    if (found) {
        assert_int_equal(out.len, len);
        assert_int_equal((unsigned char)out.data[0], n & 255);
        assert_int_equal((unsigned char)out.data[len - 1], n & 255);
    }
    buf_release(&out);
    return found;
}

/* So many hours ago. */
static void set_used(const struct shelf *s, unsigned n, int hours)
{
    char *path = path_of(s, n);
    struct timespec at = { time(NULL) - 3600 * (time_t)hours, 0 };

    assert_int_equal(utimensat(AT_FDCWD, path, (struct timespec[2]){ at, at }, 0), 0);
    free(path);
}

/* Of all files with that end. */
static long long bytes_of(const char *folder, const char *end, int *count)
{
    long long sum = 0;
    DIR *dir = opendir(folder);
    struct stat st;

    *count = 0;
    assert_non_null(dir);
    for (struct dirent *d; (d = readdir(dir));) {
        size_t len = strlen(d->d_name);
        if (len >= strlen(end) && strcmp(d->d_name + len - strlen(end), end) == 0) {
            assert_int_equal(fstatat(dirfd(dir), d->d_name, &st, 0), 0);
            sum += st.st_size;
            ++*count;
        }
    }
    closedir(dir);
    return sum;
}

static void assert_limit_kept(const struct shelf *s)
{
    int count;

    assert_true(bytes_of(s->folder, ".cache", &count) <= LIMIT);
}

static void test_put_and_get(void **state)
{
    struct shelf *s = *state;
    struct stat st;
    struct buf out = BUF_INIT;

    assert_false(has(s->cache, 1, 10)); /* there is no folder yet */
    assert_false(scratch_exists(s->folder));
    assert_true(put(s->cache, 1, 10));
    assert_true(put(s->cache, 2, 20));
    assert_true(has(s->cache, 1, 10) && has(s->cache, 2, 20));
    assert_true(put(s->cache, 1, 30)); /* in place of the first */
    assert_true(has(s->cache, 1, 30));
    assert_false(
        cache_read_file(s->cache, CACHE_THUMBNAILS, name_of(1), 29, &out)); /* over the limit */
    buf_release(&out);
    assert_int_equal(stat(s->folder, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(scratch_count(s->folder), 2); /* no temporary one is left */
    char *path = path_of(s, 1);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    free(path);
}

static void test_limit_is_kept(void **state)
{
    struct shelf *s = *state;

    for (unsigned i = 0; i < 10; i++) {
        assert_true(put(s->cache, i, PIECE));
        set_used(s, i, 50 - (int)i);
    }
    assert_true(has(s->cache, 0, PIECE)); /* used now */
    for (unsigned i = 10; i < 13; i++) {
        assert_true(put(s->cache, i, PIECE));
        assert_limit_kept(s);
    }
    assert_true(has(s->cache, 0, PIECE) && has(s->cache, 12, PIECE));
    assert_false(has(s->cache, 1, PIECE));
    for (unsigned i = 0; i < 200; i++) {
        assert_true(put(s->cache, i, PIECE - i));
        assert_limit_kept(s);
        assert_true(has(s->cache, i, PIECE - i));
    }
    assert_false(put(s->cache, 201, LIMIT + 1)); /* never all of it for one */
    assert_true(has(s->cache, 199, PIECE - 199));
}

/* A single one may have it all. */
static void test_one_that_fills_it(void **state)
{
    struct shelf *s = *state;

    assert_true(put(s->cache, 1, PIECE));
    set_used(s, 1, 1);
    assert_true(put(s->cache, 2, LIMIT - PIECE / 2));
    assert_limit_kept(s);
    assert_false(has(s->cache, 1, PIECE));
}

/* Written over, it is counted once; files that others removed are found out. */
static void test_it_counts_right(void **state)
{
    struct shelf *s = *state;

    for (int i = 0; i < 100; i++) {
        assert_true(put(s->cache, 1, PIECE));
        assert_true(put(s->cache, 2, PIECE));
    }
    assert_true(has(s->cache, 1, PIECE) && has(s->cache, 2, PIECE));
    for (unsigned i = 3; i < 11; i++) {
        assert_true(put(s->cache, i, PIECE));
        char *path = path_of(s, i);
        assert_int_equal(unlink(path), 0);
        free(path);
    }
    for (unsigned i = 11; i < 18; i++) {
        assert_true(put(s->cache, i, PIECE));
    }
    for (unsigned i = 11; i < 18; i++) {
        assert_true(has(s->cache, i, PIECE));
    }
    assert_true(has(s->cache, 1, PIECE) && has(s->cache, 2, PIECE));
}

/* Whatever happens to the count, the limit is kept. */
static void test_count_damaged(void **state)
{
    static const char *const garbage[] = { "", "x", "TTUSAGE\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" };
    struct shelf *s = *state;
    char *usage = scratch_path(s->place, "usage");

    for (unsigned i = 0; i < 40; i++) {
        assert_true(put(s->cache, i, PIECE));
        if (i % 4 == 3) {
            assert_int_equal(unlink(usage), 0);
        } else {
            scratch_write(usage, garbage[i % 4], i % 4 == 2 ? 24 : strlen(garbage[i % 4]));
        }
        assert_limit_kept(s);
    }
    assert_int_equal(mkdir(usage, 0700), 0); /* it cannot be counted at all */
    assert_true(put(s->cache, 50, PIECE));
    assert_true(has(s->cache, 50, PIECE));
    assert_int_equal(rmdir(usage), 0);
    free(usage);
}

/* While another process holds the count, nobody waits; what was written meanwhile
 * is counted later. */
static void test_count_held(void **state)
{
    struct shelf *s = *state;
    char *usage = scratch_path(s->place, "usage");

    assert_true(put(s->cache, 0, PIECE));
    int fd = open(usage, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    for (unsigned i = 1; i < 15; i++) {
        assert_true(put(s->cache, i, PIECE));
    }
    close(fd);
    assert_true(put(s->cache, 15, PIECE));
    assert_limit_kept(s);
    free(usage);
}

/* What a killed process left goes after a while; what is not ours stays. */
static void test_leftovers(void **state)
{
    struct shelf *s = *state;
    char *old = scratch_path(s->root, "a/b/thumbnails/tmp-abcdef");
    char *young = scratch_path(s->root, "a/b/thumbnails/tmp-ghijkl");
    char *foreign = scratch_path(s->root, "a/b/thumbnails/notes.txt");
    char *usage = scratch_path(s->place, "usage");
    struct timespec then = { time(NULL) - 7200, 0 };

    assert_true(put(s->cache, 1, PIECE));
    scratch_write(old, "half", 4);
    scratch_write(young, "half", 4);
    scratch_write(foreign, "keep", 4);
    assert_int_equal(utimensat(AT_FDCWD, old, (struct timespec[2]){ then, then }, 0), 0);
    assert_int_equal(utimensat(AT_FDCWD, foreign, (struct timespec[2]){ then, then }, 0), 0);
    assert_int_equal(unlink(usage), 0); /* it looks through the folder */
    assert_true(put(s->cache, 2, PIECE));
    assert_false(scratch_exists(old));
    assert_true(scratch_exists(young) && scratch_exists(foreign));
    free(old);
    free(young);
    free(foreign);
    free(usage);
}

static void test_what_stands_in_its_place(void **state)
{
    struct shelf *s = *state;
    char *path = path_of(s, 1);

    assert_true(put(s->cache, 2, 10));
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_false(has(s->cache, 1, 10)); /* and does not hang */
    assert_true(put(s->cache, 1, 10));
    assert_true(has(s->cache, 1, 10));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_false(has(s->cache, 1, 10));
    assert_false(put(s->cache, 1, 10));
    assert_int_equal(scratch_count(s->folder), 2); /* the temporary one is gone */
    free(path);
}

static void test_no_folder_to_be_had(void **state)
{
    struct shelf *s = *state;
    char *file = scratch_path(s->root, "a");

    scratch_write(file, "", 0); /* where the folder should be */
    assert_false(put(s->cache, 1, 10));
    assert_false(has(s->cache, 1, 10));
    free(file);
}

/* The folder is deleted under its feet. */
static void test_removed_while_in_use(void **state)
{
    struct shelf *s = *state;

    assert_true(put(s->cache, 1, 10));
    char *path = path_of(s, 1);
    char *usage = scratch_path(s->place, "usage");
    assert_int_equal(unlink(path) | unlink(usage) | rmdir(s->folder) | rmdir(s->place), 0);
    assert_false(has(s->cache, 1, 10));
    assert_true(put(s->cache, 1, 10));
    assert_true(has(s->cache, 1, 10));
    free(path);
    free(usage);
}

static void test_processes(void **state)
{
    enum { PROCESSES = 4 };
    struct shelf *s = *state;
    pid_t children[PROCESSES];
    int status, count;

    for (int p = 0; p < PROCESSES; p++) {
        children[p] = fork();
        assert_true(children[p] >= 0);
        if (children[p] == 0) {
            bool ok = true;
            for (unsigned i = 0; ok && i < 200; i++) {
                ok = put(s->cache, i % 30 + (unsigned)p * 10, PIECE);
                has(s->cache, (i + 7) % 60, PIECE); /* whole or not there */
            }
            cache_free(s->cache);
            _exit(ok ? 0 : 1);
        }
    }
    for (int p = 0; p < PROCESSES; p++) {
        assert_int_equal(waitpid(children[p], &status, 0), children[p]);
        assert_int_equal(status, 0);
    }
    assert_true(put(s->cache, 100, PIECE));
    assert_true(bytes_of(s->folder, ".cache", &count) <= LIMIT);
    assert_true(count > 3);
}

static void make_folders(const char *place)
{
    struct cache *c = cache_new(place, LIMIT, NULL);
    int fd = cache_open_folder(c, CACHE_EMBEDDINGS, ID, true);

    assert_true(fd >= 0);
    close(fd);
    fd = cache_open_folder(c, CACHE_THUMBNAILS, NULL, true);
    assert_true(fd >= 0);
    close(fd);
    cache_free(c);
}

/* A file of a model's embeddings, last used so many hours ago. */
static void write_embeddings(const struct shelf *s, const char *name, size_t len, int hours)
{
    char *folder = scratch_path(s->place, "embeddings/" ID);
    char *path = scratch_path(folder, name);
    char *bytes = mem_array(len, 1);
    struct timespec at = { time(NULL) - 3600 * (time_t)hours, 0 };

    scratch_write(path, bytes, len);
    assert_int_equal(utimensat(AT_FDCWD, path, (struct timespec[2]){ at, at }, 0), 0);
    free(bytes);
    free(path);
    free(folder);
}

static bool has_embeddings(const struct shelf *s, const char *name)
{
    char *folder = scratch_path(s->place, "embeddings/" ID);
    char *path = scratch_path(folder, name);
    bool there = scratch_exists(path);

    free(path);
    free(folder);
    return there;
}

/* One budget: of both kinds, what was not used for the longest goes first, and the files of a
 * generation together. */
static void test_one_budget(void **state)
{
    struct shelf *s = *state;

    make_folders(s->place);
    write_embeddings(s, "0001.index", 100, 40);
    write_embeddings(s, "0001.vectors", 40000, 40);
    write_embeddings(s, "0002.index", 100, 2);
    write_embeddings(s, "0002.vectors", 30000, 50); /* used with its index */
    char *usage = scratch_path(s->folder, "usage"); /* of an earlier version */
    scratch_write(usage, "old", 3);
    assert_true(put(s->cache, 1, PIECE));
    set_used(s, 1, 45);
    assert_true(put(s->cache, 2, PIECE));
    set_used(s, 2, 1);
    assert_true(put(s->cache, 3, 12500)); /* too much for the budget now */
    assert_false(has(s->cache, 1, PIECE));
    assert_false(has_embeddings(s, "0001.index") || has_embeddings(s, "0001.vectors"));
    assert_true(has_embeddings(s, "0002.index") && has_embeddings(s, "0002.vectors"));
    assert_true(has(s->cache, 2, PIECE) && has(s->cache, 3, 12500));
    assert_false(scratch_exists(usage));
    free(usage);
    cache_grew(s->cache, 60000); /* a log has grown */
    cache_grew(s->cache, 1);
    assert_true(has_embeddings(s, "0002.index")); /* it was only said so */
    assert_true(has(s->cache, 2, PIECE) && has(s->cache, 3, 12500));
}

static void test_list_and_clear(void **state)
{
    struct shelf *s = *state;
    struct cache_list l;

    assert_true(cache_list(s->cache, &l, NULL)); /* no folder yet */
    assert_int_equal(l.count + l.refused, 0);
    cache_list_release(&l);
    make_folders(s->place);
    write_embeddings(s, "0001.index", 100, 4);
    write_embeddings(s, "0001.vectors", 400, 3);
    write_embeddings(s, "notes.txt", 10, 0);
    assert_true(put(s->cache, 1, 1000) && put(s->cache, 2, 2000));
    char *leftover = scratch_path(s->folder, "tmp-1-2");
    char *usage = scratch_path(s->folder, "usage"); /* of an earlier version */
    scratch_write(leftover, "half", 4);
    scratch_write(usage, "old", 3);
    assert_true(cache_list(s->cache, &l, NULL));
    assert_int_equal(l.count, 3);
    assert_int_equal(l.bytes, 3500);
    assert_int_equal(l.entries[0].kind, CACHE_EMBEDDINGS);
    assert_string_equal(l.entries[0].id, ID);
    assert_string_equal(l.entries[0].name, "0001");
    assert_int_equal(l.entries[0].bytes, 500);
    assert_in_range(time(NULL) - l.entries[0].used_ns / 1000000000, 3 * 3600, 3 * 3600 + 600);
    assert_string_equal(l.entries[1].id, "");
    cache_list_release(&l);
    assert_true(cache_clear(s->cache, &l, NULL));
    assert_int_equal(l.count, 3);
    assert_int_equal(l.bytes, 3500);
    assert_int_equal(l.refused, 0);
    cache_list_release(&l);
    assert_int_equal(scratch_count(s->folder), 0); /* also what was left behind */
    assert_true(has_embeddings(s, "notes.txt"));
    assert_false(has_embeddings(s, "0001.index"));
    assert_true(put(s->cache, 1, 1000) && has(s->cache, 1, 1000));
    free(leftover);
    free(usage);
}

/* Whatever is planted in the cache, nothing outside is read, written or removed. */
static void test_links_are_not_followed(void **state)
{
    struct shelf *s = *state;
    struct cache_list l;
    char *outside = scratch_path(s->root, "outside");
    char *there = scratch_path(s->root, "outside/00000000000000070000000000000001.cache");
    char *file = path_of(s, 2);

    assert_int_equal(mkdir(outside, 0700), 0);
    scratch_write(there, "\1\1", 2);
    make_folders(s->place);
    assert_int_equal(symlink(there, file), 0);
    assert_false(has(s->cache, 2, 2));
    assert_true(cache_clear(s->cache, &l, NULL));
    assert_int_equal(l.count, 0);
    assert_int_equal(l.refused, 1);
    assert_non_null(strstr(l.reason.message, file));
    cache_list_release(&l);
    assert_true(put(s->cache, 2, 10)); /* in place of the link */
    assert_true(has(s->cache, 2, 10));
    assert_int_equal(unlink(file) | rmdir(s->folder) | symlink(outside, s->folder), 0);
    assert_false(has(s->cache, 1, 2));
    assert_false(put(s->cache, 1, 10));
    assert_int_equal(cache_file_size(s->cache, CACHE_THUMBNAILS, name_of(1)), -1);
    assert_true(cache_remove_file(s->cache, CACHE_THUMBNAILS, name_of(1), NULL));
    assert_true(cache_clear(s->cache, &l, NULL));
    assert_int_equal(l.refused, 1);
    assert_non_null(strstr(l.reason.message, "b/thumbnails: a link"));
    cache_list_release(&l);
    cache_grew(s->cache, LIMIT + 1); /* looks for what can go */
    size_t len;
    char *bytes = scratch_read(there, &len);
    assert_int_equal(len, 2);
    free(bytes);
    free(file);
    free(there);
    free(outside);
}

/* What others can write to is not used. */
static void test_folders_of_others(void **state)
{
    struct shelf *s = *state;
    struct cache_list l;

    assert_true(put(s->cache, 1, 10));
    assert_int_equal(chmod(s->folder, 0777), 0);
    assert_false(has(s->cache, 1, 10));
    assert_false(put(s->cache, 1, 10));
    assert_true(cache_list(s->cache, &l, NULL));
    assert_int_equal(l.count, 0);
    assert_int_equal(l.refused, 1);
    assert_non_null(strstr(l.reason.message, "thumbnails: belongs to another user, or others may"));
    cache_list_release(&l);
    assert_int_equal(chmod(s->folder, 0700), 0);
    assert_true(has(s->cache, 1, 10));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_put_and_get),         TEST(test_limit_is_kept),
        TEST(test_one_that_fills_it),   TEST(test_it_counts_right),
        TEST(test_count_damaged),       TEST(test_count_held),
        TEST(test_leftovers),           TEST(test_what_stands_in_its_place),
        TEST(test_no_folder_to_be_had), TEST(test_removed_while_in_use),
        TEST(test_processes),           TEST(test_one_budget),
        TEST(test_list_and_clear),      TEST(test_links_are_not_followed),
        TEST(test_folders_of_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
