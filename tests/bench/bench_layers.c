/* Every kind of layer that the reader takes, each as a model of its own, on one
 * pinned thread: how long it takes, and the share that it reaches of what the
 * machine can do at best. That is the longer of two times, both measured between
 * the runs: its products at the instruction set's peak, and its bytes (inputs,
 * weights, output) at the speed of a copy of as many. `bound` says which. Shares
 * are of medians; `at best` is that of the fastest runs, when nothing else
 * used the core's other half.
 *
 *     bench_layers [--isa NAME] [WORD ...]   only layers whose names have a WORD */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "bench.h"
#include "nn/run.h"
#include "tflite_writer.h"

#define SAMPLES 101
#define SAMPLE_NS 200000.0 /* a sample is as many runs as take about this long */
#define PEAK_ROUNDS 4000
#define GOAL 25 /* per cent */

enum { SAME = 0, VALID = 1 };

struct layer {
    const char *name;
    int code;
    int size, channels, out_channels; /* of DEPTHWISE: a multiple of the channels */
    int kernel, stride, dilation, groups;
};

static const struct layer layers[] = {
    { "conv 1x1", TFLITE_CONV, 28, 64, 64, 1, 1, 1, 1 },
    { "conv 1x1, many channels", TFLITE_CONV, 7, 320, 320, 1, 1, 1, 1 },
    { "conv 1x1, odd channels", TFLITE_CONV, 28, 33, 31, 1, 1, 1, 1 },
    { "conv 1x1, stride 2", TFLITE_CONV, 28, 64, 64, 1, 2, 1, 1 },
    { "conv 1x1, 8 outputs", TFLITE_CONV, 48, 32, 8, 1, 1, 1, 1 },
    { "conv 1x1, 2 outputs", TFLITE_CONV, 24, 64, 2, 1, 1, 1, 1 },
    { "conv 1x1, 1 output", TFLITE_CONV, 24, 64, 1, 1, 1, 1, 1 },
    { "conv 1x1, one pixel", TFLITE_CONV, 1, 256, 256, 1, 1, 1, 1 },
    { "conv 3x3", TFLITE_CONV, 16, 64, 64, 3, 1, 1, 1 },
    { "conv 3x3, 16 channels", TFLITE_CONV, 32, 16, 16, 3, 1, 1, 1 },
    { "conv 3x3, stride 2", TFLITE_CONV, 32, 32, 64, 3, 2, 1, 1 },
    { "conv 3x3, dilated", TFLITE_CONV, 32, 32, 32, 3, 1, 2, 1 },
    { "conv 3x3, grey", TFLITE_CONV, 96, 1, 16, 3, 1, 1, 1 },
    { "conv 3x3, grey, stride 2", TFLITE_CONV, 96, 1, 8, 3, 2, 1, 1 },
    { "conv 3x3, 2 channels", TFLITE_CONV, 96, 2, 16, 3, 1, 1, 1 },
    { "conv 3x3, RGB", TFLITE_CONV, 96, 3, 16, 3, 1, 1, 1 },
    { "conv 3x3, RGB, stride 2", TFLITE_CONV, 96, 3, 32, 3, 2, 1, 1 },
    { "conv 3x3, 4 channels", TFLITE_CONV, 96, 4, 16, 3, 1, 1, 1 },
    { "conv 3x3, RGB, dilated", TFLITE_CONV, 96, 3, 16, 3, 1, 2, 1 },
    { "conv 5x5, grey", TFLITE_CONV, 48, 1, 16, 5, 1, 1, 1 },
    { "conv 5x5, grey, dilated", TFLITE_CONV, 48, 1, 16, 5, 1, 2, 1 },
    { "conv 7x7, RGB, stride 2", TFLITE_CONV, 96, 3, 32, 7, 2, 1, 1 },
    { "conv 1x1, grey", TFLITE_CONV, 96, 1, 16, 1, 1, 1, 1 },
    { "conv 1x1, RGB", TFLITE_CONV, 96, 3, 16, 1, 1, 1, 1 },
    { "conv 3x3, 8 outputs", TFLITE_CONV, 48, 16, 8, 3, 1, 1, 1 },
    { "conv 3x3, 3 outputs", TFLITE_CONV, 48, 16, 3, 3, 1, 1, 1 },
    { "conv 3x3, 2 outputs", TFLITE_CONV, 48, 16, 2, 3, 1, 1, 1 },
    { "conv 3x3, 1 output", TFLITE_CONV, 48, 16, 1, 3, 1, 1, 1 },
    { "conv 3x3, grey, 1 output", TFLITE_CONV, 96, 1, 1, 3, 1, 1, 1 },
    { "conv 3x3, 4 groups of 16", TFLITE_CONV, 28, 64, 64, 3, 1, 1, 4 },
    { "conv 3x3, 16 groups of 4", TFLITE_CONV, 28, 64, 64, 3, 1, 1, 16 },
    { "conv 3x3, 64 groups of 1", TFLITE_CONV, 28, 64, 64, 3, 1, 1, 64 },
    { "conv 3x3, 8 groups, stride 2", TFLITE_CONV, 28, 64, 128, 3, 2, 1, 8 },
    { "conv 1x1, 4 groups", TFLITE_CONV, 28, 64, 64, 1, 1, 1, 4 },
    { "depthwise 3x3", TFLITE_DEPTHWISE, 28, 64, 64, 3, 1, 1, 1 },
    { "depthwise 3x3, 7x7 map", TFLITE_DEPTHWISE, 7, 320, 320, 3, 1, 1, 1 },
    { "depthwise 3x3, 960 channels", TFLITE_DEPTHWISE, 7, 960, 960, 3, 1, 1, 1 },
    { "depthwise 3x3, 112x112, /2", TFLITE_DEPTHWISE, 112, 96, 96, 3, 2, 1, 1 },
    { "depthwise 3x3, 8 channels", TFLITE_DEPTHWISE, 48, 8, 8, 3, 1, 1, 1 },
    { "depthwise 3x3, odd channels", TFLITE_DEPTHWISE, 48, 13, 13, 3, 1, 1, 1 },
    { "depthwise 3x3, RGB", TFLITE_DEPTHWISE, 96, 3, 3, 3, 1, 1, 1 },
    { "depthwise 3x3, stride 2", TFLITE_DEPTHWISE, 28, 64, 64, 3, 2, 1, 1 },
    { "depthwise 3x3, 13, stride 2", TFLITE_DEPTHWISE, 48, 13, 13, 3, 2, 1, 1 },
    { "depthwise 3x3, dilated", TFLITE_DEPTHWISE, 28, 64, 64, 3, 1, 2, 1 },
    { "depthwise 5x5", TFLITE_DEPTHWISE, 28, 64, 64, 5, 1, 1, 1 },
    { "depthwise 5x5, stride 2", TFLITE_DEPTHWISE, 28, 64, 64, 5, 2, 1, 1 },
    { "depthwise 7x7", TFLITE_DEPTHWISE, 28, 64, 64, 7, 1, 1, 1 },
    { "depthwise 3x3, grey to 8", TFLITE_DEPTHWISE, 96, 1, 8, 3, 2, 1, 1 },
    { "depthwise 3x3, grey to 1", TFLITE_DEPTHWISE, 96, 1, 1, 3, 1, 1, 1 },
    { "depthwise 10x8, grey to 8", TFLITE_DEPTHWISE, 49, 1, 8, 9, 2, 1, 1 },
    { "depthwise 3x3, RGB to 24", TFLITE_DEPTHWISE, 96, 3, 24, 3, 2, 1, 1 },
    { "depthwise 3x3, 16 to 32", TFLITE_DEPTHWISE, 28, 16, 32, 3, 1, 1, 1 },
    { "depthwise 3x3, 16 to 48", TFLITE_DEPTHWISE, 28, 16, 48, 3, 1, 1, 1 },
    { "depthwise 3x3, 16 to 64, /2", TFLITE_DEPTHWISE, 28, 16, 64, 3, 2, 1, 1 },
    { "depthwise 1x1", TFLITE_DEPTHWISE, 28, 64, 64, 1, 1, 1, 1 },
    { "fully connected, 64 to 10", TFLITE_FULLY_CONNECTED, 1, 64, 10, 1, 1, 1, 1 },
    { "fully connected, 256 to 256", TFLITE_FULLY_CONNECTED, 1, 256, 256, 1, 1, 1, 1 },
    { "fully connected, 4000 to 32", TFLITE_FULLY_CONNECTED, 1, 4000, 32, 1, 1, 1, 1 },
    { "fully connected, 1280 to 1000", TFLITE_FULLY_CONNECTED, 1, 1280, 1000, 1, 1, 1, 1 },
    { "fully connected, 49 rows", TFLITE_FULLY_CONNECTED, 7, 320, 320, 1, 1, 1, 1 },
    { "add", TFLITE_ADD, 28, 64, 64, 1, 1, 1, 1 },
    { "average pool 2x2", TFLITE_AVERAGE_POOL, 28, 64, 64, 2, 2, 1, 1 },
    { "average pool 3x3", TFLITE_AVERAGE_POOL, 28, 64, 64, 3, 1, 1, 1 },
    { "average pool, whole map", TFLITE_AVERAGE_POOL, 7, 320, 320, 7, 1, 1, 1 },
    { "average pool 2x2, RGB", TFLITE_AVERAGE_POOL, 96, 3, 3, 2, 2, 1, 1 },
    { "max pool 2x2", TFLITE_MAX_POOL, 28, 64, 64, 2, 2, 1, 1 },
    { "max pool 3x3, stride 2", TFLITE_MAX_POOL, 28, 64, 64, 3, 2, 1, 1 },
    { "max pool 2x2, grey", TFLITE_MAX_POOL, 96, 1, 1, 2, 2, 1, 1 },
    { "mean", TFLITE_MEAN, 7, 320, 320, 1, 1, 1, 1 },
    { "pad", TFLITE_PAD, 28, 64, 64, 1, 1, 1, 1 },
    { "transpose, planes to RGB", TFLITE_TRANSPOSE, 96, 3, 3, 1, 1, 1, 1 },
    { "transpose, 64 planes", TFLITE_TRANSPOSE, 28, 64, 64, 1, 1, 1, 1 },
    { "concatenation", TFLITE_CONCATENATION, 28, 64, 64, 1, 1, 1, 1 },
    { "concatenation, rescaled", TFLITE_CONCATENATION, 28, 64, 64, 2, 1, 1, 1 },
    { "quantize, from float", TFLITE_QUANTIZE, 96, 3, 3, 1, 1, 1, 1 },
    { "quantize, from uint8", TFLITE_QUANTIZE, 96, 3, 3, 2, 1, 1, 1 },
    { "dequantize", TFLITE_DEQUANTIZE, 1, 1000, 1000, 1, 1, 1, 1 },
    { "softmax", TFLITE_SOFTMAX, 1, 1000, 1000, 1, 1, 1, 1 },
};

