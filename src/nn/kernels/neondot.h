/* NEON with dot product: the pack functions of its operators. */
#ifndef NN_KERNELS_NEONDOT_H
#define NN_KERNELS_NEONDOT_H

#include "kernels/isa.h"

uint64_t nn_neondot_peak(uint64_t rounds);
bool nn_neondot_conv(struct nn_model *model, struct nn_op *op, struct error *err);
bool nn_neondot_depthwise(struct nn_model *model, struct nn_op *op, struct error *err);
bool nn_neondot_add(struct nn_model *model, struct nn_op *op, struct error *err);
bool nn_neondot_average_pool(struct nn_model *model, struct nn_op *op, struct error *err);
bool nn_neondot_max_pool(struct nn_model *model, struct nn_op *op, struct error *err);
bool nn_neondot_transpose(struct nn_model *model, struct nn_op *op, struct error *err);

#endif
