/* AVX-VNNI, for processors without AVX-512: its pack functions; for other operators it uses
 * those of AVX2. */
#ifndef NN_KERNELS_AVXVNNI_H
#define NN_KERNELS_AVXVNNI_H

#include "kernels/isa.h"

uint64_t nn_avxvnni_peak(uint64_t rounds);
bool nn_avxvnni_conv(struct nn_model *model, struct nn_op *op, struct error *err);
bool nn_avxvnni_depthwise(struct nn_model *model, struct nn_op *op, struct error *err);

#endif
