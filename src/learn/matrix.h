/* The matrix products and solvers that the head needs, through the system's BLAS and LAPACK
 * (base/blas.h). Matrices are row-major without gaps unless a stride (values from row to
 * row) is given; of symmetric and triangular ones only the lower triangle is read or
 * written. */
#ifndef LEARN_MATRIX_H
#define LEARN_MATRIX_H

#include <stdbool.h>
#include <stddef.h>

/* C[m x n] = A[m x k] B[n x k]^T */
void matrix_times_transposed(size_t m, size_t n, size_t k, const float *a, size_t a_stride,
                             const float *b, float *c, size_t c_stride);

/* C[m x n] += A[k x m]^T B[k x n] */
void matrix_add_transposed_times(size_t m, size_t n, size_t k, const float *a, const float *b,
                                 float *c);

/* G[n x n] += alpha X[n x d] X^T */
void matrix_add_rows_squared(size_t n, size_t d, float alpha, const float *x, float *g);

/* S[d x d] += alpha X[n x d]^T X */
void matrix_add_columns_squared(size_t n, size_t d, float alpha, const float *x, float *s);

/* A[n x n] becomes L of A = L L^T; false when A is not positive definite. */
bool matrix_cholesky(size_t n, float *a);

/* X[n x d] = L[n x n]^-1 X */
void matrix_solve_lower(size_t n, const float *l, size_t d, float *x);

/* X[n x d] = X L[d x d]^-T: each row x becomes L^-1 x. */
void matrix_solve_rows_lower(size_t n, size_t d, const float *l, float *x);

/* X[n x d] = X (L L^T)^-1 */
void matrix_solve_rows(size_t n, size_t d, const float *l, float *x);

#endif
