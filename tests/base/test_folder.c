#include "base/folder.h"

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "scratch.h"

/* Two folders: one that is opened, and one beside it that nothing may touch. */
struct place {
    char *top;
    char *path;
    char *outside;
    char *victim;
    struct folder folder;
};

static int setup(void **state)
{
    struct place *p = calloc(1, sizeof *p);

    p->top = scratch_new();
    p->path = scratch_path(p->top, "photos");
    p->outside = scratch_path(p->top, "outside");
    p->victim = scratch_path(p->top, "outside/victim");
    assert_int_equal(mkdir(p->path, 0755), 0);
    assert_int_equal(mkdir(p->outside, 0755), 0);
    scratch_write(p->victim, "thesis\n", 7);
    assert_true(folder_open(&p->folder, p->path, NULL));
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;

    folder_close(&p->folder);
    free(p->path);
    free(p->outside);
    free(p->victim);
    scratch_remove(p->top);
    free(p);
    return 0;
}

static char *inside(const struct place *p, const char *name)
{
    return scratch_path(p->path, name);
}

static void assert_content(const char *path, const char *want)
{
    char *have = scratch_read(path, NULL);

    assert_string_equal(have, want);
    free(have);
}

static mode_t mode_of(const char *path)
{
    struct stat st;

    assert_int_equal(lstat(path, &st), 0);
    return st.st_mode & 07777;
}

/* ------------------------------------------------------------ what is planted */

static void plant_link(const struct place *p, const char *path)
{
    (void)p;
    assert_int_equal(symlink("../outside/victim", path), 0);
}

static void plant_dangling(const struct place *p, const char *path)
{
    (void)p;
    assert_int_equal(symlink("../outside/made", path), 0);
}

static void plant_hard_link(const struct place *p, const char *path)
{
    assert_int_equal(link(p->victim, path), 0);
}

static void plant_fifo(const struct place *p, const char *path)
{
    (void)p;
    assert_int_equal(mkfifo(path, 0600), 0);
}

static void plant_folder(const struct place *p, const char *path)
{
    (void)p;
    assert_int_equal(mkdir(path, 0700), 0);
}

static void plant_device(const struct place *p, const char *path)
{
    (void)p;
    if (mknod(path, S_IFCHR | 0666, makedev(1, 3)) != 0) {
        plant_fifo(p, path);
    }
}

/* Only root can give a file away. */
static void plant_others(const struct place *p, const char *path)
{
    scratch_write(path, "theirs", 6);
    if (chown(path, 65534, (gid_t)-1) != 0) {
        assert_int_equal(unlink(path), 0);
        plant_link(p, path);
    }
}

static const struct {
    const char *what;
    void (*plant)(const struct place *p, const char *path);
} planted[] = {
    { "a symbolic link", plant_link },  { "a dangling link", plant_dangling },
    { "a hard link", plant_hard_link }, { "a FIFO", plant_fifo },
    { "a folder", plant_folder },       { "a device", plant_device },
    { "another's file", plant_others },
};

static bool try_reader(struct folder *f, const char *name, struct error *err)
{
    struct file_reader r;

    return folder_reader_open(f, &r, name, 100, err);
}

static bool try_replace(struct folder *f, const char *name, struct error *err)
{
    return folder_replace(f, name, "x", 1, err);
}

static bool try_truncate(struct folder *f, const char *name, struct error *err)
{
    return folder_truncate(f, name, 0, err);
}

static bool try_log(struct folder *f, const char *name, struct error *err)
{
    struct file_log log;

    return file_log_open(&log, f, name, err);
}

static bool try_look(struct folder *f, const char *name, struct error *err)
{
    return folder_look(f, name, err) == FOLDER_FILE;
}

static bool (*const uses[])(struct folder *f, const char *name, struct error *err) = {
    try_reader, try_replace, try_truncate, try_log, try_look,
};

static void test_S1_what_is_planted_is_refused(void **state)
{
    struct place *p = *state;
    char *path = inside(p, "name");

    for (size_t i = 0; i < ARRAY_LEN(planted); i++) {
        planted[i].plant(p, path);
        for (size_t u = 0; u < ARRAY_LEN(uses); u++) {
            struct error err = { .message = "" };
            if (uses[u](&p->folder, "name", &err)) {
                fail_msg("%s is used (%zu)", planted[i].what, u);
            }
            assert_int_equal(err.kind, ERROR_DATA);
            assert_non_null(strstr(err.message, path));
        }
        assert_content(p->victim, "thesis\n");
        assert_int_equal(scratch_count(p->outside), 1);
        assert_int_equal(remove(path), 0);
    }
    assert_int_equal(scratch_count(p->path), 0);
    free(path);
}

