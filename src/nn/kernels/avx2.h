/* AVX2: the pack functions of its operators. Activations are widened to 16 bits
 * and multiplied by pairs with vpmaddwd, which is exact; vpmaddubsw is not, its
 * sums of two products saturate. */
#ifndef NN_KERNELS_AVX2_H
#define NN_KERNELS_AVX2_H

#include "kernels/isa.h"

uint64_t nn_avx2_peak(uint64_t rounds);
bool nn_avx2_conv(struct nn_model *model, struct nn_op *op, struct error *err);
bool nn_avx2_depthwise(struct nn_model *model, struct nn_op *op, struct error *err);
bool nn_avx2_add(struct nn_model *model, struct nn_op *op, struct error *err);
bool nn_avx2_average_pool(struct nn_model *model, struct nn_op *op, struct error *err);
bool nn_avx2_max_pool(struct nn_model *model, struct nn_op *op, struct error *err);
bool nn_avx2_transpose(struct nn_model *model, struct nn_op *op, struct error *err);

#endif
