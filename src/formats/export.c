/* What all formats have in common when they are written: pictures with their items in order,
 * classes, splits, and the file or folder that they go to. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"
#include "format.h"
#include "split.h"

/* ------------------------------------------------------- pictures and items */

struct work {
    struct export e;
    struct export_item *items;
    struct export_picture *pictures;
    struct map classes;
    size_t class_cap;
};

static int compare_items(const void *a, const void *b)
{
    const struct annotation *x = ((const struct export_item *)a)->a;
    const struct annotation *y = ((const struct export_item *)b)->a;
    int order = text_natural_compare(x->file_name, y->file_name);
    order = order ? order : strcmp(x->file_name, y->file_name);
    if (order) {
        return order;
    }
    const int32_t p[] = { x->region.width != 0, x->region.y, x->region.x, x->region.height,
                          x->region.width };
    const int32_t q[] = { y->region.width != 0, y->region.y, y->region.x, y->region.height,
                          y->region.width };
    for (size_t i = 0; i < ARRAY_LEN(p) && !order; i++) {
        order = (p[i] > q[i]) - (p[i] < q[i]);
    }
    return order;
}

static bool take_items(struct work *w, const struct annotation *list, size_t count,
                       struct error *err)
{
    w->items = mem_array(count, sizeof *w->items);
    w->pictures = mem_array(count, sizeof *w->pictures);
    if (!w->items || !w->pictures) {
        return error_nomem(err, count * sizeof *w->pictures, "the pictures");
    }
    for (size_t i = 0; i < count; i++) {
        w->items[i].a = &list[i];
    }
    qsort(w->items, count, sizeof *w->items, compare_items);
    size_t pictures = 0;
    for (size_t i = 0; i < count; i++) {
        const char *name = w->items[i].a->file_name;
        if (!pictures || strcmp(w->pictures[pictures - 1].name, name) != 0) {
            w->pictures[pictures++] = (struct export_picture){ .name = name, .first = i };
        }
        w->pictures[pictures - 1].count++;
        w->items[i].picture = pictures - 1;
    }
    w->e.items = w->items;
    w->e.item_count = count;
    w->e.pictures = w->pictures;
    w->e.picture_count = pictures;
    return true;
}

static bool take_class(struct work *w, const char *name, size_t len)
{
    struct export *e = &w->e;
    uint32_t at;
    if (map_get(&w->classes, name, len, &at)) {
        return true;
    }
    char *copy = mem_string(name, len);
    if (!copy || !mem_reserve(&e->classes, &w->class_cap, e->class_count + 1, sizeof *e->classes)) {
        free(copy);
        return false;
    }
    e->classes[e->class_count++] = copy;
    return map_put(&w->classes, copy, len, 0);
}

static bool take_classes(struct work *w, struct error *err)
{
    size_t len = 0;
    bool ok = true;
    for (size_t i = 0; i < w->e.item_count; i++) {
        for (const char *c = NULL; ok && (c = label_class(true, w->items[i].a->label, c, &len));) {
            ok = take_class(w, c, len);
        }
    }
    if (w->e.class_count) {
        qsort(w->e.classes, w->e.class_count, sizeof *w->e.classes, export_compare_classes);
    }
    return ok || error_nomem(err, 1, "the classes");
}

/* ------------------------------------------------------------------- checks */

/* The reason why a format cannot hold an annotation, or NULL. */
static const char *cannot_hold(const struct format *f, const struct annotation *a)
{
    bool whole = region_is_whole(&a->region);
    if (!label_status_has_label(a->status)) {
        return f->info.holds & HOLDS_STATUS ? NULL : "only labels; leave out --status";
    }
    if (!whole && !(f->info.holds & HOLDS_REGIONS)) {
        return "classes of whole pictures only, no regions";
    }
    if (whole && !(f->info.holds & HOLDS_CLASS)) {
        return "regions only, no classes of whole pictures";
    }
    if (strchr(a->label, LABEL_SEPARATOR) && !(f->info.holds & HOLDS_SEVERAL)) {
        return "one class each";
    }
    return NULL;
}

