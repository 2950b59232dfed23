#include "matrix.h"

#include "base/blas.h"

void matrix_times_transposed(size_t m, size_t n, size_t k, const float *a, size_t a_stride,
                             const float *b, float *c, size_t c_stride)
{
    blas()->sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)m, (int)n, (int)k, 1, a,
                  (int)a_stride, b, (int)k, 0, c, (int)c_stride);
}

void matrix_add_transposed_times(size_t m, size_t n, size_t k, const float *a, const float *b,
                                 float *c)
{
    blas()->sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)m, (int)n, (int)k, 1, a, (int)m, b,
                  (int)n, 1, c, (int)n);
}

void matrix_add_rows_squared(size_t n, size_t d, float alpha, const float *x, float *g)
{
    blas()->ssyrk(CblasRowMajor, CblasLower, CblasNoTrans, (int)n, (int)d, alpha, x, (int)d, 1, g,
                  (int)n);
}

void matrix_add_columns_squared(size_t n, size_t d, float alpha, const float *x, float *s)
{
    blas()->ssyrk(CblasRowMajor, CblasLower, CblasTrans, (int)d, (int)n, alpha, x, (int)d, 1, s,
                  (int)d);
}

bool matrix_cholesky(size_t n, float *a)
{
    int size = (int)n;
    int info = 0;
    /* LAPACK is column-major: a lower triangle by rows is an upper one by columns. */
    blas()->spotrf("U", &size, a, &size, &info, 1);
    return info == 0;
}

void matrix_solve_lower(size_t n, const float *l, size_t d, float *x)
{
    blas()->strsm(CblasRowMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, (int)n, (int)d,
                  1, l, (int)n, x, (int)d);
}

void matrix_solve_rows_lower(size_t n, size_t d, const float *l, float *x)
{
    blas()->strsm(CblasRowMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, (int)n, (int)d,
                  1, l, (int)d, x, (int)d);
}

void matrix_solve_rows(size_t n, size_t d, const float *l, float *x)
{
    matrix_solve_rows_lower(n, d, l, x);
    blas()->strsm(CblasRowMajor, CblasRight, CblasLower, CblasNoTrans, CblasNonUnit, (int)n, (int)d,
                  1, l, (int)d, x, (int)d);
}
