/* Changes of the class list: each is one operation of labels.csv, with the answers that it
 * changes, and one step of undo.
 *
 * The rows are written first, with the change as the operation's `about`; then the class
 * file is replaced. After a kill between the two, class_change_complete() repeats the second
 * step. The text of a change, a line each:
 *
 *   class rename
 *   3 6 none skrt       the class before: its place in the list, key, colour, name
 *   3 6 none skirt      and after
 *   INTO                only of a merge: the class that took its answers
 *
 * "-" instead of a class: it was not there before (add), or is gone (merge, remove). A class
 * without a key or a colour has "none".
 *
 * One change is on its way at a time; struct class_owner is borrowed. */
#ifndef SESSION_CLASS_CHANGE_H
#define SESSION_CLASS_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "config/class_file.h"
#include "config/classes.h"
#include "config/keymap.h"
#include "store/labels.h"

enum class_verb {
    CLASS_ADD,
    CLASS_RENAME,
    CLASS_MERGE,
    CLASS_KEY,
    CLASS_COLOR,
    CLASS_REMOVE,
    CLASS_VERBS,
};

struct class_state {
    bool there;
    size_t at; /* place in the list */
    keycode key;
    int32_t color;
    char name[CLASS_NAME_MAX + 1];
};

struct class_change {
    enum class_verb verb;
    struct class_state before, after;
    char into[CLASS_NAME_MAX + 1]; /* of a merge, else "" */
};

/* Prepare a change of a class named `name`. ERROR_USAGE says what is wrong with the names,
 * the key or the colour. KEYCODE_NONE as the key of a new class: the next free one; as a new
 * key: none. */
bool class_change_add(struct class_change *to, const struct classes *c, const struct keymap *map,
                      const char *name, keycode key, struct error *err);
bool class_change_rename(struct class_change *to, const struct classes *c, const char *name,
                         const char *new_name, struct error *err);
bool class_change_merge(struct class_change *to, const struct classes *c, const char *name,
                        const char *into, struct error *err);
bool class_change_key(struct class_change *to, const struct classes *c, const struct keymap *map,
                      const char *name, keycode key, struct error *err);
bool class_change_color(struct class_change *to, const struct classes *c, const char *name,
                        int32_t color, struct error *err);
bool class_change_remove(struct class_change *to, const struct classes *c, const char *name,
                         struct error *err);

/* The text of a change, and back; false if the text is not one. */
void class_change_format(const struct class_change *change, struct buf *out);
bool class_change_parse(const char *text, struct class_change *out);

/* Appends "renamed 'skrt' to 'skirt' in 24 answers", "added 'skirt' (key 6)", … for
 * messages; rows: the answers changed. */
void class_change_tell(const struct class_change *change, size_t rows, struct buf *out);

/* What is changed. */
struct class_owner {
    struct labels *labels;
    struct classes *classes;
    struct class_file *file; /* NULL: the list is saved nowhere */
    const char *annotator;   /* whose operation it is */
};

/* How many pictures and regions nobody has answered any more when the class is removed: those
 * that another class or another annotator's answer is left to are not counted. */
bool class_change_opens(const struct labels *labels, const char *name, size_t *count,
                        struct error *err);

/* How the places in the list have moved. */
struct class_shift {
    enum { CLASSES_STAY, CLASSES_GREW, CLASSES_SHRANK } kind;
    size_t at; /* the place of the class that came or left */
};

/* Makes the change. answer: NULL, or an annotation written by the same operation (of
 * CLASS_ADD). *rows: how many annotations have changed, those of all annotators. False:
 * nothing has changed, neither in the files nor in memory. */
bool class_change_do(const struct class_owner *o, const struct class_change *change,
                     const struct annotation *answer, size_t *rows, struct class_shift *shift,
                     struct error *err);

/* The list's part of an undo or a redo of that change, whose rows have been written: without
 * effect where the list is so already. A class stays if answers still have it or it is the
 * last one; one that comes back has no key if another has that now. False: the list is as it
 * was. */
bool class_change_list(const struct class_owner *o, const struct class_change *change, bool undo,
                       struct class_shift *shift, struct error *err);

/* After opening: does what a killed session may have left undone. */
bool class_change_complete(const struct class_owner *o, const struct labels_report *report,
                           struct error *err);

#endif
