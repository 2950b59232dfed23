/* OpenBLAS takes a buffer for each thread that computes at the same time, and asks for
 * it again and again, for ever, where the system does not give it. So it is asked
 * first whether there is room. */
#ifndef BASE_BLAS_MEMORY_H
#define BASE_BLAS_MEMORY_H

#include "base/blas.h"

/* Has the first buffer taken. */
bool blas_take_buffer(const struct blas *b, struct error *err);

#endif
