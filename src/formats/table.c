/* Tables: any CSV or TSV with a column of picture names and one of labels. Written: file_name,
 * label, and further columns where they are needed; for fastai's DataLoaders fname, labels and,
 * with a split, is_valid; for Keras' flow_from_dataframe() filename and class. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "columns.h"
#include "format.h"
#include "labels_of_field.h"
#include "table.h"

static const char *skip_line(const char *text, size_t len, size_t *line)
{
    const char *end = len ? memchr(text, '\n', len) : NULL;
    *line = end ? (size_t)(end - text) : len;
    return end;
}

static bool table_looks_like(const struct source *s)
{
    size_t line;
    if (s->folder || !s->text.len || strchr("{[<", s->text.data[0])) {
        return false;
    }
    skip_line(s->text.data, s->text.len, &line);
    return memchr(s->text.data, ',', line) || memchr(s->text.data, ';', line) ||
           memchr(s->text.data, '\t', line);
}

struct table {
    const struct source *source;
    struct dataset *data;
    struct columns columns;
    struct csv_reader reader;
    char label_separator; /* with --multi; '\0': none */
    struct buf label;
};

static const struct csv_field *field(const struct csv_record *r, size_t column)
{
    return column < r->count ? &r->fields[column] : NULL;
}

static bool number(const struct table *t, const struct csv_record *r, size_t column, double *out,
                   struct error *err)
{
    char text[64], *end;
    const struct csv_field *f = field(r, column);
    snprintf(text, sizeof text, "%.*s", f ? (int)(f->len < 63 ? f->len : 63) : 0, f ? f->text : "");
    *out = strtod(text, &end);
    if (end == text || *end || !(*out > -1e9 && *out < 1e9)) {
        return error_set(err, ERROR_DATA, "%s:%llu: '%s' is not a number from -1e9 to 1e9",
                         t->source->path, (unsigned long long)r->line, text);
    }
    return true;
}

/* box is set to NULL for the row of a whole picture. */
static bool read_box(const struct table *t, const struct csv_record *r, double values[4],
                     const double **box, struct error *err)
{
    *box = NULL;
    if (t->columns.box == BOX_NONE || !field(r, t->columns.edges[0]) ||
        !field(r, t->columns.edges[0])->len) {
        return true;
    }
    for (size_t i = 0; i < 4; i++) {
        if (!number(t, r, t->columns.edges[i], &values[i], err)) {
            return false;
        }
    }
    if (t->columns.box == BOX_CORNERS) {
        values[2] -= values[0];
        values[3] -= values[1];
    }
    *box = values;
    return true;
}

static bool read_status(const struct table *t, const struct csv_record *r, struct sample *s,
                        struct error *err)
{
    const struct csv_field *f = field(r, t->columns.status);
    s->status = STATUS_UNANSWERED;
    if (!f || !f->len) {
        return true;
    }
    for (int i = STATUS_UNANSWERED; i < STATUS_COUNT; i++) {
        const char *name = label_status_name((enum label_status)i);
        if (f->len == strlen(name) && memcmp(f->text, name, f->len) == 0) {
            s->status = (enum label_status)i;
            return true;
        }
    }
    return error_set(err, ERROR_DATA,
                     "%s:%llu: status '%.*s' is none of labeled, skipped, unsure, none, predicted",
                     t->source->path, (unsigned long long)r->line, (int)(f->len < 40 ? f->len : 40),
                     f->text);
}

static bool read_guess(const struct table *t, const struct csv_record *r, struct sample *s,
                       struct error *err)
{
    const struct csv_field *guess = field(r, t->columns.guess);
    const struct csv_field *confidence = field(r, t->columns.confidence);
    double value = -1.0;
    s->confidence = -1.0f;
    if (!guess || !guess->len) {
        return true;
    }
    s->guess = guess->text;
    s->guess_len = guess->len;
    if (confidence && confidence->len) {
        if (!number(t, r, t->columns.confidence, &value, err)) {
            return false;
        }
        s->confidence = value >= 0.0 && value <= 1.0 ? (float)value : -1.0f;
    }
    return true;
}

static bool read_row(struct table *t, const struct csv_record *r, struct error *err)
{
    double values[4];
    struct sample s = { .at = { t->source->path, r->line, NULL, 0 } };
    const struct csv_field *name = field(r, t->columns.file);
    const struct csv_field *label = field(r, t->columns.label);
    uint32_t picture;
    if (!name || !label) {
        return (r->count == 1 && !r->fields[0].len) ||
               error_set(err, ERROR_DATA, "%s:%llu: has %zu columns, too few", t->source->path,
                         (unsigned long long)r->line, r->count);
    }
    if (!name->len || !dataset_find(t->data, name->text, name->len, &picture)) {
        return true;
    }
    s.label = label->text;
    s.label_len = label->len;
    if (!labels_of_field(&s.label, &s.label_len, t->label_separator, &t->label) &&
        t->label.failed) {
        return error_nomem(err, label->len, "a label");
    }
    return read_status(t, r, &s, err) && read_guess(t, r, &s, err) &&
           read_box(t, r, values, &s.box, err) && dataset_add_to(t->data, picture, &s, err);
}

