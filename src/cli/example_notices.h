/* Messages about the pictures and classes of a training set. */
#ifndef CLI_EXAMPLE_NOTICES_H
#define CLI_EXAMPLE_NOTICES_H

#include "config/class_file.h"
#include "example_set.h"

/* Tells that the labels of the CSV are used, not the sub-folders, if there are any. */
void tell_choice(const char *folder, const char *csv);

/* Tell which labels become classes without being in the class list, and which listed
 * classes have no pictures. */
void tell_unlisted(const struct examples *e, const struct class_file *file,
                   const struct classes *listed);
void tell_unused(const struct examples *e, const struct class_file *file,
                 const struct classes *listed);

#endif
