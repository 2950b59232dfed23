/* The pictures for training with a teacher: any, labelled or not. */
#ifndef CLI_MIXED_EXAMPLES_H
#define CLI_MIXED_EXAMPLES_H

#include "command_line.h"
#include "example_set.h"

/* Those of any number of operands, which
 * are a labels.csv (all pictures that it lists), a folder (all its pictures; those that its
 * labels.csv labels or, if that labels none, those in sub-folders have a class), a picture or
 * a list of pictures. Each picture counts once. labels: false to ignore them. A single class
 * of a folder, or in all, is dropped, with a notice. */
bool examples_load_mixed(struct examples *e, const struct command_line *line, bool labels,
                         struct error *err);

#endif
