/* Speed of training: whole slices of pictures forward and backward through the networks, on one
 * thread and on two, by each way in which this processor can compute convolutions; then each layer
 * by itself. In GFLOP/s of the plain convolution (two for a multiply-accumulate, backward twice
 * those of forward), and as a share of the processor's own peak in float, which is measured in
 * between on as many threads; Winograd's filtering multiplies less and may pass it. By the time
 * that the threads themselves ran, so that other programs count for little; pictures a second are
 * by the clock on the wall. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "base/blas.h"
#include "base/mem.h"
#include "base/pool.h"
#include "base/random.h"

#include "../../src/train/architectures.h"
#include "../../src/train/conv_path.h"
#include "../../src/train/layers.h"
#include "../../src/train/trainer.h"
#include "bench.h"

#define SIDE 64
#define CLASSES 10
#define THREADS_MAX 2
#define SAMPLES_MAX 41
#define SAMPLES_MIN 5
#define SAMPLES_SECONDS 2.0
#define PEAK_FMAS 4e7 /* instructions: some 10 ms */
#define TARGET 40     /* % of the peak on two threads */

/* ------------------------------------------------------- the peak in float */

/* Twelve independent sums hide the latency of a fused multiply-add wherever two
 * are begun in a cycle and take up to six. They start from different values
 * lest the compiler find them to be one. */
#define PEAK_SUMS 12

#define PEAK(name, isa, vector, set, fma, first)                                                   \
    __attribute__((target(isa))) static float name(long rounds)                                    \
    {                                                                                              \
        const vector x = set(0.999f), y = set(0.001f);                                             \
        vector a = set(1), b = set(2), c = set(3), d = set(4), e = set(5), f = set(6);             \
        vector g = set(7), h = set(8), i = set(9), j = set(10), k = set(11), l = set(12);          \
        for (long r = 0; r < rounds; r++) {                                                        \
            a = fma(a, x, y), b = fma(b, x, y), c = fma(c, x, y), d = fma(d, x, y);                \
            e = fma(e, x, y), f = fma(f, x, y), g = fma(g, x, y), h = fma(h, x, y);                \
            i = fma(i, x, y), j = fma(j, x, y), k = fma(k, x, y), l = fma(l, x, y);                \
        }                                                                                          \
        return first(a) + first(b) + first(c) + first(d) + first(e) + first(f) + first(g) +        \
               first(h) + first(i) + first(j) + first(k) + first(l);                               \
    }

struct peak {
    const char *name;
    float (*run)(long rounds);
    int lanes;
};

#ifdef __x86_64__
PEAK(peak_avx512, "avx512f", __m512, _mm512_set1_ps, _mm512_fmadd_ps, _mm512_cvtss_f32)
PEAK(peak_avx2, "avx2,fma", __m256, _mm256_set1_ps, _mm256_fmadd_ps, _mm256_cvtss_f32)

static struct peak choose_peak(void)
{
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f")) {
        return (struct peak){ "AVX-512", peak_avx512, 16 };
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        return (struct peak){ "AVX2", peak_avx2, 8 };
    }
    return (struct peak){ 0 };
}
#else
static struct peak choose_peak(void)
{
    return (struct peak){ 0 };
}
#endif

/* ------------------------------------------------------------- the paths */

#define PATHS_MAX 3

static const struct conv_path *paths[PATHS_MAX];
static size_t path_count;
static const struct conv_path *chosen;

static void find_paths(void)
{
    const struct conv_path *const all[] = {
#ifdef __x86_64__
        &conv_amx,
        &conv_winograd,
#endif
        &conv_blas,
    };
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        if (all[i]->detect()) {
            paths[path_count++] = all[i];
        }
    }
}

static const struct conv_path *path_for(const struct conv_shape *s)
{
    return chosen->fits(s) ? chosen : &conv_blas;
}

/* The linker puts these in the place of conv.c's (tests/rules.mk). */
size_t __wrap_conv_scratch_bytes(const struct conv_shape *s);
void __wrap_conv_forward(const struct conv_shape *s, const float *in, const float *filter,
                         float *out, void *scratch);
void __wrap_conv_backward_filter(const struct conv_shape *s, const float *in, const float *out_grad,
                                 float *filter_grad, void *scratch);
