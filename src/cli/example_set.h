/* A set of labelled pictures, for training or measuring accuracy. */
#ifndef CLI_EXAMPLE_SET_H
#define CLI_EXAMPLE_SET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/region.h"
#include "config/classes.h"
#include "drawn.h"

#define EXAMPLE_NO_CLASS ((size_t)-1)

struct example {
    char *path;
    size_t class_index;   /* EXAMPLE_NO_CLASS: not labelled */
    bool drawn;           /* belongs to the random sample of the folder: see drawn.h */
    struct region region; /* the part of the picture; a whole one: all of it */
};

struct examples {
    struct example *items; /* by class, then by path in natural order, then by region */
    size_t count, cap;
    char **classes; /* names in the order of the class list, then others in natural order */
    size_t class_count, class_cap;
    bool labels;      /* from a labels.csv */
    struct drawn any; /* if so */
};

/* Takes ownership of `path`; NULL counts as out of memory. The class name is copied.
 * *last: index of the class added last, a hint. `where` is for messages. */
bool examples_add(struct examples *e, char *path, const char *class, size_t len, size_t *last,
                  const char *where, struct error *err);

/* The same for a picture without a class. */
bool examples_add_bare(struct examples *e, char *path, struct error *err);

/* Orders the classes as in the list, then others by name; the examples by class and path,
 * those without a class last. */
bool examples_sort(struct examples *e, const struct classes *listed, struct error *err);

/* Refuses a labels.csv whose pictures may have several classes. */
bool examples_one_class(const char *csv, struct error *err);

void examples_release(struct examples *e);

#endif
