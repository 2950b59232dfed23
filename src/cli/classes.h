/* The classes of a command: the list beside the labels, and what else names
 * some. */
#ifndef CLI_CLASSES_H
#define CLI_CLASSES_H

#include "base/buf.h"
#include "config/settings.h"
#include "session/class_file.h"
#include "store/labels.h"

struct found_classes {
    struct class_file file;
    struct buf notice; /* what differs from what was asked for, one line; empty: nothing */
    struct buf more;   /* and what the panel shows anyway */
};

/* Fills s->classes: those of the list beside the labels with their keys, then,
 * with keys that are still free, those of -c, else of the ini, else of
 * classes.txt in the folder. There may be none. *found is to be released in any
 * case. */
bool find_classes(struct found_classes *found, struct settings *s, const char *folder,
                  const char *csv, const struct labels *labels, struct error *err);
void found_classes_release(struct found_classes *found);

/* Adds the labels in use that are no class yet, in the order in which the CSV
 * has them first, but for those that can be none (control characters, blanks at an
 * end, too long, too many). `csv` stands in messages. */
bool add_labels_in_use(struct classes *c, const struct labels *labels, const char *csv,
                       struct error *err);

/* Adds "N pictures have labels that are no class here: …" where that is so, and how
 * to add them; returns the length without the latter. listed: there is a list, to
 * which -c only adds. */
size_t tell_other_labels(const struct classes *c, const struct labels *labels, bool listed,
                         struct buf *out);

/* Asks for the classes on the terminal. False without one, also where stderr is
 * none, or when nothing was named. */
bool ask_classes(struct classes *c, const char *folder, struct error *err);

#endif
