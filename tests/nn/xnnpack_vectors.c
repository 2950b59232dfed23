/* Computes tests/nn/vectors.def with XNNPACK; built and run by hand, where its library is:
 *
 *   cc -Iinclude -Itests/nn tests/nn/xnnpack_vectors.c src/base/crc.c -lXNNPACK -lpthreadpool \
 *      -lm -o /tmp/xnnpack_vectors && /tmp/xnnpack_vectors > tests/nn/vectors.def
 *
 * Made with the XNNPACK of 2022-02-16 (commit ae108ef), as packaged by Debian 12. */
#include <stdio.h>
#include <string.h>

#include <xnnpack.h>

#include "base/crc.h"
#include "vectors.h"

#define TRY(call)                                                                                  \
    do {                                                                                           \
        enum xnn_status status = (call);                                                           \
        if (status != xnn_status_success) {                                                        \
            fprintf(stderr, "%s: %d\n", #call, (int)status);                                       \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

/* XNNPACK reads some bytes behind its input. */
static int8_t *padded(const int8_t *bytes, int count)
{
    int8_t *copy = calloc(1, (size_t)count + XNN_EXTRA_BYTES);
    memcpy(copy, bytes, (size_t)count);
    return copy;
}

static void run_conv(const struct vector_case *c, const struct vector *v, const int8_t *in,
                     int8_t *out)
{
    bool depthwise = c->kind == VECTOR_DEPTHWISE;
    uint32_t flags = XNN_FLAG_TENSORFLOW_SAME_PADDING;
    size_t groups = depthwise ? (size_t)c->c : 1;
    xnn_operator_t op;

    flags |= depthwise ? XNN_FLAG_DEPTHWISE_CONVOLUTION : 0;
    TRY(xnn_create_convolution2d_nhwc_qc8(
        0, 0, 0, 0, (uint32_t)c->kh, (uint32_t)c->kw, (uint32_t)c->stride, (uint32_t)c->stride, 1,
        1, (uint32_t)groups, (size_t)c->c / groups, (size_t)v->channels / groups, (size_t)c->c,
        (size_t)v->channels, (int8_t)c->in_zero, v->in_scale, v->scales, v->weights, v->bias,
        (int8_t)c->out_zero, v->out_scale, (int8_t)vector_low(c), (int8_t)vector_high(c, v), flags,
        &op));
    TRY(xnn_setup_convolution2d_nhwc_qc8(op, 1, (size_t)c->h, (size_t)c->w, in, out, NULL));
    TRY(xnn_run_operator(op, NULL));
}

static void run_dense(const struct vector_case *c, const struct vector *v, const int8_t *in,
                      int8_t *out)
{
    xnn_operator_t op;

    TRY(xnn_create_fully_connected_nc_qs8(
        (size_t)c->c, (size_t)v->channels, (size_t)c->c, (size_t)v->channels, (int8_t)c->in_zero,
        v->in_scale, v->scales[0], v->weights, v->bias, (int8_t)c->out_zero, v->out_scale,
        (int8_t)vector_low(c), (int8_t)vector_high(c, v), 0, &op));
    TRY(xnn_setup_fully_connected_nc_qs8(op, 1, in, out, NULL));
    TRY(xnn_run_operator(op, NULL));
}

static void run_add(const struct vector_case *c, const struct vector *v, const int8_t *in,
                    const int8_t *in2, int8_t *out)
{
    const size_t shape[] = { 1, (size_t)c->h, (size_t)c->w, (size_t)c->c };
    xnn_operator_t op;

    TRY(xnn_create_add_nd_qs8((int8_t)c->in_zero, v->in_scale, (int8_t)c->in_zero, v->in2_scale,
                              (int8_t)c->out_zero, v->out_scale, (int8_t)vector_low(c),
                              (int8_t)vector_high(c, v), 0, &op));
    TRY(xnn_setup_add_nd_qs8(op, 4, shape, 4, shape, in, in2, out, NULL));
    TRY(xnn_run_operator(op, NULL));
}

static void run_mean(const struct vector_case *c, const struct vector *v, const int8_t *in,
                     int8_t *out)
{
    xnn_operator_t op;

    TRY(xnn_create_global_average_pooling_nwc_qs8(
        (size_t)c->c, (size_t)c->c, (size_t)c->c, (int8_t)c->in_zero, v->in_scale,
        (int8_t)c->out_zero, v->out_scale, -128, 127, 0, &op));
    TRY(xnn_setup_global_average_pooling_nwc_qs8(op, 1, (size_t)(c->h * c->w), in, out, NULL));
    TRY(xnn_run_operator(op, NULL));
}

static void run_max(const struct vector_case *c, const int8_t *in, int8_t *out)
{
    xnn_operator_t op;

    TRY(xnn_create_max_pooling2d_nhwc_s8(0, 0, 0, 0, (uint32_t)c->kh, (uint32_t)c->kw,
                                         (uint32_t)c->stride, (uint32_t)c->stride, 1, 1,
                                         (size_t)c->c, (size_t)c->c, (size_t)c->c, -128, 127,
                                         XNN_FLAG_TENSORFLOW_SAME_PADDING, &op));
    TRY(xnn_setup_max_pooling2d_nhwc_s8(op, 1, (size_t)c->h, (size_t)c->w, in, out, NULL));
    TRY(xnn_run_operator(op, NULL));
}

int main(void)
{
    TRY(xnn_initialize(NULL));
    printf("/* VECTOR(CRC-32 of all outputs, the first ones): made by xnnpack_vectors.c. */\n");
    for (size_t i = 0; i < sizeof vector_cases / sizeof *vector_cases; i++) {
        const struct vector_case *c = &vector_cases[i];
        struct vector v;
        vector_make(i, &v);
        int8_t *in = padded(v.in, v.in_count), *in2 = padded(v.in2, v.in2_count);
        int8_t *out = calloc(1, (size_t)v.out_count + XNN_EXTRA_BYTES);
        if (c->kind == VECTOR_CONV || c->kind == VECTOR_DEPTHWISE) {
            run_conv(c, &v, in, out);
        } else if (c->kind == VECTOR_DENSE) {
            run_dense(c, &v, in, out);
        } else if (c->kind == VECTOR_ADD) {
            run_add(c, &v, in, in2, out);
        } else if (c->kind == VECTOR_MEAN) {
            run_mean(c, &v, in, out);
        } else {
            run_max(c, in, out);
        }
        printf("VECTOR(0x%08x, { ", (unsigned)crc32_of(out, (size_t)v.out_count));
        for (int k = 0; k < VECTOR_FIRST; k++) {
            printf("%s%d", k > 0 ? ", " : "", k < v.out_count ? out[k] : 0);
        }
        printf(" })\n");
        free(in);
        free(in2);
        free(out);
        vector_release(&v);
    }
    return 0;
}
