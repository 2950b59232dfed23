#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conv_amx.h"
#include "conv_path.h"

/* Linux grants a process the tile registers on request; repeating it is fine. */
#define ARCH_REQ_XCOMP_PERM 0x1023
#define XFEATURE_XTILEDATA 18

#define AMX_BF16 (1u << 22)
#define AMX_TILE (1u << 24)
#define AVX512_BF16 (1u << 5)

static bool detect(void)
{
    unsigned a, b, c, d;
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl") ||
        !__get_cpuid_count(7, 1, &a, &b, &c, &d) || !(a & AVX512_BF16)) {
        return false;
    }
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & AMX_TILE) && (d & AMX_BF16) &&
           syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
}

static bool is_thin(const struct conv_shape *s)
{
    return s->in_channels % LANES != 0;
}

static bool fits(const struct conv_shape *s)
{
    return s->out_channels % LANES == 0 && s->kernel * s->kernel <= MOST_TAPS &&
           (!is_thin(s) || thin_fits(s));
}

static struct rows rows_of(const struct conv_shape *s, const float *in)
{
    return (struct rows){
        .values = in, .height = s->in_height, .width = s->in_width, .channels = s->in_channels
    };
}

static size_t scratch_bytes(const struct conv_shape *s)
{
    return is_thin(s) ? larger(thin_scratch_bytes(s), conv_blas.scratch_bytes(s))
                      : larger(gather_scratch_bytes(s), filter_scratch_bytes(s));
}

static void forward(const struct conv_shape *s, const float *in, const float *filter, float *out,
                    void *scratch)
{
    if (is_thin(s)) {
        thin_forward(s, in, filter, out, scratch);
    } else {
        struct rows rows = rows_of(s, in);
        gather_forward(s, &rows, filter, out, scratch);
    }
}

static void backward_filter(const struct conv_shape *s, const float *in, const float *out_grad,
                            float *filter_grad, void *scratch)
{
    if (is_thin(s)) {
        thin_backward_filter(s, in, out_grad, filter_grad, scratch);
    } else {
        struct rows rows = rows_of(s, in);
        filter_backward(s, &rows, out_grad, filter_grad, scratch);
    }
}

/* Only the input layer has few channels, and its input gradient is never needed. */
static void backward_input(const struct conv_shape *s, const float *out_grad, const float *filter,
                           float *in_grad, bool add, void *scratch)
{
    if (is_thin(s)) {
        conv_blas.backward_input(s, out_grad, filter, in_grad, add, scratch);
    } else {
        gather_backward(s, out_grad, filter, in_grad, add, scratch);
    }
}

const struct conv_path conv_amx = { "amx-bf16", detect,          fits,          scratch_bytes,
                                    forward,    backward_filter, backward_input };
