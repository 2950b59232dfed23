#include "drawn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/proportion.h"
#include "catalog/catalog.h"
#include "config/class_file.h"
#include "listed_items.h"
#include "say.h"
#include "session/session.h"

static int compare_names(const void *a, const void *b)
{
    char *const *x = a;
    char *const *y = b;
    return strcmp(*x, *y);
}

static bool take_names(struct drawn *d, struct session *s, struct error *err)
{
    size_t total = session_total(s);
    uint32_t *ids = mem_array(total, sizeof *ids);
    size_t count = ids ? session_sample(s, ids, total) : 0;
    struct buf name = BUF_INIT;
    d->names = mem_array(count, sizeof(char *));
    bool ok = ids && d->names;
    for (size_t i = 0; ok && i < count; i++) {
        ok = session_title(s, ids[i], &name) && (d->names[i] = mem_string(name.data, name.len));
        d->count += ok;
    }
    free(ids);
    buf_release(&name);
    if (ok && count) {
        qsort(d->names, count, sizeof *d->names, compare_names);
    }
    return ok || error_nomem(err, total * sizeof *ids, "the random sample");
}

static void take_numbers(struct drawn *d, struct session *s, const struct labels *labels)
{
    struct session_stats stats;
    size_t rows = 0;
    session_stats(s, &stats);
    for (int i = STATUS_LABELED; i < STATUS_PREDICTED; i++) {
        rows += labels_count(labels, (enum label_status)i);
    }
    d->pictures = stats.total;
    d->gone = rows > stats.answered ? rows - stats.answered : 0;
    d->any_judged = stats.any_judged;
    d->any_right = stats.any_right;
}

bool drawn_find(struct drawn *d, struct labels *labels, const char *csv, struct error *err)
{
    *d = (struct drawn){ .names = NULL };
    char *folder = file_dirname(csv);
    const char *root = folder;
    struct catalog_source source = { .paths = &root, .count = 1, .list_fd = -1 };
    struct session_options options = {
        .mode = SESSION_LABEL, .order = SESSION_FILE, .read_only = true, .csv_path = csv
    };
    struct classes classes;
    struct class_file list = CLASS_FILE_NONE;
    struct listed_items items = { .alone = false };
    if (labels_has_regions(labels)) {
        if (!listed_items_init(&items, labels, csv, LISTED_ALL, err)) {
            free(folder);
            return false;
        }
        source.regions = listed_items_of;
        source.regions_context = &items;
    }
    classes_init(&classes);
    d->multi = class_file_is_multi(csv) && class_file_load(&list, csv, &classes, err);
    struct catalog *catalog =
        folder ? catalog_list_all(&source, err)
               : (error_nomem(err, strlen(csv), "a folder name"), (struct catalog *)NULL);
    struct session *s =
        catalog ? session_new(&options, catalog, labels, &classes, NULL, err) : NULL;
    bool ok = s && take_names(d, s, err);
    if (ok) {
        take_numbers(d, s, labels);
    }
    session_free(s);
    catalog_free(catalog);
    class_file_release(&list);
    classes_release(&classes);
    listed_items_release(&items);
    free(folder);
    return ok;
}

bool drawn_has(const struct drawn *d, const struct annotation *a)
{
    struct buf title = BUF_INIT;
    if (!d->count) {
        return false;
    }
    buf_adds(&title, a->file_name);
    region_add_text(&title, &a->region);
    const char *name = buf_text(&title);
    bool has = bsearch(&name, d->names, d->count, sizeof *d->names, compare_names) != NULL;
    buf_release(&title);
    return has;
}

void drawn_release(struct drawn *d)
{
    for (size_t i = 0; i < d->count; i++) {
        free(d->names[i]);
    }
    free(d->names);
    *d = (struct drawn){ .names = NULL };
}

void drawn_print(const struct drawn *d)
{
    char text[PROPORTION_TEXT];
    if (d->any_judged >= SESSION_ANY_MIN) {
        proportion_text(d->any_right, d->any_judged, text);
        say(stdout,
            "accuracy on any picture: %s, from the latest %zu predictions for randomly chosen "
            "pictures, each made before the picture was labelled\n",
            text, d->any_judged);
        if (d->multi) {
            say(stdout, "right: all classes of the picture were predicted, and no other\n");
        }
    } else {
        say(stdout,
            "accuracy on any picture: not measured: %zu of %zu randomly chosen pictures have a "
            "prediction that counts, and %d are needed; label with --order active or random\n",
            d->any_judged, d->count, SESSION_ANY_MIN);
    }
    if (d->gone) {
        say(stdout, "%zu rows are not counted: their pictures are not in the folder of the CSV\n",
            d->gone);
    }
}
