/* Which pictures of a labels.csv are a random sample of all in its folder
 * (session/sample.h), and how right the predictions made for them were. */
#ifndef CLI_DRAWN_H
#define CLI_DRAWN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "store/labels.h"

struct drawn {
    char **names; /* as in the CSV, sorted */
    size_t count;
    size_t pictures;              /* in the folder */
    size_t gone;                  /* rows of others: their files are not there */
    size_t any_judged, any_right; /* see struct session_stats */
};

/* Lists the folder of the CSV. To be given to drawn_release(), in any case. */
bool drawn_find(struct drawn *d, struct labels *labels, const char *csv, struct error *err);
bool drawn_has(const struct drawn *d, const char *name);
void drawn_release(struct drawn *d);

/* Writes to standard output how right predictions are on any picture, or why that is not
 * known. */
void drawn_print(const struct drawn *d);

#endif
