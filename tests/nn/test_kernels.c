/* Every instruction set that this machine has against the reference kernels, bit
 * for bit: models of one operator (or PAD and one), over tables of shapes and
 * random shapes, each with several quantisations and kinds of weights. It takes long. */
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

enum { SAME = 0, VALID = 1 };

/* Under a sanitizer fewer random shapes do. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ROUNDS 40
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ROUNDS 40
#endif
#endif
#ifndef ROUNDS
#define ROUNDS 400
#endif

static uint32_t random_state = 1;
static size_t outputs_compared;

static uint32_t next_random(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return random_state >> 8;
}

static int between(int low, int high)
{
    return low + (int)(next_random() % (uint32_t)(high - low + 1));
}

static int pick(const int *values, size_t count)
{
    return values[next_random() % count];
}

/* How values are drawn: all alike, at the ends of their range, or anywhere. */
enum fill { FILL_ANY, FILL_ENDS, FILL_LOWEST, FILL_HIGHEST, FILL_SMALL, FILL_COUNT };

static int8_t *draw(size_t count, enum fill fill, int lowest)
{
    int8_t *values = mem_array(count, 1);
    assert_non_null(values);
    for (size_t i = 0; i < count; i++) {
        int ends = next_random() % 2 ? 127 : lowest;
        values[i] = (int8_t)(fill == FILL_ANY       ? between(lowest, 127)
                             : fill == FILL_ENDS    ? ends
                             : fill == FILL_LOWEST  ? lowest
                             : fill == FILL_HIGHEST ? 127
                                                    : between(-3, 3));
    }
    return values;
}

/* Runs twice on each instruction set: what the first run leaves behind must not
 * matter. `what` describes the model in messages. */
static void compare(const struct tflite_model *net, const char *what)
{
    struct buf file = BUF_INIT;
    struct error err = { 0 };
    tflite_write(net, &file);
    const struct nn_isa *reference = nn_isa_by_name("reference");
    const struct nn_model_options plain = { .isa = reference, .unfolded = true };
    struct nn_model *model = nn_model_parse_with(file.data, file.len, "net", &plain, &err);
    if (!model) {
        fail_msg("%s: %s", what, err.message);
    }
    struct nn_context *context = nn_context_new(model, &err);
    size_t in_bytes = nn_model_input(model)->bytes, count = nn_model_output(model)->bytes;
    int8_t *want = mem_array(count, 1), *got = mem_array(count, 1);
    assert_true(context && want && got);
    for (size_t k = 0; k < nn_isa_count(); k++) {
        const struct nn_isa *isa = nn_isa_at(k);
        if (!nn_isa_available(isa)) {
            continue;
        }
        const struct nn_model_options options = { .isa = isa };
        struct nn_model *fast = nn_model_parse_with(file.data, file.len, "net", &options, &err);
        struct nn_context *fast_context = fast ? nn_context_new(fast, &err) : NULL;
        assert_non_null(fast_context);
        for (int round = 0; round < 2; round++) {
            int8_t *input = draw(in_bytes, round ? FILL_ANY : next_random() % FILL_COUNT, -128);
            nn_run(context, input, want);
            nn_run(fast_context, input, got);
            for (size_t i = 0; i < count; i++) {
                if (want[i] != got[i]) {
                    fail_msg("%s, %s: output %zu of %zu is %d, not %d", nn_isa_name(isa), what, i,
                             count, got[i], want[i]);
                }
            }
            outputs_compared += count;
            free(input);
        }
        nn_context_free(fast_context);
        nn_model_free(fast);
    }
    free(want);
    free(got);
    nn_context_free(context);
    nn_model_free(model);
    buf_release(&file);
}

/* ------------------------------------------------------------ convolutions */

struct window_case {
    int h, w, c, out_c; /* out_c: of CONV; of DEPTHWISE the multiplier */
    int kh, kw, stride_h, stride_w, dilation, padding;
    int before, after; /* of a PAD in front; 0: none */
};

