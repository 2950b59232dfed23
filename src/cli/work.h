/* Sessions of label and review: connects the store, the pictures, the model and the
 * screen. */
#ifndef CLI_WORK_H
#define CLI_WORK_H

#include "classes.h"
#include "cli.h"
#include "session/session.h"

struct work {
    const struct settings *settings;
    struct classes *classes;  /* keys are assigned here */
    struct found_classes *found;
    const char *csv_path;
    const char *title;
    enum session_mode mode;
    bool read_only;
    struct labels *labels; /* open; closed by work_run() */
    struct catalog_source source;
    const struct session_filter *filter; /* review: what is shown at first */
    const struct labels_report *report;
};

/* The folder of thumbtag.ini, classes.txt and labels.csv: the first operand or, if that is
 * not a folder, the one that contains it; "." without operands. The caller frees it; NULL when out
 * of memory. */
char *data_folder(const struct command_line *line);

bool is_folder(const char *path);

/* A file named *.csv. */
bool is_csv(const char *path);

/* The CSV for an operand: a file itself, or labels.csv in a folder. The caller frees it;
 * NULL when out of memory. */
char *labels_path(const char *operand);

/* Reads the settings for data_folder(), calls run, returns its exit code. */
int command_with_settings(const struct command_line *line,
                          int (*run)(const struct command_line *line, const struct settings *s));

/* Sets the annotator to the login name, if known and none is given. Call it before
 * entering the sandbox: looking up users can need sockets. */
bool find_annotator(struct settings *s, struct error *err);

/* Runs the session and closes the labels; returns the exit code. */
int work_run(const struct work *work);

#endif
