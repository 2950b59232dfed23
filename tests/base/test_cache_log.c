#include "base/cache_log.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "scratch.h"

#define RECORD 40

struct room {
    char *folder, *path;
};

static int setup(void **state)
{
    struct room *r = calloc(1, sizeof *r);

    assert_non_null(r);
    r->folder = scratch_new();
    r->path = scratch_path(r->folder, "log");
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    struct room *r = *state;

    free(r->path);
    scratch_remove(r->folder);
    free(r);
    return 0;
}

static struct cache_log opened(const struct room *r)
{
    struct cache_log log;
    struct error err = { ERROR_NONE, "" };

    assert_true(cache_log_open(&log, r->path, RECORD, &err));
    return log;
}

static void append(struct cache_log *log, char letter, size_t count, uint64_t want_first)
{
    char records[8 * RECORD];
    uint64_t first;

    memset(records, letter, count * RECORD);
    assert_true(cache_log_append(log, records, count, &first, NULL));
    assert_int_equal(first, want_first);
}

static void assert_record(const struct cache_log *log, uint64_t number, char letter)
{
    char record[RECORD];

    assert_true(cache_log_read(log, number, 1, record));
    for (int i = 0; i < RECORD; i++) {
        assert_int_equal(record[i], letter);
    }
}

static void test_append_and_read(void **state)
{
    char records[3 * RECORD];
    struct cache_log log = opened(*state);

    assert_int_equal(cache_log_count(&log), 0);
    assert_false(cache_log_read(&log, 0, 1, records));
    append(&log, 'a', 2, 0);
    append(&log, 'b', 1, 2);
    assert_int_equal(cache_log_count(&log), 3);
    assert_record(&log, 1, 'a');
    assert_record(&log, 2, 'b');
    assert_true(cache_log_read(&log, 0, 3, records));
    assert_int_equal(records[3 * RECORD - 1], 'b');
    assert_false(cache_log_read(&log, 1, 3, records));
    assert_false(cache_log_read(&log, 4, 1, records));
    assert_false(cache_log_read(&log, UINT64_MAX, 2, records));
    cache_log_close(&log);
    log = opened(*state);
    assert_int_equal(cache_log_count(&log), 3);
    append(&log, 'c', 1, 3);
    cache_log_close(&log);
    cache_log_close(&log);
}

static void test_two_at_once(void **state)
{
    struct room *r = *state;
    struct cache_log one = opened(r);
    struct cache_log two = opened(r);
    struct error err;
    char record[RECORD] = "";
    uint64_t first;

    append(&one, 'a', 1, 0);
    append(&two, 'b', 2, 1);
    append(&one, 'c', 1, 3);
    assert_record(&two, 3, 'c');
    assert_record(&one, 2, 'b');
    int fd = open(r->path, O_RDWR | O_CLOEXEC);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_false(cache_log_append(&one, record, 1, &first, &err));
    assert_int_equal(err.kind, ERROR_BUSY);
    close(fd);
    append(&one, 'd', 1, 4);
    cache_log_close(&one);
    cache_log_close(&two);
}

/* What a killed process left of a record. */
static void test_torn_record(void **state)
{
    struct room *r = *state;
    struct cache_log log = opened(r);

    append(&log, 'a', 2, 0);
    assert_int_equal(truncate(r->path, 3 * RECORD - 7), 0);
    assert_int_equal(cache_log_count(&log), 1);
    append(&log, 'b', 1, 1);
    assert_record(&log, 0, 'a');
    assert_record(&log, 1, 'b');
    assert_int_equal(truncate(r->path, 10), 0); /* half a header */
    assert_int_equal(cache_log_count(&log), 0);
    append(&log, 'c', 1, 0);
    cache_log_close(&log);
    log = opened(r);
    assert_record(&log, 0, 'c');
    cache_log_close(&log);
}

static void test_not_ours(void **state)
{
    struct room *r = *state;
    struct cache_log log;
    struct error err;
    char text[100];

    memset(text, 'x', sizeof text);
    scratch_write(r->path, text, sizeof text);
    assert_false(cache_log_open(&log, r->path, RECORD, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_non_null(strstr(err.message, r->path));
    assert_int_equal(unlink(r->path), 0);
    log = opened(r);
    append(&log, 'a', 1, 0);
    cache_log_close(&log);
    assert_false(cache_log_open(&log, r->path, RECORD + 8, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_false(cache_log_open(&log, r->path, CACHE_LOG_RECORD_MIN - 1, &err));
    assert_false(cache_log_open(&log, r->path, CACHE_LOG_RECORD_MAX + 1, &err));
    assert_int_equal(unlink(r->path), 0);
    assert_int_equal(mkfifo(r->path, 0600), 0);
    assert_false(cache_log_open(&log, r->path, RECORD, &err));
    assert_int_equal(unlink(r->path), 0);
    assert_int_equal(symlink("elsewhere", r->path), 0);
    assert_false(cache_log_open(&log, r->path, RECORD, &err));
    assert_int_equal(log.fd, -1);
}

static void test_removed_while_open(void **state)
{
    struct room *r = *state;
    struct cache_log log = opened(r);

    append(&log, 'a', 1, 0);
    assert_int_equal(unlink(r->path), 0);
    append(&log, 'b', 1, 1);
    assert_record(&log, 0, 'a');
    cache_log_close(&log);
    assert_false(scratch_exists(r->path));
}

static void test_folders(void **state)
{
    struct room *r = *state;
    struct error err;
    struct stat st;
    char *deep = scratch_path(r->folder, "a//b/c");
    char *file = scratch_path(r->folder, "file/x");

    mode_t old = umask(022);
    assert_true(cache_folder_make(deep, &err));
    umask(old);
    assert_int_equal(stat(deep, &st), 0);
    assert_true(S_ISDIR(st.st_mode));
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_true(cache_folder_make(deep, &err));
    file[strlen(file) - 2] = '\0';
    scratch_write(file, "", 0);
    file[strlen(file)] = '/';
    assert_false(cache_folder_make(file, &err));
    assert_non_null(strstr(err.message, file));
    cache_folder_remove(r->folder); /* not empty */
    assert_true(scratch_exists(deep));
    cache_folder_remove(deep);
    assert_false(scratch_exists(deep));
    free(deep);
    free(file);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_append_and_read), TEST(test_two_at_once),        TEST(test_torn_record),
        TEST(test_not_ours),        TEST(test_removed_while_open), TEST(test_folders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
