#include "catalog/catalog.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "listing.h"
#include "scratch.h"

static struct bell bell = BELL_INIT;

static int setup(void **state)
{
    bell.count = 0;
    *state = scratch_new();
    return 0;
}

static int teardown(void **state)
{
    scratch_remove(*state);
    return 0;
}

/* Paths in the order of the session, without the folder in front of them, one
 * a line; the caller's. */
static char *paths_of(const struct catalog *c, const char *folder)
{
    struct buf all = BUF_INIT, path = BUF_INIT;
    size_t skip = strlen(folder) + 1;

    for (size_t i = 0; i < catalog_count(c); i++) {
        uint32_t id = catalog_id(c, i);
        assert_int_equal(catalog_position(c, id), i);
        catalog_path(c, id, &path);
        bool below = strncmp(buf_text(&path), folder, skip - 1) == 0;
        buf_addf(&all, "%s\n", buf_text(&path) + (below ? skip : 0));
    }
    buf_release(&path);
    char *text = mem_string(buf_text(&all), all.len);
    buf_release(&all);
    return text;
}

static void check_paths(struct catalog *c, const char *folder, const char *want)
{
    char *got = paths_of(c, folder);

    assert_string_equal(got, want);
    free(got);
}

static void fill(const char *folder, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        touch(folder, names[i]);
    }
}

static void test_folder(void **state)
{
    static const char *const names[] = {
        "img10.jpg",  "img9.JPG", "img1.jpeg",       "b.png",       "a.gif",  "z.bmp",
        "y.tga",      "x.ppm",    "w.pgm",           "v.pnm",       "u.webp", "t.jfif",
        "s.JpE",      "notes.md", ".hidden.jpg",     "movie.mp4",   "jpg",    "no.jpg.part",
        "labels.csv", "list.txt", "archive.tar.png", "IMG (2).jpg",
    };
    const char *folder = *state;

    fill(folder, names, ARRAY_LEN(names));
    struct catalog *c = list_one(folder, &bell);
    check_paths(c, folder,
                "IMG (2).jpg\na.gif\narchive.tar.png\nb.png\nimg1.jpeg\nimg9.JPG\nimg10.jpg\n"
                "s.JpE\nt.jfif\nu.webp\nv.pnm\nw.pgm\nx.ppm\ny.tga\nz.bmp\n");
    assert_int_equal(catalog_problems(c, NULL), 0);
    catalog_free(c);
}

static void test_sub_folders(void **state)
{
    static const char *const names[] = {
        "z.jpg",           "day10/a.jpg",     "day9/b.jpg",        "day9/a.jpg",
        "day9/deep/x.jpg", ".git/hidden.jpg", "day9/.cache/h.jpg", "day9-more/c.jpg",
        "empty/none.txt",
    };
    const char *folder = *state;

    fill(folder, names, ARRAY_LEN(names));
    struct catalog *c = list_one(folder, &bell);
    check_paths(c, folder,
                "z.jpg\nday9/a.jpg\nday9/b.jpg\nday9/deep/x.jpg\nday9-more/c.jpg\nday10/a.jpg\n");
    /* folder and name make the path */
    struct buf path = BUF_INIT;
    uint32_t id = catalog_id(c, 3);
    catalog_path(c, id, &path);
    assert_string_equal(catalog_name(c, id), "x.jpg");
    size_t len = strlen(catalog_folder_path(c, catalog_folder(c, id)));
    assert_string_equal(buf_text(&path) + len, "/x.jpg");
    assert_int_equal(catalog_folder(c, catalog_id(c, 1)), catalog_folder(c, catalog_id(c, 2)));
    buf_release(&path);
    catalog_free(c);
}