static const int zero_points[] = { -128, -128, 0, 127, -1, 4, 37, -77 };
static const int activations[] = { 0, 0, 1, 1, 2, 3 };

static struct tflite_tensor activation(int h, int w, int c, float scale, int zero_point)
{
    return (struct tflite_tensor){ .type = TFLITE_INT8,
                                   .rank = 4,
                                   .dims = { 1, h, w, c },
                                   .scale = scale,
                                   .zero_point = zero_point };
}

static int out_size(int in, int kernel, int stride, int dilation, int padding)
{
    int reach = (kernel - 1) * dilation + 1;
    return padding == SAME ? (in + stride - 1) / stride : (in - reach) / stride + 1;
}

/* The constants of a convolution over `taps` values for each of `channels`. */
struct constants {
    int8_t *weights;
    int32_t *bias;
    float *scales;
    float out_scale;
    int zero_point;
};

/* Set: each bias is within reach of the ends of 32 bits. */
static bool at_the_ends;

static struct constants draw_constants(int channels, int taps, float in_scale)
{
    const enum fill fill = next_random() % 3 ? FILL_ANY : next_random() % FILL_COUNT;
    const bool tiny = next_random() % 16 == 0, huge = next_random() % 16 == 0;
    struct constants k = { .weights = draw((size_t)channels * (size_t)taps, fill, -128),
                           .bias = mem_array((size_t)channels, 4),
                           .scales = mem_array((size_t)channels, sizeof(float)),
                           .zero_point = pick(zero_points, ARRAY_LEN(zero_points)) };
    assert_true(k.bias && k.scales);
    float spread = 74.0f * 74.0f * sqrtf((float)taps) / 60.0f;
    for (int i = 0; i < channels; i++) {
        k.bias[i] = between(-4000, 4000) * (fill == FILL_SMALL ? 1 : 10);
        k.scales[i] = ldexpf((float)between(50, 100) / 100.0f, -7);
        if (at_the_ends) {
            int32_t within = between(0, 3) * (taps * between(0, 20000));
            k.bias[i] = next_random() % 2 ? INT32_MAX - within : INT32_MIN + within;
        }
    }
    k.out_scale = in_scale * spread / 128.0f * (tiny ? 1000.0f : huge ? 1e-4f : 1.0f);
    k.out_scale = at_the_ends ? ldexpf(in_scale, -7 + 24) : k.out_scale;
    return k;
}

static void release_constants(struct constants *k)
{
    free(k->weights);
    free(k->bias);
    free(k->scales);
}

/* Weights of these dimensions, quantised along `axis` or per tensor; bias. */
static void add_constants(struct tflite_model *net, const struct constants *k, const int dims[4],
                          int rank, int axis, int32_t operands[2])
{
    struct tflite_tensor weights = { .type = TFLITE_INT8, .rank = rank, .axis = axis };
    size_t elements = 1;
    for (int d = 0; d < rank; d++) {
        weights.dims[d] = dims[d];
        elements *= (size_t)dims[d];
    }
    weights.data = k->weights;
    weights.bytes = elements;
    if (dims[axis] > 1 && next_random() % 4) {
        weights.scales = k->scales;
        weights.scale_count = (size_t)dims[axis];
    } else {
        weights.scale = k->scales[0];
    }
    operands[0] = tflite_add_tensor(net, weights);
    operands[1] = -1;
    if (next_random() % 4) {
        operands[1] =
            tflite_add_tensor(net, (struct tflite_tensor){ .type = TFLITE_INT32,
                                                           .rank = 1,
                                                           .dims = { dims[axis] },
                                                           .data = k->bias,
                                                           .bytes = 4 * (size_t)dims[axis] });
    }
}

