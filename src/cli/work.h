/* Sessions of label and review: connects the store, the pictures, the model and the
 * screen. */
#ifndef CLI_WORK_H
#define CLI_WORK_H

#include "classes.h"
#include "session/session.h"

struct work {
    const struct settings *settings;
    struct classes *classes; /* keys are assigned here */
    struct found_classes *found;
    const char *csv_path;
    const char *title;
    enum session_mode mode;
    bool read_only;
    float below;           /* label: as in session_options */
    bool suspects;         /* review: the labels likeliest wrong first */
    const char *changes;   /* review: new file for what was changed; NULL: none */
    struct labels *labels; /* open; closed by work_run() */
    struct catalog_source source;
    const struct session_filter *filter; /* review: what is shown at first */
    const struct labels_report *report;
};

/* Runs the session and closes the labels; returns the exit code. */
int work_run(const struct work *work);

#endif
