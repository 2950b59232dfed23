/* Large arrays that need not stay in memory: pages of a file without a name, which the system
 * writes out and reads back as it needs the memory. The file is gone when the array is freed
 * or the program ends. */
#ifndef BASE_SPILL_H
#define BASE_SPILL_H

#include <stddef.h>

#include "base/error.h"

/* bytes >= 1, all 0, in a file in the folder of the path `beside`. ERROR_IO if that has no
 * room for it. */
void *spill_new(const char *beside, size_t bytes, struct error *err);
void spill_free(void *memory, size_t bytes); /* NULL is fine */

#endif
