/* Labelled pictures of a labels.csv or a folder. */
#ifndef CLI_EXAMPLES_H
#define CLI_EXAMPLES_H

#include "example_set.h"

/* path: a labels.csv, or a folder. The examples are the labelled pictures of the CSV, or
 * of labels.csv in the folder if it contains any labels. Else they are all pictures in
 * sub-folders of the folder, and the class is the relative path of the sub-folder.
 * ERROR_DATA if there are none. Notices go to stderr. Free with examples_release(). */
bool examples_load(struct examples *e, const char *path, struct error *err);

#endif