/* The input, and a PAD behind it when there is one; h and w grow with it. */
static int32_t add_input(struct tflite_model *net, const struct window_case *c, float scale, int *h,
                         int *w)
{
    static int32_t amounts[8];
    const int zero_point = pick(zero_points, ARRAY_LEN(zero_points));
    net->input = tflite_add_tensor(net, activation(c->h, c->w, c->c, scale, zero_point));
    *h = c->h + c->before + c->after;
    *w = c->w + c->before + c->after;
    if (c->before + c->after == 0) {
        return net->input;
    }
    amounts[2] = amounts[4] = c->before;
    amounts[3] = amounts[5] = c->after;
    int32_t constant = tflite_add_tensor(net, (struct tflite_tensor){ .type = TFLITE_INT32,
                                                                      .rank = 2,
                                                                      .dims = { 4, 2 },
                                                                      .data = amounts,
                                                                      .bytes = sizeof(amounts) });
    int32_t out = tflite_add_tensor(net, activation(*h, *w, c->c, scale, zero_point));
    tflite_add_op(net, (struct tflite_op){ .code = TFLITE_PAD,
                                           .inputs = { net->input, constant },
                                           .input_count = 2,
                                           .output = out });
    return out;
}

/* groups: 0 for DEPTHWISE. */
static void run_window(const struct window_case *c, int groups)
{
    struct tflite_model net = { 0 };
    const float in_scale = 0.02f;
    const bool depthwise = groups == 0;
    const int channels = depthwise ? c->c * c->out_c : c->out_c;
    const int taps = c->kh * c->kw * (depthwise ? 1 : c->c / groups);
    const int act = pick(activations, ARRAY_LEN(activations));
    int h, w;
    char what[200];
    struct constants k = draw_constants(channels, taps, in_scale);
    int32_t in = add_input(&net, c, in_scale, &h, &w), operands[2];
    const int conv_dims[4] = { channels, c->kh, c->kw, depthwise ? 1 : c->c / groups };
    const int depthwise_dims[4] = { 1, c->kh, c->kw, channels };
    add_constants(&net, &k, depthwise ? depthwise_dims : conv_dims, 4, depthwise ? 3 : 0, operands);
    net.output =
        tflite_add_tensor(&net, activation(out_size(h, c->kh, c->stride_h, c->dilation, c->padding),
                                           out_size(w, c->kw, c->stride_w, c->dilation, c->padding),
                                           channels, k.out_scale, k.zero_point));
    struct tflite_op op = { .code = depthwise ? TFLITE_DEPTHWISE : TFLITE_CONV,
                            .inputs = { in, operands[0], operands[1] },
                            .input_count = 3,
                            .output = net.output };
    const struct tflite_option conv_options[8] = {
        TFLITE_BYTE(c->padding), TFLITE_INT(c->stride_w), TFLITE_INT(c->stride_h),
        TFLITE_BYTE(act),        TFLITE_INT(c->dilation), TFLITE_INT(c->dilation),
    };
    const struct tflite_option depthwise_options[8] = {
        TFLITE_BYTE(c->padding), TFLITE_INT(c->stride_w), TFLITE_INT(c->stride_h),
        TFLITE_INT(c->out_c),    TFLITE_BYTE(act),        TFLITE_INT(c->dilation),
        TFLITE_INT(c->dilation),
    };
    memcpy(op.options, depthwise ? depthwise_options : conv_options, sizeof(op.options));
    tflite_add_op(&net, op);
    snprintf(
        what, sizeof(what),
        "%s %dx%dx%d to %d, groups %d, kernel %dx%d, stride %dx%d, dilation %d, %s, pad %d %d, "
        "act %d",
        depthwise ? "depthwise" : "conv", c->h, c->w, c->c, channels, groups, c->kh, c->kw,
        c->stride_h, c->stride_w, c->dilation, c->padding == SAME ? "SAME" : "VALID", c->before,
        c->after, act);
    compare(&net, what);
    release_constants(&k);
}

