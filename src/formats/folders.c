/* A folder for each class, also below train/, val/ or test/. Written: links to the pictures, or
 * copies. A picture in a sub-folder keeps its own name; where two of a class have the same, the
 * sub-folders are in the name: a/1.jpg is a__1.jpg. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "arena.h"
#include "base/map.h"
#include "base/mem.h"
#include "format.h"

static bool is_split(const char *text, size_t len)
{
    static const char *const names[] = { "train",      "training", "val",    "valid",
                                         "validation", "test",     "testing" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (len == strlen(names[i]) && strncasecmp(text, names[i], len) == 0) {
            return true;
        }
    }
    return false;
}

static bool folders_looks_like(const struct source *s)
{
    return s->folder;
}

/* The first folder in the name that is not that of a split. */
static bool class_of(const char *name, const char **class, size_t *len)
{
    for (const char *part = name, *slash; (slash = strchr(part, '/')); part = slash + 1) {
        *class = part;
        *len = (size_t)(slash - part);
        if (part != name || !is_split(part, *len)) {
            return true;
        }
    }
    return false;
}

static bool folders_read(const struct source *s, struct dataset *d, struct error *err)
{
    struct pictures *pictures = dataset_pictures(d);
    if (!s->folder) {
        return error_set(err, ERROR_DATA,
                         "%s: a file, where a folder with one for each class is "
                         "expected",
                         s->path);
    }
    for (uint32_t i = 0; i < pictures_count(pictures); i++) {
        struct sample sample = { .at = { .file = pictures_name(pictures, i) } };
        if (!class_of(pictures_name(pictures, i), &sample.label, &sample.label_len)) {
            dataset_report(d)->unlabeled++;
            continue;
        }
        if (!dataset_add_to(d, i, &sample, err)) {
            return false;
        }
        dataset_report(d)->by_path++;
    }
    return true;
}

/* ------------------------------------------------------------------- writing */

static bool check_classes(const struct export *e, struct error *err)
{
    for (size_t i = 0; i < e->class_count; i++) {
        if (!class_is_file_name(e->classes[i], err)) {
            return false;
        }
    }
    return true;
}

/* Where a picture stands, without its sub-folders or with them in its name. */
static void add_place(const struct export *e, const struct export_item *item, bool all,
                      struct buf *out)
{
    const struct export_picture *p = &e->pictures[item->picture];
    const char *slash = strrchr(p->name, '/');
    buf_clear(out);
    buf_addf(out, "%s%s/", export_split_prefix(e, p), item->a->label);
    if (!all) {
        buf_adds(out, slash ? slash + 1 : p->name);
        return;
    }
    for (const char *c = p->name; *c; c++) {
        if (*c == '/') {
            buf_adds(out, "__");
        } else {
            buf_addc(out, *c);
        }
    }
}

struct places {
    struct arena arena;
    struct map seen;       /* from a place to the first item there */
    unsigned char *shared; /* of each item: its place is that of others as well */
    uint32_t *first;
};

static bool find_shared(const struct export *e, struct places *places)
{
    struct buf place = BUF_INIT;
    bool ok = true;
    for (uint32_t i = 0; ok && i < e->item_count; i++) {
        add_place(e, &e->items[i], false, &place);
        if (!place.failed && map_get(&places->seen, place.data, place.len, &places->first[i])) {
            places->shared[places->first[i]] = places->shared[i] = 1;
            continue;
        }
        const char *key = place.failed ? NULL : arena_string(&places->arena, place.data, place.len);
        ok = key && map_put(&places->seen, key, place.len, i);
    }
    buf_release(&place);
    return ok;
}

static bool place_all(const struct export *e, const struct places *places, struct error *err)
{
    struct buf place = BUF_INIT;
    bool ok = true;
    for (size_t i = 0; ok && i < e->item_count; i++) {
        add_place(e, &e->items[i], places->shared[i], &place);
        ok = place.failed ? error_nomem(err, place.len, "a name")
                          : export_place(e, &e->pictures[e->items[i].picture], place.data, err);
    }
    buf_release(&place);
    return ok;
}

bool folders_write(struct export *e, struct error *err)
{
    struct places places = { .shared = calloc(e->item_count + 1, 1),
                             .first = mem_array(e->item_count, sizeof *places.first) };
    map_init(&places.seen);
    bool ok = check_classes(e, err);
    if (ok && !(places.shared && places.first && find_shared(e, &places))) {
        ok = error_nomem(err, e->item_count * sizeof *places.first, "the places of the pictures");
    }
    ok = ok && place_all(e, &places, err);
    map_release(&places.seen);
    arena_release(&places.arena);
    free(places.shared);
    free(places.first);
    return ok;
}

const struct format format_folders = {
    .info = { "folders", "a folder for each class", NULL, true, true, HOLDS_CLASS },
    .looks_like = folders_looks_like,
    .read = folders_read,
    .write = folders_write,
};
