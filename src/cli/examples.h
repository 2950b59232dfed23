/* Pictures whose class is known: to train on, or to measure with. */
#ifndef CLI_EXAMPLES_H
#define CLI_EXAMPLES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#include "drawn.h"

struct example {
    char *path;
    size_t class_index;
    bool drawn; /* one of the random sample of all pictures beside its labels.csv */
};

struct examples {
    struct example *items; /* by class, then by path in natural order */
    size_t count, cap;
    char **classes; /* their names: as the class list has them, others behind in natural order */
    size_t class_count, class_cap;
    bool labels;      /* from a labels.csv */
    struct drawn any; /* then */
};

/* From a labels.csv, or a folder with one in which something is labeled: what is
 * labeled there. From another folder: every picture below it, its class the path
 * of the folder that it lies in, from there on; pictures beside those folders have
 * none and are left out. ERROR_DATA when there is nothing. What is to be known of
 * the choice and of the classes goes to stderr. To be given to
 * examples_release(). */
bool examples_load(struct examples *e, const char *path, struct error *err);
void examples_release(struct examples *e);

#endif
