/* Pictures in a random order that needs no memory, and the sample that follows
 * from it.
 *
 * Each picture has a rank: a hash of its name as the CSV has it. What comes at
 * random (the random order, one picture in five of the active order) is the open
 * picture of the lowest rank. The random sample is the longest run of pictures,
 * from the lowest rank on, of which SAMPLE_CLOSED per cent are answered: whatever
 * other pictures are answered, and in which order, it is a simple random sample
 * of all, the same on every machine and in every session. Labelled in the order of
 * the files it stays next to nothing until nearly all is labelled.
 *
 * In it lie pictures that were chosen for other reasons, before it was their turn:
 * they are harder than most, and those left are easier by as much. What was drawn was
 * answered in the order of its ranks; so, without these, it is a sample of the
 * pictures that nobody has chosen, as those without an answer are. */
#ifndef SESSION_SAMPLE_H
#define SESSION_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SAMPLE_CLOSED 90 /* per cent; the rest are files that came later, or were passed over */

/* Rank of a picture by its name in the CSV. */
uint64_t sample_rank(const char *name, size_t len);

struct sample_entry {
    uint64_t rank;
    uint32_t id;
};

/* The pictures of the lowest ranks, sorted, out of any number. */
struct sample {
    uint64_t *ranks; /* of all pictures, by id */
    size_t total, ranks_cap;
    struct sample_entry *front; /* every picture whose rank is at most `limit` */
    size_t count, front_cap;
    uint64_t limit;
    size_t most; /* of the front, after sorting */
};

void sample_init(struct sample *s);
void sample_release(struct sample *s);

/* Adds the picture whose id is the number of those added before. sample_sort() is
 * needed behind the last one. False when memory is out. */
bool sample_add(struct sample *s, uint64_t rank);
void sample_sort(struct sample *s);

/* Makes the front larger; false when it holds all pictures already, or memory is
 * out. */
bool sample_grow(struct sample *s);

typedef bool sample_test_fn(const void *context, uint32_t id);

/* The picture of the lowest rank that `test` takes, from place *at of the front on,
 * which is left behind it; false when there is none. */
bool sample_next(struct sample *s, size_t *at, sample_test_fn *test, const void *context,
                 uint32_t *id);

/* How many pictures from the lowest rank on are the random sample, those that
 * `closed` does not take among them. */
size_t sample_length(struct sample *s, sample_test_fn *closed, const void *context);

/* Which of the sample's pictures were answered in their turn, or later (as one is that
 * was changed), given the times of their answers in the order of ranks. False: memory
 * is out. */
bool sample_drawn(const int64_t *times, size_t count, bool *drawn);

#endif
