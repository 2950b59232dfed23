/* Each operator in a model of its own, against values worked out here from real
 * numbers in double precision. All scales are powers of two, so that these are
 * exact and the comparison is for equality, ties included. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "nn/run.h"
#include "tflite_writer.h"

#define MOST 4096

/* A small model being built, and the values that its constants hold. */
struct rig {
    struct tflite_model model;
    uint32_t random;
    int8_t input[MOST];
    int8_t weights[MOST];
    int32_t bias[64];
    float scales[64];
    int8_t got[MOST];
};

static uint32_t next_random(struct rig *rig)
{
    rig->random = rig->random * 1664525u + 1013904223u;
    return rig->random >> 8;
}

static void rig_init(struct rig *rig, uint32_t seed)
{
    memset(rig, 0, sizeof(*rig));
    rig->random = seed;
    for (size_t i = 0; i < MOST; i++) {
        rig->input[i] = (int8_t)(next_random(rig) % 256 - 128);
        rig->weights[i] = (int8_t)(next_random(rig) % 255 - 127);
    }
    for (size_t i = 0; i < ARRAY_LEN(rig->bias); i++) {
        rig->bias[i] = (int32_t)(next_random(rig) % 4001) - 2000;
        rig->scales[i] = ldexpf(1, -(int)(next_random(rig) % 4) - 7);
    }
}

static struct tflite_tensor activation(int h, int w, int c, float scale, int zero_point)
{
    return (struct tflite_tensor){ TFLITE_INT8, 4, { 1, h, w, c }, scale, zero_point, NULL,
                                   0,           0, NULL,           0 };
}

static struct tflite_tensor int32_constant(int count, const int32_t *values)
{
    return (struct tflite_tensor){ TFLITE_INT32, 1, { count }, 0,      0,
                                   NULL,         0, 0,         values, (size_t)count * 4 };
}

/* Loads, runs on rig->input into rig->got; returns the MACs of operator 0. */
static uint64_t run_rig(struct rig *rig, const void *input, void *output)
{
    struct buf file = BUF_INIT;
    struct error err = { 0 };
    tflite_write(&rig->model, &file);
    struct nn_model *model = nn_model_parse(file.data, file.len, "rig", &err);
    if (!model) {
        fail_msg("%s", err.message);
    }
    struct nn_context *context = nn_context_new(model, &err);
    assert_non_null(context);
    nn_run(context, input, output);
    uint64_t macs = nn_model_op(model, 0)->macs;
    nn_context_free(context);
    nn_model_free(model);
    buf_release(&file);
    return macs;
}

static int8_t quantise(double real, double scale, int zero_point, double low, double high)
{
    real = fmin(fmax(real, low), high);
    double q = nearbyint(real / scale) + zero_point;
    return (int8_t)(q < -128 ? -128 : q > 127 ? 127 : q);
}

struct activation_case {
    int code;
    double low, high;
};

static const struct activation_case activations[] = {
    { 0, -HUGE_VAL, HUGE_VAL }, /* NONE */
    { 1, 0, HUGE_VAL },         /* RELU */
    { 2, -1, 1 },               /* RELU_N1_TO_1 */
    { 3, 0, 6 },                /* RELU6 */
};

enum { SAME = 0, VALID = 1 };

struct window_case {
    int h, w, c, out_c;
    int kh, kw, stride_h, stride_w, dilation, padding;
    int out_h, out_w, top, left; /* worked out by hand */
};

static const struct window_case conv_cases[] = {
    { 5, 5, 3, 4, 3, 3, 1, 1, 1, SAME, 5, 5, 1, 1 },
    { 6, 6, 2, 3, 3, 3, 2, 2, 1, SAME, 3, 3, 0, 0 }, /* the odd row goes behind */
    { 5, 7, 2, 3, 3, 3, 2, 2, 1, SAME, 3, 4, 1, 1 },
    { 7, 6, 1, 5, 1, 1, 2, 2, 1, SAME, 4, 3, 0, 0 },
    { 5, 4, 3, 2, 2, 3, 1, 1, 1, VALID, 4, 2, 0, 0 },
    { 7, 7, 2, 2, 3, 3, 1, 1, 2, SAME, 7, 7, 2, 2 },
    { 4, 4, 1, 2, 10, 4, 2, 2, 1, SAME, 2, 2, 4, 1 }, /* a window larger than the picture */
    { 9, 5, 2, 1, 3, 2, 3, 1, 2, VALID, 2, 3, 0, 0 },
    { 4, 6, 8, 7, 1, 1, 1, 1, 1, VALID, 4, 6, 0, 0 },
};

static const struct window_case depthwise_cases[] = {
    { 5, 5, 3, 3, 3, 3, 1, 1, 1, SAME, 5, 5, 1, 1 },
    { 8, 8, 1, 8, 3, 3, 2, 2, 1, SAME, 4, 4, 0, 0 }, /* grey input, multiplier 8 */
    { 6, 5, 2, 4, 3, 3, 1, 2, 1, VALID, 4, 2, 0, 0 },
    { 7, 7, 2, 2, 3, 3, 1, 1, 2, SAME, 7, 7, 2, 2 },
};

#define IN_SCALE 0.0625f
#define IN_ZERO (-7)
#define OUT_SCALE 0.125f
#define OUT_ZERO 11

