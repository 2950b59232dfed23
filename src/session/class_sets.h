/* The sets of classes that labels stand for where pictures may have several: a number for
 * each label in use, so that a mark need not ask the labels. */
#ifndef SESSION_CLASS_SETS_H
#define SESSION_CLASS_SETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "config/classes.h"

struct class_set {
    uint16_t *classes; /* indices, ascending */
    size_t count;
    bool others; /* the label also has names that are no class of the session */
};

struct class_sets {
    struct class_set *items; /* items[i] has the number first + i */
    size_t count, cap;
    uint32_t first;
    struct map by_label;
};

void class_sets_init(struct class_sets *s);
void class_sets_release(struct class_sets *s);

/* Forgets all sets, as the classes have changed; numbers are not used again. */
void class_sets_renew(struct class_sets *s);

#define CLASS_SETS_FULL UINT32_MAX

/* The number of the label's set, which stays the same; CLASS_SETS_FULL when out of memory.
 * The label is borrowed: it must live as long as the sets. */
uint32_t class_sets_number(struct class_sets *s, const struct classes *c, const char *label);

/* The set of that number, or NULL. */
const struct class_set *class_sets_get(const struct class_sets *s, uint32_t number);

bool class_set_has(const struct class_set *set, size_t class_index);

#endif
