#include "examples.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "catalog/catalog.h"
#include "config/class_file.h"
#include "example_notices.h"
#include "found.h"
#include "paths.h"
#include "store/labels.h"
#include "store/names.h"

static bool add_tree(struct examples *e, const struct catalog *catalog, const char *root,
                     struct error *err)
{
    struct buf path = BUF_INIT;
    size_t last = 0;
    bool ok = true;
    for (size_t i = 0; ok && i < catalog_count(catalog); i++) {
        uint32_t id = catalog_id(catalog, i);
        const char *folder = catalog_folder_path(catalog, catalog_folder(catalog, id));
        const char *class = folder + strlen(root);
        class += strspn(class, "/");
        if (!*class) {
            continue;
        }
        catalog_path(catalog, id, &path);
        ok = examples_add(e, path.failed ? NULL : strdup(path.data), class, strlen(class), &last,
                          root, err);
    }
    buf_release(&path);
    return ok;
}

static bool load_tree(struct examples *e, const char *root, struct error *err)
{
    struct catalog_source source = { .paths = &root, .count = 1, .list_fd = -1 };
    struct catalog *catalog = catalog_list_all(&source, err);
    if (!catalog) {
        return false;
    }
    found_tell_left_out(catalog);
    bool ok = !catalog_problems(catalog, err) && add_tree(e, catalog, root, err);
    catalog_free(catalog);
    return ok;
}

static bool load_csv(struct examples *e, const char *csv, struct error *err)
{
    struct names names;
    if (!examples_one_class(csv, err)) {
        return false;
    }
    struct labels *labels = labels_open(csv, LABELS_READ_ONLY, NULL, err);
    if (!labels || !names_init(&names, csv, err)) {
        labels_close(labels, NULL);
        return false;
    }
    uint32_t cursor = 0;
    size_t last = 0;
    struct annotation a;
    e->labels = true;
    bool ok = drawn_find(&e->any, labels, csv, err);
    while (ok && labels_next(labels, &cursor, &a)) {
        if (a.status == STATUS_LABELED) {
            ok = examples_add(e, names_path(&names, a.file_name), a.label, strlen(a.label), &last,
                              csv, err);
            if (ok) {
                e->items[e->count - 1].region = a.region;
                e->items[e->count - 1].drawn = drawn_has(&e->any, &a);
            }
        }
    }
    names_release(&names);
    return labels_close(labels, ok ? err : NULL) && ok;
}

static bool is_empty(const struct examples *e, const char *path, bool tree, struct error *err)
{
    return e->count == 0 &&
           !error_set(err, ERROR_DATA,
                      tree ? "%s: contains no sub-folders with pictures, one per class"
                           : "%s: contains no labelled pictures",
                      path);
}

static bool load_folder(struct examples *e, const char *path, struct error *err)
{
    struct classes none;
    classes_init(&none);
    return load_tree(e, path, err) && !is_empty(e, path, true, err) && examples_sort(e, &none, err);
}

/* Sorts the classes of load_csv() by the class list beside the CSV. */
static bool use_list(struct examples *e, const char *csv, struct error *err)
{
    struct classes listed;
    struct class_file file;
    classes_init(&listed);
    bool ok = class_file_load(&file, csv, &listed, err) && !is_empty(e, csv, false, err) &&
              examples_sort(e, &listed, err);
    if (ok && file.there) {
        tell_unlisted(e, &file, &listed);
        tell_unused(e, &file, &listed);
    }
    class_file_release(&file);
    classes_release(&listed);
    return ok;
}

/* Uses the labels in the folder, unless nothing is labelled there. */
static bool load_either(struct examples *e, const char *folder, const char *csv, struct error *err)
{
    if (access(csv, F_OK) != 0) {
        return load_folder(e, folder, err);
    }
    if (!load_csv(e, csv, err)) {
        return false;
    }
    if (!e->count) {
        return load_folder(e, folder, err);
    }
    tell_choice(folder, csv);
    return use_list(e, csv, err);
}

bool examples_load(struct examples *e, const char *path, struct error *err)
{
    *e = (struct examples){ 0 };
    struct stat st;
    if (stat(path, &st) != 0) {
        return error_errno(err, ERROR_IO, errno, "%s", path);
    }
    char *csv = labels_path(path);
    bool ok = !csv                  ? error_nomem(err, strlen(path), "a path")
              : S_ISDIR(st.st_mode) ? load_either(e, path, csv, err)
                                    : load_csv(e, csv, err) && use_list(e, csv, err);
    free(csv);
    if (!ok) {
        examples_release(e);
    }
    return ok;
}
