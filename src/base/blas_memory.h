/* OpenBLAS allocates a buffer for each thread that computes at the same time, and retries
 * for ever if the allocation fails. So the memory is checked beforehand. */
#ifndef BASE_BLAS_MEMORY_H
#define BASE_BLAS_MEMORY_H

#include "base/blas.h"

/* Makes OpenBLAS allocate its first buffer now. */
bool blas_take_buffer(const struct blas *b, struct error *err);

#endif
