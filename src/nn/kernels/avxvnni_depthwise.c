/* DEPTHWISE_CONV_2D: four kernel rows in a vpdpbusd. */
#include "kernels/avxvnni.h"

#include "kernels/avx2_depthwise.h"
#include "kernels/avxvnni_common.h"
#include "kernels/x86_repeat.h"

/* Raised by 128, and each block's 2×4 dwords transposed, so that interleaving
 * leaves groups in the order of the outputs. */
static void row(void *out, const struct nn_stretch *s)
{
    const __m256i order = _mm256_setr_epi32(0, 2, 4, 6, 1, 3, 5, 7);
    const size_t end = (s->total + BLOCK256 - 1) / BLOCK256 * BLOCK256;
    const size_t inside = s->before + s->count;
    unsigned char *to = out;
    memset(to, s->zero_point + 128, s->before);
    raise256(to + s->before, s->in, s->count);
    memset(to + inside, s->zero_point + 128, end - inside);
    for (size_t i = 0; i < end; i += BLOCK256) {
        __m256i x = _mm256_permutevar8x32_epi32(load256(to + i), order);
        _mm256_storeu_si256((__m256i *)(void *)(to + i), x);
    }
}

static inline void store(char *to, __m256i x)
{
    _mm256_storeu_si256((__m256i *)(void *)to, x);
}

static void interleave(void *out, const unsigned char *const *rows, size_t blocks)
{
    char *to = out;
    for (size_t i = 0; i < blocks * BLOCK256; i += BLOCK256, to += 4 * BLOCK256) {
        __m256i a = load256(rows[0] + i), b = load256(rows[1] + i);
        __m256i c = load256(rows[2] + i), d = load256(rows[3] + i);
        __m256i ab = _mm256_unpacklo_epi8(a, b), cd = _mm256_unpacklo_epi8(c, d);
        __m256i ab_high = _mm256_unpackhi_epi8(a, b), cd_high = _mm256_unpackhi_epi8(c, d);
        store(to, _mm256_unpacklo_epi16(ab, cd));
        store(to + 32, _mm256_unpackhi_epi16(ab, cd));
        store(to + 64, _mm256_unpacklo_epi16(ab_high, cd_high));
        store(to + 96, _mm256_unpackhi_epi16(ab_high, cd_high));
    }
}

static void dots(const struct nn_depthwise_dots *d)
{
    dots256(d, 3, dot_bytes256);
}

static const struct nn_depthwise_isa isa = {
    .vector = 8,
    .unit = UNIT256,
    .block = BLOCK256,
    .group = 4,
    .offset = 128,
    .gather = gather256,
    .repeat = x86_repeat,
    .row = row,
    .interleave = interleave,
    .dots = dots,
};

bool nn_avxvnni_depthwise(struct nn_model *model, struct nn_op *op, struct error *err)
{
    return nn_depthwise_pack(model, op, &isa, err);
}
