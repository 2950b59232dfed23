/* Labels of the CSV and classes: which are in use, and which are no class. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "classes.h"

#define NAMED_MAX 5 /* labels that the message names */

bool add_labels_in_use(struct classes *c, const struct labels *labels, const char *csv,
                       struct error *err)
{
    uint32_t cursor = 0;
    const char *last = NULL; /* equal labels are one string */
    struct answer a;
    while (labels_next(labels, &cursor, &a)) {
        if (a.status != STATUS_LABELED || a.label == last) {
            continue;
        }
        last = a.label;
        if (classes_find(c, last) == c->count &&
            !classes_add(c, last, strlen(last), KEYCODE_NONE, CLASS_COLOR_NONE, csv, err)) {
            return false;
        }
    }
    return true;
}

struct other {
    const char *label;
    size_t count;
};

static int compare_counts(const void *a, const void *b)
{
    size_t x = ((const struct other *)a)->count;
    size_t y = ((const struct other *)b)->count;
    return x < y   ? 1
           : x > y ? -1
                   : strcmp(((const struct other *)a)->label, ((const struct other *)b)->label);
}

static void list_others(const struct other *others, size_t count, size_t pictures, struct buf *out)
{
    bool easy = true; /* to name behind -c */
    buf_addf(out, "%zu %s no class here: ", pictures,
             pictures == 1 ? "picture has a label that is" : "pictures have labels that are");
    for (size_t i = 0; i < count && i < NAMED_MAX; i++) {
        buf_addf(out, "%s%s %zu", i ? ", " : "", others[i].label, others[i].count);
        easy = easy && !strpbrk(others[i].label, ",= '\"\\$`!*?#;&|<>(){}[]~");
    }
    if (count > NAMED_MAX) {
        buf_addf(out, " and %zu more", count - NAMED_MAX);
    } else if (easy) {
        buf_addf(out, "; add %s with -c ", count == 1 ? "it" : "them");
        for (size_t i = 0; i < count; i++) {
            buf_addf(out, "%s%s", i ? "," : "", others[i].label);
        }
    }
}

void tell_other_labels(const struct classes *c, const struct labels *labels, struct buf *out)
{
    struct other *others = NULL;
    size_t count = 0, cap = 0, pictures = 0, uses;
    uint32_t cursor = 0;
    const char *label;
    while (labels_next_class(labels, &cursor, &label, &uses)) {
        if (classes_find(c, label) < c->count) {
            continue;
        }
        if (!mem_reserve(&others, &cap, count + 1, sizeof *others)) {
            out->failed = true;
            break;
        }
        others[count++] = (struct other){ label, uses };
        pictures += uses;
    }
    if (count) {
        qsort(others, count, sizeof *others, compare_counts);
        list_others(others, count, pictures, out);
    }
    free(others);
}
