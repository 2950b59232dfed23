/* AVX-512 with VNNI: the pack functions of its operators. */
#ifndef NN_KERNELS_AVX512VNNI_H
#define NN_KERNELS_AVX512VNNI_H

#include "kernels/isa.h"

uint64_t nn_avx512vnni_peak(uint64_t rounds);
bool nn_avx512vnni_conv(struct nn_model *model, struct nn_op *op, struct error *err);
bool nn_avx512vnni_depthwise(struct nn_model *model, struct nn_op *op, struct error *err);
bool nn_avx512vnni_add(struct nn_model *model, struct nn_op *op, struct error *err);
bool nn_avx512vnni_average_pool(struct nn_model *model, struct nn_op *op, struct error *err);
bool nn_avx512vnni_max_pool(struct nn_model *model, struct nn_op *op, struct error *err);
bool nn_avx512vnni_mean(struct nn_model *model, struct nn_op *op, struct error *err);
bool nn_avx512vnni_transpose(struct nn_model *model, struct nn_op *op, struct error *err);

#endif