static const struct window_case conv_cases[] = {
    { 32, 32, 3, 16, 3, 3, 1, 1, 1, SAME, 0, 0 },  { 32, 32, 16, 16, 3, 3, 1, 1, 1, SAME, 0, 0 },
    { 32, 32, 16, 32, 3, 3, 2, 2, 1, SAME, 0, 0 }, { 8, 8, 64, 64, 3, 3, 1, 1, 1, SAME, 0, 0 },
    { 16, 16, 32, 64, 1, 1, 2, 2, 1, SAME, 0, 0 }, { 96, 96, 3, 8, 3, 3, 2, 2, 1, SAME, 0, 0 },
    { 64, 64, 3, 32, 3, 3, 2, 2, 1, VALID, 1, 1 }, { 6, 6, 128, 128, 1, 1, 1, 1, 1, SAME, 0, 0 },
    { 7, 7, 96, 33, 1, 1, 1, 1, 1, VALID, 0, 0 },  { 56, 56, 24, 144, 1, 1, 1, 1, 1, VALID, 0, 0 },
    { 9, 7, 4, 16, 3, 3, 1, 1, 1, VALID, 2, 3 },   { 5, 5, 12, 15, 3, 3, 1, 1, 1, SAME, 0, 0 },
    { 1, 1, 1, 1, 1, 1, 1, 1, 1, SAME, 0, 0 },     { 4, 4, 1, 2, 10, 4, 2, 2, 1, SAME, 0, 0 },
    { 12, 11, 5, 7, 3, 3, 1, 1, 4, SAME, 0, 0 },   { 49, 10, 1, 64, 10, 4, 2, 2, 1, SAME, 0, 0 },
    { 3, 40, 8, 16, 1, 3, 1, 1, 1, SAME, 0, 0 },   { 40, 3, 8, 16, 3, 1, 1, 1, 1, SAME, 0, 0 },
    { 3, 3, 2, 3, 3, 3, 1, 1, 1, SAME, 5, 6 },     { 20, 20, 3, 17, 5, 5, 3, 2, 1, SAME, 0, 0 },
    { 2, 3, 4, 5, 3, 3, 1, 1, 3, SAME, 0, 0 },     { 7, 9, 200, 40, 1, 1, 1, 1, 1, VALID, 1, 0 },
};

static const struct {
    struct window_case window;
    int groups;
} grouped_cases[] = {
    { { 14, 14, 32, 32, 3, 3, 1, 1, 1, SAME, 0, 0 }, 4 },
    { { 14, 14, 32, 64, 3, 3, 2, 2, 1, SAME, 0, 0 }, 2 },
    { { 9, 11, 16, 16, 3, 3, 1, 1, 1, SAME, 0, 0 }, 16 },
    { { 9, 11, 16, 32, 3, 3, 1, 1, 1, VALID, 1, 2 }, 16 },
    { { 9, 11, 3, 48, 3, 3, 2, 2, 1, SAME, 0, 0 }, 3 },
    { { 28, 28, 24, 48, 1, 1, 1, 1, 1, SAME, 0, 0 }, 3 },
    { { 7, 7, 128, 128, 3, 3, 1, 1, 1, SAME, 0, 0 }, 32 },
    { { 6, 6, 6, 4, 3, 3, 1, 1, 2, SAME, 0, 0 }, 2 },
};

