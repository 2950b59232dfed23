/* Google AutoML Vision's CSV, without a header: [SET,]gs://PATH,LABEL,... for classes of whole
 * pictures; for regions [SET,]PATH,LABEL,x,y,x,y,x,y,x,y with the corners from the upper left
 * one on, clockwise, as shares of the picture; the second and the fourth may be empty. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/mem.h"
#include "format.h"
#include "store/csv.h"

enum { EDGES = 8 };

static bool is_set(const struct csv_field *f)
{
    static const char *const sets[] = { "TRAIN",    "TRAINING", "VALIDATION",
                                        "VALIDATE", "TEST",     "UNASSIGNED" };
    for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
        if (f->len == strlen(sets[i]) && strncasecmp(f->text, sets[i], f->len) == 0) {
            return true;
        }
    }
    return false;
}

/* The field of the path; r->count if it is not a row of this form. */
static size_t path_field(const struct csv_record *r)
{
    size_t at = r->count && is_set(&r->fields[0]) ? 1 : 0;
    bool is = at < r->count &&
              (at || (r->fields[at].len > 5 && memcmp(r->fields[at].text, "gs://", 5) == 0));
    return is ? at : r->count;
}

static bool automl_looks_like(const struct source *s)
{
    struct csv_reader reader;
    struct csv_record r;
    bool is = false;
    csv_reader_init(&reader);
    if (!s->folder && s->text.len &&
        csv_next(&reader, s->text.data, s->text.len, true, &r) == CSV_RECORD) {
        is = path_field(&r) < r.count && r.count >= 2;
    }
    csv_reader_release(&reader);
    return is;
}

struct automl {
    const struct source *source;
    struct dataset *data;
    uint32_t sized; /* the picture of width and height */
    int width, height;
};

static bool find_size(struct automl *a, uint32_t picture, struct error *err)
{
    struct pictures *p = dataset_pictures(a->data);
    if (a->width && a->sized == picture) {
        return true;
    }
    char *path = file_join(pictures_folder(p), pictures_name(p, picture));
    bool ok = path ? picture_size(path, &a->width, &a->height, err) : error_nomem(err, 1, "a path");
    free(path);
    a->sized = picture;
    return ok;
}

/* A share from field f on; empty: NAN. */
static bool share(const struct automl *a, const struct csv_record *r, size_t f, double *out,
                  struct error *err)
{
    char text[64], *rest;
    const struct csv_field *field = f < r->count ? &r->fields[f] : NULL;
    snprintf(text, sizeof text, "%.*s", field ? (int)(field->len < 63 ? field->len : 63) : 0,
             field ? field->text : "");
    *out = (double)NAN;
    if (!text[0]) {
        return true;
    }
    *out = strtod(text, &rest);
    return (rest != text && !*rest && *out >= 0.0 && *out <= 1.0) ||
           error_set(err, ERROR_DATA, "%s:%llu: '%s' is not a share of the picture, 0 to 1",
                     a->source->path, (unsigned long long)r->line, text);
}

/* The rectangle around the corners from field f on. */
static bool read_box(struct automl *a, const struct csv_record *r, size_t f, uint32_t picture,
                     double box[4], struct error *err)
{
    double low[2] = { HUGE_VAL, HUGE_VAL }, high[2] = { -HUGE_VAL, -HUGE_VAL };
    for (size_t i = 0; i < EDGES; i++) {
        double value;
        if (!share(a, r, f + i, &value, err)) {
            return false;
        }
        low[i % 2] = fmin(low[i % 2], value);
        high[i % 2] = fmax(high[i % 2], value);
    }
    if (!(high[0] >= low[0] && high[1] >= low[1])) {
        return error_set(err, ERROR_DATA, "%s:%llu: a region without corners", a->source->path,
                         (unsigned long long)r->line);
    }
    if (!find_size(a, picture, err)) {
        return false;
    }
    box[0] = low[0] * a->width;
    box[1] = low[1] * a->height;
    box[2] = (high[0] - low[0]) * a->width;
    box[3] = (high[1] - low[1]) * a->height;
    return true;
}

static bool read_row(struct automl *a, const struct csv_record *r, struct error *err)
{
    size_t at = path_field(r), classes = r->count;
    double values[4];
    uint32_t picture;
    if (at == r->count) {
        return (r->count == 1 && !r->fields[0].len) ||
               error_set(err, ERROR_DATA, "%s:%llu: expected [SET,]gs://PATH,LABEL",
                         a->source->path, (unsigned long long)r->line);
    }
    if (at + 1 >= r->count || !r->fields[at + 1].len) {
        dataset_report(a->data)->unlabeled++;
        return true;
    }
    if (!dataset_find(a->data, r->fields[at].text, r->fields[at].len, &picture)) {
        return true;
    }
    bool box = r->count >= at + 2 + EDGES - 2; /* the last two may be missing */
    classes = box ? at + 2 : classes;
    for (size_t f = at + 1; f < classes; f++) {
        struct sample s = { .at = { a->source->path, r->line, NULL, 0 },
                            .label = r->fields[f].text,
                            .label_len = r->fields[f].len,
                            .box = box ? values : NULL };
        if ((box && !read_box(a, r, at + 2, picture, values, err)) ||
            !dataset_add_to(a->data, picture, &s, err)) {
            return false;
        }
    }
    return true;
}

static bool automl_read(const struct source *s, struct dataset *d, struct error *err)
{
    struct automl a = { .source = s, .data = d };
    struct csv_reader reader;
    struct csv_record r;
    enum csv_status status = CSV_RECORD;
    bool ok = !s->folder || not_a_file(s, "AutoML", err);
    dataset_join(d);
    csv_reader_init(&reader);
    for (size_t at = 0; ok; at += r.size) {
        status = csv_next(&reader, s->text.data + at, s->text.len - at, true, &r);
        if (status != CSV_RECORD) {
            break;
        }
        ok = read_row(&a, &r, err);
    }
    csv_reader_release(&reader);
    if (ok && status != CSV_END) {
        return error_set(err, ERROR_DATA, "%s:%llu: %s", s->path, (unsigned long long)r.line,
                         r.reason ? r.reason : "out of memory");
    }
    return ok;
}

const struct format format_automl = {
    .info = { "automl", "Google AutoML, CSV without a header", NULL, true, false, 0 },
    .looks_like = automl_looks_like,
    .read = automl_read,
};
