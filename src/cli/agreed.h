/* What the annotators of a labels.csv agree on. */
#ifndef CLI_AGREED_H
#define CLI_AGREED_H

#include "store/labels.h"

struct agreed {
    struct annotation *list; /* one for each item; the strings belong to the labels */
    size_t count;
    size_t disagreed; /* items that are left out */
};

/* Of each item the answer that most of its annotators give, the one written last among equals,
 * if at least `share` (above 0, to 1) of them give it: the same status and the same classes.
 * Its annotation is the last of those. Release it in either case. */
bool agreed_collect(struct agreed *a, const struct labels *l, double share, struct error *err);
void agreed_release(struct agreed *a);

#endif
