#include "mixed_examples.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "config/class_file.h"
#include "example_notices.h"
#include "found.h"
#include "image/format.h"
#include "paths.h"
#include "store/labels.h"
#include "store/names.h"
#include "tell.h"

struct gather {
    struct examples *examples;
    bool labels;           /* use them */
    bool alone;            /* there is one operand: its labels' sample counts */
    struct classes listed; /* the class list beside the first labels that have one */
};

static void tell_lone_class(const char *class)
{
    struct buf text = BUF_INIT;
    buf_addf(&text, "'%s' is the only class: its pictures are used without it", class);
    tell_line(&text);
    buf_release(&text);
}

/* The class of a picture in a tree: the relative path of its folder, "" at the root. */
static const char *class_of(const struct catalog *catalog, uint32_t id, const char *root)
{
    const char *folder = catalog_folder_path(catalog, catalog_folder(catalog, id));
    folder += strlen(root);
    return folder + strspn(folder, "/");
}

/* Whether a tree has at least two classes. */
static bool has_classes(const struct catalog *catalog, const char *root)
{
    const char *first = "";
    for (size_t i = 0; i < catalog_count(catalog); i++) {
        const char *class = class_of(catalog, catalog_id(catalog, i), root);
        if (*first && *class && strcmp(first, class) != 0) {
            return true;
        }
        first = *class ? class : first;
    }
    if (*first) {
        tell_lone_class(first);
    }
    return false;
}

/* Adds a catalog's pictures, with the classes of the tree at `root`, if any. */
static bool add_pictures(struct gather *g, const struct catalog *catalog, const char *root,
                         struct error *err)
{
    struct buf path = BUF_INIT;
    size_t last = 0;
    bool ok = true;
    bool classes = root && has_classes(catalog, root);
    for (size_t i = 0; ok && i < catalog_count(catalog); i++) {
        uint32_t id = catalog_id(catalog, i);
        const char *class = classes ? class_of(catalog, id, root) : "";
        catalog_path(catalog, id, &path);
        char *copy = path.failed ? NULL : mem_string(path.data, path.len);
        ok = *class ? examples_add(g->examples, copy, class, strlen(class), &last, root, err)
                    : examples_add_bare(g->examples, copy, err);
    }
    buf_release(&path);
    return ok;
}

static bool add_listed(struct gather *g, const struct catalog_source *source, const char *root,
                       struct error *err)
{
    struct catalog *catalog = catalog_list_all(source, err);
    if (!catalog) {
        return false;
    }
    found_tell_left_out(catalog);
    bool ok = !catalog_problems(catalog, err) && add_pictures(g, catalog, root, err);
    catalog_free(catalog);
    return ok;
}

/* Adds the pictures that a labels.csv lists. *labelled: whether it has labels. */
static bool add_labels(struct gather *g, const char *csv, bool *labelled, struct error *err)
{
    struct names names;
    struct examples *e = g->examples;
    if (g->labels && !examples_one_class(csv, err)) {
        return false;
    }
    struct labels *labels = labels_open(csv, LABELS_READ_ONLY, NULL, err);
    if (!labels || !names_init(&names, csv, err)) {
        labels_close(labels, NULL);
        return false;
    }
    *labelled = g->labels && labels_count(labels, STATUS_LABELED) > 0;
    bool sample = *labelled && g->alone;
    uint32_t cursor = 0;
    size_t last = 0;
    struct annotation a;
    bool ok = !sample || drawn_find(&e->any, labels, csv, err);
    e->labels |= sample;
    while (ok && labels_next_item(labels, &cursor, &a)) {
        char *path = names_path(&names, a.file_name);
        bool use = g->labels && a.status == STATUS_LABELED;
        ok = use ? examples_add(e, path, a.label, strlen(a.label), &last, csv, err)
                 : examples_add_bare(e, path, err);
        if (ok) {
            e->items[e->count - 1].region = a.region;
            e->items[e->count - 1].drawn = use && sample && drawn_has(&e->any, &a);
        }
    }
    names_release(&names);
    ok = labels_close(labels, ok ? err : NULL) && ok;
    struct class_file file = CLASS_FILE_NONE;
    if (ok && *labelled && g->listed.count == 0) {
        ok = class_file_load(&file, csv, &g->listed, err);
        class_file_release(&file);
    }
    return ok;
}

