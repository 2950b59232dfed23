/* How sets of examples are put together. */
#ifndef CLI_EXAMPLES_PRIVATE_H
#define CLI_EXAMPLES_PRIVATE_H

#include "config/classes.h"
#include "examples.h"

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

#endif
