#include "example_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "config/class_file.h"

/* Rejects class names that a model cannot store before the training, not after it. */
static bool check_class(const char *class, size_t len, const char *where, struct error *err)
{
    if (classes_check_name(class, len, where, err)) {
        return true;
    }
    err->kind = ERROR_DATA;
    return false;
}

bool examples_add_bare(struct examples *e, char *path, struct error *err)
{
    if (!path || !mem_reserve(&e->items, &e->cap, e->count + 1, sizeof *e->items)) {
        free(path);
        return error_nomem(err, (e->count + 1) * sizeof *e->items, "the examples");
    }
    e->items[e->count++] = (struct example){ .path = path, .class_index = EXAMPLE_NO_CLASS };
    return true;
}

bool examples_add(struct examples *e, char *path, const char *class, size_t len, size_t *last,
                  const char *where, struct error *err)
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
    if (path && c == e->class_count && !check_class(class, len, where, err)) {
        free(path);
        return false;
    }
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
    e->items[e->count++] = (struct example){ .path = path, .class_index = c };
    *last = c;
    return true;
}

bool examples_one_class(const char *csv, struct error *err)
{
    return !class_file_is_multi(csv) ||
           error_set(err, ERROR_DATA,
                     "%s: its pictures may have several classes each ('multi = yes' in the class "
                     "list beside it), and training and measuring are for one; write the one that "
                     "matters into the column label of a copy in the same folder, and name that",
                     csv);
}

struct name_rank {
    char *name;
    size_t listed; /* index in the class list; the list's length: not in it */
    size_t was;    /* index before sorting */
};

static int compare_names(const void *a, const void *b)
{
    const struct name_rank *x = a;
    const struct name_rank *y = b;
    if (x->listed != y->listed) {
        return x->listed < y->listed ? -1 : 1;
    }
    return text_natural_compare(x->name, y->name);
}

static int compare_examples(const void *a, const void *b)
{
    const struct example *x = a;
    const struct example *y = b;
    if (x->class_index != y->class_index) {
        return x->class_index < y->class_index ? -1 : 1;
    }
    int order = text_natural_compare(x->path, y->path);
    return order ? order : region_compare(&x->region, &y->region);
}

bool examples_sort(struct examples *e, const struct classes *listed, struct error *err)
{
    struct name_rank *ranks = mem_array(e->class_count + 1, sizeof *ranks);
    size_t *now = mem_array(e->class_count + 1, sizeof *now);
    if (!ranks || !now) {
        free(ranks);
        free(now);
        return error_nomem(err, e->class_count * sizeof *ranks, "the classes");
    }
    for (size_t c = 0; c < e->class_count; c++) {
        ranks[c] = (struct name_rank){ e->classes[c], classes_find(listed, e->classes[c]), c };
    }
    qsort(ranks, e->class_count, sizeof *ranks, compare_names);
    for (size_t c = 0; c < e->class_count; c++) {
        e->classes[c] = ranks[c].name;
        now[ranks[c].was] = c;
    }
    for (size_t i = 0; i < e->count; i++) {
        size_t *class = &e->items[i].class_index;
        *class = *class == EXAMPLE_NO_CLASS ? *class : now[*class];
    }
    qsort(e->items, e->count, sizeof *e->items, compare_examples);
    free(ranks);
    free(now);
    return true;
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
    drawn_release(&e->any);
    *e = (struct examples){ 0 };
}