/* A layer as a file, with what it points to. */
struct net {
    struct tflite_model model;
    int8_t *weights;
    int32_t *bias;
    float *scales;
    uint64_t bytes; /* read and written */
};

static int32_t amounts[8] = { 0, 0, 1, 1, 1, 1, 0, 0 }, axes[2] = { 1, 2 };
static int32_t to_pixels[4] = { 0, 2, 3, 1 };

static struct tflite_tensor picture(int size, int channels, float scale)
{
    return (struct tflite_tensor){ .type = TFLITE_INT8,
                                   .rank = 4,
                                   .dims = { 1, size, size, channels },
                                   .scale = scale,
                                   .zero_point = -3 };
}

static struct tflite_tensor list(int count, const int32_t *values, int rank)
{
    return (struct tflite_tensor){ .type = TFLITE_INT32,
                                   .rank = rank,
                                   .dims = { rank == 2 ? 4 : count, 2 },
                                   .data = values,
                                   .bytes = (size_t)count * 4 };
}

static uint8_t random_byte(void)
{
    static uint32_t random = 1;
    random = random * 1664525u + 1013904223u;
    return (uint8_t)(random >> 24);
}

/* Weights of `taps` values for each output channel, and a bias. */
static void add_weights(struct net *n, const struct layer *l, struct tflite_op *op)
{
    const bool depthwise = l->code == TFLITE_DEPTHWISE;
    const int inputs = depthwise ? 1 : l->channels / l->groups;
    const size_t channels = (size_t)l->out_channels;
    const size_t taps = (size_t)(l->kernel * l->kernel * inputs);
    n->weights = mem_array(channels * taps, 1);
    n->bias = mem_array(channels, sizeof(*n->bias));
    n->scales = mem_array(channels, sizeof(*n->scales));
    if (!n->weights || !n->bias || !n->scales) {
        abort();
    }
    for (size_t i = 0; i < channels * taps; i++) {
        n->weights[i] = (int8_t)random_byte();
    }
    for (size_t i = 0; i < channels; i++) {
        n->bias[i] = random_byte();
        n->scales[i] = 0.001f * (float)(1 + i % 7);
    }
    struct tflite_tensor weights = { .type = TFLITE_INT8,
                                     .rank = 4,
                                     .dims = { l->out_channels, l->kernel, l->kernel, inputs },
                                     .scales = n->scales,
                                     .scale_count = channels,
                                     .data = n->weights,
                                     .bytes = channels * taps };
    if (depthwise) {
        weights.dims[0] = 1;
        weights.dims[3] = l->out_channels;
        weights.axis = 3;
    } else if (l->code == TFLITE_FULLY_CONNECTED) {
        weights.rank = 2;
        weights.dims[1] = inputs;
    }
    op->inputs[1] = tflite_add_tensor(&n->model, weights);
    op->inputs[2] = tflite_add_tensor(&n->model, list(l->out_channels, n->bias, 1));
    op->input_count = 3;
    n->bytes += channels * taps + 4 * channels;
}