static double input_at(const struct rig *rig, const struct window_case *t, int y, int x, int c)
{
    if (y < 0 || y >= t->h || x < 0 || x >= t->w) {
        return 0;
    }
    return (rig->input[(y * t->w + x) * t->c + c] - IN_ZERO) * (double)IN_SCALE;
}

static const struct {
    struct window_case window;
    int groups;
} grouped_cases[] = {
    { { 5, 5, 4, 6, 3, 3, 1, 1, 1, SAME, 5, 5, 1, 1 }, 2 },
    { { 6, 6, 3, 3, 3, 3, 2, 2, 1, SAME, 3, 3, 0, 0 }, 3 },
    { { 5, 4, 6, 3, 2, 3, 1, 1, 1, VALID, 4, 2, 0, 0 }, 3 },
    { { 7, 7, 4, 2, 3, 3, 1, 1, 2, SAME, 7, 7, 2, 2 }, 2 },
};

/* groups: 0 for DEPTHWISE. */
static double conv_at(const struct rig *rig, const struct window_case *t, int groups, int oy,
                      int ox, int oc)
{
    double scale = (double)rig->scales[oc], sum = rig->bias[oc] * (double)IN_SCALE * scale;
    for (int ky = 0; ky < t->kh; ky++) {
        for (int kx = 0; kx < t->kw; kx++) {
            int y = oy * t->stride_h - t->top + ky * t->dilation;
            int x = ox * t->stride_w - t->left + kx * t->dilation;
            if (groups == 0) {
                int w = rig->weights[(ky * t->kw + kx) * t->out_c + oc];
                sum += input_at(rig, t, y, x, oc / (t->out_c / t->c)) * w * scale;
                continue;
            }
            const int channels = t->c / groups, first = oc / (t->out_c / groups) * channels;
            for (int c = 0; c < channels; c++) {
                int w = rig->weights[((oc * t->kh + ky) * t->kw + kx) * channels + c];
                sum += input_at(rig, t, y, x, first + c) * w * scale;
            }
        }
    }
    return sum;
}

static void build_conv(struct rig *rig, const struct window_case *t, int groups, bool per_channel,
                       bool biased, int activation_code)
{
    const bool depthwise = groups == 0;
    struct tflite_model *m = &rig->model;
    struct tflite_tensor weights = { .type = TFLITE_INT8, .rank = 4, .data = rig->weights };
    int32_t dims[4] = { depthwise ? 1 : t->out_c, t->kh, t->kw,
                        depthwise ? t->out_c : t->c / groups };
    memcpy(weights.dims, dims, sizeof(dims));
    weights.bytes = (size_t)dims[0] * (size_t)dims[1] * (size_t)dims[2] * (size_t)dims[3];
    if (per_channel) {
        weights.scales = rig->scales;
        weights.scale_count = (size_t)t->out_c;
        weights.axis = depthwise ? 3 : 0;
    } else {
        weights.scale = rig->scales[0];
        for (int c = 1; c < t->out_c; c++) {
            rig->scales[c] = rig->scales[0];
        }
    }
    if (!biased) {
        memset(rig->bias, 0, sizeof(rig->bias));
    }
    m->input = tflite_add_tensor(m, activation(t->h, t->w, t->c, IN_SCALE, IN_ZERO));
    int32_t w = tflite_add_tensor(m, weights);
    int32_t b = biased ? tflite_add_tensor(m, int32_constant(t->out_c, rig->bias)) : -1;
    m->output = tflite_add_tensor(m, activation(t->out_h, t->out_w, t->out_c, OUT_SCALE, OUT_ZERO));
    struct tflite_op conv = { TFLITE_CONV,
                              { m->input, w, b },
                              3,
                              m->output,
                              { TFLITE_BYTE(t->padding), TFLITE_INT(t->stride_w),
                                TFLITE_INT(t->stride_h), TFLITE_BYTE(activation_code),
                                TFLITE_INT(t->dilation), TFLITE_INT(t->dilation) } };
    struct tflite_op dw = { TFLITE_DEPTHWISE,
                            { m->input, w, b },
                            3,
                            m->output,
                            { TFLITE_BYTE(t->padding), TFLITE_INT(t->stride_w),
                              TFLITE_INT(t->stride_h), TFLITE_INT(t->out_c / t->c),
                              TFLITE_BYTE(activation_code), TFLITE_INT(t->dilation),
                              TFLITE_INT(t->dilation) } };
    tflite_add_op(m, depthwise ? dw : conv);
}

static void check_conv(const struct window_case *t, int groups, int variant)
{
    struct rig rig;
    const struct activation_case *a = &activations[variant % 4];
    rig_init(&rig, (uint32_t)(variant + 1) * 77u);
    build_conv(&rig, t, groups, variant & 1, variant & 4, a->code);
    uint64_t macs = run_rig(&rig, rig.input, rig.got);
    assert_int_equal(macs, t->out_h * t->out_w * t->out_c * t->kh * t->kw *
                               (groups == 0 ? 1 : t->c / groups));
    const int8_t *got = rig.got;
    for (int y = 0; y < t->out_h; y++) {
        for (int x = 0; x < t->out_w; x++) {
            for (int c = 0; c < t->out_c; c++, got++) {
                int8_t want = quantise(conv_at(&rig, t, groups, y, x, c), (double)OUT_SCALE,
                                       OUT_ZERO, a->low, a->high);
                if (*got != want) {
                    fail_msg("%dx%dx%d variant %d at %d,%d,%d: %d, expected %d", t->h, t->w, t->c,
                             variant, y, x, c, *got, want);
                }
            }
        }
    }
}

