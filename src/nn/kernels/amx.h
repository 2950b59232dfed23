/* AMX: its pack functions; for other operators it uses those of AVX-512 VNNI. */
#ifndef NN_KERNELS_AMX_H
#define NN_KERNELS_AMX_H

#include "kernels/isa.h"

bool nn_amx_conv(struct nn_model *model, struct nn_op *op, struct error *err);

#endif