/* Two slashes at the end, and the working folder itself. */
static void test_spellings_of_a_folder(void **state)
{
    const char *folder = *state;
    char *slashes = scratch_path(folder, "/");
    char *old = getcwd(NULL, 0);

    touch(folder, "a.jpg");
    struct catalog *c = list_one(slashes, &bell);
    check_paths(c, folder, "a.jpg\n");
    catalog_free(c);
    assert_int_equal(chdir(folder), 0);
    c = list_one(".", &bell);
    check_paths(c, ".", "a.jpg\n");
    catalog_free(c);
    assert_int_equal(chdir(old), 0);
    free(old);
    free(slashes);
}

static void test_links(void **state)
{
    const char *folder = *state;
    char *at[6];
    static const char *const names[6] = { "link.jpg", "dead.jpg",   "loop",
                                          "self.jpg", "folder.jpg", "linked" };

    touch(folder, "real.jpg");
    touch(folder, "sub/inner.jpg");
    for (size_t i = 0; i < ARRAY_LEN(at); i++) {
        at[i] = scratch_path(folder, names[i]);
    }
    assert_int_equal(symlink("real.jpg", at[0]), 0);
    assert_int_equal(symlink("nowhere", at[1]), 0);
    assert_int_equal(symlink(".", at[2]), 0); /* would go round for ever */
    assert_int_equal(symlink("self.jpg", at[3]), 0);
    assert_int_equal(symlink("sub", at[4]), 0);
    assert_int_equal(symlink("sub", at[5]), 0);
    struct catalog *c = list_one(folder, &bell);
    /* Links that lead nowhere are pictures, so that one sees that they do. */
    check_paths(c, folder, "dead.jpg\nlink.jpg\nreal.jpg\nself.jpg\nsub/inner.jpg\n");
    catalog_free(c);
    /* A folder named on the command line may be a link. */
    c = list_one(at[5], &bell);
    check_paths(c, folder, "linked/inner.jpg\n");
    catalog_free(c);
    for (size_t i = 0; i < ARRAY_LEN(at); i++) {
        free(at[i]);
    }
}

/* What is no regular file but is named like a picture is listed; to say what is
 * wrong with it is the decoder's part. */
static void test_fifo(void **state)
{
    char *path = scratch_path(*state, "pipe.jpg");

    assert_int_equal(mkfifo(path, 0600), 0);
    touch(*state, "a.jpg");
    struct catalog *c = list_one(*state, &bell);
    check_paths(c, *state, "a.jpg\npipe.jpg\n");
    catalog_free(c);
    free(path);
}

