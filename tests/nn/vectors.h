/* Operators of one small shape each, whose outputs were computed by XNNPACK: the cases, and the
 * numbers that go in. Shared by the test and by tests/nn/xnnpack_vectors.c, which asks
 * XNNPACK. What comes out is in vectors.def, in the order of the cases. */
#ifndef TESTS_NN_VECTORS_H
#define TESTS_NN_VECTORS_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum vector_kind {
    VECTOR_CONV,
    VECTOR_DEPTHWISE,
    VECTOR_DENSE,
    VECTOR_ADD,
    VECTOR_MEAN,
    VECTOR_MAX
};
enum { VECTOR_CASES_MAX = 64, VECTOR_FIRST = 6 };

/* Padding is SAME; the activation is that of TensorFlow Lite: 0 none, 1 RELU, 3 RELU6. */
struct vector_case {
    enum vector_kind kind;
    int h, w, c; /* of the input; DENSE: 1, 1, inputs */
    int out;     /* channels; DEPTHWISE: the multiplier; ADD, MEAN, MAX: unused */
    int kh, kw, stride, activation;
    int in_zero, out_zero;
};

static const struct vector_case vector_cases[] = {
    { VECTOR_CONV, 8, 8, 3, 16, 3, 3, 2, 1, -1, -128 },
    { VECTOR_CONV, 8, 8, 3, 16, 3, 3, 1, 1, 0, -128 },
    { VECTOR_CONV, 7, 9, 16, 24, 3, 3, 1, 0, -128, 5 },
    { VECTOR_CONV, 7, 9, 16, 24, 3, 3, 2, 3, -128, -128 },
    { VECTOR_CONV, 5, 5, 13, 7, 3, 3, 1, 0, 17, -3 },
    { VECTOR_CONV, 4, 6, 40, 33, 1, 1, 1, 0, -7, 0 },
    { VECTOR_CONV, 4, 6, 32, 64, 1, 1, 1, 3, -128, -128 },
    { VECTOR_CONV, 6, 6, 32, 48, 1, 1, 2, 1, -128, -128 },
    { VECTOR_CONV, 9, 9, 8, 8, 5, 5, 1, 0, 1, 2 },
    { VECTOR_CONV, 9, 7, 4, 10, 3, 1, 1, 0, -20, 20 },
    { VECTOR_CONV, 6, 11, 1, 8, 3, 3, 1, 1, -128, -128 },
    { VECTOR_CONV, 1, 1, 64, 10, 1, 1, 1, 0, -128, 30 },
    { VECTOR_CONV, 3, 3, 128, 20, 3, 3, 1, 0, -128, -30 },
    { VECTOR_DEPTHWISE, 8, 8, 16, 1, 3, 3, 1, 1, -128, -128 },
    { VECTOR_DEPTHWISE, 8, 8, 16, 1, 3, 3, 2, 3, -128, -128 },
    { VECTOR_DEPTHWISE, 7, 7, 33, 1, 3, 3, 1, 0, 3, -5 },
    { VECTOR_DEPTHWISE, 9, 9, 24, 1, 5, 5, 1, 0, -128, 0 },
    { VECTOR_DEPTHWISE, 9, 9, 24, 1, 5, 5, 2, 1, -128, -128 },
    { VECTOR_DEPTHWISE, 10, 10, 1, 8, 3, 3, 2, 1, -1, -128 },
    { VECTOR_DEPTHWISE, 6, 6, 5, 3, 3, 3, 1, 0, 0, 0 },
    { VECTOR_DENSE, 1, 1, 64, 10, 0, 0, 0, 0, -128, 12 },
    { VECTOR_DENSE, 1, 1, 37, 1000, 0, 0, 0, 0, -128, -50 },
    { VECTOR_DENSE, 1, 1, 256, 3, 0, 0, 0, 1, 9, -128 },
    { VECTOR_ADD, 5, 7, 16, 0, 0, 0, 0, 0, -5, 9 },
    { VECTOR_ADD, 5, 7, 16, 0, 0, 0, 0, 1, -128, -128 },
    { VECTOR_ADD, 3, 3, 33, 0, 0, 0, 0, 0, 40, -60 },
    { VECTOR_MEAN, 7, 7, 24, 0, 0, 0, 0, 0, -128, -128 },
    { VECTOR_MEAN, 4, 4, 64, 0, 0, 0, 0, 0, -128, -110 },
    { VECTOR_MEAN, 3, 5, 10, 0, 0, 0, 0, 0, 6, -6 },
    { VECTOR_MAX, 8, 8, 16, 0, 2, 2, 2, 0, -128, -128 },
    { VECTOR_MAX, 9, 9, 10, 0, 3, 3, 2, 0, -4, -4 },
};