static void set_options(const struct layer *l, struct tflite_op *op)
{
    const struct tflite_option conv[] = { TFLITE_BYTE(SAME),       TFLITE_INT(l->stride),
                                          TFLITE_INT(l->stride),   TFLITE_BYTE(1),
                                          TFLITE_INT(l->dilation), TFLITE_INT(l->dilation) };
    const struct tflite_option depthwise[] = {
        TFLITE_BYTE(SAME), TFLITE_INT(l->stride),   TFLITE_INT(l->stride),   TFLITE_INT(1),
        TFLITE_BYTE(1),    TFLITE_INT(l->dilation), TFLITE_INT(l->dilation),
    };
    const struct tflite_option pool[] = { TFLITE_BYTE(VALID),    TFLITE_INT(l->stride),
                                          TFLITE_INT(l->stride), TFLITE_INT(l->kernel),
                                          TFLITE_INT(l->kernel), TFLITE_BYTE(0) };
    switch (l->code) {
    case TFLITE_CONV:
        memcpy(op->options, conv, sizeof(conv));
        break;
    case TFLITE_DEPTHWISE:
        memcpy(op->options, depthwise, sizeof(depthwise));
        break;
    case TFLITE_AVERAGE_POOL:
    case TFLITE_MAX_POOL:
        memcpy(op->options, pool, sizeof(pool));
        break;
    case TFLITE_MEAN:
        op->options[0] = (struct tflite_option)TFLITE_BYTE(1);
        break;
    case TFLITE_CONCATENATION:
        op->options[0] = (struct tflite_option)TFLITE_INT(3);
        break;
    case TFLITE_SOFTMAX:
        op->options[0] = (struct tflite_option)TFLITE_FLOAT(1.0f);
        break;
    default:
        break;
    }
}

