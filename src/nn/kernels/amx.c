#include "kernels/amx.h"

#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "kernels/avx512vnni.h"
#include "operators.h"

/* Linux grants a process the tile registers on request; repeating it is fine. */
#define ARCH_REQ_XCOMP_PERM 0x1023
#define XFEATURE_XTILEDATA 18

#define AMX_TILE (1u << 24)
#define AMX_INT8 (1u << 25)

static bool detect(void)
{
    unsigned a, b, c, d;
    return nn_isa_avx512vnni.detect() && __get_cpuid_count(7, 0, &a, &b, &c, &d) &&
           (d & AMX_TILE) && (d & AMX_INT8) &&
           syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
}

static const struct nn_isa_kernel kernels[] = {
    { NN_CONV, nn_amx_conv },
    { NN_DEPTHWISE, nn_avx512vnni_depthwise },
    { NN_ADD, nn_avx512vnni_add },
    { NN_AVERAGE_POOL, nn_avx512vnni_average_pool },
    { NN_MAX_POOL, nn_avx512vnni_max_pool },
    { NN_MEAN, nn_avx512vnni_mean },
    { NN_TRANSPOSE, nn_avx512vnni_transpose },
    { NN_FULLY_CONNECTED, nn_avx512vnni_conv },
};

/* The peak is that of AVX-512 VNNI, for comparison; that of the tiles is eight
 * times as high. */
const struct nn_isa nn_isa_amx = {
    "amx", "AMX tiles and AVX-512 VNNI", detect, nn_avx512vnni_peak, kernels, ARRAY_LEN(kernels),
};
