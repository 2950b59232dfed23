/* Fast hashes of bytes (XXH3): check sums of what goes to a cache, and names in
 * it. They do not withstand somebody who looks for collisions. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash128 {
    uint64_t low, high;
};

/* Of bytes whose values go to the disk, the same on every machine; seed 0 is the
 * plain hash. */
uint64_t hash64(const void *bytes, size_t len, uint64_t seed);
struct hash128 hash128(const void *bytes, size_t len, uint64_t seed);

#endif
