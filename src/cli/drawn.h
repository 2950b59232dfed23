/* The pictures of a labels.csv that are a random sample of its folder (session/sample.h),
 * and the accuracy of the predictions made for them. */
#ifndef CLI_DRAWN_H
#define CLI_DRAWN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "store/labels.h"

struct drawn {
    char **names; /* as in the CSV, with region_add_text(), sorted */
    size_t count;
    size_t pictures;              /* in the folder */
    size_t gone;                  /* rows whose pictures no longer exist */
    size_t any_judged, any_right; /* see struct session_stats */
    bool multi;                   /* pictures may have several classes */
};

/* Lists the folder of the CSV. Call drawn_release() in any case. */
bool drawn_find(struct drawn *d, struct labels *labels, const char *csv, struct error *err);
bool drawn_has(const struct drawn *d, const struct annotation *a);
void drawn_release(struct drawn *d);

/* Prints the accuracy on any picture to standard output, or why it is not known. */
void drawn_print(const struct drawn *d);

#endif