/* A part below the folder that was named is never gone through. */
static void test_S1_names_have_one_part(void **state)
{
    static const char *const names[] = { "sub/victim", "../outside/victim", "..", ".", "", "/x" };
    struct place *p = *state;
    char *sub = inside(p, "sub");

    assert_int_equal(symlink("../outside", sub), 0);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        for (size_t u = 0; u < ARRAY_LEN(uses); u++) {
            assert_false(uses[u](&p->folder, names[i], NULL));
        }
    }
    assert_content(p->victim, "thesis\n");
    free(sub);
}

/* The folder stays the one that was opened, whatever its path leads to since. */
static void test_S1_the_folder_is_opened_once(void **state)
{
    struct place *p = *state;
    char *moved = scratch_path(p->top, "moved"), *there = scratch_path(p->top, "moved/name");

    assert_int_equal(rename(p->path, moved), 0);
    assert_int_equal(symlink("outside", p->path), 0);
    assert_true(folder_replace(&p->folder, "name", "x", 1, NULL));
    assert_content(there, "x");
    assert_int_equal(scratch_count(p->outside), 1);
    free(moved);
    free(there);
}

/* Where others may write as well, their files may be used; not in /tmp. */
static void test_S1_files_of_others(void **state)
{
    static const struct {
        mode_t mode;
        bool used;
    } cases[] = {
        { 0755, false }, { 0700, false }, { 0775, true }, { 0777, true }, { 01777, false }
    };
    struct place *p = *state;
    char *path = inside(p, "name");

    if (geteuid() != 0) {
        free(path);
        skip();
    }
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct folder f;
        struct error err = { .message = "" };
        scratch_write(path, "theirs", 6);
        assert_int_equal(chown(path, 65534, 65534), 0);
        assert_int_equal(chmod(p->path, cases[i].mode), 0);
        assert_true(folder_open(&f, p->path, NULL));
        assert_int_equal(folder_look(&f, "name", &err) == FOLDER_FILE, cases[i].used);
        folder_close(&f);
        assert_int_equal(chown(p->path, 65534, 65534), 0);
        assert_true(folder_open(&f, p->path, NULL));
        assert_int_equal(folder_look(&f, "name", NULL), FOLDER_FILE);
        folder_close(&f);
        assert_int_equal(chown(p->path, 0, 0), 0);
    }
    free(path);
}

/* ------------------------------------------------------------------- writing */

static void test_leftovers(void **state)
{
    static const char *const names[] = {
        ".a.0123456789ab.tmp", /* ours */
        ".a.0123456789a.tmp",  ".a.0123456789ab.tmpx", ".b.0123456789ab.tmp", "a.0123456789ab.tmp",
    };
    struct place *p = *state;

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char *path = inside(p, names[i]);
        scratch_write(path, "", 0);
        free(path);
    }
    folder_remove_leftovers(&p->folder, "a");
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char *path = inside(p, names[i]);
        assert_int_equal(scratch_exists(path), i > 0);
        free(path);
    }
}

static void test_numbered(void **state)
{
    struct place *p = *state;
    char made[NAME_MAX + 1];
    char *second = inside(p, "a-2");

    assert_true(folder_create_numbered(&p->folder, "a", "1", 1, made, NULL));
    assert_string_equal(made, "a");
    assert_int_equal(symlink("../outside/made", second), 0);
    assert_true(folder_create_numbered(&p->folder, "a", "3", 1, made, NULL));
    assert_string_equal(made, "a-3");
    assert_int_equal(scratch_count(p->outside), 1);
    free(second);
}

/* New files have the mode of the one they lie beside, never more, whatever the
 * umask; one that is new with nothing beside it has that of the umask. */
static void test_S8_rights(void **state)
{
    static const mode_t masks[] = { 0, 022, 027, 077, 0777 };
    static const mode_t modes[] = { 0600, 0640, 0644, 0660, 0664, 0666 };
    struct place *p = *state;
    char *csv = inside(p, "csv"), *path = inside(p, "new");
    char made[NAME_MAX + 1];
    struct file_log log;

    for (size_t m = 0; m < ARRAY_LEN(masks); m++) {
        struct folder alone;
        umask(masks[m]);
        assert_true(folder_open(&alone, p->path, NULL));
        assert_true(folder_replace(&alone, "new", "x", 1, NULL));
        assert_int_equal(mode_of(path), 0666 & ~masks[m]);
        folder_close(&alone);
        assert_int_equal(unlink(path), 0);
        for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
            umask(0);
            scratch_write(csv, "", 0);
            assert_int_equal(chmod(csv, modes[i]), 0);
            folder_like(&p->folder, "csv");
            umask(masks[m]);
            assert_true(folder_replace(&p->folder, "new", "x", 1, NULL));
            assert_int_equal(mode_of(path), modes[i]);
            assert_int_equal(unlink(path), 0);
            assert_true(folder_create_numbered(&p->folder, "new", "x", 1, made, NULL));
            assert_int_equal(mode_of(path), modes[i]);
            assert_int_equal(unlink(path), 0);
            assert_true(file_log_open(&log, &p->folder, "new", NULL));
            file_log_close(&log);
            assert_int_equal(mode_of(path), modes[i]);
            /* a wide one of an older version is made narrower */
            assert_int_equal(chmod(path, 0666), 0);
            assert_true(file_log_open(&log, &p->folder, "new", NULL));
            file_log_close(&log);
            assert_int_equal(mode_of(path), modes[i]);
            assert_int_equal(unlink(path), 0);
        }
    }
    umask(022);
    free(csv);
    free(path);
}

