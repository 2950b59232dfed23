/* The classes of a command: the saved class list beside the labels, merged with the
 * classes requested by -c, thumbtag.ini or classes.txt. */
#ifndef CLI_CLASSES_H
#define CLI_CLASSES_H

#include "base/buf.h"
#include "config/class_file.h"
#include "config/settings.h"
#include "store/labels.h"

struct found_classes {
    struct class_file file;
    struct buf notice; /* how they differ from what was requested, one line; empty: not */
    struct buf more;   /* the same, but also visible on the panel: for stderr only */
};

/* Fills s->classes: first the saved ones with their keys, then those of -c, else of the
 * ini, else of classes.txt in the folder, with keys that are still free. There may be
 * none. First completes a change of classes that a killed session began: `report` is that of
 * opening the labels. Release *found in any case. */
bool find_classes(struct found_classes *found, struct settings *s, const char *folder,
                  const char *csv, struct labels *labels, const struct labels_report *report,
                  struct error *err);
void found_classes_release(struct found_classes *found);

/* Adds the labels in use that are not classes yet, by first occurrence in the CSV. Skips
 * those that are not valid class names (control characters, blanks at an end, too long)
 * or too many. `csv` is for messages. */
bool add_labels_in_use(struct classes *c, const struct labels *labels, const char *csv,
                       struct error *err);

/* Appends "N pictures have labels that are not classes: …" if there are any, and how to
 * add them; returns out->len before the latter. listed: a saved list exists, to which -c
 * only adds. */
size_t tell_other_labels(const struct classes *c, const struct labels *labels, bool listed,
                         struct buf *out);

/* Asks for the classes on the terminal. False if there is none, if stderr is not one, or
 * if nothing was entered. */
bool ask_classes(struct classes *c, const char *folder, struct error *err);

#endif
