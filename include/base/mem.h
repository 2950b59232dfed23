/* Allocation with overflow checks. Everything returned is the caller's, to be
 * given to free(). */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>

/* count * size zeroed bytes, or NULL when memory is out or the product
 * overflows. A count of 0 gives a valid pointer. */
void *mem_array(size_t count, size_t size);

/* Makes room for at least `need` elements of `size` bytes in *array (which
 * may be NULL), growing by half; updates *capacity. On failure *array is as
 * it was and false is returned. New elements are not zeroed. */
bool mem_reserve(void *array, size_t *capacity, size_t need, size_t size);

/* a * b, or false when it does not fit. */
bool mem_mul(size_t a, size_t b, size_t *product);

/* Copy of `len` bytes with a NUL behind them. */
char *mem_string(const char *bytes, size_t len);

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
