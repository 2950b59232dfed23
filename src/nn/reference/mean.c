#include "reference/reference.h"

#include "requantize.h"

void nn_reference_mean(const struct nn_op *op, const void *const *in, void *out)
{
    const struct nn_pool *pool = &op->p.pool;
    size_t channels = (size_t)pool->window.in_c;
    size_t pixels = (size_t)pool->window.in_h * (size_t)pool->window.in_w;
    float scale = pool->input_scale / (pool->output_scale * (float)pixels);
    int8_t *to = out;
    for (size_t c = 0; c < channels; c++) {
        const int8_t *from = (const int8_t *)in[0] + c;
        int32_t sum = 0;
        for (size_t i = 0; i < pixels; i++) {
            sum += from[i * channels] - pool->input_zero_point;
        }
        to[c] = nn_requantize(sum, scale, pool->range);
    }
}
