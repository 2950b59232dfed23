/* One labels file from those of several annotators. */
#ifndef CLI_MERGE_LABELS_H
#define CLI_MERGE_LABELS_H

#include <stdbool.h>
#include <stdint.h>

#include "agree/trust.h"
#include "annotation_set.h"
#include "base/error.h"

enum merge_by { MERGE_MAJORITY, MERGE_TRUST };

struct merge_outcome {
    uint64_t items;     /* rows written */
    uint64_t unanimous; /* two or more annotators, one answer */
    uint64_t decided;   /* different answers, and one of them taken */
    uint64_t tied;      /* different answers, none taken: the row is still to be labelled */
    uint64_t single;    /* one annotator */
    uint64_t open;      /* no annotation: still to be labelled */
};

/* Fails if the file exists already: nobody's labels are replaced. */
bool merge_can_write(const char *path, struct error *err);

/* Decides each item and writes the file, with a row for each item: file_name to labeled_at, a
 * region where one is used, `annotations` (their number) and `support` (the share of them that
 * agree with what is taken; by trust, its probability). Where items may have several classes,
 * each class is decided by itself. */
bool merge_labels(const struct annotation_set *set, const struct ratings *r, enum merge_by by,
                  const char *path, struct merge_outcome *outcome, struct error *err);

#endif
