#include "kernels/isa.h"

#include <string.h>

#include "base/mem.h"
#include "kernels/regroup.h"
#include "operators.h"

static bool always(void)
{
    return true;
}

static const struct nn_isa reference = { "reference", "plain C", always, NULL, NULL, 0 };

/* The fastest first. */
static const struct nn_isa *const isas[] = {
#ifdef __x86_64__
    &nn_isa_amx,
    &nn_isa_avx512vnni,
    /* Without AVX-512. */
    &nn_isa_avxvnni,
    &nn_isa_avx2,
#endif
#ifdef __aarch64__
    &nn_isa_neondot,
#endif
    &reference,
};

size_t nn_isa_count(void)
{
    return ARRAY_LEN(isas);
}

const struct nn_isa *nn_isa_at(size_t index)
{
    return isas[index];
}

const char *nn_isa_name(const struct nn_isa *isa)
{
    return isa->name;
}

const char *nn_isa_title(const struct nn_isa *isa)
{
    return isa->title;
}

bool nn_isa_available(const struct nn_isa *isa)
{
    return isa->detect();
}

uint64_t nn_isa_peak(const struct nn_isa *isa, uint64_t rounds)
{
    return isa->peak ? isa->peak(rounds) : 0;
}

const struct nn_isa *nn_isa_best(void)
{
    size_t i = 0;
    while (!isas[i]->detect()) {
        i++;
    }
    return isas[i];
}

const struct nn_isa *nn_isa_by_name(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(isas); i++) {
        if (strcmp(isas[i]->name, name) == 0) {
            return isas[i];
        }
    }
    return NULL;
}

static const struct nn_isa_kernel *find_kernel(const struct nn_isa *isa, int32_t code)
{
    for (size_t i = 0; i < isa->kernel_count; i++) {
        if (isa->kernels[i].code == code) {
            return &isa->kernels[i];
        }
    }
    return NULL;
}

bool nn_isa_prepare(struct nn_model *model, struct nn_op *op, struct error *err)
{
    const struct nn_isa_kernel *kernel = find_kernel(model->isa, op->kind->code);
    if (kernel && nn_regroups(op)) {
        return nn_regroup(model, op, find_kernel(model->isa, NN_CONV)->pack,
                          find_kernel(model->isa, NN_DEPTHWISE)->pack, err);
    }
    return !kernel || kernel->pack(model, op, err);
}