void __wrap_conv_backward_input(const struct conv_shape *s, const float *out_grad,
                                const float *filter, float *in_grad, bool add, void *scratch);

size_t __wrap_conv_scratch_bytes(const struct conv_shape *s)
{
    size_t most = 0;
    for (size_t i = 0; i < path_count; i++) {
        size_t bytes = paths[i]->fits(s) ? paths[i]->scratch_bytes(s) : 0;
        most = bytes > most ? bytes : most;
    }
    return most;
}

void __wrap_conv_forward(const struct conv_shape *s, const float *in, const float *filter,
                         float *out, void *scratch)
{
    path_for(s)->forward(s, in, filter, out, scratch);
}

void __wrap_conv_backward_filter(const struct conv_shape *s, const float *in, const float *out_grad,
                                 float *filter_grad, void *scratch)
{
    path_for(s)->backward_filter(s, in, out_grad, filter_grad, scratch);
}

void __wrap_conv_backward_input(const struct conv_shape *s, const float *out_grad,
                                const float *filter, float *in_grad, bool add, void *scratch)
{
    path_for(s)->backward_input(s, out_grad, filter, in_grad, add, scratch);
}

/* --------------------------------------------------------- one run of them */

struct lane {
    struct slice *slice;
    float *grad;
    double slice_seconds, peak_seconds; /* of the last sample */
    float sum;                          /* keeps the peak's loop from being left out */
};

struct bench {
    const struct net *net;
    struct peak peak;
    float *parameters, *moments;
    struct pool *pool;
    struct lane lanes[THREADS_MAX];
    pthread_barrier_t start;
};

/* All begin together, and so each on a thread of its own. */
static double lane_start(struct bench *b)
{
    pthread_barrier_wait(&b->start);
    return bench_seconds(CLOCK_THREAD_CPUTIME_ID);
}

static void run_slice(void *context, size_t job, size_t worker)
{
    struct bench *b = context;
    struct lane *lane = &b->lanes[job];
    double start = lane_start(b);
    slice_forward(lane->slice, SLICE_PICTURES, SIDE, b->parameters, b->moments, NORM_BATCH);
    slice_backward(lane->slice, b->parameters, lane->grad);
    lane->slice_seconds = bench_seconds(CLOCK_THREAD_CPUTIME_ID) - start;
    (void)worker;
}

static void run_peak(void *context, size_t job, size_t worker)
{
    struct bench *b = context;
    struct lane *lane = &b->lanes[job];
    double start = lane_start(b);
    lane->sum += b->peak.run((long)(PEAK_FMAS / PEAK_SUMS));
    lane->peak_seconds = bench_seconds(CLOCK_THREAD_CPUTIME_ID) - start;
    (void)worker;
}

/* Input and gradient of the logits are filled once: no pass overwrites these. */
static bool lane_init(struct lane *lane, const struct net *net, struct error *err)
{
    struct random random = random_start(1, 0);
    *lane = (struct lane){ .slice = slice_new(net, SLICE_PICTURES, SIDE, false, err) };
    lane->grad = mem_array(net->parameter_count, sizeof *lane->grad);
    if (!lane->slice || !lane->grad) {
        return false;
    }
    memset(lane->grad, 0, net->parameter_count * sizeof *lane->grad);
    for (size_t i = 0; i < (size_t)SLICE_PICTURES * SIDE * SIDE * 3; i++) {
        slice_input(lane->slice)[i] = random_normal(&random);
    }
    for (size_t i = 0; i < (size_t)SLICE_PICTURES * CLASSES; i++) {
        slice_logits_grad(lane->slice)[i] = random_normal(&random) / SLICE_PICTURES;
    }
    return true;
}

static bool bench_init(struct bench *b, const struct net *net, size_t threads, struct error *err)
{
    *b = (struct bench){ .net = net, .peak = choose_peak(), .pool = pool_new(threads, err) };
    b->parameters = mem_array(net->parameter_count, sizeof *b->parameters);
    b->moments = mem_array(net->moment_count, sizeof *b->moments);
    pthread_barrier_init(&b->start, NULL, (unsigned)threads);
    if (!b->pool || !b->parameters || !b->moments) {
        return false;
    }
    net_start(net, 1, b->parameters, b->moments);
    for (size_t i = 0; i < threads; i++) {
        if (!lane_init(&b->lanes[i], net, err)) {
            return false;
        }
    }
    return true;
}

