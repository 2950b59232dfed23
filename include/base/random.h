/* Random numbers that depend only on a seed and a place (an epoch, a picture), so that
 * they are the same for any number of threads and after a resume: SplitMix64 (Steele,
 * Lea, Flood, "Fast splittable pseudorandom number generators", 2014). */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random {
    uint64_t state;
};

struct random random_start(uint64_t seed, uint64_t place);

uint64_t random_bits(struct random *r);
float random_unit(struct random *r); /* [0, 1) */
float random_between(struct random *r, float low, float high);
size_t random_below(struct random *r, size_t count); /* count >= 1 */
float random_normal(struct random *r);               /* mean 0, variance 1 */

/* Shuffles the items uniformly (Fisher-Yates). */
void random_shuffle(size_t *items, size_t count, uint64_t seed, uint64_t place);

#endif
