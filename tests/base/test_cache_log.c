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
    int fd; /* of the folder */
};

static int setup(void **state)
{
    struct room *r = calloc(1, sizeof *r);

    assert_non_null(r);
    r->folder = scratch_new();
    r->path = scratch_path(r->folder, "log");
    r->fd = open(r->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(r->fd >= 0);
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    struct room *r = *state;

    free(r->path);
    close(r->fd);
    scratch_remove(r->folder);
    free(r);
    return 0;
}

static struct cache_log opened(const struct room *r)
{
    struct cache_log log;
    struct error err = { ERROR_NONE, "" };

    assert_true(cache_log_open(&log, r->fd, "log", O_RDWR | O_CREAT, RECORD, &err));
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
    assert_false(cache_log_open(&log, r->fd, "log", O_RDWR | O_CREAT, RECORD, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_non_null(strstr(err.message, "log"));
    assert_int_equal(unlink(r->path), 0);
    log = opened(r);
    append(&log, 'a', 1, 0);
    cache_log_close(&log);
    assert_false(cache_log_open(&log, r->fd, "log", O_RDWR | O_CREAT, RECORD + 8, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_false(
        cache_log_open(&log, r->fd, "log", O_RDWR | O_CREAT, CACHE_LOG_RECORD_MIN - 1, &err));
    assert_false(
        cache_log_open(&log, r->fd, "log", O_RDWR | O_CREAT, CACHE_LOG_RECORD_MAX + 1, &err));
    assert_int_equal(unlink(r->path), 0);
    assert_int_equal(mkfifo(r->path, 0600), 0);
    assert_false(cache_log_open(&log, r->fd, "log", O_RDWR | O_CREAT, RECORD, &err));
    assert_int_equal(unlink(r->path), 0);
    assert_int_equal(symlink("elsewhere", r->path), 0);
    assert_false(cache_log_open(&log, r->fd, "log", O_RDWR | O_CREAT, RECORD, &err));
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

static bool keep_some(void *context, uint64_t number, void *record)
{
    (void)number;
    return memchr(context, *(char *)record, strlen(context)) != NULL;
}

/* Records are removed while another process has the file open, which notices. */
static void test_filter(void **state)
{
    struct room *r = *state;
    struct cache_log one = opened(r);
    struct cache_log two = opened(r);
    struct error err;
    char letters[] = "bd";

    append(&one, 'a', 2, 0);
    append(&one, 'b', 1, 2);
    append(&one, 'c', 1, 3);
    append(&one, 'd', 1, 4);
    assert_false(cache_log_lost(&one) || cache_log_lost(&two));
    assert_true(cache_log_lock(&two, &err));
    assert_false(cache_log_lock(&one, &err));
    assert_int_equal(err.kind, ERROR_BUSY);
    assert_true(cache_log_filter(&two, keep_some, letters, &err));
    cache_log_unlock(&two);
    assert_int_equal(cache_log_count(&two), 2);
    assert_record(&two, 0, 'b');
    assert_record(&two, 1, 'd');
    assert_true(cache_log_lost(&one));
    assert_false(cache_log_lost(&two));
    append(&two, 'e', 1, 2);
    assert_int_equal(unlink(r->path), 0);
    assert_true(cache_log_lost(&two));
    cache_log_close(&one);
    cache_log_close(&two);
}

/* A hard link may be a file elsewhere. */
static void test_other_names(void **state)
{
    struct room *r = *state;
    struct cache_log log;
    struct error err;
    char *other = scratch_path(r->folder, "precious");

    scratch_write(other, "", 0);
    assert_int_equal(link(other, r->path), 0);
    assert_false(cache_log_open(&log, r->fd, "log", O_RDWR | O_CREAT, RECORD, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    free(other);
}

/* The size of records as the file has it. */
static void test_record_of_the_file(void **state)
{
    struct room *r = *state;
    struct cache_log log = opened(r);

    append(&log, 'a', 1, 0);
    cache_log_close(&log);
    assert_true(cache_log_open(&log, r->fd, "log", O_RDONLY, 0, NULL));
    assert_int_equal(log.record, RECORD);
    assert_record(&log, 0, 'a');
    cache_log_close(&log);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_append_and_read), TEST(test_two_at_once),        TEST(test_torn_record),
        TEST(test_not_ours),        TEST(test_removed_while_open), TEST(test_filter),
        TEST(test_other_names),     TEST(test_record_of_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