static void conv_equals_real_arithmetic(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(conv_cases); i++) {
        for (int variant = 0; variant < 8; variant++) {
            check_conv(&conv_cases[i], 1, variant);
        }
    }
}

static void conv_in_groups_equals_real_arithmetic(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(grouped_cases); i++) {
        for (int variant = 0; variant < 8; variant++) {
            check_conv(&grouped_cases[i].window, grouped_cases[i].groups, variant);
        }
    }
}

static void groups_that_share_an_output_are_refused(void **state)
{
    static const struct window_case three = { 4, 4, 2, 3, 1, 1, 1, 1, 1, SAME, 4, 4, 0, 0 };
    struct rig rig;
    struct buf file = BUF_INIT;
    struct error err = { 0 };
    (void)state;
    rig_init(&rig, 1);
    build_conv(&rig, &three, 2, true, true, 0);
    tflite_write(&rig.model, &file);
    assert_null(nn_model_parse(file.data, file.len, "net", &err));
    assert_non_null(strstr(err.message, "3 output channels are not a multiple of 2 groups"));
    buf_release(&file);
}

static void depthwise_equals_real_arithmetic(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(depthwise_cases); i++) {
        for (int variant = 0; variant < 8; variant++) {
            check_conv(&depthwise_cases[i], 0, variant);
        }
    }
}

static void requantisation_rounds_ties_to_even(void **state)
{
    static const int8_t one = 1;
    static const int8_t input[] = { -3, -2, -1, 0, 1, 2, 3, 5 };
    static const int8_t want[] = { -2, -1, 0, 0, 0, 1, 2, 2 }; /* halves */
    int8_t got[8];
    struct rig rig;
    (void)state;
    rig_init(&rig, 1);
    struct tflite_model *m = &rig.model;
    m->input = tflite_add_tensor(m, activation(8, 1, 1, 1, 0));
    int32_t w = tflite_add_tensor(
        m, (struct tflite_tensor){ TFLITE_INT8, 4, { 1, 1, 1, 1 }, 1, 0, NULL, 0, 0, &one, 1 });
    m->output = tflite_add_tensor(m, activation(8, 1, 1, 2, 0));
    tflite_add_op(m, (struct tflite_op){ TFLITE_CONV,
                                         { m->input, w },
                                         2,
                                         m->output,
                                         { TFLITE_BYTE(VALID), TFLITE_INT(1), TFLITE_INT(1) } });
    run_rig(&rig, input, got);
    assert_memory_equal(got, want, sizeof(want));
}

/* One weight on one value, of each operator that has a bias: the sum of 32 bits
 * in steps of 2^-24, and where it has gone over an end, on from the other. */
static const struct wrap_case {
    int32_t bias;
    int8_t weight;
    int8_t input;
    int8_t wants;
} wraps[] = {
    { INT32_MAX, 0, 100, 127 }, /* a channel that was clipped and has no weights */
    { INT32_MIN, 0, 100, -128 },   { INT32_MAX, 1, -1, 127 },     { INT32_MAX, 1, 1, -128 },
    { INT32_MAX, 127, 127, -128 }, { INT32_MIN, 127, -127, 127 }, { INT32_MIN, -127, 127, 127 },
    { INT32_MIN, 127, 127, -128 }, { 0x40000000, 127, 127, 64 },
};

static void run_wrap(const struct wrap_case *t, int32_t code)
{
    static const int32_t picture[4] = { 1, 1, 1, 1 };
    struct rig rig = { .weights = { t->weight }, .bias = { t->bias } };
    struct tflite_tensor value = { .type = TFLITE_INT8, .rank = 4, .scale = 1 };
    struct tflite_op op = { .code = code, .input_count = 3 };
    value.rank = code == TFLITE_FULLY_CONNECTED ? 2 : 4;
    memcpy(value.dims, picture, sizeof(picture));
    rig.model.input = tflite_add_tensor(&rig.model, value);
    struct tflite_tensor weights = value;
    weights.data = rig.weights;
    weights.bytes = 1;
    op.inputs[0] = rig.model.input;
    op.inputs[1] = tflite_add_tensor(&rig.model, weights);
    op.inputs[2] = tflite_add_tensor(&rig.model, int32_constant(1, rig.bias));
    value.scale = 0x1p24f;
    op.output = rig.model.output = tflite_add_tensor(&rig.model, value);
    if (code != TFLITE_FULLY_CONNECTED) {
        op.options[1] = op.options[2] = (struct tflite_option)TFLITE_INT(1);
    }
    tflite_add_op(&rig.model, op);
    run_rig(&rig, &t->input, rig.got);
    if (rig.got[0] != t->wants) {
        fail_msg("operator %d: %d + %d * %d gives %d, not %d", code, t->bias, t->weight, t->input,
                 rig.got[0], t->wants);
    }
}

static void test_B9_a_clipped_bias_wraps_around(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wraps); i++) {
        run_wrap(&wraps[i], TFLITE_CONV);
        run_wrap(&wraps[i], TFLITE_DEPTHWISE);
        run_wrap(&wraps[i], TFLITE_FULLY_CONNECTED);
    }
}

