/* The system's BLAS and LAPACK: OpenBLAS, loaded when something first needs it.
 * Loading takes milliseconds and starts threads: too much for a command that only
 * shows or lists pictures. A static program has it linked in.
 *
 * It computes on the calling thread alone: thumbtag's own threads share the work, and
 * OpenBLAS threads gain little on small matrices but delay the thread that reads keys. */
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

/* Loads the library once; may be called from any thread. ERROR_IO with the loader's
 * message if it cannot be loaded, or if there is no memory for one computing thread. */
bool blas_start(struct error *err);

/* ERROR_IO when there is no memory for `threads` threads to compute at the same time;
 * OpenBLAS itself would retry for ever. */
bool blas_room(size_t threads, struct error *err);

/* Loads the library if need be. Call blas_start() first to learn of a failure, after which
 * the functions must not be called. */
const struct blas *blas(void);

#endif