static const struct window_case depthwise_cases[] = {
    { 96, 96, 1, 8, 3, 3, 2, 2, 1, SAME, 0, 0 },    { 20, 21, 1, 3, 3, 3, 1, 1, 1, SAME, 0, 0 },
    { 20, 21, 3, 8, 3, 3, 2, 2, 1, SAME, 0, 0 },    { 20, 21, 5, 20, 3, 3, 1, 1, 1, VALID, 1, 1 },
    { 14, 14, 16, 4, 3, 3, 2, 2, 1, SAME, 0, 0 },   { 14, 14, 16, 2, 3, 3, 1, 1, 1, SAME, 0, 0 },
    { 48, 48, 8, 1, 3, 3, 1, 1, 1, SAME, 0, 0 },    { 48, 48, 16, 1, 3, 3, 2, 2, 1, SAME, 0, 0 },
    { 24, 24, 32, 1, 3, 3, 1, 1, 1, SAME, 0, 0 },   { 56, 56, 96, 1, 3, 3, 2, 2, 1, VALID, 1, 1 },
    { 28, 28, 144, 1, 3, 3, 1, 1, 1, VALID, 1, 1 }, { 7, 7, 960, 1, 3, 3, 1, 1, 1, VALID, 1, 1 },
    { 3, 3, 256, 1, 3, 3, 1, 1, 1, SAME, 0, 0 },    { 49, 10, 1, 8, 10, 4, 2, 2, 1, SAME, 0, 0 },
    { 49, 40, 1, 8, 10, 8, 2, 2, 1, SAME, 0, 0 },   { 9, 9, 3, 2, 5, 5, 1, 1, 1, SAME, 0, 0 },
    { 13, 11, 7, 1, 3, 3, 1, 1, 2, SAME, 0, 0 },    { 10, 10, 65, 1, 4, 3, 1, 1, 1, VALID, 0, 0 },
    { 1, 1, 1, 1, 3, 3, 1, 1, 1, SAME, 0, 0 },      { 6, 30, 20, 1, 1, 3, 1, 3, 1, SAME, 0, 0 },
    { 30, 6, 20, 1, 3, 1, 3, 1, 1, SAME, 0, 0 },    { 12, 12, 128, 1, 7, 7, 1, 1, 1, SAME, 0, 0 },
    { 5, 4, 2, 1, 3, 3, 1, 1, 1, SAME, 4, 5 },      { 6, 6, 3, 1, 3, 3, 2, 2, 3, SAME, 0, 0 },
    { 4, 200, 64, 1, 3, 3, 1, 1, 1, SAME, 0, 0 },
};

static struct window_case draw_window(int most_channels, int most_out)
{
    struct window_case c = { .h = between(1, 20),
                             .w = between(1, 40),
                             .c = between(1, most_channels),
                             .out_c = between(1, most_out),
                             .kh = between(1, 5),
                             .kw = between(1, 5),
                             .stride_h = between(1, 3),
                             .stride_w = between(1, 3),
                             .dilation = next_random() % 4 ? 1 : between(1, 3),
                             .padding = SAME };
    if (next_random() % 3 == 0) {
        c.kh = c.kw = 3;
        c.stride_h = c.stride_w = between(1, 2);
        c.c = next_random() % 2 ? (c.c + 3) / 4 * 4 : c.c;
    } else if (next_random() % 3 == 0) {
        c.kh = c.kw = c.stride_h = c.stride_w = 1;
    }
    if (next_random() % 3 == 0) {
        c.before = between(0, 3);
        c.after = between(0, 3);
    }
    int h = c.h + c.before + c.after, w = c.w + c.before + c.after;
    if (h > (c.kh - 1) * c.dilation && w > (c.kw - 1) * c.dilation && next_random() % 2) {
        c.padding = VALID;
    }
    return c;
}

static void convolutions(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4 * ARRAY_LEN(conv_cases); i++) {
        run_window(&conv_cases[i / 4], 1);
    }
    for (int i = 0; i < ROUNDS; i++) {
        struct window_case c = draw_window(i % 2 ? 8 : 70, i % 3 ? 20 : 100);
        run_window(&c, 1);
    }
}

/* Also groups of one channel, which are depthwise, with and without a multiplier. */
static void groups(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4 * ARRAY_LEN(grouped_cases); i++) {
        run_window(&grouped_cases[i / 4].window, grouped_cases[i / 4].groups);
    }
    for (int i = 0; i < ROUNDS; i++) {
        struct window_case c = draw_window(i % 3 ? 12 : 1, i % 2 ? 4 : 20);
        const int count = between(2, i % 5 ? 5 : 40);
        c.c *= count;
        c.out_c *= count;
        run_window(&c, count);
    }
}

