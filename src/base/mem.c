#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bool mem_mul(size_t a, size_t b, size_t *product)
{
    return !__builtin_mul_overflow(a, b, product);
}

void *mem_array(size_t count, size_t size)
{
    return calloc(count ? count : 1, size ? size : 1);
}

bool mem_reserve(void *array, size_t *capacity, size_t need, size_t size)
{
    if (need <= *capacity) {
        return true;
    }
    size_t cap = *capacity + *capacity / 2;
    if (cap < need) {
        cap = need;
    }
    if (cap < 8) {
        cap = 8;
    }
    size_t bytes;
    if (!mem_mul(cap, size, &bytes)) {
        return false;
    }
    void *old;
    memcpy(&old, array, sizeof old);
    void *grown = realloc(old, bytes);
    if (!grown) {
        return false;
    }
    memcpy(array, &grown, sizeof grown);
    *capacity = cap;
    return true;
}

char *mem_string(const char *bytes, size_t len)
{
    if (len == SIZE_MAX) {
        return NULL;
    }
    char *copy = malloc(len + 1);
    if (copy) {
        if (len) {
            memcpy(copy, bytes, len);
        }
        copy[len] = '\0';
    }
    return copy;
}