/* A folder's labels.csv says which pictures are labelled, if any are; else the sub-folders
 * are the classes. */
static bool add_folder(struct gather *g, const char *folder, struct error *err)
{
    char *csv = labels_path(folder);
    struct catalog_source source = { .paths = &folder, .count = 1, .list_fd = -1 };
    bool labelled = false;
    bool ok = csv || error_nomem(err, strlen(folder), "a path");
    if (ok && g->labels && access(csv, F_OK) == 0) {
        ok = add_labels(g, csv, &labelled, err);
        if (ok && labelled) {
            tell_choice(folder, csv);
        }
    }
    free(csv);
    return ok && add_listed(g, &source, g->labels && !labelled ? folder : NULL, err);
}

static bool is_list(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot && (strcasecmp(dot, ".txt") == 0 || strcasecmp(dot, ".lst") == 0);
}

static bool add_operand(struct gather *g, const char *path, struct error *err)
{
    bool labelled;
    if (is_folder(path)) {
        return add_folder(g, path, err);
    }
    if (is_list(path) || image_format_of_name(path) || access(path, R_OK) != 0) {
        struct catalog_source source = { .paths = &path, .count = 1, .list_fd = -1 };
        return add_listed(g, &source, NULL, err);
    }
    return add_labels(g, path, &labelled, err);
}

static int compare_paths(const void *a, const void *b)
{
    const struct example *x = a;
    const struct example *y = b;
    int order = strcmp(x->path, y->path);
    order = order ? order : region_compare(&x->region, &y->region);
    return order ? order : x->class_index < y->class_index ? -1 : x->class_index > y->class_index;
}

/* Keeps each picture and region once, with its label if any operand has one. */
static void keep_once(struct examples *e)
{
    size_t kept = 0;
    qsort(e->items, e->count, sizeof *e->items, compare_paths);
    for (size_t i = 0; i < e->count; i++) {
        const struct example *last = kept ? &e->items[kept - 1] : NULL;
        if (last && strcmp(last->path, e->items[i].path) == 0 &&
            region_equal(&last->region, &e->items[i].region)) {
            free(e->items[i].path);
        } else {
            e->items[kept++] = e->items[i];
        }
    }
    e->count = kept;
}

/* One class only teaches nothing as a class. */
static void drop_lone_class(struct examples *e)
{
    if (e->class_count != 1) {
        return;
    }
    tell_lone_class(e->classes[0]);
    for (size_t i = 0; i < e->count; i++) {
        e->items[i].class_index = EXAMPLE_NO_CLASS;
        e->items[i].drawn = false;
    }
    free(e->classes[0]);
    e->class_count = 0;
}

bool examples_load_mixed(struct examples *e, const struct command_line *line, bool labels,
                         struct error *err)
{
    struct gather g = { .examples = e, .labels = labels };
    bool ok = true;
    *e = (struct examples){ 0 };
    classes_init(&g.listed);
    g.alone = line->operand_count == 1 && !line->stdin_list;
    for (size_t i = 0; ok && i < line->operand_count; i++) {
        ok = add_operand(&g, line->operands[i], err);
    }
    if (ok && line->stdin_list) {
        struct catalog_source source = { .list_fd = STDIN_FILENO,
                                         .separator = line->stdin_list_nul ? '\0' : '\n' };
        ok = add_listed(&g, &source, NULL, err);
    }
    if (ok && e->count == 0) {
        ok = error_set(err, ERROR_DATA, "%s: no pictures found",
                       line->operand_count ? line->operands[0] : "the list");
    }
    if (ok) {
        keep_once(e);
        drop_lone_class(e);
        ok = examples_sort(e, &g.listed, err);
    }
    classes_release(&g.listed);
    if (!ok) {
        examples_release(e);
    }
    return ok;
}
