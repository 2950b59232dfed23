#include "class_sets.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/labels.h"

void class_sets_init(struct class_sets *s)
{
    *s = (struct class_sets){ 0 };
    map_init(&s->by_label);
}

void class_sets_release(struct class_sets *s)
{
    for (size_t i = 0; i < s->count; i++) {
        free(s->items[i].classes);
    }
    free(s->items);
    map_release(&s->by_label);
    class_sets_init(s);
}

void class_sets_renew(struct class_sets *s)
{
    uint32_t next = s->first + (uint32_t)s->count;
    class_sets_release(s);
    s->first = next;
}

const struct class_set *class_sets_get(const struct class_sets *s, uint32_t number)
{
    uint32_t at = number - s->first;
    return number >= s->first && at < s->count ? &s->items[at] : NULL;
}

static int compare(const void *a, const void *b)
{
    return *(const uint16_t *)a - *(const uint16_t *)b;
}

/* False when out of memory. */
static bool read_label(struct class_set *set, const struct classes *c, const char *label)
{
    size_t cap = 0, len = 0;
    for (const char *at = NULL; (at = label_class(true, label, at, &len));) {
        char name[CLASS_NAME_MAX + 1] = "";
        if (len < sizeof name) {
            memcpy(name, at, len);
            name[len] = '\0';
        }
        size_t i = classes_find(c, name);
        if (i == c->count) {
            set->others = true;
        } else if (!mem_reserve(&set->classes, &cap, set->count + 1, sizeof *set->classes)) {
            return false;
        } else {
            set->classes[set->count++] = (uint16_t)i;
        }
    }
    if (set->count) {
        qsort(set->classes, set->count, sizeof *set->classes, compare);
    }
    return true;
}

uint32_t class_sets_number(struct class_sets *s, const struct classes *c, const char *label)
{
    uint32_t number;
    size_t len = strlen(label);
    if (map_get(&s->by_label, label, len, &number)) {
        return number;
    }
    struct class_set set = { 0 };
    number = s->first + (uint32_t)s->count;
    if (!read_label(&set, c, label) ||
        !mem_reserve(&s->items, &s->cap, s->count + 1, sizeof *s->items) ||
        !map_put(&s->by_label, label, len, number)) {
        free(set.classes);
        return CLASS_SETS_FULL;
    }
    s->items[s->count++] = set;
    return number;
}

bool class_set_has(const struct class_set *set, size_t class_index)
{
    for (size_t i = 0; i < set->count; i++) {
        if (set->classes[i] == class_index) {
            return true;
        }
    }
    return false;
}