static void depthwise(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4 * ARRAY_LEN(depthwise_cases); i++) {
        run_window(&depthwise_cases[i / 4], 0);
    }
    for (int i = 0; i < 2 * ROUNDS; i++) {
        struct window_case c = draw_window(i % 2 ? 16 : 200, i % 3 ? 1 : 9);
        run_window(&c, 0);
    }
}

static void fully_connected(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        const int rows = i % 3 ? 1 : between(1, 40), in = between(1, 300), out = between(1, 70);
        struct tflite_model net = { 0 };
        struct constants k = draw_constants(out, in, 0.02f);
        char what[100];
        struct tflite_tensor input = { .type = TFLITE_INT8,
                                       .rank = 2,
                                       .dims = { rows, in },
                                       .scale = 0.02f,
                                       .zero_point = pick(zero_points, ARRAY_LEN(zero_points)) };
        net.input = tflite_add_tensor(&net, input);
        int32_t operands[2];
        add_constants(&net, &k, (const int[4]){ out, in }, 2, 0, operands);
        struct tflite_tensor output = input;
        output.dims[1] = out;
        output.scale = k.out_scale;
        output.zero_point = k.zero_point;
        net.output = tflite_add_tensor(&net, output);
        const int act = pick(activations, ARRAY_LEN(activations));
        tflite_add_op(&net, (struct tflite_op){ .code = TFLITE_FULLY_CONNECTED,
                                                .inputs = { net.input, operands[0], operands[1] },
                                                .input_count = 3,
                                                .output = net.output,
                                                .options = { TFLITE_BYTE(act) } });
        snprintf(what, sizeof(what), "fully connected %dx%d to %d, act %d", rows, in, out, act);
        compare(&net, what);
        release_constants(&k);
    }
}

/* Converters clip biases to +-2^31; the sums wrap around then. */
static void test_B9_sums_wrap_around_alike(void **state)
{
    at_the_ends = true;
    convolutions(state);
    groups(state);
    depthwise(state);
    fully_connected(state);
    at_the_ends = false;
}

/* ------------------------------------------------------------- the others */

/* One operand is a constant, now the first, now the second. */
static void additions(void **state)
{
    static const float scales[] = { 0.001f, 0.02f, 0.0394f, 0.104f, 1.0f, 3.7f };
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        const int h = between(1, 9), w = between(1, 9), c = between(1, 90);
        const int act = pick(activations, ARRAY_LEN(activations));
        struct tflite_model net = { 0 };
        char what[100];
        int8_t *constant = draw((size_t)(h * w * c), next_random() % FILL_COUNT, -128);
        struct tflite_tensor a = activation(h, w, c, scales[next_random() % ARRAY_LEN(scales)],
                                            pick(zero_points, ARRAY_LEN(zero_points)));
        struct tflite_tensor b = activation(h, w, c, scales[next_random() % ARRAY_LEN(scales)],
                                            pick(zero_points, ARRAY_LEN(zero_points)));
        float larger = a.scale > b.scale ? a.scale : b.scale;
        b.data = constant;
        b.bytes = (size_t)(h * w * c);
        net.input = tflite_add_tensor(&net, a);
        int32_t second = tflite_add_tensor(&net, b);
        net.output =
            tflite_add_tensor(&net, activation(h, w, c, larger * (float)between(2, 300) / 100.0f,
                                               pick(zero_points, ARRAY_LEN(zero_points))));
        bool swap = next_random() % 2;
        tflite_add_op(&net, (struct tflite_op){
                                .code = TFLITE_ADD,
                                .inputs = { swap ? second : net.input, swap ? net.input : second },
                                .input_count = 2,
                                .output = net.output,
                                .options = { TFLITE_BYTE(act) } });
        snprintf(what, sizeof(what), "add %dx%dx%d, scales %g and %g, act %d", h, w, c,
                 (double)a.scale, (double)b.scale, act);
        compare(&net, what);
        free(constant);
    }
}