static void bench_release(struct bench *b)
{
    for (size_t i = 0; i < THREADS_MAX; i++) {
        slice_free(b->lanes[i].slice);
        free(b->lanes[i].grad);
    }
    pthread_barrier_destroy(&b->start);
    free(b->parameters);
    free(b->moments);
    pool_free(b->pool);
}

struct rates {
    double flops[SAMPLES_MAX], pictures[SAMPLES_MAX]; /* a second */
};

static void take_sample(struct bench *b, size_t threads, struct rates *r, size_t at)
{
    const double flops = 2 * 3 * net_macs(b->net, SIDE) * SLICE_PICTURES;
    double start = bench_now();
    pool_run(b->pool, threads, run_slice, b);
    r->pictures[at] = (double)threads * SLICE_PICTURES / (bench_now() - start);
    r->flops[at] = 0;
    for (size_t i = 0; i < threads; i++) {
        r->flops[at] += flops / b->lanes[i].slice_seconds;
    }
}

static double sample_peak(struct bench *b, size_t threads)
{
    double sum = 0;
    if (b->peak.run) {
        pool_run(b->pool, threads, run_peak, b);
        for (size_t i = 0; i < threads; i++) {
            sum += 2.0 * b->peak.lanes * PEAK_FMAS / b->lanes[i].peak_seconds;
        }
    }
    return sum;
}

struct samples {
    struct rates paths[PATHS_MAX];
    double peaks[SAMPLES_MAX];
    size_t count;
};

/* The paths take turns, each as often the first one. */
static void take_samples(struct bench *b, size_t threads, struct samples *s)
{
    double start = 0;
    for (size_t round = 0; s->count < SAMPLES_MAX; round++) {
        if (s->count >= SAMPLES_MIN && bench_now() - start > SAMPLES_SECONDS) {
            break;
        }
        for (size_t n = 0; n < path_count; n++) {
            size_t i = (n + round) % path_count;
            chosen = paths[i];
            take_sample(b, threads, &s->paths[i], s->count);
        }
        s->peaks[s->count] = sample_peak(b, threads);
        if (round == 0) {
            start = bench_now(); /* the first one touched the memory */
        } else {
            s->count++;
        }
    }
}

static void print_share(double share, bool judged)
{
    char text[64] = "";
    if (judged) {
        snprintf(text, sizeof text, "; target >= %d %%: %s", TARGET,
                 share >= TARGET ? "met" : "missed");
    }
    printf("  %-46s %6.0f %% of the peak%s\n", "", share, text);
}

static void print_samples(const struct bench *b, const char *architecture, size_t threads,
                          struct samples *s)
{
    /* The target is for processors without AMX. */
    const struct conv_path *without_amx = paths[path_count > 1 ? path_count - 2 : 0];
    double blas_rate = bench_quantile(s->paths[path_count - 1].flops, s->count, 0.5);
    double peak = bench_quantile(s->peaks, s->count, 0.5);
    for (size_t i = 0; i < path_count; i++) {
        double rate = bench_quantile(s->paths[i].flops, s->count, 0.5);
        char what[64];
        snprintf(what, sizeof what, "%s, %zu thread%s, %s", architecture, threads,
                 threads > 1 ? "s" : "", paths[i]->name);
        bench_row(what, "%6.1f GFLOP/s (of %zu), %.2f times blas, %.0f pictures/s", rate / 1e9,
                  s->count, rate / blas_rate, bench_quantile(s->paths[i].pictures, s->count, 0.5));
        if (b->peak.run) {
            print_share(100 * rate / peak, threads == 2 && paths[i] == without_amx);
        }
    }
    if (b->peak.run) {
        bench_row("", "%6.1f GFLOP/s %s peak", peak / 1e9, b->peak.name);
    }
}

static bool measure(const char *architecture, size_t threads)
{
    struct error err = { 0 };
    struct net net;
    struct bench b = { 0 };
    struct samples samples = { .count = 0 };
    if (!architecture_build(architecture, CLASSES, &net, &err)) {
        fprintf(stderr, "bench_train: %s\n", err.message);
        return false;
    }
    bool ready = bench_init(&b, &net, threads, &err);
    if (ready) {
        take_samples(&b, threads, &samples);
        print_samples(&b, architecture, threads, &samples);
    } else {
        fprintf(stderr, "bench_train: %s\n", err.message);
    }
    bench_release(&b);
    return ready;
}

