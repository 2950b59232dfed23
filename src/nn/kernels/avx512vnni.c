#include "kernels/avx512vnni.h"

#include "base/mem.h"
#include "operators.h"

static bool detect(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512vnni");
}

static const struct nn_isa_kernel kernels[] = {
    { NN_CONV, nn_avx512vnni_conv },
    { NN_DEPTHWISE, nn_avx512vnni_depthwise },
    { NN_ADD, nn_avx512vnni_add },
    { NN_AVERAGE_POOL, nn_avx512vnni_average_pool },
    { NN_MAX_POOL, nn_avx512vnni_max_pool },
    { NN_MEAN, nn_avx512vnni_mean },
    { NN_TRANSPOSE, nn_avx512vnni_transpose },
    { NN_FULLY_CONNECTED, nn_avx512vnni_conv },
};

const struct nn_isa nn_isa_avx512vnni = {
    "avx512vnni", "AVX-512 with VNNI", detect, nn_avx512vnni_peak, kernels, ARRAY_LEN(kernels),
};
