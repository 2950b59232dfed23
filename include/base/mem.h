/* Allocation with overflow checks. The caller frees everything returned with free(). */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>

/* count * size zeroed bytes, or NULL when out of memory or if the product overflows. A
 * count of 0 gives a valid pointer. */
void *mem_array(size_t count, size_t size);

/* Makes room for at least `need` elements of `size` bytes in *array (which
 * may be NULL), growing by half; updates *capacity. On failure returns false and
 * leaves *array unchanged. New elements are not zeroed. */
bool mem_reserve(void *array, size_t *capacity, size_t need, size_t size);

/* *product = a * b; false on overflow. */
bool mem_mul(size_t a, size_t b, size_t *product);

/* A NUL-terminated copy of `len` bytes. */
char *mem_string(const char *bytes, size_t len);

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
