#include "base/blas.h"

#include "blas_memory.h"

extern void spotrf_(const char *uplo, const int *n, float *a, const int *stride, int *info,
                    size_t uplo_length);

static const struct blas linked = {
    .sgemm = cblas_sgemm,
    .ssyrk = cblas_ssyrk,
    .strsm = cblas_strsm,
    .spotrf = spotrf_,
    .set_num_threads = openblas_set_num_threads,
    .get_config = openblas_get_config,
    .get_corename = openblas_get_corename,
};

bool blas_start(struct error *err)
{
    linked.set_num_threads(1);
    return blas_take_buffer(&linked, err);
}

const struct blas *blas(void)
{
    return &linked;
}