static void test_list_files(void **state)
{
    static const struct {
        const char *name, *text, *want;
    } cases[] = {
        { "a.txt", "z.jpg\na.jpg\nsub/img10.jpg\nsub/img9.jpg\n",
          "z.jpg\na.jpg\nsub/img10.jpg\nsub/img9.jpg\n" },
        { "b.lst", "z.jpg\r\na.jpg\r\n\r\n\r\nb.jpg", "z.jpg\na.jpg\nb.jpg\n" },
        { "c.TXT", "/abs/a.jpg\n/b.jpg\n", "/abs/a.jpg\n/b.jpg\n" },
        { "d.txt", "", "" },
        { "e.txt", "\n\n\n", "" },
        { "f.txt", "no-ending\nx/\ny", "no-ending\ny\n" }, /* a folder is no picture */
        { "g.txt", "same.jpg\nsame.jpg\n", "same.jpg\nsame.jpg\n" },
        { "h.txt", " space .jpg \n\xFF.jpg\n", " space .jpg \n\xFF.jpg\n" },
        { "i.txt", "\xEF\xBB\xBFmark.jpg\nb.jpg\n", "mark.jpg\nb.jpg\n" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *path = scratch_path(*state, cases[i].name);
        scratch_write(path, cases[i].text, strlen(cases[i].text));
        struct catalog *c = list_one(path, &bell);
        check_paths(c, *state, cases[i].want);
        assert_int_equal(catalog_problems(c, NULL), 0);
        catalog_free(c);
        free(path);
    }
}

static void test_too_long_a_line(void **state)
{
    char *path = scratch_path(*state, "list.txt");
    char text[6000];
    struct error first;

    memset(text, 'x', sizeof text);
    memcpy(text, "a.jpg\n", 6);
    memcpy(text + sizeof text - 7, "\nb.jpg\n", 7);
    scratch_write(path, text, sizeof text);
    struct catalog *c = list_one(path, &bell);
    check_paths(c, *state, "a.jpg\nb.jpg\n");
    assert_int_equal(catalog_problems(c, &first), 1);
    assert_non_null(strstr(first.message, "list.txt"));
    catalog_free(c);
    free(path);
}

/* A file of zeros without end, called a list: read in little memory, and soon given
 * up. What is named behind it is listed. */
static void test_S3_a_list_that_is_none(void **state)
{
    struct error err = { ERROR_NONE, "" };
    struct error first;
    char *huge = scratch_path(*state, "huge.txt");
    char *good = scratch_path(*state, "good.txt");

    scratch_write(huge, "a.jpg\n", 6);
    assert_int_equal(truncate(huge, (off_t)1 << 32), 0);
    scratch_write(good, "b.jpg\n", 6);
    const char *const paths[] = { huge, good };
    struct catalog_source source = { .paths = paths, .count = 2, .list_fd = -1 };
    struct catalog *c = catalog_list_all(&source, &err);
    assert_non_null(c);
    check_paths(c, "?", "a.jpg\nb.jpg\n");
    assert_int_equal(catalog_problems(c, &first), 1);
    assert_non_null(strstr(first.message, "huge.txt: not a list of pictures"));
    catalog_free(c);
    free(huge);
    free(good);
}

/* Lines over the edges of the blocks that are read. */
static void test_S3_a_long_list(void **state)
{
    struct buf text = BUF_INIT;
    struct buf want = BUF_INIT;
    char *path = scratch_path(*state, "long.txt");
    for (int i = 0; i < 20000; i++) {
        buf_addf(&text, "%0*d.jpg%s", 1 + i % 40, i, i % 3 ? "\n" : "\r\n");
        buf_addf(&want, "%0*d.jpg\n", 1 + i % 40, i);
    }
    scratch_write(path, text.data, text.len);
    struct catalog *c = list_one(path, &bell);
    check_paths(c, "?", buf_text(&want));
    assert_int_equal(catalog_problems(c, NULL), 0);
    catalog_free(c);
    buf_release(&text);
    buf_release(&want);
    free(path);
}

/* Pictures of formats that cannot be read are counted; what is no picture is not. */
static void test_D1_files_left_out_are_counted(void **state)
{
    static const char *const names[] = { "a.jpg",  "b.HEIC",   "c.heic",   "d.heic", "e.tif",
                                         "f.NEF",  "g.txt",    "h.mp4",    "i.csv",  "noending",
                                         ".j.tif", "k.jpg.xz", "l.jpeg2k", "m.webp" };
    struct buf text = BUF_INIT;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        touch(*state, names[i]);
    }
    struct catalog *c = list_one(*state, &bell);
    check_paths(c, *state, "a.jpg\nm.webp\n");
    assert_int_equal(catalog_left_out(c, &text), 5);
    assert_string_equal(buf_text(&text),
                        "5 files left out: .heic 3, .nef 1, .tif 1; convert them to JPEG or PNG");
    assert_int_equal(catalog_left_out(c, NULL), 5);
    catalog_free(c);
    char *file = scratch_path(*state, "b.HEIC"); /* what is named itself is taken */
    c = list_one(file, &bell);
    assert_int_equal(catalog_count(c), 1);
    assert_int_equal(catalog_left_out(c, &text), 0);
    assert_string_equal(buf_text(&text), "");
    catalog_free(c);
    free(file);
    buf_release(&text);
}

