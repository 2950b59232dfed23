/* The loops of scale_passes.h on vectors of WIDTH floats, by the vector extensions of gcc
 * and clang; loads and stores need no alignment. Included by each file that defines
 * WIDTH and sum_across(). Private to image. */
#ifndef IMAGE_SCALE_LOOPS_H
#define IMAGE_SCALE_LOOPS_H

#include "scale_passes.h"

typedef float vec __attribute__((vector_size(4 * WIDTH), aligned(4)));
typedef float vec4 __attribute__((vector_size(16), aligned(4)));

static void load(const uint8_t *from, size_t count, float *to)
{
    for (size_t i = 0; i < count; i++) {
        to[i] = from[i];
    }
}

static void store(const float *from, size_t count, uint8_t *to)
{
    for (size_t i = 0; i < count; i++) {
        int n = (int)(from[i] + 0.5f);
        to[i] = (uint8_t)(n < 0 ? 0 : n > 255 ? 255 : n);
    }
}

typedef uint8_t byte4 __attribute__((vector_size(4), aligned(1)));
typedef int32_t int4 __attribute__((vector_size(16)));

static void load_alpha(const uint8_t *from, size_t pixels, float *to)
{
    load(from, 4 * pixels, to);
    for (size_t i = 0; i < pixels; i++, to += 4) {
        float alpha = to[3] * (1.0f / 255.0f);
        *(vec4 *)to *= (vec4){ alpha, alpha, alpha, 1.0f };
    }
}

static void store_alpha(const float *from, size_t pixels, uint8_t *to)
{
    for (size_t i = 0; i < pixels; i++, from += 4, to += 4) {
        float back = from[3] > 0.0f ? 255.0f / from[3] : 0.0f;
        vec4 pixel = *(const vec4 *)from * (vec4){ back, back, back, 1.0f } + 0.5f;
        int4 n = __builtin_convertvector(pixel, int4);
        n &= n > 0;
        n = (n | (n > 255)) & 255;
        *(byte4 *)to = __builtin_convertvector(n, byte4);
    }
}

static void down(const float *const *rows, const float *weights, int count, size_t length,
                 float *to)
{
    for (size_t i = 0; i < length; i += 8 * WIDTH) {
        vec a0 = { 0 }, a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
        for (int k = 0; k < count; k++) {
            const vec *from = (const vec *)(rows[k] + i);
            vec w = weights[k] - (vec){ 0 };
            a0 += from[0] * w;
            a1 += from[1] * w;
            a2 += from[2] * w;
            a3 += from[3] * w;
            a4 += from[4] * w;
            a5 += from[5] * w;
            a6 += from[6] * w;
            a7 += from[7] * w;
        }
        vec *out = (vec *)(to + i);
        out[0] = a0;
        out[1] = a1;
        out[2] = a2;
        out[3] = a3;
        out[4] = a4;
        out[5] = a5;
        out[6] = a6;
        out[7] = a7;
    }
}

/* With 3 channels the fourth float written is overwritten by the next pixel. */
static void across(const struct scale_across *a, const float *from, size_t pitch, float *to)
{
    for (int x = 0; x < a->width; x++) {
        const float *weights = a->weights + (size_t)x * (size_t)a->pairs * SCALE_PAIR;
        size_t at = (size_t)a->first[x] * (size_t)a->channels;
        int pairs = (a->count[x] + 1) / 2;
        if (a->channels == 3) {
            sum_across(weights, pairs, from + at, pitch, 3, to + (size_t)x * 3, a->pitch);
        } else {
            sum_across(weights, pairs, from + at, pitch, 4, to + (size_t)x * 4, a->pitch);
        }
    }
}

#endif
