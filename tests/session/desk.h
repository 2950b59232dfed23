/* A session on a folder of its own, for the tests of this layer. */
#ifndef TESTS_SESSION_DESK_H
#define TESTS_SESSION_DESK_H

#include "assist/guesser.h"
#include "listing.h"
#include "scratch.h"
#include "session/session.h"

#define CLOCK_MS 1767225600000                  /* 2026-01-01 00:00 UTC */
#define RGB_MODEL "tests/data/rgb/model.tflite" /* its features are mean colours */

struct desk {
    char *folder, *csv; /* the labels are in the folder */
    struct bell bell;   /* rung by the catalog and by the guesser */
    struct classes classes;
    /* While a session is open: */
    struct catalog *catalog;
    struct labels *labels;
    struct scheduler *scheduler; /* of the guesser; NULL: none */
    struct guesser *guesser;
    struct session *session;
};

/* An empty folder; no session is open. */
static inline struct desk *desk_new(const char *classes)
{
    struct desk *d = calloc(1, sizeof *d);

    assert_non_null(d);
    d->folder = scratch_new();
    d->csv = scratch_path(d->folder, "labels.csv");
    d->bell = (struct bell)BELL_INIT;
    classes_init(&d->classes);
    assert_true(classes_parse_list(&d->classes, classes, "test", NULL));
    return d;
}

/* Opens a session on the items of a catalog, which it owns from then on, with that assistant.
 * options: all but csv_path. */
static inline void desk_open_on(struct desk *d, struct catalog *catalog,
                                const struct session_options *options, const struct assist *assist)
{
    struct error err = { ERROR_NONE, "" };
    struct session_options all = *options;
    enum labels_mode mode = d->classes.multi ? LABELS_MULTI : LABELS_READ_WRITE;

    all.csv_path = d->csv;
    d->catalog = catalog;
    d->labels = labels_open(d->csv, all.read_only ? LABELS_READ_ONLY : mode, NULL, &err);
    assert_string_equal(err.message, "");
    d->session = session_new(&all, d->catalog, d->labels, &d->classes, assist, &err);
    assert_string_equal(err.message, "");
    assert_non_null(d->session);
}

/* The same on the whole folder, without an assistant. */
static inline void desk_open(struct desk *d, const struct session_options *options)
{
    desk_open_on(d, list_one(d->folder, &d->bell), options, NULL);
}

/* The same with the guesser. in_step: so that nothing depends on threads. */
static inline void desk_open_guessing(struct desk *d, const struct session_options *options,
                                      bool in_step)
{
    struct error err = { ERROR_NONE, "" };
    d->scheduler = scheduler_new(2, &err);
    struct guesser_options guesser = {
        .model_path = RGB_MODEL,
        .classes = &d->classes,
        .scheduler = d->scheduler,
        .in_step = in_step,
    };

    d->guesser = guesser_new(&guesser, bell_ring, &d->bell, &err);
    assert_string_equal(err.message, "");
    desk_open_on(d, list_one(d->folder, &d->bell), options, guesser_assist(d->guesser));
}

static inline void desk_close(struct desk *d)
{
    session_free(d->session);
    guesser_free(d->guesser);
    scheduler_free(d->scheduler);
    catalog_free(d->catalog);
    assert_true(!d->labels || labels_close(d->labels, NULL));
    d->session = NULL;
    d->guesser = NULL;
    d->scheduler = NULL;
    d->catalog = NULL;
    d->labels = NULL;
}

/* For cmocka: closes what is open and removes the folder. */
static inline int desk_teardown(void **state)
{
    struct desk *d = *state;

    desk_close(d);
    classes_release(&d->classes);
    free(d->csv);
    scratch_remove(d->folder);
    free(d);
    return 0;
}

#endif
