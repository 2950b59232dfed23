/* How many pictures are open again when a class is removed. */
#include "session/class_change.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct people {
    const char **names;
    size_t count, cap;
};

static bool knows(const struct people *p, const char *name)
{
    for (size_t i = 0; i < p->count; i++) {
        if (strcmp(p->names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* All annotators with an answer. */
static bool gather(struct people *p, const struct labels *l)
{
    uint32_t cursor = 0;
    struct annotation a;
    while (labels_next_row(l, &cursor, &a)) {
        if (!label_status_is_answer(a.status) || knows(p, a.annotator)) {
            continue;
        }
        if (!mem_reserve(&p->names, &p->cap, p->count + 1, sizeof *p->names)) {
            return false;
        }
        p->names[p->count++] = a.annotator;
    }
    return true;
}

/* Whether the answer is this class alone, so that nothing is left of it. */
static bool is_only(const struct labels *l, const struct annotation *a, const char *name)
{
    size_t len = 0, name_len = strlen(name);
    if (a->status != STATUS_LABELED) {
        return false;
    }
    for (const char *c = NULL; (c = label_class(labels_multi(l), a->label, c, &len));) {
        if (len != name_len || memcmp(c, name, len) != 0) {
            return false;
        }
    }
    return true;
}

/* Whether nobody's answer to the item is left. */
static bool opens(const struct people *p, const struct labels *l, const struct annotation *item,
                  const char *name)
{
    struct annotation a;
    for (size_t i = 0; i < p->count; i++) {
        if (labels_find_by(l, item->file_name, &item->region, p->names[i], &a) &&
            label_status_is_answer(a.status) && !is_only(l, &a, name)) {
            return false;
        }
    }
    return true;
}

bool class_change_opens(const struct labels *labels, const char *name, size_t *count,
                        struct error *err)
{
    struct people people = { 0 };
    uint32_t cursor = 0;
    struct annotation a;
    *count = 0;
    bool ok = gather(&people, labels);
    while (ok && labels_next(labels, &cursor, &a)) {
        *count += is_only(labels, &a, name) && opens(&people, labels, &a, name);
    }
    free(people.names);
    return ok || error_nomem(err, people.count * sizeof *people.names, "the annotators");
}
