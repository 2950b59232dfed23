/* Matrix products on the calling thread, through the system's BLAS (base/blas.h). All
 * matrices are row-major without gaps; beta is 0 (C is overwritten) or 1 (C is added to). */
#ifndef TRAIN_MATMUL_H
#define TRAIN_MATMUL_H

#include <stddef.h>

/* The BLAS, its version and the processor type that it detected. */
void matmul_describe(char *text, size_t size);

/* C[m x n] = beta C + A[m x k] B[k x n] */
void matmul_nn(size_t m, size_t n, size_t k, const float *a, const float *b, float beta, float *c);

/* C[m x n] = beta C + A[m x k] B[n x k]^T */
void matmul_nt(size_t m, size_t n, size_t k, const float *a, const float *b, float beta, float *c);

/* C[m x n] = beta C + A[k x m]^T B[k x n] */
void matmul_tn(size_t m, size_t n, size_t k, const float *a, const float *b, float beta, float *c);

#endif
