/* A reproducible random order of the pictures, and the random sample derived from it.
 *
 * A picture's rank is a hash of its file_name in the CSV. A picture drawn at random (in the
 * random order, and one in five in the active order) is the open picture with the lowest
 * rank. The random sample is the longest run of pictures, from the lowest rank on, of
 * which SAMPLE_CLOSED per cent are answered: whatever other pictures are answered, it is
 * a simple random sample of all pictures, the same on every machine and in every session.
 * If pictures are labelled in file order it stays almost empty until nearly all are
 * labelled.
 *
 * The sample also contains pictures that were chosen (by the active order or by hand)
 * before it was their turn. These are harder than average, which makes the remaining
 * pictures easier. Drawn pictures are answered in the order of their ranks, so the chosen
 * ones can be told by the times of the answers (sample_drawn()); without them the sample
 * represents the pictures that were not chosen, as the unanswered ones are. */
#ifndef SESSION_SAMPLE_H
#define SESSION_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/region.h"

#define SAMPLE_CLOSED 90 /* per cent; the rest: files added later, pictures passed over */

/* Rank of an item from its picture's file_name in the CSV and its region. */
uint64_t sample_rank(const char *name, size_t len, const struct region *region);

struct sample_entry {
    uint64_t rank;
    uint32_t id;
};

/* The pictures with the lowest ranks, sorted; only a part of all pictures is kept sorted. */
struct sample {
    uint64_t *ranks; /* of all pictures, by id */
    size_t total, ranks_cap;
    struct sample_entry *front; /* all pictures with a rank of at most `limit` */
    size_t count, front_cap;
    uint64_t limit;
    size_t most; /* size that sample_sort() aims at for the front */
};

void sample_init(struct sample *s);
void sample_release(struct sample *s);

/* Adds the picture with the next id, from 0. Call sample_sort() after the last one. False
 * when out of memory. */
bool sample_add(struct sample *s, uint64_t rank);
void sample_sort(struct sample *s);

/* Enlarges the front; false when it contains all pictures already, or when out of memory. */
bool sample_grow(struct sample *s);

typedef bool sample_test_fn(const void *context, uint32_t id);

/* Finds the picture with the lowest rank for which `test` is true, from index *at of the
 * front on, and sets *at behind it. False when there is none. */
bool sample_next(struct sample *s, size_t *at, sample_test_fn *test, const void *context,
                 uint32_t *id);

/* Length of the random sample: the number of pictures from the lowest rank on, including
 * the few for which `closed` (answered) is false. */
size_t sample_length(struct sample *s, sample_test_fn *closed, const void *context);

/* Sets drawn[i] for the pictures of the sample that were answered in their turn or later (a
 * changed answer is later), rather than chosen earlier. times: of their answers, in the
 * order of ranks. False when out of memory. */
bool sample_drawn(const int64_t *times, size_t count, bool *drawn);

#endif
