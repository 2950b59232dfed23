/* A folder with a labels.csv to be, for the tests of the store. */
#ifndef TESTS_STORE_PLACE_H
#define TESTS_STORE_PLACE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "scratch.h"
#include "store/labels.h"

struct place {
    char *folder, *csv, *history, *lock, *torn;
};

static inline int place_setup(void **state)
{
    struct place *p = calloc(1, sizeof *p);

    p->folder = scratch_new();
    p->csv = scratch_path(p->folder, "labels.csv");
    p->history = scratch_path(p->folder, ".labels.csv.history");
    p->lock = scratch_path(p->folder, ".labels.csv.lock");
    p->torn = scratch_path(p->folder, "labels.csv.torn");
    *state = p;
    return 0;
}

static inline int place_teardown(void **state)
{
    struct place *p = *state;

    scratch_remove(p->folder);
    free(p->csv);
    free(p->history);
    free(p->lock);
    free(p->torn);
    free(p);
    return 0;
}

#define PLACE_TEST(name) cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

/* report may be NULL. */
static inline struct labels *open_as(const char *csv, enum labels_mode mode,
                                     struct labels_report *report)
{
    struct error err = { .message = "" };
    struct labels *l = labels_open(csv, mode, report, &err);

    if (!l) {
        fail_msg("%s", err.message);
    }
    return l;
}

static inline struct labels *open_at(const char *csv)
{
    return open_as(csv, LABELS_READ_WRITE, NULL);
}

static inline void close_it(struct labels *l)
{
    struct error err = { .message = "" };

    if (!labels_close(l, &err)) {
        fail_msg("%s", err.message);
    }
}

#endif