/* All endings of formats that are read are listed, in any case. */
static void test_D4_all_endings_are_listed(void **state)
{
    touch(*state, "a.pbm");
    touch(*state, "b.PAM");
    touch(*state, "c.dib");
    touch(*state, "d.Targa");
    touch(*state, "e.jfif");
    struct catalog *c = list_one(*state, &bell);
    check_paths(c, *state, "a.pbm\nb.PAM\nc.dib\nd.Targa\ne.jfif\n");
    catalog_free(c);
}

/* Lists the bytes that come through a pipe. */
static struct catalog *list_bytes(const char *bytes, size_t len, char separator)
{
    struct error err = { ERROR_NONE, "" };
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], bytes, len), len);
    close(ends[1]);
    struct catalog_source source = { .list_fd = ends[0], .separator = separator };
    struct catalog *c = catalog_new(&source, bell_ring, &bell, &err);
    assert_string_equal(err.message, "");
    catalog_wait(c, 60000);
    catalog_poll(c);
    assert_true(catalog_done(c));
    close(ends[0]);
    return c;
}

static void test_list_on_standard_input(void **state)
{
    static const char zeros[] = "b.jpg\0new\nline.jpg\0\0a.jpg";
    static const char lines[] = "b.jpg\nhas\0nul.jpg\na.jpg\n";

    (void)state;
    struct catalog *c = list_bytes(zeros, sizeof zeros - 1, '\0');
    check_paths(c, "?", "b.jpg\nnew\nline.jpg\na.jpg\n");
    catalog_free(c);
    c = list_bytes(lines, sizeof lines - 1, '\n');
    check_paths(c, "?", "b.jpg\na.jpg\n");
    catalog_free(c);
    c = list_bytes("", 0, '\n');
    assert_int_equal(catalog_count(c), 0);
    catalog_free(c);
}

/* Quitting does not wait for whoever writes the list. */
static void test_list_that_never_ends(void **state)
{
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    struct catalog_source source = { .list_fd = ends[0], .separator = '\n' };
    struct catalog *c = catalog_new(&source, bell_ring, &bell, NULL);
    assert_non_null(c);
    char line[32];
    for (int i = 0; i < 100; i++) {
        int n = snprintf(line, sizeof line, "%d.jpg\n", i);
        assert_int_equal(write(ends[1], line, (size_t)n), n);
    }
    bell_wait(&bell, 0);
    assert_true(catalog_poll(c) & CATALOG_GREW);
    assert_true(catalog_count(c) >= 64);
    assert_false(catalog_done(c));
    catalog_free(c);
    close(ends[0]);
    close(ends[1]);
}

static void test_several_inputs(void **state)
{
    const char *folder = *state;
    char *list = scratch_path(folder, "list.txt");
    char *second = scratch_path(folder, "second");
    char *first = scratch_path(folder, "first");
    char *file = scratch_path(folder, "one.dat");

    touch(folder, "first/b.jpg");
    touch(folder, "first/a.jpg");
    touch(folder, "second/a.jpg");
    touch(folder, "one.dat");
    scratch_write(list, "z.jpg\ny.jpg\n", 12);
    const char *paths[] = { second, list, file, first };
    struct catalog_source source = { .paths = paths, .count = 4, .list_fd = -1 };
    struct catalog *c = catalog_new(&source, bell_ring, &bell, NULL);
    assert_non_null(c);
    catalog_wait(c, 60000);
    catalog_poll(c);
    check_paths(c, folder, "second/a.jpg\nz.jpg\ny.jpg\none.dat\nfirst/a.jpg\nfirst/b.jpg\n");
    catalog_free(c);
    free(list);
    free(second);
    free(first);
    free(file);
}

