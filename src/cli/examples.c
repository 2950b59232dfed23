#include "examples.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/text.h"
#include "session/catalog.h"
#include "store/labels.h"
#include "store/names.h"

/* Takes over `path`, NULL when memory was out. The class's bytes are copied. */
static bool add(struct examples *e, char *path, const char *class, size_t len, size_t *last,
                struct error *err)
{
    size_t c = *last;
    if (c >= e->class_count || strlen(e->classes[c]) != len ||
        memcmp(e->classes[c], class, len) != 0) {
        c = 0;
        while (c < e->class_count &&
               (strlen(e->classes[c]) != len || memcmp(e->classes[c], class, len) != 0)) {
            c++;
        }
    }
    char *name = NULL;
    if (!path || !mem_reserve(&e->items, &e->cap, e->count + 1, sizeof *e->items) ||
        (c == e->class_count &&
         (!mem_reserve(&e->classes, &e->class_cap, c + 1, sizeof *e->classes) ||
          !(name = mem_string(class, len))))) {
        free(path);
        return error_nomem(err, (e->count + 1) * sizeof *e->items, "the examples");
    }
    if (name) {
        e->classes[e->class_count++] = name;
    }
    e->items[e->count++] = (struct example){ path, c };
    *last = c;
    return true;
}

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
        ok = add(e, path.failed ? NULL : strdup(path.data), class, strlen(class), &last, err);
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
    bool ok = !catalog_problems(catalog, err) && add_tree(e, catalog, root, err);
    catalog_free(catalog);
    return ok;
}

static bool load_csv(struct examples *e, const char *csv, struct error *err)
{
    struct names names;
    struct labels *labels = labels_open(csv, LABELS_READ_ONLY, NULL, err);
    if (!labels || !names_init(&names, csv, err)) {
        labels_close(labels, NULL);
        return false;
    }
    uint32_t cursor = 0;
    size_t last = 0;
    struct answer a;
    bool ok = true;
    while (ok && labels_next(labels, &cursor, &a)) {
        if (a.status == STATUS_LABELED) {
            ok = add(e, names_path(&names, a.file_name), a.label, strlen(a.label), &last, err);
        }
    }
    names_release(&names);
    return labels_close(labels, ok ? err : NULL) && ok;
}

struct name_rank {
    char *name;
    size_t was;
};

static int compare_names(const void *a, const void *b)
{
    return text_natural_compare(((const struct name_rank *)a)->name,
                                ((const struct name_rank *)b)->name);
}

static int compare_examples(const void *a, const void *b)
{
    const struct example *x = a;
    const struct example *y = b;
    if (x->class_index != y->class_index) {
        return x->class_index < y->class_index ? -1 : 1;
    }
    return text_natural_compare(x->path, y->path);
}

static bool sort(struct examples *e, struct error *err)
{
    struct name_rank *ranks = mem_array(e->class_count, sizeof *ranks);
    size_t *now = mem_array(e->class_count, sizeof *now);
    if (!ranks || !now) {
        free(ranks);
        free(now);
        return error_nomem(err, e->class_count * sizeof *ranks, "the classes");
    }
    for (size_t c = 0; c < e->class_count; c++) {
        ranks[c] = (struct name_rank){ e->classes[c], c };
    }
    qsort(ranks, e->class_count, sizeof *ranks, compare_names);
    for (size_t c = 0; c < e->class_count; c++) {
        e->classes[c] = ranks[c].name;
        now[ranks[c].was] = c;
    }
    for (size_t i = 0; i < e->count; i++) {
        e->items[i].class_index = now[e->items[i].class_index];
    }
    qsort(e->items, e->count, sizeof *e->items, compare_examples);
    free(ranks);
    free(now);
    return true;
}

bool examples_load(struct examples *e, const char *path, struct error *err)
{
    *e = (struct examples){ 0 };
    struct stat st;
    if (stat(path, &st) != 0) {
        return error_errno(err, ERROR_IO, errno, "%s", path);
    }
    bool tree = S_ISDIR(st.st_mode);
    bool ok = tree ? load_tree(e, path, err) : load_csv(e, path, err);
    if (ok && e->count == 0) {
        ok = error_set(err, ERROR_DATA,
                       tree ? "%s: no pictures in sub-folders, one a class"
                            : "%s: no picture is labeled there",
                       path);
    }
    ok = ok && sort(e, err);
    if (!ok) {
        examples_release(e);
    }
    return ok;
}

void examples_release(struct examples *e)
{
    for (size_t i = 0; i < e->count; i++) {
        free(e->items[i].path);
    }
    for (size_t c = 0; c < e->class_count; c++) {
        free(e->classes[c]);
    }
    free(e->items);
    free(e->classes);
    *e = (struct examples){ 0 };
}
