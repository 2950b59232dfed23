/* The table of instruction sets, each with a list of the operators that it has kernels for.
 * Operators that are not listed, or that the pack function declines, run on the reference
 * kernel. */
#ifndef NN_KERNELS_ISA_H
#define NN_KERNELS_ISA_H

#include "graph.h"
#include "nn/isa.h"

/* Examines a checked operator. To accept it: lays the weights out, sets op->fast
 * and op->packed and says how much scratch a run needs. To decline it: leaves
 * op->fast NULL. False, with err filled, only when memory is out. */
typedef bool (*nn_pack_fn)(struct nn_model *model, struct nn_op *op, struct error *err);

struct nn_isa_kernel {
    int32_t code; /* of the operator */
    nn_pack_fn pack;
};

struct nn_isa {
    const char *name;
    const char *title;
    bool (*detect)(void);
    /* `rounds` rounds of independent dot products in registers; returns the
     * multiply-accumulates done. */
    uint64_t (*peak)(uint64_t rounds);
    const struct nn_isa_kernel *kernels;
    size_t kernel_count;
};

/* A row each in isa.c. */
extern const struct nn_isa nn_isa_amx;
extern const struct nn_isa nn_isa_avx512vnni;
extern const struct nn_isa nn_isa_avxvnni;
extern const struct nn_isa nn_isa_avx2;
extern const struct nn_isa nn_isa_neondot;

/* Runs the model's instruction set's pack function, if it has one for op. */
bool nn_isa_prepare(struct nn_model *model, struct nn_op *op, struct error *err);

/* Whether |sum * scale| stays in int32 whatever the input, so that a kernel may
 * round before it clamps. A sum beyond 32 bits wraps around. `scale` is at least
 * 0. */
static inline bool nn_scaled_fits(double largest_sum, float scale)
{
    double largest = largest_sum < 0x1p31 ? largest_sum : 0x1p31;
    return largest * (double)scale < 0x1p30;
}

#endif
