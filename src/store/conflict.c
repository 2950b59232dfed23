/* Conflict copies: when another program replaced labels.csv during a session, the session's
 * answers are in NAME.saved, NAME.saved-2 ... until they are merged. */
#include "labels_private.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* The answer of the same annotator for the same picture, or NULL. */
static const struct record *own_record(const struct labels *l, const struct annotation *a)
{
    uint32_t item = table_lookup(&l->table, a->file_name, &a->region);
    uint32_t annotator = table_string_lookup(&l->table, a->annotator, strlen(a->annotator));
    if (item == TABLE_NONE || annotator == UINT32_MAX) {
        return NULL;
    }
    uint32_t e = table_entry_lookup(&l->table, item, annotator);
    return e == TABLE_NONE || l->table.entries[e].now.status == STATUS_UNANSWERED
               ? NULL
               : &l->table.entries[e].now;
}

static int earlier_first(const void *a, const void *b)
{
    const struct annotation *x = a, *y = b;
    return (x->labeled_at_ms > y->labeled_at_ms) - (x->labeled_at_ms < y->labeled_at_ms);
}

struct gathered {
    struct annotation *list; /* its strings belong to the copy */
    size_t count, cap;
};

/* Collects the copy's answers, except those no later than the same annotator's. */
static bool gather(const struct labels *l, const struct labels *copy, struct gathered *g,
                   struct labels_taken *taken, struct error *err)
{
    struct annotation a;
    for (uint32_t at = 0; labels_next_row(copy, &at, &a);) {
        const struct record *own = own_record(l, &a);
        taken->rows++;
        if (own && own->labeled_at >= a.labeled_at_ms) {
            continue;
        }
        if (!mem_reserve(&g->list, &g->cap, g->count + 1, sizeof *g->list)) {
            return error_nomem(err, g->cap * sizeof *g->list, "the answers");
        }
        g->list[g->count++] = a;
    }
    if (g->count > 0) {
        qsort(g->list, g->count, sizeof *g->list, earlier_first);
    }
    return true;
}

/* Merges one copy, and removes it once its answers are on the disk. */
static bool take_copy(struct labels *l, const char *name, struct labels_taken *taken,
                      struct error *err)
{
    struct buf bytes = BUF_INIT;
    struct gathered g = { NULL, 0, 0 };
    char *path = file_join(l->folder.path, name);
    struct labels *copy = NULL;
    bool ok = path ? folder_read(&l->folder, name, LABELS_FILE_MAX, &bytes, err)
                   : error_nomem(err, strlen(name), "a file name");
    if (ok) {
        copy = labels_parse(path, bytes.data, bytes.len, l->mode, NULL, err);
    }
    ok = copy && gather(l, copy, &g, taken, err) &&
         (g.count == 0 || labels_write(l, g.list, g.count, NULL, err)) &&
         folder_remove(&l->folder, name, err);
    if (ok) {
        taken->copies++;
        taken->answers += g.count;
    }
    free(g.list);
    labels_close(copy, NULL);
    buf_release(&bytes);
    free(path);
    return ok;
}

bool labels_take_in(struct labels *l, struct labels_taken *taken, struct error *err)
{
    char name[NAME_MAX + 1];
    bool ok = labels_writable(l, err);
    *taken = (struct labels_taken){ 0 };
    for (int number = 0; ok && labels_next_copy(l, &number, name);) {
        ok = take_copy(l, name, taken, err);
    }
    return ok;
}