static void fully_connected_takes_rows(void **state)
{
    enum { ROWS = 3, IN = 10, OUT = 5 };
    struct rig rig;
    (void)state;
    rig_init(&rig, 5);
    struct tflite_model *m = &rig.model;
    m->input = tflite_add_tensor(m, activation(1, ROWS, IN, IN_SCALE, IN_ZERO));
    int32_t w = tflite_add_tensor(
        m, (struct tflite_tensor){
               TFLITE_INT8, 2, { OUT, IN }, 0.0078125f, 0, NULL, 0, 0, rig.weights, OUT * IN });
    int32_t b = tflite_add_tensor(m, int32_constant(OUT, rig.bias));
    m->output = tflite_add_tensor(
        m, (struct tflite_tensor){
               TFLITE_INT8, 2, { ROWS, OUT }, OUT_SCALE, OUT_ZERO, NULL, 0, 0, NULL, 0 });
    tflite_add_op(
        m, (struct tflite_op){
               TFLITE_FULLY_CONNECTED, { m->input, w, b }, 3, m->output, { TFLITE_BYTE(0) } });
    assert_int_equal(run_rig(&rig, rig.input, rig.got), ROWS * IN * OUT);
    for (int r = 0; r < ROWS; r++) {
        for (int o = 0; o < OUT; o++) {
            int32_t sum = rig.bias[o];
            for (int i = 0; i < IN; i++) {
                sum += (rig.input[r * IN + i] - IN_ZERO) * rig.weights[o * IN + i];
            }
            double real = sum * (double)IN_SCALE * 0.0078125;
            assert_int_equal(rig.got[r * OUT + o],
                             quantise(real, (double)OUT_SCALE, OUT_ZERO, -HUGE_VAL, HUGE_VAL));
        }
    }
}

static const struct window_case pool_cases[] = {
    { 3, 3, 4, 4, 3, 3, 2, 2, 1, VALID, 1, 1, 0, 0 },
    { 5, 5, 2, 2, 2, 2, 2, 2, 1, SAME, 3, 3, 0, 0 },
    { 4, 7, 3, 3, 3, 3, 1, 2, 1, SAME, 4, 4, 1, 1 },
    { 8, 8, 2, 2, 8, 8, 8, 8, 1, VALID, 1, 1, 0, 0 },
};

static int8_t pool_at(const struct rig *rig, const struct window_case *t, bool max, int oy, int ox,
                      int c, const struct activation_case *a)
{
    double sum = 0, most = -HUGE_VAL;
    int count = 0;
    for (int ky = 0; ky < t->kh; ky++) {
        for (int kx = 0; kx < t->kw; kx++) {
            int y = oy * t->stride_h - t->top + ky, x = ox * t->stride_w - t->left + kx;
            if (y >= 0 && y < t->h && x >= 0 && x < t->w) {
                double value = input_at(rig, t, y, x, c);
                sum += value;
                most = fmax(most, value);
                count++;
            }
        }
    }
    return quantise(max ? most : sum / count, (double)IN_SCALE, IN_ZERO, a->low, a->high);
}

static void check_pool(const struct window_case *t, bool max, const struct activation_case *a)
{
    struct rig rig;
    rig_init(&rig, 9);
    struct tflite_model *m = &rig.model;
    m->input = tflite_add_tensor(m, activation(t->h, t->w, t->c, IN_SCALE, IN_ZERO));
    m->output = tflite_add_tensor(m, activation(t->out_h, t->out_w, t->c, IN_SCALE, IN_ZERO));
    tflite_add_op(m, (struct tflite_op){ max ? TFLITE_MAX_POOL : TFLITE_AVERAGE_POOL,
                                         { m->input },
                                         1,
                                         m->output,
                                         { TFLITE_BYTE(t->padding), TFLITE_INT(t->stride_w),
                                           TFLITE_INT(t->stride_h), TFLITE_INT(t->kw),
                                           TFLITE_INT(t->kh), TFLITE_BYTE(a->code) } });
    run_rig(&rig, rig.input, rig.got);
    const int8_t *got = rig.got;
    for (int y = 0; y < t->out_h; y++) {
        for (int x = 0; x < t->out_w; x++) {
            for (int c = 0; c < t->c; c++, got++) {
                assert_int_equal(*got, pool_at(&rig, t, max, y, x, c, a));
            }
        }
    }
}

static void pools_skip_what_is_outside(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(pool_cases); i++) {
        for (size_t a = 0; a < ARRAY_LEN(activations); a++) {
            check_pool(&pool_cases[i], false, &activations[a]);
            check_pool(&pool_cases[i], true, &activations[a]);
        }
    }
}

static void mean_is_over_the_picture(void **state)
{
    static const int32_t axes[] = { -2, 1 };
    (void)state;
    for (int keep = 0; keep < 2; keep++) {
        struct rig rig;
        rig_init(&rig, 4);
        struct tflite_model *m = &rig.model;
        m->input = tflite_add_tensor(m, activation(4, 2, 3, IN_SCALE, IN_ZERO));
        int32_t a = tflite_add_tensor(m, int32_constant(2, axes));
        struct tflite_tensor out = activation(1, 1, 3, OUT_SCALE, OUT_ZERO);
        if (!keep) {
            out.rank = 2;
            out.dims[1] = 3;
        }
        m->output = tflite_add_tensor(m, out);
        tflite_add_op(m, (struct tflite_op){
                             TFLITE_MEAN, { m->input, a }, 2, m->output, { TFLITE_BYTE(keep) } });
        run_rig(&rig, rig.input, rig.got);
        for (int c = 0; c < 3; c++) {
            double sum = 0;
            for (int i = 0; i < 8; i++) {
                sum += (rig.input[i * 3 + c] - IN_ZERO) * (double)IN_SCALE;
            }
            assert_int_equal(rig.got[c],
                             quantise(sum / 8, (double)OUT_SCALE, OUT_ZERO, -HUGE_VAL, HUGE_VAL));
        }
    }
}

