/* Convolutions that run as other convolutions:
 *
 * CONV_2D in groups: each group as a convolution of its own, of its channels put side by
 * side. With one input channel a group it is a DEPTHWISE_CONV_2D.
 * DEPTHWISE_CONV_2D with a large multiplier: a convolution for each input channel, whose
 * outputs fill a vector. */
#ifndef NN_KERNELS_REGROUP_H
#define NN_KERNELS_REGROUP_H

#include "kernels/isa.h"

bool nn_regroups(const struct nn_op *op);

/* An nn_pack_fn (isa.h) for operators that nn_regroups() is true of, with the pack functions
 * of both kinds of convolution. */
bool nn_regroup(struct nn_model *model, struct nn_op *op, nn_pack_fn conv, nn_pack_fn depthwise,
                struct error *err);

#endif
