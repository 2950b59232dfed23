/* Scaling with vectors of 8 floats; horizontally two pixels at once. */
#include "scale_passes.h"

#define WIDTH 8
typedef float eight __attribute__((vector_size(32), aligned(4)));
typedef float quad __attribute__((vector_size(16), aligned(4)));

static inline void sum_across(const float *weights, int pairs, const float *from, size_t pitch,
                              size_t channels, float *to, size_t to_pitch)
{
    eight sum[SCALE_GROUP] = { { 0 } };
    for (int k = 0; k < pairs; k++, weights += SCALE_PAIR, from += 2 * channels) {
        eight w = *(const eight *)weights;
        for (size_t i = 0; i < SCALE_GROUP; i++) {
            sum[i] += *(const eight *)(from + i * pitch) * w;
        }
    }
    for (size_t i = 0; i < SCALE_GROUP; i++) {
        quad even = __builtin_shufflevector(sum[i], sum[i], 0, 1, 2, 3);
        quad odd = channels == 3 ? __builtin_shufflevector(sum[i], sum[i], 3, 4, 5, 6)
                                 : __builtin_shufflevector(sum[i], sum[i], 4, 5, 6, 7);
        *(quad *)(to + i * to_pitch) = even + odd;
    }
}

#include "scale_loops.h"

const struct scale_passes scale_passes_avx2 = { "avx2", load,  load_alpha, down,
                                                across, store, store_alpha };