/* Calls fn for each record behind the header. */
static bool each_row(struct table *t,
                     bool (*fn)(struct table *, const struct csv_record *, struct error *),
                     struct error *err)
{
    const struct buf *text = &t->source->text;
    struct csv_record r;
    bool ok = true, header = t->columns.header;
    t->reader.line = 1;
    for (size_t at = 0; ok; at += r.size) {
        enum csv_status status = csv_next(&t->reader, text->data + at, text->len - at, true, &r);
        if (status == CSV_END) {
            break;
        }
        if (status == CSV_NOMEM) {
            return error_nomem(err, text->len, "a row");
        }
        if (status != CSV_RECORD) {
            return error_set(err, ERROR_DATA, "%s:%llu: %s", t->source->path,
                             (unsigned long long)r.line, r.reason);
        }
        ok = header || fn(t, &r, err);
        header = false;
    }
    return ok;
}

/* The strongest separator that any label has. */
static bool look_for_separator(struct table *t, const struct csv_record *r, struct error *err)
{
    static const char order[] = "|;, ";
    (void)err;
    const struct csv_field *label = field(r, t->columns.label);
    for (const char *c = order; label && label->len && *c; c++) {
        if (*c == t->label_separator) {
            break;
        }
        if (memchr(label->text, *c, label->len)) {
            t->label_separator = *c;
            break;
        }
    }
    return true;
}

static bool table_read(const struct source *s, struct dataset *d, struct error *err)
{
    struct table t = { .source = s, .data = d, .label = BUF_INIT };
    if (s->folder) {
        return not_a_file(s, "a table", err);
    }
    csv_reader_init(&t.reader);
    t.reader.separator = table_separator(s->text.data, s->text.len);
    bool ok = columns_find(&t.columns, s, t.reader.separator, d, err);
    if (s->options->multi) {
        dataset_join(d);
        ok = ok && each_row(&t, look_for_separator, err);
    }
    ok = ok && each_row(&t, read_row, err);
    csv_reader_release(&t.reader);
    buf_release(&t.label);
    return ok;
}

/* ------------------------------------------------------------------- writing */

static void add_pair(struct buf *out, const char *folder, const struct annotation *a)
{
    char *joined = folder[0] ? file_join(folder, a->file_name) : NULL;
    const char *name = joined ? joined : a->file_name;
    labels_add_name(out, name, strlen(name));
    out->failed |= folder[0] && !joined;
    free(joined);
    buf_addc(out, ',');
    csv_add_field(out, a->label, strlen(a->label));
}

struct table_form our_table_form(const struct export *e)
{
    struct table_form form = { .folder = "" };
    for (size_t i = 0; i < e->item_count; i++) {
        const struct annotation *a = e->items[i].a;
        form.statuses = form.statuses || a->status != STATUS_LABELED;
        form.regions = form.regions || !region_is_whole(&a->region);
    }
    return form;
}

static void add_row(const struct export *e, const struct table_form *form,
                    const struct export_item *item, struct buf *out)
{
    const struct annotation *a = item->a;
    add_pair(out, form->folder, a);
    if (form->split) {
        buf_addf(out, ",%s", split_names[e->pictures[item->picture].split]);
    }
    if (form->statuses) {
        buf_addf(out, ",%s", label_status_name(a->status));
    }
    if (form->regions && region_is_whole(&a->region)) {
        buf_adds(out, ",,,,");
    } else if (form->regions) {
        buf_addf(out, ",%d,%d,%d,%d", a->region.x, a->region.y, a->region.width, a->region.height);
    }
    buf_addc(out, '\n');
}

void our_table_add(const struct export *e, const struct table_form *form, struct buf *out)
{
    buf_addf(out, "file_name,label%s%s%s\n", form->split ? ",split" : "",
             form->statuses ? ",status" : "", form->regions ? ",x,y,width,height" : "");
    for (size_t i = 0; i < e->item_count; i++) {
        if (export_wants(e, &e->pictures[e->items[i].picture])) {
            add_row(e, form, &e->items[i], out);
        }
    }
}

static bool table_write(struct export *e, struct error *err)
{
    struct table_form form = our_table_form(e);
    (void)err;
    our_table_add(e, &form, e->out);
    return true;
}

/* Their names and labels, and where `valid` whether they are of val. */
static void add_pairs(struct export *e, bool valid)
{
    for (size_t i = 0; i < e->item_count; i++) {
        const struct export_picture *p = &e->pictures[e->items[i].picture];
        if (export_wants(e, p)) {
            add_pair(e->out, "", e->items[i].a);
            buf_adds(e->out, !valid ? "\n" : p->split == 1 ? ",True\n" : ",False\n");
        }
    }
}

static bool fastai_write(struct export *e, struct error *err)
{
    bool valid = e->split == 0;
    (void)err;
    buf_adds(e->out, valid ? "fname,labels,is_valid\n" : "fname,labels\n");
    add_pairs(e, valid);
    return true;
}

static bool keras_write(struct export *e, struct error *err)
{
    (void)err;
    buf_adds(e->out, "filename,class\n");
    add_pairs(e, false);
    return true;
}

const struct format format_table = {
    .info = { "csv", "CSV or TSV with a column of picture names and one of labels", NULL, true,
              true, HOLDS_CLASS | HOLDS_SEVERAL | HOLDS_REGIONS | HOLDS_STATUS },
    .looks_like = table_looks_like,
    .read = table_read,
    .ending = ".csv",
    .write = table_write,
};

const struct format format_fastai = {
    .info = { "fastai", "CSV for fastai's DataLoaders: fname, labels, is_valid", "csv", false, true,
              HOLDS_CLASS | HOLDS_SEVERAL },
    .ending = ".csv",
    .val_in_train = true,
    .write = fastai_write,
};

const struct format format_keras = {
    .info = { "keras", "CSV for Keras' flow_from_dataframe: filename, class", "csv", false, true,
              HOLDS_CLASS },
    .ending = ".csv",
    .write = keras_write,
};