static void test_as_they_are(void **state)
{
    const char *folder = *state;
    const char *paths[] = { "b/not-there.jpg", folder, "a.txt", "b/1.jpg", "/x.jpg", "a.txt" };
    struct catalog_source source = {
        .paths = paths, .count = ARRAY_LEN(paths), .as_they_are = true, .list_fd = -1
    };
    struct catalog *c = catalog_new(&source, bell_ring, &bell, NULL);

    assert_non_null(c);
    catalog_wait(c, 60000);
    catalog_poll(c);
    assert_int_equal(catalog_count(c), 6);
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        struct buf path = BUF_INIT;
        catalog_path(c, catalog_id(c, i), &path);
        assert_string_equal(buf_text(&path), paths[i]);
        buf_release(&path);
    }
    assert_int_equal(catalog_problems(c, NULL), 0);
    catalog_free(c);
}

/* The listing thread stands still after each wake until the owner has looked. */
struct gate {
    sem_t woken, go;
};

static void wait_at_gate(void *context)
{
    struct gate *g = context;

    sem_post(&g->woken);
    while (sem_wait(&g->go) != 0) {
    }
}

/* In the order of the files what is told of is the beginning of the final order, however
 * long the listing takes: several folders, each found in any order. */
static void test_C9_what_is_told_of_is_in_order(void **state)
{
    struct gate gate;
    char name[64];
    const char *folder = *state;

    for (int i = 0; i < 400; i++) {
        snprintf(name, sizeof name, "%s%s%d.jpg",
                 i % 4 == 1   ? "sub10/"
                 : i % 4 == 2 ? "sub9/"
                              : "",
                 i % 3 ? "img" : "IMG_", i * 7919 % 400);
        touch(folder, name);
    }
    struct catalog *sorted = list_one(folder, &bell);
    assert_int_equal(sem_init(&gate.woken, 0, 0) + sem_init(&gate.go, 0, 0), 0);
    struct catalog_source source = {
        .paths = &folder, .count = 1, .list_fd = -1, .in_order = true
    };
    struct catalog *c = catalog_new(&source, wait_at_gate, &gate, NULL);
    struct buf path = BUF_INIT, want = BUF_INIT;
    size_t steps = 0;
    while (!catalog_done(c)) {
        assert_int_equal(sem_wait(&gate.woken), 0);
        catalog_poll(c);
        for (size_t i = 0; i < catalog_count(c); i++) {
            catalog_path(c, catalog_id(c, i), &path);
            catalog_path(sorted, catalog_id(sorted, i), &want);
            assert_string_equal(path.data, want.data);
        }
        steps += catalog_count(c) > 0 && catalog_count(c) < 400;
        sem_post(&gate.go);
    }
    assert_true(steps > 0);
    assert_int_equal(catalog_count(c), 400);
    catalog_free(c);
    catalog_free(sorted);
    buf_release(&path);
    buf_release(&want);
    sem_destroy(&gate.woken);
    sem_destroy(&gate.go);
}

static void test_missing_path(void **state)
{
    char *path = scratch_path(*state, "not-there");
    const char *paths[] = { *state, path };
    struct catalog_source source = { .paths = paths, .count = 2, .list_fd = -1 };
    struct error err;

    assert_null(catalog_new(&source, bell_ring, &bell, &err));
    assert_int_equal(err.kind, ERROR_IO);
    assert_non_null(strstr(err.message, path));
    assert_non_null(strstr(err.message, strerror(ENOENT)));
    free(path);
}

static void test_unreadable_folder(void **state)
{
    char *path = scratch_path(*state, "locked");
    struct error first;

    touch(*state, "a.jpg");
    touch(*state, "locked/b.jpg");
    assert_int_equal(chmod(path, 0), 0);
    DIR *dir = opendir(path);
    if (dir) {
        closedir(dir);
        chmod(path, 0700);
        free(path);
        print_message("root reads any folder\n");
        skip();
    }
    struct catalog *c = list_one(*state, &bell);
    check_paths(c, *state, "a.jpg\n");
    assert_int_equal(catalog_problems(c, &first), 1);
    assert_non_null(strstr(first.message, path));
    catalog_free(c);
    chmod(path, 0700);
    free(path);
}

#define MANY 100000
#define FOLDERS 10

