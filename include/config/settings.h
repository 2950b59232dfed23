/* The settings of options.def: defaults, then thumbtag.ini in the XDG config
 * folder, then thumbtag.ini beside the data, then the command line. */
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "config/classes.h"
#include "config/commands.h"
#include "config/keymap.h"

enum option_id {
#define OPTION(id, section, name, short_, type, arg, def, min, max, commands, text) OPTION_##id,
#include "config/options.def"
#undef OPTION
    OPTION_COUNT
};

enum option_type {
    OPTION_FLAG,
    OPTION_INT,
    OPTION_REAL,
    OPTION_CHANNELS, /* a number for all channels, or R,G,B */
    OPTION_CHOICE,
    OPTION_TEXT,
    OPTION_SIZE
};

/* The values of choices, such as CHOICE_ORDER_ACTIVE: each is the value of one word of one
 * option. They are no indexes, nor any other enum's values: translate them, with a switch. */
enum choice {
    CHOICE_FIRST = 1000,
#define CHOICE(option, id, word) CHOICE_##option##_##id,
#include "config/choices.def"
#undef CHOICE
    CHOICE_END
};

struct option_info {
    const char *section; /* of the ini; "": command line only */
    const char *name;    /* in the ini, and after "--" */
    char short_name;     /* after "-", or 0 */
    enum option_type type;
    const char *argument; /* placeholder */
    const char *default_text;
    double min, max;   /* of an INT or REAL, each of the CHANNELS, either side of a SIZE */
    unsigned commands; /* that have it, a set of config/commands.h */
    const char *text;
};

const struct option_info *option_info(enum option_id o);

/* A setting of earlier versions: still read, but in no help, manual or completion. */
bool option_is_old(enum option_id o);

/* The words of a CHOICE, by index in the order in which they are listed; NULL after the last. */
const char *option_word(enum option_id o, size_t i);

/* Appends them all. */
void option_add_words(struct buf *out, enum option_id o, const char *separator);

struct setting {
    char *text;    /* the value as given; owned */
    int number;    /* INT; FLAG: 0 or 1; CHOICE: enum choice; SIZE: width */
    int number2;   /* SIZE: height */
    float real[3]; /* REAL: the first; CHANNELS: all. 0 if the text is "" */
    bool given;    /* not the default */
};

struct settings {
    struct setting values[OPTION_COUNT];
    struct keymap keymap;
    struct classes classes; /* of an ini's [classes], and later those of the session */
    char *classes_path;     /* path of that ini; NULL: no ini has a [classes] section */
};

/* Sets every default. False: ERROR_NOMEM. */
bool settings_init(struct settings *s, struct error *err);
void settings_release(struct settings *s);

/* Checks and sets one value; `where` names its source in messages. */
bool settings_set(struct settings *s, enum option_id o, const char *value, const char *where,
                  struct error *err);

/* Reads an ini file; its values replace those set before. Unknown sections and keys are refused, as
 * a typing error would go unnoticed otherwise. A missing file is no error when `optional`. */
bool settings_load(struct settings *s, const char *path, bool optional, struct error *err);

/* Path of thumbtag.ini in the XDG config folder ($XDG_CONFIG_HOME or ~/.config). The
 * caller frees it; NULL when there is no home or no memory. */
char *settings_user_path(void);

/* Path of thumbtag in the XDG cache folder ($XDG_CACHE_HOME or ~/.cache). The
 * caller frees it; NULL when there is no home or no memory. */
char *settings_cache_folder(void);

/* Path of thumbtag/NAME in the XDG data folder ($XDG_DATA_HOME or ~/.local/share). The
 * caller frees it; NULL when there is no home or no memory. */
char *settings_data_path(const char *name);

/* OPTION_WORKERS, with 0 replaced by the number of processors, at most 8. */
int settings_workers(const struct settings *s);

/* Number of text colours of OPTION_COLORS: 1 (mono), 16, 256, 1 << 24; 0: ask the
 * terminal. */
int settings_colors(const struct settings *s);

const char *settings_text(const struct settings *s, enum option_id o);
int settings_number(const struct settings *s, enum option_id o); /* not of a CHOICE */
enum choice settings_choice(const struct settings *s, enum option_id o);
float settings_real(const struct settings *s, enum option_id o);

/* True when `word` is one of the items of `list`, which are joined by `separator`. */
bool settings_list_has(const char *list, char separator, const char *word);

#endif