static uint64_t bytes_of(const struct tflite_tensor *t)
{
    uint64_t bytes = t->type == TFLITE_FLOAT32 ? 4 : 1;
    for (int i = 0; i < t->rank; i++) {
        bytes *= (uint64_t)t->dims[i];
    }
    return bytes;
}

/* The operator's further operands, and its input's and output's shapes. */
static void build(struct net *n, const struct layer *l)
{
    struct tflite_tensor in = picture(l->size, l->channels, 0.05f), out = in;
    struct tflite_op op = { .code = l->code, .input_count = 1 };
    *n = (struct net){ 0 };
    out.dims[3] = l->out_channels;
    switch (l->code) {
    case TFLITE_CONV:
    case TFLITE_DEPTHWISE:
    case TFLITE_FULLY_CONNECTED:
        out.dims[1] = out.dims[2] = (l->size + l->stride - 1) / l->stride;
        out.scale = 4.0f;
        add_weights(n, l, &op);
        break;
    case TFLITE_AVERAGE_POOL:
    case TFLITE_MAX_POOL:
        out.dims[1] = out.dims[2] = (l->size - l->kernel) / l->stride + 1;
        break;
    case TFLITE_MEAN:
        out.dims[1] = out.dims[2] = 1;
        op.inputs[op.input_count++] = tflite_add_tensor(&n->model, list(2, axes, 1));
        break;
    case TFLITE_PAD:
        out.dims[1] = out.dims[2] = l->size + 2;
        op.inputs[op.input_count++] = tflite_add_tensor(&n->model, list(8, amounts, 2));
        break;
    case TFLITE_TRANSPOSE:
        in.dims[1] = l->channels;
        in.dims[3] = l->size;
        op.inputs[op.input_count++] = tflite_add_tensor(&n->model, list(4, to_pixels, 1));
        break;
    case TFLITE_QUANTIZE:
        in.type = l->kernel == 1 ? TFLITE_FLOAT32 : TFLITE_UINT8;
        in.scale = l->kernel == 1 ? 0 : in.scale;
        in.zero_point = l->kernel == 1 ? 0 : 3;
        break;
    case TFLITE_DEQUANTIZE:
        out.type = TFLITE_FLOAT32;
        out.scale = 0;
        out.zero_point = 0;
        break;
    case TFLITE_CONCATENATION:
        out.dims[3] *= 2;
        out.scale *= (float)l->kernel;
        break;
    default:
        break;
    }
    n->bytes += bytes_of(&in) + bytes_of(&out);
    n->model.input = op.inputs[0] = tflite_add_tensor(&n->model, in);
    if (l->code == TFLITE_ADD || l->code == TFLITE_CONCATENATION) {
        op.inputs[op.input_count++] = op.inputs[0];
        n->bytes += bytes_of(&in);
    }
    n->model.output = op.output = tflite_add_tensor(&n->model, out);
    set_options(l, &op);
    tflite_add_op(&n->model, op);
}

