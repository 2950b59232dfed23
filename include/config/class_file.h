/* The class list beside the labels: labels.classes for labels.csv, NAME.classes for NAME.csv
 * or NAME (format: config/class_list.h). Read before a session and written at its first
 * answer, so that a class keeps its key between sessions. Changes of classes are in
 * session/class_change.h. */
#ifndef CONFIG_CLASS_FILE_H
#define CONFIG_CLASS_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/folder.h"
#include "config/class_list.h"
#include "config/classes.h"

struct class_file {
    struct folder folder; /* of the labels; open */
    char *name;           /* name of the list in it */
    char *csv;            /* name of the labels in it */
    struct buf text;      /* content as last read or written */
    bool there;           /* the file exists */
    size_t count;         /* classes in the file: the first ones of the session */
    bool multi;           /* the file says that pictures may have several classes */
};

/* No class file; safe for class_file_release(). */
#define CLASS_FILE_NONE                                                                            \
    {                                                                                              \
        .folder = {.fd = -1 }                                                                      \
    }

/* Reads the list that belongs to csv_path, if it exists, into *c, which must be empty.
 * ERROR_DATA for a list that is not valid or not a file that may be used (base/folder.h);
 * it is left untouched. Call class_file_release() even on failure. */
bool class_file_load(struct class_file *f, const char *csv_path, struct classes *c,
                     struct error *err);
void class_file_release(struct class_file *f);

/* Whether the list beside the labels says that pictures may have several classes; false also
 * if it cannot be read, which class_file_load() reports. */
bool class_file_is_multi(const char *csv_path);

/* Removes temporary files of a session that was killed while writing the list. The caller
 * holds the lock of the labels. */
void class_file_recover(const struct class_file *f);

/* Appends the classes after the first f->count to the file, and that they are multi, if that
 * is new; its content is kept. Creates it with the permissions of the CSV if it does not
 * exist. Does nothing if there is nothing new. ERROR_BUSY if the file was changed since it was
 * read; it is left untouched. */
bool class_file_save(struct class_file *f, const struct classes *c, struct error *err);

/* The same; then false also if the file was changed by others or cannot be replaced. */
bool class_file_prepare(struct class_file *f, const struct classes *c, struct error *err);

/* Changes the file, which has all classes, by `edit`, in one atomic step. ERROR_BUSY as
 * above. */
bool class_file_edit(struct class_file *f, const struct class_list_edit *edit, struct error *err);

#endif
