/* Random numbers that depend on a seed and a place only (an epoch, a picture),
 * so that neither threads nor a resumed run change them: SplitMix64 (Steele,
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

/* Any order of the items is as likely as any other. */
void random_shuffle(size_t *items, size_t count, uint64_t seed, uint64_t place);

#endif
