/* The names of the cache's files: which generations exist, and which models are removed
 * to make room. */
#ifndef LEARN_CACHE_FILES_H
#define LEARN_CACHE_FILES_H

#include <stddef.h>
#include <stdint.h>

#define CACHE_GENERATIONS 2

/* FOLDER/NNNN.KIND, kind being "index" or "vectors". The caller frees it. */
char *cache_file_path(const char *folder, uint32_t generation, const char *kind);

/* The newest generations in the folder, oldest first; removes the others.
 * Returns their number. */
size_t cache_generations(const char *folder, uint32_t newest[CACHE_GENERATIONS]);

void cache_generation_remove(const char *folder, uint32_t generation);

/* Removes models other than `keep`, the least recently used first, until the rest takes
 * at most max_bytes. */
void cache_remove_old_models(const char *folder, const char *keep, int64_t max_bytes);

#endif
