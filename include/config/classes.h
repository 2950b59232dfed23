/* The classes of a session: names in any script, a key each, a colour each. */
#ifndef CONFIG_CLASSES_H
#define CONFIG_CLASSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/map.h"
#include "config/key.h"

#define CLASSES_MAX 10000  /* classes in one session */
#define CLASS_NAME_MAX 255 /* bytes of UTF-8 */
#define CLASS_COLOR_NONE (-1)
#define CLASSES_SEPARATOR '|' /* between the classes of one picture */

/* clang-format takes the name for the keyword of C++. */
/* clang-format off */
struct class {
    char *name;
    char *looks;    /* the name folded (base/normalize.h), capitals ignored */
    keycode key;    /* KEYCODE_NONE: chosen by its name only (the pick action) */
    bool key_given; /* keymap_assign() must not change the key, not even KEYCODE_NONE */
    int32_t color;  /* 0xRRGGBB or CLASS_COLOR_NONE */
};
/* clang-format on */

struct classes {
    struct class *items;
    size_t count;
    size_t cap;
    struct map by_name;
    struct map by_looks; /* the first class of those that look the same */
    bool multi;          /* a picture may have several; then no name has CLASSES_SEPARATOR */
};

void classes_init(struct classes *c);
void classes_release(struct classes *c);

/* Whether `name` can be a class name; if not, ERROR_USAGE says why. */
bool classes_check_name(const char *name, size_t len, const char *where, struct error *err);

/* Adds a class. Refused: an empty name, one over CLASS_NAME_MAX bytes, invalid
 * UTF-8, control characters, a space at either end, a name or key that exists
 * already. `where` names the source in messages. After ERROR_NOMEM, *c can only be
 * released. */
bool classes_add(struct classes *c, const char *name, size_t len, keycode key, int32_t color,
                 const char *where, struct error *err);

/* Adds the classes of "cat,dog,o=other": names separated by commas, each optionally
 * with its key in front. Also refused: two names that differ only in how their accents
 * are encoded (text_same()). */
bool classes_parse_list(struct classes *c, const char *list, const char *where, struct error *err);

/* Adds the names of a file, one a line. Blank lines and lines that begin with '#' are
 * skipped, and so are numbers in front of all the names (base/name_index.h). */
bool classes_load(struct classes *c, const char *path, struct error *err);

/* Lets pictures have several classes. Refused, with the reason, if a name contains
 * CLASSES_SEPARATOR; from then on classes_add() refuses such names, too. */
bool classes_set_multi(struct classes *c, const char *where, struct error *err);

/* Index of a name, or c->count. */
size_t classes_find(const struct classes *c, const char *name);

/* Index of the first class whose name differs from this one at most in capital
 * letters and in how its accents are encoded, or c->count. */
size_t classes_find_alike(const struct classes *c, const char *name);

/* The three below leave *c as it was when they fail. Inserting checks like classes_add(),
 * and at <= c->count; renaming checks the new name, which may be only another spelling of
 * the old one. */
bool classes_insert(struct classes *c, size_t at, const char *name, keycode key, int32_t color,
                    const char *where, struct error *err);
bool classes_remove(struct classes *c, size_t index, struct error *err);
bool classes_rename(struct classes *c, size_t index, const char *name, const char *where,
                    struct error *err);

/* Index of the class with that key, or c->count. */
size_t classes_find_key(const struct classes *c, keycode key);

/* Replaces the name of a class by another encoding of the same text (text_same()). */
bool classes_respell(struct classes *c, size_t index, const char *name, struct error *err);

#endif
