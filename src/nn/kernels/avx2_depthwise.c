/* DEPTHWISE_CONV_2D: two kernel rows in a vpmaddwd. Rows stay bytes, and are widened when
 * they are interleaved. */
#include "kernels/avx2.h"

#include "kernels/avx2_depthwise.h"
#include "kernels/x86_repeat.h"

static void row(void *out, const struct nn_stretch *s)
{
    const size_t inside = s->before + s->count;
    const size_t end = (s->total + BLOCK256 - 1) / BLOCK256 * BLOCK256;
    int8_t *to = out;
    memset(to, s->zero_point, s->before);
    if (s->count > 0) {
        memcpy(to + s->before, s->in, s->count);
    }
    memset(to + inside, s->zero_point, end - inside);
}

static void interleave(void *out, const unsigned char *const *rows, size_t blocks)
{
    __m256i *to = out;
    for (size_t i = 0; i < blocks * BLOCK256; i += 16, to += 2) {
        __m128i a = _mm_loadu_si128((const __m128i *)(const void *)(rows[0] + i));
        __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(rows[1] + i));
        _mm256_storeu_si256(to, _mm256_cvtepi8_epi16(_mm_unpacklo_epi8(a, b)));
        _mm256_storeu_si256(to + 1, _mm256_cvtepi8_epi16(_mm_unpackhi_epi8(a, b)));
    }
}

static void dots(const struct nn_depthwise_dots *d)
{
    dots256(d, 6, dot_words256);
}

static const struct nn_depthwise_isa isa = {
    .vector = 8,
    .unit = UNIT256,
    .block = BLOCK256,
    .group = 2,
    .offset = 0,
    .gather = gather256,
    .repeat = x86_repeat,
    .row = row,
    .interleave = interleave,
    .dots = dots,
};

bool nn_avx2_depthwise(struct nn_model *model, struct nn_op *op, struct error *err)
{
    return nn_depthwise_pack(model, op, &isa, err);
}
