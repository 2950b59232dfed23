/* ADD in the fixed point of requantize.h. A value v, as the two 16-bit halves
 * v + 128 and 256 * v, times the halves of its 21-bit multiplier m,
 *
 *     (v + 128) * (m % 256) + 256 * v * (m / 256) = v * m + 128 * (m % 256),
 *
 * is one vpdpwssd; the bias takes the last term off. */
#include "kernels/avx512vnni.h"

#include "kernels/avx512.h"

struct constants {
    __m512i a, b; /* the multipliers' halves */
    __m512i bias;
    __m128i shift;
    struct range512 range;
};

static __m512i halves(int32_t multiplier)
{
    return _mm512_set1_epi32((int32_t)((uint32_t)(multiplier >> 8) << 16) | (multiplier & 255));
}

static struct constants constants(const struct nn_add *add)
{
    int32_t low = (add->multipliers[0] & 255) + (add->multipliers[1] & 255);
    return (struct constants){ halves(add->multipliers[0]), halves(add->multipliers[1]),
                               _mm512_set1_epi32(add->bias - 128 * low),
                               _mm_cvtsi32_si128(add->shift), range512(add->range) };
}

/* Values 4 * i to 4 * i + 3 of each lane. */
static inline __m512i sums(const struct constants *c, __m512i a, __m512i b, __m512i spread)
{
    const __m512i raise = _mm512_set1_epi32(0x80);
    __m512i x = _mm512_xor_si512(_mm512_shuffle_epi8(a, spread), raise);
    __m512i y = _mm512_xor_si512(_mm512_shuffle_epi8(b, spread), raise);
    __m512i acc = dot_words512(dot_words512(c->bias, x, c->a), y, c->b);
    return _mm512_sra_epi32(acc, c->shift);
}

/* Each of four bytes from 4 * i on as v, 0, 0, v. */
static inline __m512i spread(int i)
{
    const __m128i first =
        _mm_setr_epi8(0, -128, -128, 0, 1, -128, -128, 1, 2, -128, -128, 2, 3, -128, -128, 3);
    return _mm512_broadcast_i32x4(_mm_add_epi8(first, _mm_set1_epi8((char)(4 * i))));
}

static inline __m512i add64(const struct constants *c, __m512i a, __m512i b)
{
    __m512i s0 = sums(c, a, b, spread(0)), s1 = sums(c, a, b, spread(1));
    __m512i s2 = sums(c, a, b, spread(2)), s3 = sums(c, a, b, spread(3));
    return bytes512(s0, s1, s2, s3, &c->range);
}

static void run_add(const struct nn_op *op, const void *const *in, void *out, void *scratch)
{
    const struct constants c = constants(&op->p.add);
    const size_t count = op->p.add.elements;
    const int8_t *a = in[0], *b = in[1];
    int8_t *to = out;
    size_t i = 0;
    (void)scratch;
    for (; i + 64 <= count; i += 64) {
        __m512i q = add64(&c, _mm512_loadu_si512(a + i), _mm512_loadu_si512(b + i));
        _mm512_storeu_si512(to + i, q);
    }
    if (i < count) {
        const __mmask64 mask = first512(count - i);
        __m512i q =
            add64(&c, _mm512_maskz_loadu_epi8(mask, a + i), _mm512_maskz_loadu_epi8(mask, b + i));
        _mm512_mask_storeu_epi8(to + i, mask, q);
    }
}

bool nn_avx512vnni_add(struct nn_model *model, struct nn_op *op, struct error *err)
{
    (void)model;
    (void)err;
    op->fast = run_add;
    return true;
}
