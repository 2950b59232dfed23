/* A model's files in the cache: which generations exist, and their records. */
#ifndef LEARN_CACHE_FILES_H
#define LEARN_CACHE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cache.h"
#include "base/cache_log.h"
#include "base/hash.h"
#include "base/stamp.h"

#define CACHE_GENERATIONS 2

/* Record of NNNN.index. The size of a file that is known by its content only is stored as
 * -1 - size: no stamp is equal to it, but it still tells whose embedding it is. Of regions,
 * device and inode are mixed with a hash of the region. */
struct index_record {
    struct file_stamp stamp;
    struct hash128 content;
    uint64_t vector; /* number of the record in NNNN.vectors */
    uint64_t check;  /* XXH3 of the fields above */
};

_Static_assert(sizeof(struct index_record) == 64, "no padding: it is written to the disk");

uint64_t index_check(const struct index_record *record);

/* Head of a record of NNNN.vectors; the payload follows, padded to 8 bytes. */
struct vector_head {
    struct hash128 content;
    uint64_t check; /* XXH3 of content and payload */
};

struct generation {
    uint32_t number;
    struct cache_log index, vectors;
};

/* Opens its files in the model's open folder; flags as for cache_open_file(). vector_record:
 * bytes of a record of NNNN.vectors, or 0 for those of the file that is there. */
bool cache_generation_open(struct generation *g, int folder, uint32_t number, int flags,
                           size_t vector_record, struct error *err);
void cache_generation_close(struct generation *g);

/* The newest generations in the folder, oldest first; the others are removed.
 * Returns their number. */
size_t cache_generations(int folder, uint32_t newest[CACHE_GENERATIONS]);

/* Returns the bytes freed. */
int64_t cache_generation_remove(int folder, uint32_t number);

#endif
