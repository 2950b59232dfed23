/* The class list that lies beside the labels: names, keys and colours as text
 * that a person can read and edit. The order of the lines is that of the
 * classes.
 *
 *   [classes]
 *   1 = dress
 *   2 = "pants, #ff8000"
 *   none = other
 *   multi = yes
 *
 * The last line says that a picture may have several of the classes; it may stand
 * anywhere, and of several such lines the last one counts.
 *
 * The syntax is that of [classes] in thumbtag.ini, so lines can be copied from one to
 * the other, with more: "multi", small and capital keys differ, "none" (no key) may
 * be repeated, and between double quotes a backslash escapes a '"', a '\' or a ',' of
 * the name. So every name that classes_add() accepts can be written and read back
 * unchanged. */
#ifndef CONFIG_CLASS_LIST_H
#define CONFIG_CLASS_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "config/classes.h"

#define CLASS_LIST_MAX ((size_t)8 << 20) /* bytes of a list */

/* Adds the classes of the text, with key_given set for each, also for "none". A line
 * that is wrong is ERROR_DATA, with `path`, the line, the value and what to do. */
bool class_list_parse(struct classes *c, const char *text, size_t len, const char *path,
                      struct error *err);

/* The first lines of a new list; `csv` names the labels it belongs to. */
void class_list_add_heading(struct buf *out, const char *csv);

/* The line that lets pictures have several classes. */
void class_list_add_multi(struct buf *out);

/* The line of a class. */
void class_list_add(struct buf *out, const struct class *class);

/* A change of the list: class `at` leaves it, another comes in at that place, or both. */
struct class_list_edit {
    size_t at;
    bool leaves;
    const struct class *comes; /* NULL: none */
};

/* Appends the text of a valid list, changed; all other lines stay as they are. */
void class_list_apply(struct buf *out, const char *text, size_t len,
                      const struct class_list_edit *edit);

#endif