/* A sum's ties go up; the activation's ends are no ties. */
static int8_t quantise_sum(double real, const struct activation_case *a)
{
    double up = floor(real / (double)OUT_SCALE + 0.5) * (double)OUT_SCALE;
    return quantise(up, (double)OUT_SCALE, OUT_ZERO, a->low, a->high);
}

/* The second operand is a constant of another quantisation. */
static void add_brings_both_to_one_scale(void **state)
{
    enum { COUNT = 2 * 3 * 4 };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(activations); i++) {
        const struct activation_case *a = &activations[i];
        struct rig rig;
        rig_init(&rig, 21);
        struct tflite_model *m = &rig.model;
        m->input = tflite_add_tensor(m, activation(2, 3, 4, IN_SCALE, IN_ZERO));
        struct tflite_tensor other = activation(2, 3, 4, 0.03125f, 5);
        other.data = rig.weights;
        other.bytes = COUNT;
        int32_t b = tflite_add_tensor(m, other);
        m->output = tflite_add_tensor(m, activation(2, 3, 4, OUT_SCALE, OUT_ZERO));
        tflite_add_op(m, (struct tflite_op){
                             TFLITE_ADD, { m->input, b }, 2, m->output, { TFLITE_BYTE(a->code) } });
        run_rig(&rig, rig.input, rig.got);
        for (int k = 0; k < COUNT; k++) {
            double real =
                (rig.input[k] - IN_ZERO) * (double)IN_SCALE + (rig.weights[k] - 5) * 0.03125;
            assert_int_equal(rig.got[k], quantise_sum(real, a));
        }
    }
}

/* Every pair of values, at scales that are no powers of two: the multipliers
 * have 20 bits behind the point that the larger factor, 0.7, is below. */
static void add_is_in_fixed_point(void **state)
{
    enum { SIDE = 256 };
    static int8_t a[SIDE * SIDE], b[SIDE * SIDE], got[SIDE * SIDE];
    const float scales[] = { 0.35f, 0.11f }, out_scale = 0.5f;
    const double one = 1 << 21;
    struct rig rig;
    (void)state;
    for (int i = 0; i < SIDE * SIDE; i++) {
        a[i] = (int8_t)(i / SIDE - 128);
        b[i] = (int8_t)(i % SIDE - 128);
    }
    rig_init(&rig, 1);
    struct tflite_model *m = &rig.model;
    m->input = tflite_add_tensor(m, activation(SIDE, SIDE, 1, scales[0], -7));
    struct tflite_tensor other = activation(SIDE, SIDE, 1, scales[1], 100);
    other.data = b;
    other.bytes = sizeof(b);
    int32_t constant = tflite_add_tensor(m, other);
    m->output = tflite_add_tensor(m, activation(SIDE, SIDE, 1, out_scale, 3));
    tflite_add_op(m, (struct tflite_op){
                         TFLITE_ADD, { m->input, constant }, 2, m->output, { TFLITE_BYTE(0) } });
    run_rig(&rig, a, got);
    double ma = nearbyint((double)(scales[0] / out_scale) * one);
    double mb = nearbyint((double)(scales[1] / out_scale) * one);
    for (int i = 0; i < SIDE * SIDE; i++) {
        double q = floor(((a[i] + 7) * ma + (b[i] - 100) * mb) / one + 0.5) + 3;
        assert_int_equal(got[i], q < -128 ? -128 : q > 127 ? 127 : (int)q);
    }
}

static void pad_writes_the_zero_point(void **state)
{
    static const int32_t amounts[] = { 0, 0, 1, 2, 3, 0, 0, 1 };
    struct rig rig;
    (void)state;
    rig_init(&rig, 2);
    struct tflite_model *m = &rig.model;
    m->input = tflite_add_tensor(m, activation(2, 3, 2, IN_SCALE, IN_ZERO));
    struct tflite_tensor pads = int32_constant(8, amounts);
    pads.rank = 2;
    pads.dims[0] = 4;
    pads.dims[1] = 2;
    int32_t p = tflite_add_tensor(m, pads);
    m->output = tflite_add_tensor(m, activation(5, 6, 3, IN_SCALE, IN_ZERO));
    tflite_add_op(m, (struct tflite_op){ TFLITE_PAD, { m->input, p }, 2, m->output, { { 0 } } });
    run_rig(&rig, rig.input, rig.got);
    const int8_t *got = rig.got;
    for (int y = 0; y < 5; y++) {
        for (int x = 0; x < 6; x++) {
            for (int c = 0; c < 3; c++, got++) {
                bool inside = y >= 1 && y < 3 && x >= 3 && c < 2;
                int want = inside ? rig.input[((y - 1) * 3 + x - 3) * 2 + c] : IN_ZERO;
                assert_int_equal(*got, want);
            }
        }
    }
}

