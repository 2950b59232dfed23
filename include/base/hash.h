/* Fast hashes of bytes (XXH3), for checksums, file names in caches and hash tables. Not
 * cryptographic: collisions can be constructed, except under a seed that nobody knows. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash128 {
    uint64_t low, high;
};

/* The result is the same on every machine and may be written to the disk. Seed 0 gives
 * plain XXH3. */
uint64_t hash64(const void *bytes, size_t len, uint64_t seed);
struct hash128 hash128(const void *bytes, size_t len, uint64_t seed);

#endif
