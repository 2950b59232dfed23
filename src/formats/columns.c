#include "columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"

#define LOOK_ROWS 20 /* rows in which names of pictures are looked for */

/* In order of preference: a table with `image` and `id` has its names in `image`. */
static const char *const file_names[] = {
    "file_name",  "filename",   "file",       "filepath", "file_path",
    "path",       "image_path", "image_file", "fname",    "image",
    "image_name", "img_path",   "img",        "image_id", "id",
};
static const char *const label_names[] = {
    "label",  "class_name", "class", "category_name", "category",
    "target", "labels",     "tags",  "tag",           "species",
};
static const char *const size_names[] = { "x", "y", "width", "height" };
static const char *const corner_names[] = { "xmin", "ymin", "xmax", "ymax" };

static bool is_named(const struct csv_field *f, const char *name)
{
    const char *text = f->text;
    size_t len = f->len;
    while (len && text[0] == ' ') {
        text++;
        len--;
    }
    while (len && text[len - 1] == ' ') {
        len--;
    }
    return len == strlen(name) && strncasecmp(text, name, len) == 0;
}

static size_t column_named(const struct csv_record *r, const char *name)
{
    for (size_t i = 0; i < r->count; i++) {
        if (is_named(&r->fields[i], name)) {
            return i;
        }
    }
    return NO_COLUMN;
}

static size_t first_named(const struct csv_record *r, const char *const *names, size_t count)
{
    size_t column = NO_COLUMN;
    for (size_t i = 0; i < count && column == NO_COLUMN; i++) {
        column = column_named(r, names[i]);
    }
    return column;
}

bool columns_have_file(const struct csv_record *header)
{
    return first_named(header, file_names, ARRAY_LEN(file_names)) != NO_COLUMN;
}

bool columns_have_label(const struct csv_record *header)
{
    return first_named(header, label_names, ARRAY_LEN(label_names)) != NO_COLUMN ||
           column_named(header, "guess") != NO_COLUMN;
}

char table_separator(const char *text, size_t len)
{
    static const char candidates[] = { ',', ';', '\t' };
    size_t best = 1;
    char separator = ',';
    for (size_t i = 0; i < ARRAY_LEN(candidates); i++) {
        struct csv_reader r;
        struct csv_record record;
        csv_reader_init(&r);
        r.separator = candidates[i];
        if (csv_next(&r, text, len, true, &record) == CSV_RECORD && record.count > best) {
            best = record.count;
            separator = candidates[i];
        }
        csv_reader_release(&r);
    }
    return separator;
}

/* ------------------------------------------------ columns named by the user */

static bool take_named(size_t *column, const char *name, const struct csv_record *r, bool *header,
                       const char *path, struct error *err)
{
    char *end;
    if (!name) {
        return true;
    }
    *column = column_named(r, name);
    if (*column != NO_COLUMN) {
        *header = true;
        return true;
    }
    unsigned long number = strtoul(name, &end, 10);
    if (*end || number < 1 || number > r->count) {
        return error_set(err, ERROR_USAGE,
                         "%s: has no column '%s' (nor is that a number from 1 to %zu)", path, name,
                         r->count);
    }
    *column = number - 1;
    return true;
}

/* ------------------------------------------------ columns told by their content */

/* How many of the first rows have the name of a picture in each column. */
static size_t count_pictures(const struct source *s, char separator, struct dataset *d,
                             size_t counts[CSV_FIELDS_MAX], bool *in_first)
{
    struct csv_reader r;
    struct csv_record record;
    size_t at = 0, rows = 0;
    csv_reader_init(&r);
    r.separator = separator;
    while (rows < LOOK_ROWS &&
           csv_next(&r, s->text.data + at, s->text.len - at, true, &record) == CSV_RECORD) {
        for (size_t i = 0; i < record.count; i++) {
            uint32_t picture;
            if (record.fields[i].len &&
                pictures_find(dataset_pictures(d), record.fields[i].text, record.fields[i].len,
                              &picture) <= MATCH_BASE_NAME) {
                counts[i]++;
                *in_first = *in_first || rows == 0;
            }
        }
        at += record.size;
        rows++;
    }
    csv_reader_release(&r);
    return rows;
}