static void transpose_moves_channels_last(void **state)
{
    static const int32_t order[] = { 0, 2, 3, 1 };
    struct rig rig;
    (void)state;
    rig_init(&rig, 3);
    struct tflite_model *m = &rig.model;
    m->input = tflite_add_tensor(m, activation(3, 4, 5, IN_SCALE, IN_ZERO));
    int32_t o = tflite_add_tensor(m, int32_constant(4, order));
    m->output = tflite_add_tensor(m, activation(4, 5, 3, IN_SCALE, IN_ZERO));
    tflite_add_op(m,
                  (struct tflite_op){ TFLITE_TRANSPOSE, { m->input, o }, 2, m->output, { { 0 } } });
    run_rig(&rig, rig.input, rig.got);
    for (int c = 0; c < 3; c++) {
        for (int y = 0; y < 4; y++) {
            for (int x = 0; x < 5; x++) {
                assert_int_equal(rig.got[(y * 5 + x) * 3 + c], rig.input[(c * 4 + y) * 5 + x]);
            }
        }
    }
}

static void reshape_keeps_the_values(void **state)
{
    static const int32_t shape[] = { -1, 6 };
    (void)state;
    for (int operands = 1; operands <= 2; operands++) {
        struct rig rig;
        rig_init(&rig, 3);
        struct tflite_model *m = &rig.model;
        m->input = tflite_add_tensor(m, activation(2, 3, 4, IN_SCALE, IN_ZERO));
        int32_t s = tflite_add_tensor(m, int32_constant(2, shape));
        m->output = tflite_add_tensor(
            m, (struct tflite_tensor){
                   TFLITE_INT8, 2, { 4, 6 }, IN_SCALE, IN_ZERO, NULL, 0, 0, NULL, 0 });
        tflite_add_op(m, (struct tflite_op){
                             TFLITE_RESHAPE, { m->input, s }, operands, m->output, { { 0 } } });
        run_rig(&rig, rig.input, rig.got);
        assert_memory_equal(rig.got, rig.input, 24);
    }
}

static void softmax_is_within_rounding(void **state)
{
    struct rig rig;
    (void)state;
    rig_init(&rig, 8);
    struct tflite_model *m = &rig.model;
    m->input = tflite_add_tensor(m, activation(1, 2, 5, IN_SCALE, IN_ZERO));
    m->output = tflite_add_tensor(m, activation(1, 2, 5, 1 / 256.0f, -128));
    tflite_add_op(m, (struct tflite_op){
                         TFLITE_SOFTMAX, { m->input }, 1, m->output, { TFLITE_FLOAT(0.5f) } });
    run_rig(&rig, rig.input, rig.got);
    for (int row = 0; row < 2; row++) {
        double sum = 0;
        for (int i = 0; i < 5; i++) {
            sum += exp(0.5 * (double)IN_SCALE * rig.input[row * 5 + i]);
        }
        for (int i = 0; i < 5; i++) {
            double p = exp(0.5 * (double)IN_SCALE * rig.input[row * 5 + i]) / sum;
            double real = (rig.got[row * 5 + i] + 128) / 256.0;
            assert_true(fabs(real - p) <= 0.5 / 256 + 1e-9 || p > 255.5 / 256);
        }
    }
}

static void concatenation_rescales_where_it_must(void **state)
{
    struct rig rig;
    (void)state;
    rig_init(&rig, 12);
    struct tflite_model *m = &rig.model;
    m->input = tflite_add_tensor(m, activation(2, 2, 3, IN_SCALE, IN_ZERO));
    struct tflite_tensor other = activation(2, 2, 2, 0.25f, 9);
    other.data = rig.weights;
    other.bytes = 8;
    int32_t b = tflite_add_tensor(m, other);
    m->output = tflite_add_tensor(m, activation(2, 2, 5, IN_SCALE, IN_ZERO));
    tflite_add_op(m, (struct tflite_op){ TFLITE_CONCATENATION,
                                         { m->input, b },
                                         2,
                                         m->output,
                                         { TFLITE_INT(-1), TFLITE_BYTE(0) } });
    run_rig(&rig, rig.input, rig.got);
    for (int p = 0; p < 4; p++) {
        for (int c = 0; c < 5; c++) {
            int want = c < 3 ? rig.input[p * 3 + c]
                             : quantise((rig.weights[p * 2 + c - 3] - 9) * 0.25, (double)IN_SCALE,
                                        IN_ZERO, -HUGE_VAL, HUGE_VAL);
            assert_int_equal(rig.got[p * 5 + c], want);
        }
    }
}

static void concatenation_of_rows(void **state)
{
    struct rig rig;
    (void)state;
    rig_init(&rig, 12);
    struct tflite_model *m = &rig.model;
    m->input = tflite_add_tensor(m, activation(2, 2, 3, IN_SCALE, IN_ZERO));
    m->output = tflite_add_tensor(m, activation(4, 2, 3, IN_SCALE, IN_ZERO));
    tflite_add_op(
        m, (struct tflite_op){
               TFLITE_CONCATENATION, { m->input, m->input }, 2, m->output, { TFLITE_INT(1) } });
    run_rig(&rig, rig.input, rig.got);
    assert_memory_equal(rig.got, rig.input, 12);
    assert_memory_equal(rig.got + 12, rig.input, 12);
}