static void net_release(struct net *n)
{
    free(n->weights);
    free(n->bias);
    free(n->scales);
}

/* GMAC/s. */
static double peak_once(const struct nn_isa *isa)
{
    int64_t start = clock_monotonic_ns();
    uint64_t macs = nn_isa_peak(isa, PEAK_ROUNDS);
    return (double)macs / (double)(clock_monotonic_ns() - start);
}

/* ns of one copy that reads and writes `bytes` together; the median over `times`. */
static double copy_once(unsigned char *memory, size_t bytes, int times)
{
    int64_t start = clock_monotonic_ns();
    for (int i = 0; i < times; i++) {
        memcpy(memory, memory + bytes / 2, bytes / 2);
        __asm__ volatile("" : : "r"(memory) : "memory");
    }
    return (double)(clock_monotonic_ns() - start) / times;
}

static double run_once(struct nn_context *context, const void *input, int times)
{
    double ns = 0;
    for (int i = 0; i < times; i++) {
        nn_run_timed(context, input, &ns);
    }
    return ns / times;
}

static void measure(const struct layer *l, const struct nn_isa *isa)
{
    struct net n;
    struct buf file = BUF_INIT;
    struct error err = { 0 };
    const struct nn_model_options options = { .isa = isa, .unfolded = true };
    build(&n, l);
    tflite_write(&n.model, &file);
    struct nn_model *model = nn_model_parse_with(file.data, file.len, l->name, &options, &err);
    struct nn_context *context = model ? nn_context_new(model, &err) : NULL;
    unsigned char *input = context ? mem_array(nn_model_input(model)->bytes, 1) : NULL;
    unsigned char *memory = mem_array(n.bytes + 64, 1);
    if (!input || !memory) {
        printf("%-30s %s\n", l->name, err.message);
    } else {
        double ns[SAMPLES], peaks[SAMPLES], copies[SAMPLES], once;
        for (size_t i = 0; i < nn_model_input(model)->bytes; i++) {
            input[i] = random_byte();
        }
        run_once(context, input, 1);
        once = run_once(context, input, 1);
        int times = once < SAMPLE_NS ? (int)(SAMPLE_NS / (once + 100)) + 1 : 1;
        for (size_t i = 0; i < SAMPLES; i++) {
            peaks[i] = peak_once(isa);
            ns[i] = run_once(context, input, times);
            copies[i] = copy_once(memory, n.bytes, 16);
        }
        double time = bench_quantile(ns, SAMPLES, 0.5), peak = bench_quantile(peaks, SAMPLES, 0.5);
        double copy = bench_quantile(copies, SAMPLES, 0.5), macs = (double)nn_model_macs(model);
        double products = peak > 0 ? macs / peak : 0, best = products > copy ? products : copy;
        double fastest = bench_quantile(ns, SAMPLES, 0.05);
        double highest = bench_quantile(peaks, SAMPLES, 0.95);
        double least = products > copy ? macs / highest : bench_quantile(copies, SAMPLES, 0.05);
        double share = 100 * best / time, at_best = 100 * least / fastest;
        printf("%-30s %8.2f %8.1f %7.1f %-8s %6.1f %% %6.1f %%%s\n", l->name, time / 1e3,
               macs / time, (double)n.bytes / time, products > copy ? "products" : "memory", share,
               at_best, at_best < GOAL ? " LOW" : "");
    }
    free(memory);
    free(input);
    nn_context_free(context);
    nn_model_free(model);
    buf_release(&file);
    net_release(&n);
}

static bool chosen(const char *name, char **words, int count)
{
    bool any = count == 0;
    for (int i = 0; i < count; i++) {
        any = any || strstr(name, words[i]);
    }
    return any;
}

int main(int argc, char **argv)
{
    const struct nn_isa *isa = nn_isa_best();
    int first = 1;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(sched_getcpu(), &set);
    sched_setaffinity(0, sizeof(set), &set);
    if (argc > 2 && strcmp(argv[1], "--isa") == 0) {
        isa = nn_isa_by_name(argv[2]);
        first = 3;
        if (!isa || !nn_isa_available(isa)) {
            fprintf(stderr, "bench_layers: no instruction set %s here\n", argv[2]);
            return 2;
        }
    }
    printf("%-30s %8s %8s %7s %-8s %8s %8s\n", nn_isa_name(isa), "us", "GMAC/s", "GB/s", "bound",
           "share", "at best");
    for (size_t i = 0; i < ARRAY_LEN(layers); i++) {
        if (chosen(layers[i].name, argv + first, argc - first)) {
            measure(&layers[i], isa);
        }
    }
    return 0;
}