/* The operands of a case; the caller frees weights, bias and scales. */
struct vector {
    int in_count, in2_count, out_count, channels, out_h, out_w;
    int8_t *in, *in2; /* in2: of ADD */
    int8_t *weights;  /* in TensorFlow Lite's order; NULL: none */
    int32_t *bias;
    float *scales; /* of the weights, per channel; DENSE: the first one for all */
    float in_scale, in2_scale, out_scale;
};

static uint32_t vector_state;

static inline uint32_t vector_random(void)
{
    vector_state = vector_state * 1664525u + 1013904223u;
    return vector_state >> 8;
}

static inline int vector_between(int low, int high)
{
    return low + (int)(vector_random() % (uint32_t)(high - low + 1));
}

static inline int8_t *vector_bytes(int count, int low)
{
    int8_t *bytes = malloc((size_t)count);

    for (int i = 0; bytes && i < count; i++) {
        bytes[i] = (int8_t)vector_between(low, 127);
    }
    return bytes;
}

/* Scales with few bits, so that every compiler has the same ones. */
static inline float vector_scale(int low, int high)
{
    return ldexpf((float)vector_between(low, high), -12);
}

static inline void vector_weigh(const struct vector_case *c, struct vector *v)
{
    int taps = c->kind == VECTOR_CONV        ? c->kh * c->kw * c->c
               : c->kind == VECTOR_DEPTHWISE ? c->kh * c->kw
                                             : c->c;

    v->weights = vector_bytes(v->channels * taps, -127);
    v->bias = malloc(sizeof *v->bias * (size_t)v->channels);
    v->scales = malloc(sizeof *v->scales * (size_t)v->channels);
    for (int i = 0; v->bias && v->scales && i < v->channels; i++) {
        v->bias[i] = vector_between(-9000, 9000);
        v->scales[i] = vector_scale(8, 16);
    }
    /* Sums spread over the range of 8 bits, and beyond it now and then. */
    v->out_scale = ldexpf(ceilf(sqrtf((float)taps) * 2.0f), -4) * v->in_scale * 4.0f;
}

/* Fills the vector of case `number`. */
static inline void vector_make(size_t number, struct vector *v)
{
    const struct vector_case *c = &vector_cases[number];

    vector_state = (uint32_t)number * 77777u + 1;
    *v = (struct vector){ .in_count = c->h * c->w * c->c, .out_h = c->h, .out_w = c->w };
    v->in_scale = vector_scale(30, 90);
    v->in2_scale = vector_scale(30, 90);
    v->out_scale = vector_scale(40, 120);
    v->channels = c->kind == VECTOR_CONV || c->kind == VECTOR_DENSE ? c->out
                  : c->kind == VECTOR_DEPTHWISE                     ? c->c * c->out
                                                                    : c->c;
    if (c->stride > 0) {
        v->out_h = (c->h + c->stride - 1) / c->stride;
        v->out_w = (c->w + c->stride - 1) / c->stride;
    }
    if (c->kind == VECTOR_MEAN) {
        v->out_h = v->out_w = 1;
    }
    if (c->kind == VECTOR_MAX) {
        v->out_scale = v->in_scale;
    }
    if (c->kind <= VECTOR_DENSE) {
        vector_weigh(c, v);
    }
    v->out_count = v->out_h * v->out_w * v->channels;
    v->in = vector_bytes(v->in_count, -128);
    v->in2_count = c->kind == VECTOR_ADD ? v->in_count : 0;
    if (v->in2_count > 0) {
        v->in2 = vector_bytes(v->in2_count, -128);
    }
}

static inline void vector_release(struct vector *v)
{
    free(v->in);
    free(v->in2);
    free(v->weights);
    free(v->bias);
    free(v->scales);
}

/* The lowest and highest output that the activation allows. */
static inline int vector_low(const struct vector_case *c)
{
    return c->activation == 0 ? -128 : c->out_zero;
}

static inline int vector_high(const struct vector_case *c, const struct vector *v)
{
    double six = rint(6.0 / (double)v->out_scale) + c->out_zero;

    return c->activation == 3 && six < 127 ? (int)six : 127;
}

#endif
