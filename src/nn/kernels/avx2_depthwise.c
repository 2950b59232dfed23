/* DEPTHWISE_CONV_2D: two kernel rows in a vpmaddwd. */
#include "kernels/avx2.h"

#include "kernels/avx2_depthwise.h"

static void widen(int16_t *out, const int8_t *in, size_t count)
{
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(in + i));
        _mm256_storeu_si256((__m256i *)(void *)(out + i), _mm256_cvtepi8_epi16(bytes));
    }
    for (; i < count; i++) {
        out[i] = in[i];
    }
}

static void fill(int16_t *out, int16_t value, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        out[i] = value;
    }
}

/* Widened, and the middle two of four 64-bit parts swapped, so that interleaving
 * leaves groups in the order of the outputs. */
static void row(void *out, const struct nn_stretch *s)
{
    int16_t *to = out;
    const size_t end = (s->total + BLOCK256 - 1) / BLOCK256 * BLOCK256;
    const size_t inside = s->before + s->count;
    fill(to, (int16_t)s->zero_point, s->before);
    widen(to + s->before, s->in, s->count);
    fill(to + inside, (int16_t)s->zero_point, end - inside);
    for (size_t i = 0; i < end; i += 16) {
        __m256i x = _mm256_permute4x64_epi64(load256(to + i), 0xd8);
        _mm256_storeu_si256((__m256i *)(void *)(to + i), x);
    }
}

static void interleave(void *out, const unsigned char *const *rows, size_t blocks)
{
    char *to = out;
    for (size_t i = 0; i < blocks * BLOCK256 * 2; i += 32, to += 64) {
        __m256i a = load256(rows[0] + i), b = load256(rows[1] + i);
        _mm256_storeu_si256((__m256i *)(void *)to, _mm256_unpacklo_epi16(a, b));
        _mm256_storeu_si256((__m256i *)(void *)(to + 32), _mm256_unpackhi_epi16(a, b));
    }
}

static void dots(const struct nn_depthwise_dots *d)
{
    dots256(d, dot_words256);
}

static const struct nn_depthwise_isa isa = {
    .vector = 8,
    .block = BLOCK256,
    .group = 2,
    .offset = 0,
    .gather = gather256,
    .row = row,
    .interleave = interleave,
    .dots = dots,
};

bool nn_avx2_depthwise(struct nn_model *model, struct nn_op *op, struct error *err)
{
    return nn_depthwise_pack(model, op, &isa, err);
}
