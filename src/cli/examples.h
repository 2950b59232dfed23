/* Labelled pictures, for training or measuring accuracy. */
#ifndef CLI_EXAMPLES_H
#define CLI_EXAMPLES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/region.h"

#include "cli.h"
#include "drawn.h"

#define EXAMPLE_NO_CLASS ((size_t)-1)

struct example {
    char *path;
    size_t class_index;   /* EXAMPLE_NO_CLASS: not labelled; only examples_load_mixed() has such */
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

/* path: a labels.csv, or a folder. The examples are the labelled pictures of the CSV, or
 * of labels.csv in the folder if it contains any labels. Else they are all pictures in
 * sub-folders of the folder, and the class is the relative path of the sub-folder.
 * ERROR_DATA if there are none. Notices go to stderr. Free with examples_release(). */
bool examples_load(struct examples *e, const char *path, struct error *err);

/* The pictures for training with a teacher, labelled or not: of any number of operands, which
 * are a labels.csv (all pictures that it lists), a folder (all its pictures; those that its
 * labels.csv labels or, if that labels none, those in sub-folders have a class), a picture or
 * a list of pictures. Each picture counts once. labels: false to ignore them. A single class
 * of a folder, or in all, is dropped, with a notice. */
bool examples_load_mixed(struct examples *e, const struct command_line *line, bool labels,
                         struct error *err);
void examples_release(struct examples *e);

#endif
