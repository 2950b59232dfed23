/* Data sets for tests of formats: a folder of small pictures, and what is imported from a
 * text or a folder beside it. */
#ifndef TESTS_FORMATS_SETS_H
#define TESTS_FORMATS_SETS_H

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/mem.h"
#include "formats/formats.h"
#include "image/format.h"
#include "picture.h"
#include "scratch.h"

enum { SET_WIDTH = 40, SET_HEIGHT = 30 };

struct set {
    char *folder; /* scratch: photos/ and what the test makes */
    char *photos;
};

static inline void set_picture(const struct set *s, const char *name)
{
    static const uint8_t rgb[SET_WIDTH * SET_HEIGHT * 3];
    struct buf bytes = BUF_INIT;
    char *path = scratch_path(s->photos, name);
    for (char *slash = path; (slash = strchr(slash + 1, '/'));) {
        *slash = '\0';
        mkdir(path, 0777);
        *slash = '/';
    }
    picture_ppm(&bytes, SET_WIDTH, SET_HEIGHT, rgb);
    scratch_write(path, bytes.data, bytes.len);
    buf_release(&bytes);
    free(path);
}

static inline int set_setup(void **state)
{
    struct set *s = calloc(1, sizeof *s);
    s->folder = scratch_new();
    s->photos = scratch_path(s->folder, "photos");
    mkdir(s->photos, 0777);
    set_picture(s, "1.ppm");
    set_picture(s, "a/2.ppm");
    set_picture(s, "a/b c/3 é.ppm");
    set_picture(s, "4.ppm");
    *state = s;
    return 0;
}

static inline int set_teardown(void **state)
{
    struct set *s = *state;
    free(s->photos);
    scratch_remove(s->folder);
    free(s);
    return 0;
}

static struct pictures *set_listed; /* nftw() has no context */
static size_t set_skip;

static inline int set_list_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)ftw;
    if (type != FTW_D && image_format_of_name(path)) {
        assert_true(pictures_add(set_listed, path + set_skip, strlen(path + set_skip)));
    }
    return 0;
}

/* All pictures below the folder. */
static inline struct pictures *set_list(const char *folder)
{
    set_listed = pictures_new(folder);
    set_skip = strlen(folder) + 1;
    assert_non_null(set_listed);
    assert_int_equal(nftw(folder, set_list_one, 16, FTW_PHYS), 0);
    return set_listed;
}

static inline char *set_write(const struct set *s, const char *name, const char *text)
{
    char *path = scratch_path(s->folder, name);
    scratch_write(path, text, strlen(text));
    return path;
}

static inline int set_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "NAME LABEL" or "NAME [x y w h] LABEL" or "NAME (status)" for each annotation, sorted, with
 * ';' between. full: the whole name, else its last part. The caller frees it. */
static inline char *set_text(const struct annotation *items, size_t count, bool full)
{
    char **lines = mem_array(count, sizeof *lines);
    struct buf all = BUF_INIT;
    for (size_t i = 0; i < count; i++) {
        const struct annotation *a = &items[i];
        const char *slash = full ? NULL : strrchr(a->file_name, '/');
        struct buf line = BUF_INIT;
        buf_addf(&line, "%s ", slash ? slash + 1 : a->file_name);
        if (!region_is_whole(&a->region)) {
            buf_addf(&line, "[%d %d %d %d] ", a->region.x, a->region.y, a->region.width,
                     a->region.height);
        }
        if (a->status == STATUS_LABELED) {
            buf_adds(&line, a->label);
        } else {
            buf_addf(&line, "(%s)", label_status_name(a->status));
        }
        lines[i] = buf_take(&line);
    }
    qsort(lines, count, sizeof *lines, set_compare);
    for (size_t i = 0; i < count; i++) {
        buf_addf(&all, "%s%s", i ? ";" : "", lines[i]);
        free(lines[i]);
    }
    free(lines);
    return count ? buf_take(&all) : mem_string("", 0);
}

#endif
