/* The class list beside the labels: labels.classes for labels.csv, NAME.classes
 * for NAME.csv or NAME (config/class_list.h tells its form). It is read before
 * a session and written at its first answer, and is why a class keeps its key. */
#ifndef SESSION_CLASS_FILE_H
#define SESSION_CLASS_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/folder.h"
#include "config/classes.h"

struct class_file {
    struct folder folder; /* of the labels; open */
    char *name;           /* of the list in it */
    char *csv;            /* of the labels */
    struct buf text; /* as it was read or written last */
    bool there;
    size_t count; /* classes in it: the first ones of the session */
};

/* None, for class_file_release() to be safe. */
#define CLASS_FILE_NONE { .folder = { .fd = -1 } }

/* Reads the list that belongs to csv_path, if there is one, into *c, which is
 * empty. A list that cannot be understood, or that is no plain file of ours
 * (base/folder.h), is ERROR_DATA, and left as it is.
 * *f is to be released in any case. */
bool class_file_load(struct class_file *f, const char *csv_path, struct classes *c,
                     struct error *err);
void class_file_release(struct class_file *f);

/* Removes what a session that was killed while it wrote the list left behind; while
 * the labels are locked. */
void class_file_recover(const struct class_file *f);

/* Adds the classes behind the first f->count at the end, and makes the file if
 * it is not there, with the rights of the CSV; all that stands in it stays. A file that somebody else has
 * changed since is ERROR_BUSY and left as it is. Nothing new: nothing is done. */
bool class_file_save(struct class_file *f, const struct classes *c, struct error *err);

#endif
