/* The system's BLAS and LAPACK: OpenBLAS, loaded when something first needs it.
 * Loading takes milliseconds and starts threads, which a command that only shows
 * or lists pictures does not want to wait for. A static program has it linked in.
 *
 * It computes on the calling thread alone: ours share out the work, and what its
 * threads would gain on small matrices is not worth what they take from the one
 * that waits for keys. */
#ifndef BASE_BLAS_H
#define BASE_BLAS_H

#include <cblas.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct blas {
    __typeof__(cblas_sgemm) *sgemm;
    __typeof__(cblas_ssyrk) *ssyrk;
    __typeof__(cblas_strsm) *strsm;
    /* LAPACK's Cholesky factorisation, by column as in Fortran. */
    void (*spotrf)(const char *uplo, const int *n, float *a, const int *stride, int *info,
                   size_t uplo_length);
    __typeof__(openblas_set_num_threads) *set_num_threads;
    __typeof__(openblas_get_config) *get_config; /* "OpenBLAS 0.3.29 NO_LAPACKE ..." */
    __typeof__(openblas_get_corename) *get_corename;
};

/* Loads it, unless it is there. From any thread. ERROR_IO, with what the loader
 * says, when it cannot be had, or there is no memory for one thread to compute. */
bool blas_start(struct error *err);

/* ERROR_IO when there is no memory for so many threads to compute at the same time,
 * for which OpenBLAS would wait for ever. */
bool blas_room(size_t threads, struct error *err);

/* Loads it too; where that may fail, blas_start() comes first and tells. */
const struct blas *blas(void);

#endif