/* A group that may not be given gets what everybody may. */
static void test_S8_another_group(void **state)
{
    struct place *p = *state;
    char *path = inside(p, "new");
    struct stat st;

    p->folder.like = (struct file_rights){ true, 0664, 0, 12345 };
    if (geteuid() != 0) {
        free(path);
        skip();
    }
    assert_true(folder_replace(&p->folder, "new", "x", 1, NULL));
    assert_int_equal(mode_of(path), 0664);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_gid, 12345);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(chmod(p->path, 0777), 0);
    assert_int_equal(chmod(p->top, 0755), 0);
    assert_int_equal(setresuid(65534, 65534, 0), 0);
    bool ok = folder_replace(&p->folder, "new", "x", 1, NULL);
    p->folder.like.mode = 0640;
    ok = ok && folder_replace(&p->folder, "new2", "x", 1, NULL);
    assert_int_equal(setresuid(0, 0, 0), 0);
    assert_true(ok);
    assert_int_equal(mode_of(path), 0644);
    free(path);
    path = inside(p, "new2");
    assert_int_equal(mode_of(path), 0600);
    free(path);
}

static void test_log(void **state)
{
    struct place *p = *state;
    char *path = inside(p, "log");
    struct file_log log;
    struct error err;

    assert_true(file_log_open(&log, &p->folder, "log", &err));
    assert_int_equal(log.size, 0);
    assert_true(file_log_append(&log, "one\n", 4, &err));
    assert_true(file_log_append(&log, "two\n", 4, &err));
    assert_int_equal(log.size, 8);
    file_log_close(&log);
    assert_true(file_log_open(&log, &p->folder, "log", &err));
    assert_int_equal(log.size, 8);
    assert_true(file_log_append(&log, "three\n", 6, &err));
    assert_content(path, "one\ntwo\nthree\n");
    file_log_close(&log);
    assert_true(folder_truncate(&p->folder, "log", 4, &err));
    assert_content(path, "one\n");
    assert_true(folder_remove(&p->folder, "log", &err));
    assert_true(folder_remove(&p->folder, "log", &err));
    free(path);
}

/* What another program does to the file meanwhile is found out, and not
 * written over. */
static void test_log_changed(void **state)
{
    struct place *p = *state;
    char *path = inside(p, "log");
    struct file_log log;
    struct error err;

    scratch_write(path, "one\n", 4);
    assert_true(file_log_open(&log, &p->folder, "log", &err));
    FILE *f = fopen(path, "ab");
    assert_non_null(f);
    fputs("theirs\n", f);
    fclose(f);
    assert_false(file_log_append(&log, "two\n", 4, &err));
    assert_int_equal(err.kind, ERROR_BUSY);
    assert_content(path, "one\ntheirs\n");
    file_log_close(&log);

    assert_true(file_log_open(&log, &p->folder, "log", &err));
    assert_true(folder_replace(&p->folder, "log", "new\n", 4, &err));
    assert_false(file_log_append(&log, "two\n", 4, &err));
    assert_int_equal(err.kind, ERROR_BUSY);
    assert_content(path, "new\n");
    file_log_close(&log);

    assert_true(file_log_open(&log, &p->folder, "log", &err));
    assert_int_equal(unlink(path), 0);
    assert_false(file_log_append(&log, "two\n", 4, &err));
    assert_int_equal(err.kind, ERROR_BUSY);
    assert_false(scratch_exists(path));
    file_log_close(&log);
    free(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_S1_what_is_planted_is_refused),
        TEST(test_S1_names_have_one_part),
        TEST(test_S1_the_folder_is_opened_once),
        TEST(test_S1_files_of_others),
        TEST(test_leftovers),
        TEST(test_numbered),
        TEST(test_S8_rights),
        TEST(test_S8_another_group),
        TEST(test_log),
        TEST(test_log_changed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
