#include "matmul.h"

#include <stdio.h>
#include <string.h>

#include "base/blas.h"

void matmul_describe(char *text, size_t size)
{
    struct error err;
    if (!blas_start(&err)) {
        snprintf(text, size, "no: %s", err.message);
        return;
    }
    const char *config = blas()->get_config();
    size_t name = strcspn(config, " ");
    name += strspn(config + name, " ");
    name += strcspn(config + name, " ");
    snprintf(text, size, "%.*s %s", (int)name, config, blas()->get_corename());
}

void matmul_nn(size_t m, size_t n, size_t k, const float *a, const float *b, float beta, float *c)
{
    blas()->sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)m, (int)n, (int)k, 1, a, (int)k,
                  b, (int)n, beta, c, (int)n);
}

void matmul_nt(size_t m, size_t n, size_t k, const float *a, const float *b, float beta, float *c)
{
    blas()->sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)m, (int)n, (int)k, 1, a, (int)k, b,
                  (int)k, beta, c, (int)n);
}

void matmul_tn(size_t m, size_t n, size_t k, const float *a, const float *b, float beta, float *c)
{
    blas()->sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)m, (int)n, (int)k, 1, a, (int)m, b,
                  (int)n, beta, c, (int)n);
}
