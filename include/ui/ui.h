/* The labelling and review screen: a session on a terminal, or in a script. */
#ifndef UI_UI_H
#define UI_UI_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "base/scheduler.h"
#include "config/settings.h"
#include "config/theme.h"
#include "image/picture_cache.h"
#include "session/session.h"

struct ui;

/* What the screen shows and changes. All of it is borrowed. */
struct ui_options {
    const struct settings *settings;
    const struct theme *theme;
    const struct theme *light_theme; /* on a light background */
    const struct classes *classes;
    const char *title; /* the folder or list being labelled, for the top line */
    const char *csv_path;
    const char *notice; /* first message, such as a repair of the CSV; "": none */
    bool guesses;       /* the session has a guesser */
    enum session_mode mode;
    bool read_only;
    bool suspects;                       /* the review begins with the labels likeliest wrong */
    const struct session_filter *filter; /* review: what is shown at first; NULL: all */
    struct scheduler *scheduler;         /* whose threads prepare pictures */
    struct picture_cache *pictures;      /* decoded */
};

/* How ui_run() ended. */
enum ui_end {
    UI_QUIT,   /* the user quit */
    UI_HANGUP, /* SIGHUP, SIGTERM, or the terminal is gone */
    UI_FAILED, /* could not start */
};

/* *options is copied. NULL and err when out of memory. */
struct ui *ui_new(const struct ui_options *options, struct error *err);

/* ui may be NULL. */
void ui_free(struct ui *ui);

/* Waits for the renders in progress, which go on after ui_run() returns: a decode can take
 * seconds, so the caller may do other work before this. ui may be NULL. */
void ui_stop(struct ui *ui);

/* Tells the screen that the session has news; may be called from any thread between
 * ui_new() and ui_free(). context is the struct ui. */
void ui_wake(void *context);

/* Runs the session on the terminal and restores the terminal, however it ends. err is
 * set when the result is UI_FAILED. */
enum ui_end ui_run(struct ui *ui, struct session *session, struct error *err);

/* The same on a terminal within the program, into which a script types (see thumbtag(1),
 * SCRIPTS); writes its screens to `out`. An invalid line is ERROR_DATA with path and line
 * number. */
enum ui_end ui_run_script(struct ui *ui, struct session *session, const char *path, FILE *out,
                          struct error *err);

#endif
