/* label and review: the store, the pictures, the model and the screen put
 * together. */
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

/* The folder that thumbtag.ini, classes.txt and labels.csv belong to: the first
 * operand's, or the working folder for lists. The caller's. */
char *data_folder(const struct command_line *line);

bool is_folder(const char *path);

/* The CSV that an operand means: itself, or the labels.csv in a folder. The
 * caller's; NULL when memory is out. */
char *labels_path(const char *operand);

/* Reads the settings for that folder, runs the command, returns its exit code. */
int command_with_settings(const struct command_line *line,
                          int (*run)(const struct command_line *line, const struct settings *s));

/* The login name for who has given no other, where there is one. Before the sandbox:
 * directories of users are asked through sockets. */
bool find_annotator(struct settings *s, struct error *err);

/* Runs the session to its end and closes the labels; returns the exit code. */
int work_run(const struct work *work);

#endif
