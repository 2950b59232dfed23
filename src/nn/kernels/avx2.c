#include "kernels/avx2.h"

#include "base/mem.h"
#include "operators.h"

static bool detect(void)
{
    return __builtin_cpu_supports("avx2");
}

static const struct nn_isa_kernel kernels[] = {
    { NN_CONV, nn_avx2_conv },
    { NN_DEPTHWISE, nn_avx2_depthwise },
    { NN_ADD, nn_avx2_add },
    { NN_AVERAGE_POOL, nn_avx2_average_pool },
    { NN_MAX_POOL, nn_avx2_max_pool },
    { NN_MEAN, nn_avx2_average_pool }, /* whose window covers the picture */
    { NN_TRANSPOSE, nn_avx2_transpose },
    { NN_FULLY_CONNECTED, nn_avx2_conv },
};

const struct nn_isa nn_isa_avx2 = {
    "avx2", "AVX2", detect, nn_avx2_peak, kernels, ARRAY_LEN(kernels),
};
