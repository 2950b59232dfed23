#include "matmul.h"

#include <cblas.h>
#include <stdio.h>
#include <string.h>

void matmul_start(void)
{
    openblas_set_num_threads(1);
}

void matmul_describe(char *text, size_t size)
{
    const char *config = openblas_get_config(); /* "OpenBLAS 0.3.29 NO_LAPACKE ..." */
    size_t name = strcspn(config, " ");
    name += strspn(config + name, " ");
    name += strcspn(config + name, " ");
    snprintf(text, size, "%.*s %s", (int)name, config, openblas_get_corename());
}

void matmul_nn(size_t m, size_t n, size_t k, const float *a, const float *b, float beta, float *c)
{
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)m, (int)n, (int)k, 1, a, (int)k, b,
                (int)n, beta, c, (int)n);
}

void matmul_nt(size_t m, size_t n, size_t k, const float *a, const float *b, float beta, float *c)
{
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)m, (int)n, (int)k, 1, a, (int)k, b,
                (int)k, beta, c, (int)n);
}

void matmul_tn(size_t m, size_t n, size_t k, const float *a, const float *b, float beta, float *c)
{
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)m, (int)n, (int)k, 1, a, (int)m, b,
                (int)n, beta, c, (int)n);
}
