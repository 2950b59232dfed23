/* The instruction sets that there are kernels for. All give bit-identical results. */
#ifndef NN_ISA_H
#define NN_ISA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nn_isa;

/* Those compiled into this program, the fastest first; the last one is
 * "reference", plain C that runs everywhere. */
size_t nn_isa_count(void);
const struct nn_isa *nn_isa_at(size_t index);

const char *nn_isa_name(const struct nn_isa *isa);  /* for options: "avx512vnni" */
const char *nn_isa_title(const struct nn_isa *isa); /* for people */
bool nn_isa_available(const struct nn_isa *isa);    /* this processor has it */

/* Runs independent dot products in registers, a multiple of `rounds`, and returns the
 * number of multiply-accumulates: benchmarks measure the machine's peak with it. 0 for
 * the reference. */
uint64_t nn_isa_peak(const struct nn_isa *isa, uint64_t rounds);

/* The first one that is available. */
const struct nn_isa *nn_isa_best(void);

/* NULL for an unknown name. */
const struct nn_isa *nn_isa_by_name(const char *name);

#endif
