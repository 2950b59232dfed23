/* Labelled pictures, for training or measuring accuracy. */
#ifndef CLI_EXAMPLES_H
#define CLI_EXAMPLES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#include "drawn.h"

struct example {
    char *path;
    size_t class_index;
    bool drawn; /* belongs to the random sample of the folder: see drawn.h */
};

struct examples {
    struct example *items; /* by class, then by path in natural order */
    size_t count, cap;
    char **classes; /* names in the order of the class list, then others in natural order */
    size_t class_count, class_cap;
    bool labels;      /* from a labels.csv */
    struct drawn any; /* if so */
};

/* path: a labels.csv, or a folder. The examples are the labelled pictures of the CSV, or
 * of labels.csv in the folder if it contains any labels. Else they are all pictures in
 * sub-folders of the folder, and the class is the relative path of the sub-folder.
 * ERROR_DATA if there are none. Notices go to stderr. Free with examples_release(). */
bool examples_load(struct examples *e, const char *path, struct error *err);
void examples_release(struct examples *e);

#endif
