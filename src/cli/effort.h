/* How many keys a folder takes: the session and its pages, driven by a labeller who knows the
 * classes. */
#ifndef CLI_EFFORT_H
#define CLI_EFFORT_H

#include <stdint.h>

#include "assist/page.h"
#include "base/error.h"
#include "example_set.h"
#include "learn/classifier.h"

struct effort_task {
    const struct examples *examples;
    const char *model_path; /* NULL: the network inside */
    const struct classifier_options *classifier;
    const char *csv_path; /* where the labels go: a file that does not exist */
    int workers;
    size_t page;  /* most items of a page; 0: no pages */
    bool second;  /* a letter alone gives an exception its second class */
    float misses; /* the chance that a wrong thumbnail is overlooked */
    uint64_t seed;
};

/* Of each kind of page, and in all (singles as PAGE_KINDS). */
struct effort_part {
    size_t pages, keys;
    size_t pictures;   /* answered */
    size_t exceptions; /* of them, not as proposed */
    size_t seconds;    /* of these, of the second class */
    size_t dismissed;  /* pages */
    size_t looked;     /* thumbnails, pictures */
};

struct effort {
    struct effort_part parts[PAGE_KINDS + 1];
    size_t pictures, wrong; /* labels in the end, and those that are not right */
};

bool effort_measure(const struct effort_task *task, struct effort *effort, struct error *err);

#endif
