#include "listed_items.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"

struct labels *open_listed(const char *csv, struct error *err)
{
    if (access(csv, R_OK) != 0) {
        error_errno(err, ERROR_IO, errno, "%s", csv);
        return NULL;
    }
    return labels_open(csv, LABELS_READ_ONLY, NULL, err);
}

struct listed {
    const char *name; /* of its picture */
    size_t picture;   /* index, in order of first mention */
    size_t number;    /* in the CSV's order */
    struct region region;
};

struct gathered {
    struct listed *items;
    size_t count, cap;
};

static int compare_by_name(const void *a, const void *b)
{
    const struct listed *x = a;
    const struct listed *y = b;
    int order = x->picture == y->picture ? 0 : text_natural_compare(x->name, y->name);
    order = order ? order : strcmp(x->name, y->name);
    return order ? order : region_compare(&x->region, &y->region);
}

static int compare_as_filed(const void *a, const void *b)
{
    const struct listed *x = a;
    const struct listed *y = b;
    return x->picture != y->picture ? (x->picture > y->picture) - (x->picture < y->picture)
                                    : (x->number > y->number) - (x->number < y->number);
}

static bool gather(struct listed_items *l, struct gathered *g, const struct annotation *a)
{
    uint32_t at;
    size_t len = strlen(a->file_name);
    if (!map_get(&l->by_name, a->file_name, len, &at)) {
        at = (uint32_t)l->count;
        char *name = mem_reserve(&l->pictures, &l->cap, l->count + 1, sizeof *l->pictures)
                         ? mem_string(a->file_name, len)
                         : NULL;
        if (!name || !map_put(&l->by_name, name, len, at)) {
            free(name);
            return false;
        }
        l->pictures[l->count++] = (struct listed_picture){ name, 0, 0 };
    }
    if (!mem_reserve(&g->items, &g->cap, g->count + 1, sizeof *g->items)) {
        return false;
    }
    g->items[g->count] = (struct listed){ l->pictures[at].name, at, g->count, a->region };
    g->count++;
    return true;
}

static bool gather_all(struct listed_items *l, struct gathered *g, const struct labels *labels,
                       unsigned which)
{
    uint32_t cursor = 0;
    struct annotation a;
    bool ok = true;
    while (ok && labels_next_item(labels, &cursor, &a)) {
        bool answered = a.status != STATUS_UNANSWERED || a.note[0];
        ok = (which & LISTED_ANSWERED && !answered) || gather(l, g, &a);
    }
    return ok;
}

/* Takes over the sorted items: those of a picture stand together. */
static bool take(struct listed_items *l, const struct gathered *g)
{
    struct listed_picture *sorted = mem_array(l->count, sizeof *sorted);
    l->regions = mem_array(g->count, sizeof *l->regions);
    if (!sorted || !l->regions) {
        free(sorted);
        return false;
    }
    size_t pictures = 0;
    for (size_t i = 0; i < g->count; i++) {
        const struct listed *item = &g->items[i];
        if (i == 0 || item->picture != g->items[i - 1].picture) {
            sorted[pictures++] = (struct listed_picture){ l->pictures[item->picture].name, i, 0 };
        }
        sorted[pictures - 1].count++;
        l->regions[i] = item->region;
    }
    free(l->pictures);
    l->pictures = sorted;
    l->region_count = g->count;
    bool ok = true;
    for (size_t i = 0; ok && i < l->count; i++) { /* known names: no memory is needed */
        ok = map_put(&l->by_name, sorted[i].name, strlen(sorted[i].name), (uint32_t)i);
    }
    return ok;
}

static bool find_paths(struct listed_items *l)
{
    l->paths = mem_array(l->count, sizeof *l->paths);
    for (size_t i = 0; l->paths && i < l->count; i++) {
        l->paths[i] = names_path(&l->names, l->pictures[i].name);
        if (!l->paths[i]) {
            return false;
        }
    }
    return l->paths != NULL;
}

bool listed_items_init(struct listed_items *l, const struct labels *labels, const char *csv,
                       unsigned which, struct error *err)
{
    struct gathered g = { NULL, 0, 0 };
    *l = (struct listed_items){ .alone = (which & LISTED_ALONE) != 0 };
    map_init(&l->by_name);
    if (!names_init(&l->names, csv, err)) {
        map_release(&l->by_name);
        return false;
    }
    bool ok = gather_all(l, &g, labels, which);
    if (ok && g.count) {
        qsort(g.items, g.count, sizeof *g.items,
              which & LISTED_AS_FILED ? compare_as_filed : compare_by_name);
    }
    ok = ok && take(l, &g) && find_paths(l);
    free(g.items);
    if (!ok) {
        error_nomem(err, g.count * sizeof *g.items, "the list of regions");
        listed_items_release(l);
    }
    return ok;
}

void listed_items_release(struct listed_items *l)
{
    for (size_t i = 0; i < l->count; i++) {
        free(l->pictures[i].name);
        free(l->paths ? l->paths[i] : NULL);
    }
    free(l->pictures);
    free(l->paths);
    free(l->regions);
    map_release(&l->by_name);
    names_release(&l->names);
    *l = (struct listed_items){ .alone = false };
}

bool listed_items_exist(const struct listed_items *l, const char *csv, struct error *err)
{
    for (size_t i = 0; i < l->count; i++) {
        if (access(l->paths[i], F_OK) == 0) {
            return true;
        }
    }
    return l->count == 0 ||
           error_set(err, ERROR_DATA,
                     "%s: none of its pictures exists, the first is %s; file names are relative "
                     "to the folder of the CSV",
                     csv, l->paths[0]);
}

size_t listed_items_of(void *context, const char *path, const struct region **list)
{
    struct listed_items *l = context;
    uint32_t at;
    char *name = names_relative(&l->names, path, NULL);
    bool there = name && map_get(&l->by_name, name, strlen(name), &at);
    free(name);
    if (!there) {
        return l->alone ? CATALOG_LEAVE_OUT : 0;
    }
    *list = l->regions + l->pictures[at].first;
    return l->pictures[at].count;
}

void listed_items_source(struct listed_items *l, struct catalog_source *source)
{
    *source = (struct catalog_source){ .paths = (const char *const *)l->paths,
                                       .count = l->count,
                                       .as_they_are = true,
                                       .list_fd = -1,
                                       .regions = listed_items_of,
                                       .regions_context = l };
}
