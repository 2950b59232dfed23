/* The rows of a convolution's input: as they lie, or of pictures of few channels, unfolded. */
#include "conv_amx.h"

/* The values of filter row ky for all pixels of a row of the output. */
static void unfold_taps(const struct conv_shape *s, const float *in, float *to)
{
    int channels = s->in_channels, width = s->in_width * channels, taps = s->kernel * channels;
    for (int x = 0; x < s->out_width; x++, to += PAIRS) {
        int first = (x * s->stride - s->pad_left) * channels;
        int before = first < 0 ? -first : 0, end = smaller(taps, width - first);
        unsigned mask = end > before ? (1u << end) - (1u << before) : 0;
        __m512 v = _mm512_maskz_expandloadu_ps((__mmask16)mask, in + (first < 0 ? 0 : first));
        _mm512_mask_storeu_ps(to, (__mmask16)((1u << taps) - 1), v);
    }
}

static void unfold_row(const struct conv_shape *s, const float *in, int y, float *to)
{
    int taps = s->kernel * s->in_channels;
    memset(to, 0, (size_t)s->out_width * PAIRS * sizeof *to);
    for (int ky = 0; ky < s->kernel; ky++, to += taps) {
        int from = y * s->stride - s->pad_top + ky;
        if (from >= 0 && from < s->in_height) {
            unfold_taps(s, in + (size_t)(from * s->in_width * s->in_channels), to);
        }
    }
}

const float *rows_at(const struct rows *r, int n, int count, int y, size_t *picture)
{
    const struct conv_shape *s = r->thin;
    if (!s) {
        size_t row = (size_t)r->width * (size_t)r->channels;
        *picture = (size_t)r->height * row;
        return r->values + (size_t)n * *picture + (size_t)y * row;
    }
    size_t from = (size_t)s->in_height * (size_t)s->in_width * (size_t)s->in_channels;
    *picture = (size_t)s->out_width * PAIRS;
    for (int i = 0; i < count; i++) {
        unfold_row(s, r->values + (size_t)(n + i) * from, y, r->made + (size_t)i * *picture);
    }
    return r->made;
}
