/* DEPTHWISE_CONV_2D: two kernel rows in a vpmaddwd. */
#include "kernels/avx2.h"

#include "kernels/avx2_common.h"
#include "kernels/depthwise.h"

#define BLOCK 32

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
    const size_t end = (s->total + BLOCK - 1) / BLOCK * BLOCK, inside = s->before + s->count;
    fill(to, (int16_t)s->zero_point, s->before);
    widen(to + s->before, s->in, s->count);
    fill(to + inside, (int16_t)s->zero_point, end - inside);
    for (size_t i = 0; i < end; i += 16) {
        __m256i x = _mm256_permute4x64_epi64(load256(to + i), 0xd8);
        _mm256_storeu_si256((__m256i *)(void *)(to + i), x);
    }
}

static void gather(int8_t *out, const int8_t *in, size_t count, size_t bytes, size_t step)
{
    for (size_t i = 0; i < count; i++, in += step, out += bytes) {
        size_t k = 0;
        for (; k + 16 <= bytes; k += 16) {
            memcpy(out + k, in + k, 16);
        }
        for (; k < bytes; k++) {
            out[k] = in[k];
        }
    }
}

static void interleave(void *out, const unsigned char *const *rows, size_t blocks)
{
    char *to = out;
    for (size_t i = 0; i < blocks * BLOCK * 2; i += 32, to += 64) {
        __m256i a = load256(rows[0] + i), b = load256(rows[1] + i);
        _mm256_storeu_si256((__m256i *)(void *)to, _mm256_unpacklo_epi16(a, b));
        _mm256_storeu_si256((__m256i *)(void *)(to + 32), _mm256_unpackhi_epi16(a, b));
    }
}

static inline __m256i dot(__m256i sums, const unsigned char *x, const unsigned char *w)
{
    return _mm256_add_epi32(sums, _mm256_madd_epi16(load256(x), load256(w)));
}

/* Where the groups of vector `vector` of the block at output i are. */
static inline size_t groups_at(const struct nn_depthwise_dots *d, size_t i, size_t vector)
{
    return 4 * (d->jumps ? d->jumps[i / 8 + vector] - d->first_jump : i + 8 * vector);
}

static void dots(const struct nn_depthwise_dots *d)
{
    const struct range256 range = range256(d->range);
    size_t pattern = d->pattern;
    for (size_t i = 0; i < d->count; i += BLOCK) {
        const int32_t *bias = d->bias + pattern * BLOCK;
        const float *s = d->scales + pattern * BLOCK;
        const unsigned char *w = d->weights + pattern * d->tap_count * BLOCK * 4;
        __m256i a = load256(bias), b = load256(bias + 8);
        __m256i c = load256(bias + 16), e = load256(bias + 24);
        for (size_t t = 0; t < d->tap_count; t++, w += 4 * BLOCK) {
            const unsigned char *x = d->taps[t];
            a = dot(a, x + groups_at(d, i, 0), w);
            b = dot(b, x + groups_at(d, i, 1), w + 32);
            c = dot(c, x + groups_at(d, i, 2), w + 64);
            e = dot(e, x + groups_at(d, i, 3), w + 96);
        }
        a = scaled256(a, _mm256_loadu_ps(s));
        b = scaled256(b, _mm256_loadu_ps(s + 8));
        c = scaled256(c, _mm256_loadu_ps(s + 16));
        e = scaled256(e, _mm256_loadu_ps(s + 24));
        store_bytes256(d->out + i, bytes256(a, b, c, e, &range), d->count - i);
        pattern = pattern + 1 == d->patterns ? 0 : pattern + 1;
    }
}

static const struct nn_depthwise_isa isa = {
    .vector = 8,
    .block = BLOCK,
    .group = 2,
    .offset = 0,
    .gather = gather,
    .row = row,
    .interleave = interleave,
    .dots = dots,
};

bool nn_avx2_depthwise(struct nn_model *model, struct nn_op *op, struct error *err)
{
    return nn_depthwise_pack(model, op, &isa, err);
}