/* img-N.jpg and so on in ten folders, by hard links where that is allowed. */
static void make_many(const char *folder)
{
    char *first = scratch_path(folder, "0/img-0.jpg");
    char path[512];
    size_t links = 0;

    touch(folder, "0/img-0.jpg");
    for (int i = 1; i < MANY; i++) {
        if (i < FOLDERS) {
            snprintf(path, sizeof path, "%s/%d", folder, i);
            assert_int_equal(mkdir(path, 0700), 0);
        }
        snprintf(path, sizeof path, "%s/%d/img-%d.jpg", folder, i % FOLDERS, i);
        if (links++ % 30000 == 29999 || link(first, path) != 0) {
            scratch_write(path, "", 0);
        }
    }
    free(first);
}

/* The first pictures are there long before the last, numbers stay as they
 * were, and at the end all is in order. */
static void test_many_files(void **state)
{
    const char *folder = *state;
    struct catalog_source source = { .paths = &folder, .count = 1, .list_fd = -1 };
    struct buf path = BUF_INIT;

    make_many(folder);
    struct catalog *c = catalog_new(&source, bell_ring, &bell, NULL);
    assert_non_null(c);
    unsigned heard = bell_wait(&bell, 0);
    assert_true(catalog_poll(c) & CATALOG_GREW);
    size_t early = catalog_count(c);
    assert_in_range(early, 64, MANY);
    char *names[64];
    for (uint32_t id = 0; id < 64; id++) {
        assert_int_equal(catalog_position(c, id) < catalog_count(c), true);
        catalog_path(c, id, &path);
        names[id] = mem_string(buf_text(&path), path.len);
    }
    unsigned bits = 0;
    while (!catalog_done(c)) {
        unsigned now = catalog_poll(c);
        bits |= now;
        assert_true(catalog_count(c) >= early);
        early = catalog_count(c);
        if (!catalog_done(c)) {
            heard = bell_wait(&bell, heard);
        }
    }
    assert_true(bits & CATALOG_SORTED);
    assert_true(bits & CATALOG_DONE);
    assert_int_equal(catalog_count(c), MANY);
    assert_true(bell.count >= 6); /* it kept on telling */
    for (uint32_t id = 0; id < 64; id++) {
        catalog_path(c, id, &path);
        assert_string_equal(buf_text(&path), names[id]);
        free(names[id]);
    }
    for (int i = 0; i < MANY; i++) {
        char want[64];
        snprintf(want, sizeof want, "/%d/img-%d.jpg", i / (MANY / FOLDERS),
                 i % (MANY / FOLDERS) * FOLDERS + i / (MANY / FOLDERS));
        uint32_t id = catalog_id(c, (size_t)i);
        catalog_path(c, id, &path);
        assert_string_equal(buf_text(&path) + strlen(folder), want);
        assert_int_equal(catalog_position(c, id), i);
    }
    assert_int_equal(catalog_poll(c), 0);
    buf_release(&path);
    catalog_free(c);

    /* and it can be left at any time */
    c = catalog_new(&source, bell_ring, &bell, NULL);
    bell_wait(&bell, bell.count);
    catalog_free(c);
    catalog_free(NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_folder),
        TEST(test_sub_folders),
        TEST(test_spellings_of_a_folder),
        TEST(test_links),
        TEST(test_fifo),
        TEST(test_list_files),
        TEST(test_too_long_a_line),
        TEST(test_S3_a_list_that_is_none),
        TEST(test_S3_a_long_list),
        TEST(test_D1_files_left_out_are_counted),
        TEST(test_D4_all_endings_are_listed),
        TEST(test_list_on_standard_input),
        TEST(test_list_that_never_ends),
        TEST(test_several_inputs),
        TEST(test_as_they_are),
        TEST(test_C9_what_is_told_of_is_in_order),
        TEST(test_missing_path),
        TEST(test_unreadable_folder),
        TEST(test_many_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