static void find_file_by_content(struct columns *c, const struct source *s, char separator,
                                 struct dataset *d)
{
    size_t counts[CSV_FIELDS_MAX] = { 0 }, best = 0;
    bool in_first = false;
    size_t rows = count_pictures(s, separator, d, counts, &in_first);
    for (size_t i = 0; i < CSV_FIELDS_MAX; i++) {
        if (counts[i] > best && counts[i] * 2 + 2 >= rows) {
            best = counts[i];
            c->file = i;
            c->header = !in_first;
        }
    }
}

static bool missing(const struct source *s, const struct csv_record *r, const char *what,
                    const char *kind, struct error *err)
{
    struct buf names = BUF_INIT;
    for (size_t i = 0; i < r->count && i < 12; i++) {
        buf_adds(&names, i ? ", " : "");
        buf_add(&names, r->fields[i].text, r->fields[i].len < 40 ? r->fields[i].len : 40);
    }
    error_set(err, ERROR_DATA,
              "%s:1: which column has the %s? Name it with --columns %s=NAME (or its number); "
              "the columns are: %s",
              s->path, what, kind, buf_text(&names));
    buf_release(&names);
    return false;
}

/* The other one of two columns. */
static void find_label_by_content(struct columns *c, const struct csv_record *first)
{
    size_t left = NO_COLUMN, count = 0;
    for (size_t i = 0; i < first->count; i++) {
        if (i != c->file && first->fields[i].len) {
            left = i;
            count++;
        }
    }
    c->label = count == 1 ? left : NO_COLUMN;
}

static void find_box(struct columns *c, const struct csv_record *r)
{
    size_t corners = 0, sizes = 0;
    size_t corner[4], size[4];
    for (size_t i = 0; i < 4; i++) {
        corner[i] = column_named(r, corner_names[i]);
        size[i] = column_named(r, size_names[i]);
        corners += corner[i] != NO_COLUMN;
        sizes += size[i] != NO_COLUMN;
    }
    c->box = corners == 4 ? BOX_CORNERS : sizes == 4 ? BOX_SIZE : BOX_NONE;
    memcpy(c->edges, corners == 4 ? corner : size, sizeof c->edges);
}

static bool find_all(struct columns *c, const struct source *s, char separator, struct dataset *d,
                     const struct csv_record *first, struct error *err)
{
    const struct import_options *o = s->options;
    if (!take_named(&c->file, o->file_column, first, &c->header, s->path, err) ||
        !take_named(&c->label, o->label_column, first, &c->header, s->path, err)) {
        return false;
    }
    if (c->file == NO_COLUMN) {
        c->file = first_named(first, file_names, ARRAY_LEN(file_names));
        c->header = c->header || c->file != NO_COLUMN;
    }
    if (c->file == NO_COLUMN) {
        find_file_by_content(c, s, separator, d);
    }
    if (c->file == NO_COLUMN) {
        return missing(s, first, "names of the pictures", "file", err);
    }
    c->guess = column_named(first, "guess");
    if (c->label == NO_COLUMN) {
        c->label = first_named(first, label_names, ARRAY_LEN(label_names));
        c->header = c->header || c->label != NO_COLUMN;
    }
    if (c->label == NO_COLUMN) {
        c->label = c->guess;
    }
    if (c->label == NO_COLUMN) {
        find_label_by_content(c, first);
    }
    return c->label != NO_COLUMN || missing(s, first, "labels", "label", err);
}

bool columns_find(struct columns *c, const struct source *s, char separator, struct dataset *d,
                  struct error *err)
{
    struct csv_reader r;
    struct csv_record first;
    *c = (struct columns){ .file = NO_COLUMN, .label = NO_COLUMN };
    csv_reader_init(&r);
    r.separator = separator;
    enum csv_status status = csv_next(&r, s->text.data, s->text.len, true, &first);
    bool ok =
        status == CSV_RECORD || error_set(err, ERROR_DATA, "%s:1: %s", s->path,
                                          status == CSV_END ? "the file is empty" : first.reason);
    ok = ok && find_all(c, s, separator, d, &first, err);
    if (ok) {
        /* Others call a column like that as well: it is ours beside our names only. */
        bool ours = column_named(&first, "file_name") == c->file &&
                    column_named(&first, "label") == c->label;
        c->status = ours ? column_named(&first, "status") : NO_COLUMN;
        c->confidence = column_named(&first, "confidence");
        find_box(c, &first);
    }
    csv_reader_release(&r);
    return ok;
}