/* float32 -> QUANTIZE -> int8 -> QUANTIZE -> uint8 -> DEQUANTIZE -> float32 */
static void quantisation_at_the_ends(void **state)
{
    static const float input[] = { 0, 1.26f, -1.26f, 0.125f, 0.375f, 1e30f, -1e30f, (float)NAN };
    /* steps of 0.25 with zero point 2; ties to even; NaN is 0 */
    static const double want[] = { 0, 1.25, -1.25, 0, 0.5, 31.25, -32.5, 0 };
    float got[8];
    struct rig rig;
    (void)state;
    rig_init(&rig, 1);
    struct tflite_model *m = &rig.model;
    struct tflite_tensor t = { .type = TFLITE_FLOAT32, .rank = 2, .dims = { 1, 8 } };
    m->input = tflite_add_tensor(m, t);
    m->output = tflite_add_tensor(m, t);
    t.type = TFLITE_INT8;
    t.scale = 0.25f;
    t.zero_point = 2;
    int32_t a = tflite_add_tensor(m, t);
    t.type = TFLITE_UINT8;
    t.zero_point = 130;
    int32_t b = tflite_add_tensor(m, t);
    tflite_add_op(m, (struct tflite_op){ TFLITE_QUANTIZE, { m->input }, 1, a, { { 0 } } });
    tflite_add_op(m, (struct tflite_op){ TFLITE_QUANTIZE, { a }, 1, b, { { 0 } } });
    tflite_add_op(m, (struct tflite_op){ TFLITE_DEQUANTIZE, { b }, 1, m->output, { { 0 } } });
    run_rig(&rig, input, got);
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        assert_true((double)got[i] == want[i]);
    }
}

/* A model of one operator that must not load: its input is 1×4×4×2 int8, its
 * second operand `values` or 1×1×1×3 weights, and the output as said. */
struct refusal {
    const char *says;
    int32_t code;
    int operands;
    int32_t values[8];
    int count;
    int32_t out[4];
    int out_rank;
    struct tflite_option options[6];
};

static const struct refusal refusals[] = {
    { "dimension 2 comes from dimension 1",
      TFLITE_TRANSPOSE,
      2,
      { 0, 1, 1, 3 },
      4,
      { 1, 4, 4, 2 },
      4,
      { { 0 } } },
    { "dimension 3 comes from dimension 4",
      TFLITE_TRANSPOSE,
      2,
      { 0, 1, 2, 4 },
      4,
      { 1, 4, 4, 2 },
      4,
      { { 0 } } },
    { "declared as [1, 4, 4, 2], but its operands make it [1, 2, 4, 4]",
      TFLITE_TRANSPOSE,
      2,
      { 0, 3, 1, 2 },
      4,
      { 1, 4, 4, 2 },
      4,
      { { 0 } } },
    { "operand 1: has 3 values of int32; expected 4",
      TFLITE_TRANSPOSE,
      2,
      { 0, 1, 2 },
      3,
      { 1, 4, 4, 2 },
      4,
      { { 0 } } },
    { "the input has 32 elements, but the output has 30",
      TFLITE_RESHAPE,
      1,
      { 0 },
      0,
      { 1, 30 },
      2,
      { { 0 } } },
    { "dimension 1 should be 16, but the output has 32",
      TFLITE_RESHAPE,
      2,
      { -1, 16 },
      2,
      { 1, 32 },
      2,
      { { 0 } } },
    { "dimension 1 is padded by -1 and 0",
      TFLITE_PAD,
      2,
      { 0, 0, -1, 0, 0, 0, 0, 0 },
      8,
      { 1, 3, 4, 2 },
      4,
      { { 0 } } },
    { "dimension 1 is padded by 2147483647 and 0",
      TFLITE_PAD,
      2,
      { 0, 0, INT32_MAX, 0, 0, 0, 0, 0 },
      8,
      { 1, 3, 4, 2 },
      4,
      { { 0 } } },
    { "its operands make it [1, 5, 4, 2]",
      TFLITE_PAD,
      2,
      { 0, 0, 1, 0, 0, 0, 0, 0 },
      8,
      { 1, 4, 4, 2 },
      4,
      { { 0 } } },
    { "a mean over axes 1 and 3", TFLITE_MEAN, 2, { 1, 3 }, 2, { 1, 4 }, 2, { { 0 } } },
    { "a mean over axes 2 and 2", TFLITE_MEAN, 2, { 2, 2 }, 2, { 1, 2 }, 2, { { 0 } } },
    { "add up to 4 along axis 3, but the output has 5",
      TFLITE_CONCATENATION,
      2,
      { 0 },
      -1,
      { 1, 4, 4, 5 },
      4,
      { TFLITE_INT(3) } },
    { "input 0 does not fit",
      TFLITE_CONCATENATION,
      2,
      { 0 },
      -1,
      { 1, 4, 3, 4 },
      4,
      { TFLITE_INT(3) } },
    { "axis 4 does not exist among 4",
      TFLITE_CONCATENATION,
      2,
      { 0 },
      -1,
      { 1, 4, 4, 4 },
      4,
      { TFLITE_INT(4) } },
    { "a fused activation",
      TFLITE_CONCATENATION,
      2,
      { 0 },
      -1,
      { 1, 4, 4, 4 },
      4,
      { TFLITE_INT(3), TFLITE_BYTE(1) } },
    { "3 output channels are not a multiple of 2 input channels",
      TFLITE_DEPTHWISE,
      2,
      { 0 },
      0,
      { 1, 4, 4, 3 },
      4,
      { TFLITE_BYTE(0), TFLITE_INT(1), TFLITE_INT(1), TFLITE_INT(1) } },
    { "the weights have 3 input channels, but the input has 2",
      TFLITE_CONV,
      2,
      { 0 },
      0,
      { 1, 4, 4, 1 },
      4,
      { TFLITE_BYTE(0), TFLITE_INT(1), TFLITE_INT(1) } },
    { "weights of 4 dimensions", TFLITE_FULLY_CONNECTED, 2, { 0 }, 0, { 16, 1 }, 2, { { 0 } } },
    { "a window over 5 does not fit into an input of 4",
      TFLITE_MAX_POOL,
      1,
      { 0 },
      0,
      { 1, 1, 1, 2 },
      4,
      { TFLITE_BYTE(1), TFLITE_INT(1), TFLITE_INT(1), TFLITE_INT(4), TFLITE_INT(5) } },
    { "window 0",
      TFLITE_AVERAGE_POOL,
      1,
      { 0 },
      0,
      { 1, 4, 4, 2 },
      4,
      { TFLITE_BYTE(0), TFLITE_INT(1), TFLITE_INT(1), TFLITE_INT(0), TFLITE_INT(1) } },
    { "window 5000",
      TFLITE_AVERAGE_POOL,
      1,
      { 0 },
      0,
      { 1, 4, 4, 2 },
      4,
      { TFLITE_BYTE(0), TFLITE_INT(1), TFLITE_INT(1), TFLITE_INT(5000), TFLITE_INT(1) } },
    { "2 operands and 1 outputs, 1 to 1",
      TFLITE_SOFTMAX,
      2,
      { 0 },
      0,
      { 1, 4, 4, 2 },
      4,
      { TFLITE_FLOAT(1) } },
    { "the inputs have different shapes",
      TFLITE_ADD,
      2,
      { 0 },
      0,
      { 1, 4, 4, 2 },
      4,
      { TFLITE_BYTE(0) } },
};