/* ---------------------------------------------------------- layer by layer */

#define LAYER_SAMPLES 9

/* A layer's arrays. */
struct arrays {
    float *in, *out, *out_grad, *in_grad, *filter, *filter_grad;
    void *scratch;
};

enum pass { FORWARD, TO_FILTER, TO_INPUT, PASSES };
static const char *const pass_names[] = { "forward", "filter", "input" };

static float *array_new(size_t count)
{
    struct random random = random_start(2, count);
    float *array = mem_array(count, sizeof *array);
    for (size_t i = 0; array && i < count; i++) {
        array[i] = random_unit(&random) - 0.5f;
    }
    return array;
}

static bool arrays_init(struct arrays *a, const struct conv_shape *s, size_t filters)
{
    size_t in = (size_t)(s->batch * s->in_height * s->in_width * s->in_channels);
    size_t out = (size_t)(s->batch * s->out_height * s->out_width * s->out_channels);
    size_t filter = (size_t)(s->kernel * s->kernel) * filters;
    size_t scratch = (conv_scratch_bytes(s) + 64) / 64 * 64;
    *a = (struct arrays){ array_new(in),
                          array_new(out),
                          array_new(out),
                          array_new(in),
                          array_new(filter),
                          array_new(filter),
                          aligned_alloc(64, scratch) };
    return a->in && a->out && a->out_grad && a->in_grad && a->filter && a->filter_grad &&
           a->scratch;
}

static void arrays_release(struct arrays *a)
{
    float *all[] = { a->in, a->out, a->out_grad, a->in_grad, a->filter, a->filter_grad };
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        free(all[i]);
    }
    free(a->scratch);
}

/* Writes over more than the caches hold. */
static void empty_caches(void)
{
    static char junk[(size_t)48 << 20];
    memset(junk, junk[0] + 1, sizeof junk);
}

static double time_conv(const struct conv_path *path, const struct conv_shape *s,
                        const struct arrays *a, enum pass pass)
{
    empty_caches();
    double start = bench_seconds(CLOCK_THREAD_CPUTIME_ID);
    switch (pass) {
    case FORWARD:
        path->forward(s, a->in, a->filter, a->out, a->scratch);
        break;
    case TO_FILTER:
        path->backward_filter(s, a->in, a->out_grad, a->filter_grad, a->scratch);
        break;
    default:
        path->backward_input(s, a->out_grad, a->filter, a->in_grad, false, a->scratch);
        break;
    }
    return bench_seconds(CLOCK_THREAD_CPUTIME_ID) - start;
}

static void measure_conv(const struct conv_shape *s, const struct arrays *a)
{
    char what[64];
    snprintf(what, sizeof what, "%dx%d, %d -> %d, %dx%d%s", s->in_height, s->in_width,
             s->in_channels, s->out_channels, s->kernel, s->kernel, s->stride > 1 ? " / 2" : "");
    for (int pass = 0; pass < PASSES; pass++) {
        double seconds[PATHS_MAX][LAYER_SAMPLES];
        for (size_t n = 0; n < LAYER_SAMPLES; n++) {
            for (size_t k = 0; k < path_count; k++) {
                size_t i = (k + n) % path_count;
                if (paths[i]->fits(s)) {
                    seconds[i][n] = time_conv(paths[i], s, a, (enum pass)pass);
                }
            }
        }
        char text[160] = "";
        size_t used = 0;
        double blas_time = bench_quantile(seconds[path_count - 1], LAYER_SAMPLES, 0.5);
        for (size_t i = 0; i < path_count; i++) {
            if (paths[i]->fits(s)) {
                double time = bench_quantile(seconds[i], LAYER_SAMPLES, 0.5);
                used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %.0f (%.2f)",
                                         used ? ", " : "", paths[i]->name,
                                         2 * conv_macs(s) / time / 1e9, blas_time / time);
            }
        }
        bench_row(pass == 0 ? what : "", "%-8s %s", pass_names[pass], text);
    }
}

/* Depthwise layers are bound by memory: what they have to read and write at least, against a copy
 * of the input. */
