#include "kernels/neondot.h"

#include <sys/auxv.h>

#include <asm/hwcap.h>

#include "base/mem.h"
#include "operators.h"

static bool detect(void)
{
    return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
}

static const struct nn_isa_kernel kernels[] = {
    { NN_CONV, nn_neondot_conv },
    { NN_DEPTHWISE, nn_neondot_depthwise },
    { NN_ADD, nn_neondot_add },
    { NN_AVERAGE_POOL, nn_neondot_average_pool },
    { NN_MAX_POOL, nn_neondot_max_pool },
    { NN_MEAN, nn_neondot_average_pool },
    { NN_TRANSPOSE, nn_neondot_transpose },
    { NN_FULLY_CONNECTED, nn_neondot_conv },
};

const struct nn_isa nn_isa_neondot = {
    "neondot", "NEON with dot product", detect, nn_neondot_peak, kernels, ARRAY_LEN(kernels),
};
