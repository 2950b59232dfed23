/* What is said of the pictures and classes that a network is to learn from. */
#ifndef CLI_EXAMPLE_NOTICES_H
#define CLI_EXAMPLE_NOTICES_H

#include "examples.h"
#include "session/class_file.h"

/* That the CSV in the folder counts, not its sub-folders, where there are any. */
void tell_choice(const char *folder, const char *csv);

/* Labels that become classes though the class list has none of that name, and classes
 * of the list without a picture. */
void tell_unlisted(const struct examples *e, const struct class_file *file,
                   const struct classes *listed);
void tell_unused(const struct examples *e, const struct class_file *file,
                 const struct classes *listed);

#endif
