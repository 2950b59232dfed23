/* The implementations of convolutions; conv.c chooses one. */
#ifndef TRAIN_CONV_PATH_H
#define TRAIN_CONV_PATH_H

#include "conv.h"

struct conv_path {
    const char *name;
    bool (*detect)(void);                     /* whether this processor supports it */
    bool (*fits)(const struct conv_shape *s); /* if so, then more and larger pictures too */
    size_t (*scratch_bytes)(const struct conv_shape *s); /* no more for fewer, smaller ones */
    void (*forward)(const struct conv_shape *s, const float *in, const float *filter, float *out,
                    void *scratch);
    void (*backward_filter)(const struct conv_shape *s, const float *in, const float *out_grad,
                            float *filter_grad, void *scratch);
    void (*backward_input)(const struct conv_shape *s, const float *out_grad, const float *filter,
                           float *in_grad, bool add, void *scratch);
};

/* Unfolded pictures (im2col) and the system's BLAS: for every processor and shape. */
extern const struct conv_path conv_blas;

#ifdef __x86_64__
/* Products of bfloat16 values, summed in float, in the tiles of AMX. */
extern const struct conv_path conv_amx;

/* Winograd's minimal filtering, with vectors of AVX2: 3 x 3 filters of stride 1. */
extern const struct conv_path conv_winograd;
#endif

#endif