static void measure_depthwise(const struct conv_shape *s, const struct arrays *a)
{
    double seconds[3][LAYER_SAMPLES], median[3];
    size_t in = (size_t)(s->batch * s->in_height * s->in_width * s->in_channels) * sizeof(float);
    size_t out =
        (size_t)(s->batch * s->out_height * s->out_width * s->out_channels) * sizeof(float);
    for (size_t n = 0; n < LAYER_SAMPLES; n++) {
        for (size_t i = 0; i < ARRAY_LEN(seconds); i++) {
            empty_caches();
            double start = bench_seconds(CLOCK_THREAD_CPUTIME_ID);
            if (i == 0) {
                memcpy(a->in_grad, a->in, in);
            } else if (i == 1) {
                depthwise_forward(s, a->in, a->filter, a->out);
            } else {
                depthwise_backward(s, a->in, a->out_grad, a->filter, a->filter_grad, a->in_grad,
                                   false);
            }
            seconds[i][n] = bench_seconds(CLOCK_THREAD_CPUTIME_ID) - start;
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(seconds); i++) {
        median[i] = bench_quantile(seconds[i], LAYER_SAMPLES, 0.5);
    }
    double copy = 2.0 * (double)in / median[0];
    double forward = (double)(in + out) / median[1], backward = (double)(2 * in + out) / median[2];
    char what[64];
    snprintf(what, sizeof what, "%dx%d, %d channels, %dx%d%s", s->in_height, s->in_width,
             s->in_channels, s->kernel, s->kernel, s->stride > 1 ? " / 2" : "");
    bench_row(what, "forward %.1f GB/s, %.0f %% of a copy; backward %.1f, %.0f %%", forward / 1e9,
              100 * forward / copy, backward / 1e9, 100 * backward / copy);
}

static struct conv_shape shape_of(const struct net *net, const struct layer *layer)
{
    int side = tensor_side(&net->tensors[layer->in], SIDE);
    struct conv_shape s = { .batch = SLICE_PICTURES,
                            .in_height = side,
                            .in_width = side,
                            .in_channels = net->tensors[layer->in].channels,
                            .out_channels = net->tensors[layer->out].channels,
                            .kernel = layer->kernel,
                            .stride = layer->stride };
    conv_shape_same(&s);
    return s;
}

static bool measured_before(const struct net *net, size_t layer)
{
    struct conv_shape s = shape_of(net, &net->layers[layer]);
    for (size_t i = 0; i < layer; i++) {
        if (net->layers[i].kind == net->layers[layer].kind) {
            struct conv_shape other = shape_of(net, &net->layers[i]);
            if (memcmp(&s, &other, sizeof s) == 0) {
                return true;
            }
        }
    }
    return false;
}

static bool measure_layers(const char *architecture, enum layer_kind kind)
{
    struct net net;
    bool ok = architecture_build(architecture, CLASSES, &net, NULL);
    for (size_t i = 0; ok && i < net.layer_count; i++) {
        if (net.layers[i].kind != kind || measured_before(&net, i)) {
            continue;
        }
        struct conv_shape s = shape_of(&net, &net.layers[i]);
        struct arrays arrays;
        size_t filters = (size_t)(kind == LAYER_CONV ? s.in_channels : 1) * (size_t)s.out_channels;
        ok = arrays_init(&arrays, &s, filters);
        if (ok && kind == LAYER_CONV) {
            measure_conv(&s, &arrays);
        } else if (ok) {
            measure_depthwise(&s, &arrays);
        }
        arrays_release(&arrays);
    }
    return ok;
}

int main(void)
{
    static const char *const names[] = { "residual-m", "residual-l", "separable-l" };
    bool ok = true;
    if (!blas_start(NULL)) {
        return EXIT_FAILURE;
    }
    find_paths();
    printf("Training: slices of %d pictures %dx%d forward and backward\n", SLICE_PICTURES, SIDE,
           SIDE);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        for (size_t threads = 1; threads <= THREADS_MAX; threads++) {
            ok = measure(names[i], threads) && ok;
        }
    }
    printf("Convolutions, one thread: GFLOP/s (times blas)\n");
    for (size_t i = 1; i < ARRAY_LEN(names); i++) {
        ok = measure_layers(names[i], LAYER_CONV) && ok;
    }
    printf("Depthwise convolutions, one thread\n");
    ok = measure_layers("separable-l", LAYER_DEPTHWISE) && ok;
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