static void pools(void **state)
{
    (void)state;
    for (int i = 0; i < 2 * ROUNDS; i++) {
        struct window_case c = draw_window(150, 1);
        const int zero_point = pick(zero_points, ARRAY_LEN(zero_points));
        const int act = pick(activations, ARRAY_LEN(activations));
        const int code = i % 2 ? TFLITE_AVERAGE_POOL : TFLITE_MAX_POOL;
        struct tflite_model net = { 0 };
        char what[120];
        c.dilation = 1;
        if (c.h < c.kh || c.w < c.kw) {
            c.padding = SAME;
        }
        net.input = tflite_add_tensor(&net, activation(c.h, c.w, c.c, 0.05f, zero_point));
        net.output =
            tflite_add_tensor(&net, activation(out_size(c.h, c.kh, c.stride_h, 1, c.padding),
                                               out_size(c.w, c.kw, c.stride_w, 1, c.padding), c.c,
                                               0.05f, zero_point));
        tflite_add_op(
            &net, (struct tflite_op){ .code = code,
                                      .inputs = { net.input },
                                      .input_count = 1,
                                      .output = net.output,
                                      .options = { TFLITE_BYTE(c.padding), TFLITE_INT(c.stride_w),
                                                   TFLITE_INT(c.stride_h), TFLITE_INT(c.kw),
                                                   TFLITE_INT(c.kh), TFLITE_BYTE(act) } });
        snprintf(what, sizeof(what), "%s pool %dx%dx%d, window %dx%d, stride %dx%d, act %d",
                 i % 2 ? "average" : "max", c.h, c.w, c.c, c.kh, c.kw, c.stride_h, c.stride_w, act);
        compare(&net, what);
    }
}

static void means(void **state)
{
    static const int32_t axes[2] = { 1, 2 };
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        const int h = between(1, 12), w = between(1, 12), c = between(1, 150);
        struct tflite_model net = { 0 };
        char what[100];
        net.input = tflite_add_tensor(
            &net, activation(h, w, c, 0.05f, pick(zero_points, ARRAY_LEN(zero_points))));
        int32_t constant = tflite_add_tensor(
            &net, (struct tflite_tensor){
                      .type = TFLITE_INT32, .rank = 1, .dims = { 2 }, .data = axes, .bytes = 8 });
        net.output =
            tflite_add_tensor(&net, activation(1, 1, c, 0.05f * (float)between(5, 150) / 100.0f,
                                               pick(zero_points, ARRAY_LEN(zero_points))));
        tflite_add_op(&net, (struct tflite_op){ .code = TFLITE_MEAN,
                                                .inputs = { net.input, constant },
                                                .input_count = 2,
                                                .output = net.output,
                                                .options = { TFLITE_BYTE(1) } });
        snprintf(what, sizeof(what), "mean %dx%dx%d", h, w, c);
        compare(&net, what);
    }
}

/* Planar to interleaved, the one that models need, and any other order. */
static void transposes(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS / 4; i++) {
        int32_t order[4] = { 0, 2, 3, 1 };
        const int dims[4] = { 1, i % 2 ? 3 : between(1, 9), between(1, 70), between(1, 70) };
        struct tflite_model net = { 0 };
        struct tflite_tensor in = activation(0, 0, 0, 0.1f, 3), out = in;
        if (i % 4 == 0) {
            order[1] = 3;
            order[3] = 2;
            order[2] = 1;
        }
        for (int d = 0; d < 4; d++) {
            in.dims[d] = dims[d];
            out.dims[d] = dims[order[d]];
        }
        net.input = tflite_add_tensor(&net, in);
        int32_t constant = tflite_add_tensor(
            &net, (struct tflite_tensor){
                      .type = TFLITE_INT32, .rank = 1, .dims = { 4 }, .data = order, .bytes = 16 });
        net.output = tflite_add_tensor(&net, out);
        tflite_add_op(&net, (struct tflite_op){ .code = TFLITE_TRANSPOSE,
                                                .inputs = { net.input, constant },
                                                .input_count = 2,
                                                .output = net.output });
        compare(&net, "transpose");
    }
}

