#include "kernels/avxvnni.h"

#include <cpuid.h>

#include "base/mem.h"
#include "kernels/avx2.h"
#include "operators.h"

#define AVX_VNNI (1u << 4)

/* By CPUID: clang 14 does not know the feature's name. The check for AVX2 includes that the
 * system saves the registers. */
static bool detect(void)
{
    unsigned a, b, c, d;
    return nn_isa_avx2.detect() && __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & AVX_VNNI);
}

static const struct nn_isa_kernel kernels[] = {
    { NN_CONV, nn_avxvnni_conv },
    { NN_DEPTHWISE, nn_avxvnni_depthwise },
    { NN_ADD, nn_avx2_add },
    { NN_AVERAGE_POOL, nn_avx2_average_pool },
    { NN_MAX_POOL, nn_avx2_max_pool },
    { NN_MEAN, nn_avx2_average_pool }, /* whose window covers the picture */
    { NN_TRANSPOSE, nn_avx2_transpose },
    { NN_FULLY_CONNECTED, nn_avxvnni_conv },
};

const struct nn_isa nn_isa_avxvnni = {
    "avxvnni", "AVX-VNNI", detect, nn_avxvnni_peak, kernels, ARRAY_LEN(kernels),
};