/* count > 0: int32 values; 0: the weights; -1: the input once more. */
static int32_t second_operand(struct rig *rig, const struct refusal *r)
{
    if (r->count < 0) {
        return rig->model.input;
    }
    if (r->count > 0) {
        return tflite_add_tensor(&rig->model, int32_constant(r->count, r->values));
    }
    struct tflite_tensor weights = activation(1, 1, 3, 1, 0);
    weights.data = rig->weights;
    weights.bytes = 3;
    return tflite_add_tensor(&rig->model, weights);
}

static void operands_that_disagree_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        const struct refusal *r = &refusals[i];
        struct rig rig;
        struct buf file = BUF_INIT;
        struct error err = { 0 };
        rig_init(&rig, 1);
        struct tflite_tensor out = activation(0, 0, 0, 1, 0);
        out.rank = r->out_rank;
        memcpy(out.dims, r->out, sizeof(r->out));
        rig.model.input = tflite_add_tensor(&rig.model, activation(4, 4, 2, 1, 0));
        rig.model.output = tflite_add_tensor(&rig.model, out);
        struct tflite_op op = { r->code,
                                { rig.model.input, second_operand(&rig, r) },
                                r->operands,
                                rig.model.output,
                                { { 0 } } };
        memcpy(op.options, r->options, sizeof(r->options));
        tflite_add_op(&rig.model, op);
        tflite_write(&rig.model, &file);
        if (nn_model_parse(file.data, file.len, "rig", &err)) {
            fail_msg("loaded in spite of: %s", r->says);
        }
        if (!strstr(err.message, r->says)) {
            fail_msg("'%s' does not say '%s'", err.message, r->says);
        }
        buf_release(&file);
    }
}

static void a_mean_has_a_limit(void **state)
{
    static const int32_t axes[] = { 1, 2 };
    struct rig rig;
    struct buf file = BUF_INIT;
    struct error err = { 0 };
    (void)state;
    rig_init(&rig, 1);
    struct tflite_model *m = &rig.model;
    m->input = tflite_add_tensor(m, activation(1 << 12, 1 << 12, 1, 1, 0));
    int32_t a = tflite_add_tensor(m, int32_constant(2, axes));
    m->output = tflite_add_tensor(m, activation(1, 1, 1, 1, 0));
    tflite_add_op(
        m, (struct tflite_op){ TFLITE_MEAN, { m->input, a }, 2, m->output, { TFLITE_BYTE(1) } });
    tflite_write(m, &file);
    assert_null(nn_model_parse(file.data, file.len, "rig", &err));
    assert_non_null(strstr(err.message, "a mean over 16777216 values"));
    buf_release(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conv_equals_real_arithmetic),
        cmocka_unit_test(conv_in_groups_equals_real_arithmetic),
        cmocka_unit_test(groups_that_share_an_output_are_refused),
        cmocka_unit_test(depthwise_equals_real_arithmetic),
        cmocka_unit_test(requantisation_rounds_ties_to_even),
        cmocka_unit_test(test_B9_a_clipped_bias_wraps_around),
        cmocka_unit_test(fully_connected_takes_rows),
        cmocka_unit_test(pools_skip_what_is_outside),
        cmocka_unit_test(mean_is_over_the_picture),
        cmocka_unit_test(add_brings_both_to_one_scale),
        cmocka_unit_test(add_is_in_fixed_point),
        cmocka_unit_test(pad_writes_the_zero_point),
        cmocka_unit_test(transpose_moves_channels_last),
        cmocka_unit_test(reshape_keeps_the_values),
        cmocka_unit_test(softmax_is_within_rounding),
        cmocka_unit_test(concatenation_rescales_where_it_must),
        cmocka_unit_test(concatenation_of_rows),
        cmocka_unit_test(quantisation_at_the_ends),
        cmocka_unit_test(operands_that_disagree_are_refused),
        cmocka_unit_test(a_mean_has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