/* Two readers of one PAD: it stays. */
static void a_pad_with_two_readers(void **state)
{
    static const int8_t weights[2] = { 3, -5 };
    static const int32_t amounts[8] = { 0, 0, 1, 2, 2, 1, 0, 0 };
    struct tflite_model net = { 0 };
    (void)state;
    net.input = tflite_add_tensor(&net, activation(5, 6, 1, 0.1f, 7));
    int32_t constant = tflite_add_tensor(
        &net,
        (struct tflite_tensor){
            .type = TFLITE_INT32, .rank = 2, .dims = { 4, 2 }, .data = amounts, .bytes = 32 });
    int32_t padded = tflite_add_tensor(&net, activation(8, 9, 1, 0.1f, 7));
    int32_t kernel = tflite_add_tensor(&net, (struct tflite_tensor){ .type = TFLITE_INT8,
                                                                     .rank = 4,
                                                                     .dims = { 1, 1, 1, 1 },
                                                                     .scale = 0.2f,
                                                                     .data = weights,
                                                                     .bytes = 1 });
    int32_t conv = tflite_add_tensor(&net, activation(8, 9, 1, 0.1f, -3));
    net.output = tflite_add_tensor(&net, activation(8, 9, 1, 0.2f, 1));
    tflite_add_op(&net, (struct tflite_op){ .code = TFLITE_PAD,
                                            .inputs = { net.input, constant },
                                            .input_count = 2,
                                            .output = padded });
    tflite_add_op(
        &net, (struct tflite_op){ .code = TFLITE_CONV,
                                  .inputs = { padded, kernel, -1 },
                                  .input_count = 3,
                                  .output = conv,
                                  .options = { TFLITE_BYTE(VALID), TFLITE_INT(1), TFLITE_INT(1),
                                               TFLITE_BYTE(0), TFLITE_INT(1), TFLITE_INT(1) } });
    tflite_add_op(&net, (struct tflite_op){ .code = TFLITE_ADD,
                                            .inputs = { padded, conv },
                                            .input_count = 2,
                                            .output = net.output });
    compare(&net, "a pad with two readers");
}

static void names_lead_to_instruction_sets(void **state)
{
    (void)state;
    for (size_t i = 0; i < nn_isa_count(); i++) {
        const struct nn_isa *isa = nn_isa_at(i);
        assert_ptr_equal(nn_isa_by_name(nn_isa_name(isa)), isa);
        print_message("# %s (%s): %s\n", nn_isa_name(isa), nn_isa_title(isa),
                      nn_isa_available(isa) ? "compared" : "skipped, not on this processor");
    }
    assert_null(nn_isa_by_name("none"));
    assert_true(nn_isa_available(nn_isa_best()));
    assert_string_equal(nn_isa_name(nn_isa_at(nn_isa_count() - 1)), "reference");
}

static void enough_was_compared(void **state)
{
    (void)state;
    print_message("# %zu outputs compared\n", outputs_compared);
    assert_true(outputs_compared > 100000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_lead_to_instruction_sets),
        cmocka_unit_test(convolutions),
        cmocka_unit_test(groups),
        cmocka_unit_test(depthwise),
        cmocka_unit_test(fully_connected),
        cmocka_unit_test(test_B9_sums_wrap_around_alike),
        cmocka_unit_test(additions),
        cmocka_unit_test(pools),
        cmocka_unit_test(means),
        cmocka_unit_test(transposes),
        cmocka_unit_test(a_pad_with_two_readers),
        cmocka_unit_test(enough_was_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
