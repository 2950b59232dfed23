/* Scaling with vectors of 4 floats, available on every supported processor. */
#include "scale_passes.h"

#define WIDTH 4
typedef float quad __attribute__((vector_size(16), aligned(4)));

/* One output pixel of four rows. */
static inline void sum_four(const float *weights, int pairs, const float *from, size_t pitch,
                            size_t channels, float *to, size_t to_pitch)
{
    quad even[4] = { { 0 } };
    quad odd[4] = { { 0 } };
    for (int k = 0; k < pairs; k++, weights += SCALE_PAIR, from += 2 * channels) {
        quad first = weights[0] - (quad){ 0 };
        quad second = weights[channels] - (quad){ 0 };
        for (size_t i = 0; i < 4; i++) {
            even[i] += *(const quad *)(from + i * pitch) * first;
            odd[i] += *(const quad *)(from + i * pitch + channels) * second;
        }
    }
    for (size_t i = 0; i < 4; i++) {
        *(quad *)(to + i * to_pitch) = even[i] + odd[i];
    }
}

static inline void sum_across(const float *weights, int pairs, const float *from, size_t pitch,
                              size_t channels, float *to, size_t to_pitch)
{
    sum_four(weights, pairs, from, pitch, channels, to, to_pitch);
    sum_four(weights, pairs, from + 4 * pitch, pitch, channels, to + 4 * to_pitch, to_pitch);
}

#include "scale_loops.h"

const struct scale_passes scale_passes_generic = { "generic", load,  load_alpha, down,
                                                   across,    store, store_alpha };

const struct scale_passes *scale_passes_at(size_t index)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2")) {
        if (index == 0) {
            return &scale_passes_avx2;
        }
        index--;
    }
#endif
    return index == 0 ? &scale_passes_generic : NULL;
}
