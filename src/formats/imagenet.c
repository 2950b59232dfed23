/* Lists "NAME NUMBER", as CVAT's ImageNet form and Caffe have them, with several numbers for
 * several classes; the class names stand in synsets.txt, labels.txt or classes.txt beside it,
 * a line each, or else the numbers are the classes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "format.h"
#include "image/format.h"
#include "tree.h"
#include "yolo_names.h"

/* Where the numbers at the end of a line begin; len if there are none. */
static size_t numbers_at(const char *line, size_t len)
{
    size_t at = len;
    for (size_t end = len;;) {
        size_t digit = end;
        while (digit && line[digit - 1] >= '0' && line[digit - 1] <= '9') {
            digit--;
        }
        if (digit == end || !digit || line[digit - 1] != ' ') {
            return at;
        }
        at = digit;
        end = digit - 1;
    }
}

static size_t line_len(const char *p, const char **next)
{
    size_t len = strcspn(p, "\n");
    *next = p + len + (p[len] == '\n');
    return len - (len && p[len - 1] == '\r');
}

/* Copies the name in front of the numbers. */
static bool name_of(const char *line, size_t len, char *out, size_t size)
{
    size_t at = numbers_at(line, len);
    if (at == len || at < 2 || at > size) {
        return false;
    }
    memcpy(out, line, at - 1);
    out[at - 1] = '\0';
    return image_format_of_name(out) != NULL;
}

static bool imagenet_looks_like(const struct source *s)
{
    char name[4096];
    const char *next;
    if (s->folder || !s->text.len) {
        return false;
    }
    size_t len = line_len(s->text.data, &next);
    return name_of(s->text.data, len, name, sizeof name);
}

static bool read_names(struct yolo_names *names, const char *path, struct error *err)
{
    static const char *const files[] = { "synsets.txt", "labels.txt", "classes.txt" };
    struct buf text = BUF_INIT;
    char *folder = file_dirname(path);
    bool ok = true, there = false;
    for (size_t i = 0; folder && ok && !there && i < ARRAY_LEN(files); i++) {
        struct stat st;
        char *file = file_join(folder, files[i]);
        there = file && stat(file, &st) == 0 && S_ISREG(st.st_mode);
        if (there) {
            ok = tree_read(file, &text, err) && yolo_names_of_lines(names, file, &text, err);
        }
        free(file);
    }
    free(folder);
    buf_release(&text);
    return ok;
}

static bool bad(const struct place *at, const char *what, const char *line, size_t len,
                struct error *err)
{
    char where[PLACE_TEXT_MAX];
    place_text(at, where);
    return error_set(err, ERROR_DATA, "%s: %s: '%.*s'", where, what, (int)(len < 80 ? len : 80),
                     line);
}

static bool add_class(struct dataset *d, uint32_t picture, const struct place *at,
                      const struct yolo_names *names, const char *digits, struct error *err)
{
    char number[32], what[80];
    size_t len = strspn(digits, "0123456789");
    snprintf(number, sizeof number, "%.*s", (int)(len < 31 ? len : 31), digits);
    unsigned long long class = strtoull(number, NULL, 10);
    struct sample s = { .at = *at, .label = number, .label_len = strlen(number) };
    if (names->count && class >= names->count) {
        snprintf(what, sizeof what, "class %s of %zu", number, names->count);
        return bad(at, what, number, strlen(number), err);
    }
    if (names->count) {
        s.label = names->names[class];
        s.label_len = strlen(s.label);
    }
    return dataset_add_to(d, picture, &s, err);
}

static bool read_line(const struct source *s, struct dataset *d, const struct yolo_names *names,
                      const char *line, size_t len, uint64_t number, struct error *err)
{
    struct place at = { s->path, number, NULL, 0 };
    size_t numbers = numbers_at(line, len);
    uint32_t picture;
    if (!len) {
        return true;
    }
    if (numbers == len || numbers < 2) {
        return bad(&at, "expected NAME NUMBER", line, len, err);
    }
    if (!dataset_find(d, line, numbers - 1, &picture)) {
        return true;
    }
    bool ok = true;
    for (size_t i = numbers; ok && i < len; i += strspn(line + i, "0123456789") + 1) {
        ok = add_class(d, picture, &at, names, line + i, err);
    }
    return ok;
}

static bool imagenet_read(const struct source *s, struct dataset *d, struct error *err)
{
    struct yolo_names names = { 0 };
    if (s->folder) {
        return not_a_file(s, "a list", err);
    }
    dataset_join(d);
    bool ok = read_names(&names, s->path, err);
    const char *next;
    uint64_t number = 1;
    for (const char *p = buf_text(&s->text); ok && *p; p = next, number++) {
        size_t len = line_len(p, &next);
        ok = read_line(s, d, &names, p, len, number, err);
    }
    yolo_names_release(&names);
    return ok;
}

const struct format format_imagenet = {
    .info = { "imagenet", "ImageNet lists: NAME NUMBER", NULL, true, false, 0 },
    .looks_like = imagenet_looks_like,
    .read = imagenet_read,
};
