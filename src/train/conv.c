#include "conv.h"

#include <pthread.h>

#include "base/mem.h"
#include "conv_path.h"

/* The fastest first; the last one fits all shapes. */
static const struct conv_path *const paths[] = {
#ifdef __x86_64__
    &conv_amx,
    &conv_winograd,
#endif
    &conv_blas,
};

/* Detected once: CPUID is slow in a virtual machine. */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static const struct conv_path *detected[ARRAY_LEN(paths)];
static size_t detected_count;

static void detect(void)
{
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        if (paths[i]->detect()) {
            detected[detected_count++] = paths[i];
        }
    }
}

static const struct conv_path *path_for(const struct conv_shape *s)
{
    size_t i = 0;
    pthread_once(&once, detect);
    while (!detected[i]->fits(s)) {
        i++;
    }
    return detected[i];
}

const char *conv_path_name(void)
{
    pthread_once(&once, detect);
    return detected[0]->name;
}

/* Enough for smaller pictures too, which another path may fit. */
size_t conv_scratch_bytes(const struct conv_shape *s)
{
    size_t bytes = path_for(s)->scratch_bytes(s);
    size_t other = conv_blas.scratch_bytes(s);
    return bytes > other ? bytes : other;
}

void conv_forward(const struct conv_shape *s, const float *in, const float *filter, float *out,
                  void *scratch)
{
    path_for(s)->forward(s, in, filter, out, scratch);
}

void conv_backward_filter(const struct conv_shape *s, const float *in, const float *out_grad,
                          float *filter_grad, void *scratch)
{
    path_for(s)->backward_filter(s, in, out_grad, filter_grad, scratch);
}

void conv_backward_input(const struct conv_shape *s, const float *out_grad, const float *filter,
                         float *in_grad, bool add, void *scratch)
{
    path_for(s)->backward_input(s, out_grad, filter, in_grad, add, scratch);
}
