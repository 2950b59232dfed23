/* Pictures that look the same: copies in another size, format or quality, and pictures of a
 * burst or a film that hardly differ.
 *
 * Each is scaled to 32x32 pixels of grey. Its 63 lowest frequencies there (a discrete cosine
 * transform; the mean is left out) are its features. Two look the same if at most
 * NEAR_BITS of them are on different sides of their medians, and if the features correlate by
 * at least NEAR_CORRELATION. A picture of a single colour looks like no other. Nothing is
 * kept: the result depends on the pictures alone, not on what a cache has of them. */
#ifndef FORMATS_NEAR_H
#define FORMATS_NEAR_H

#include "disjoint.h"
#include "format.h"

#define NEAR_BITS 5
#define NEAR_CORRELATION 0.97

/* Joins the sets of e's pictures that look the same, by several threads. One that cannot be
 * read looks like no other, and is counted in the report. */
bool near_join(const struct export *e, struct sets *sets, struct error *err);

#endif