static bool check_items(const struct export *e, const struct format *f, struct error *err)
{
    for (size_t i = 0; i < e->item_count; i++) {
        const struct annotation *a = e->items[i].a;
        const char *why = cannot_hold(f, a);
        size_t len = strlen(a->file_name);
        if (f->utf8 && text_valid_prefix(a->file_name, len) != len) {
            return error_set(err, ERROR_UNSUPPORTED,
                             "%s: the name is not UTF-8, which %s cannot hold; rename the picture",
                             a->file_name, f->info.name);
        }
        if (why) {
            return error_set(err, ERROR_UNSUPPORTED,
                             "%s ('%s'%s): %s holds %s; choose another format (--to)", a->file_name,
                             label_status_has_label(a->status) ? a->label
                                                               : label_status_name(a->status),
                             region_is_whole(&a->region) ? "" : ", a region", f->info.name, why);
        }
    }
    return true;
}

static bool find_sizes(struct work *w, const struct format *f, struct error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && f->sizes && i < w->e.picture_count; i++) {
        struct export_picture *p = &w->pictures[i];
        char *path = export_path(&w->e, p, err);
        ok = path && picture_size(path, &p->width, &p->height, err);
        free(path);
    }
    return ok;
}

/* ------------------------------------------------------------------ writing */

static bool make_text(struct work *w, const struct format *f, struct buf *out, struct error *err)
{
    buf_clear(out);
    w->e.out = out;
    return f->write(&w->e, err) && (!out->failed || error_nomem(err, out->len, "the file"));
}

static bool write_file(struct work *w, const struct format *f, struct error *err)
{
    struct buf text = BUF_INIT;
    w->e.split = -1;
    bool ok =
        make_text(w, f, &text, err) && file_replace(w->e.options->out, text.data, text.len, err);
    buf_release(&text);
    return ok;
}

/* A file for each part. */
static bool write_parts(struct work *w, const struct format *f, struct error *err)
{
    struct buf text = BUF_INIT, name = BUF_INIT;
    bool ok = true;
    for (int i = 0; ok && i < SPLITS_MAX; i++) {
        if (!w->e.options->shares[i] || (f->val_in_train && i == 1 && w->e.options->shares[0])) {
            continue;
        }
        w->e.split = i;
        buf_clear(&name);
        buf_addf(&name, "%s%s", split_names[i], f->ending);
        ok = !name.failed && make_text(w, f, &text, err) &&
             new_folder_write(w->e.folder, name.data, text.data, text.len, err);
    }
    buf_release(&text);
    buf_release(&name);
    return ok;
}

static bool write_folder(struct work *w, const struct format *f, struct error *err)
{
    struct new_folder folder;
    w->e.folder = &folder;
    w->e.split = -1;
    bool ok = new_folder_begin(&folder, w->e.options->out, err) &&
              (f->ending ? write_parts(w, f, err) : f->write(&w->e, err)) &&
              new_folder_commit(&folder, err);
    new_folder_end(&folder);
    return ok;
}

static void count(const struct work *w)
{
    struct export_report *report = w->e.report;
    report->annotations = w->e.item_count;
    report->pictures = w->e.picture_count;
    for (size_t i = 0; i < w->e.picture_count; i++) {
        report->per_split[w->pictures[i].split]++;
    }
}

static void release(struct work *w)
{
    for (size_t i = 0; i < w->e.class_count; i++) {
        free(w->e.classes[i]);
    }
    free(w->e.classes);
    map_release(&w->classes);
    free(w->items);
    free(w->pictures);
}

bool formats_export(const struct annotation *list, size_t list_count,
                    const struct export_options *options, struct export_report *report,
                    struct error *err)
{
    const struct format *f = formats_named(options->to);
    struct work w = { .e = { .options = options, .report = report } };
    *report = (struct export_report){ .note = "" };
    if (!f || !f->write) {
        return error_set(err, ERROR_USAGE, "cannot export to '%s'", options->to);
    }
    w.e.always_split = f->always_split;
    w.e.val_in_train = f->val_in_train;
    map_init(&w.classes);
    bool ok = take_items(&w, list, list_count, err) && take_classes(&w, err) &&
              check_items(&w.e, f, err) && find_sizes(&w, f, err) &&
              (!export_is_split(options) || split_pictures(&w.e, w.pictures, err)) &&
              (f->ending && !export_is_split(options) ? write_file(&w, f, err)
                                                      : write_folder(&w, f, err));
    if (ok) {
        count(&w);
    }
    release(&w);
    return ok;
}
