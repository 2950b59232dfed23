/* Speed of training: whole slices of pictures forward and backward through the
 * networks, on one thread and on two, in GFLOP/s (two for a multiply-accumulate,
 * backward twice those of forward) and as a share of the processor's own peak in
 * float, which is measured between the slices on as many threads. By the time
 * that the threads themselves ran, so that other programs count for little;
 * pictures a second are by the clock on the wall. */
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "base/mem.h"
#include "base/pool.h"
#include "base/random.h"

#include "../../src/train/architectures.h"
#include "../../src/train/conv.h"
#include "../../src/train/matmul.h"
#include "base/blas.h"
#include "../../src/train/trainer.h"
#include "bench.h"

#define SIDE 64
#define CLASSES 10
#define THREADS_MAX 2
#define SAMPLES_MAX 41
#define SAMPLES_MIN 5
#define SAMPLES_SECONDS 3.0
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
    double flops[SAMPLES_MAX], peaks[SAMPLES_MAX], pictures[SAMPLES_MAX]; /* a second */
    size_t count;
};

static void take_sample(struct bench *b, size_t threads, struct rates *r)
{
    const double flops = 2 * 3 * net_macs(b->net, SIDE) * SLICE_PICTURES;
    double start = bench_now();
    pool_run(b->pool, threads, run_slice, b);
    r->pictures[r->count] = (double)threads * SLICE_PICTURES / (bench_now() - start);
    if (b->peak.run) {
        pool_run(b->pool, threads, run_peak, b);
    }
    r->flops[r->count] = r->peaks[r->count] = 0;
    for (size_t i = 0; i < threads; i++) {
        const struct lane *lane = &b->lanes[i];
        r->flops[r->count] += flops / lane->slice_seconds;
        if (b->peak.run) {
            r->peaks[r->count] += 2.0 * b->peak.lanes * PEAK_FMAS / lane->peak_seconds;
        }
    }
    r->count++;
}

static void print_share(double share, bool judged)
{
    char text[64] = "";
    if (judged) {
        snprintf(text, sizeof text, "target >= %d %%: %s", TARGET,
                 share >= TARGET ? "met" : "missed");
    }
    printf("  %-46s %6.0f %% of it%s%s\n", "", share, text[0] ? "; " : "", text);
}

static bool measure(const char *architecture, size_t threads)
{
    struct error err = { 0 };
    struct net net;
    struct bench b = { 0 };
    struct rates r = { 0 };
    char what[64];
    if (!architecture_build(architecture, CLASSES, &net, &err)) {
        fprintf(stderr, "bench_train: %s\n", err.message);
        return false;
    }
    bool ready = bench_init(&b, &net, threads, &err);
    if (ready) {
        take_sample(&b, threads, &r);
        r.count = 0; /* the first one touched the memory */
        double start = bench_now();
        while (r.count < SAMPLES_MAX &&
               (r.count < SAMPLES_MIN || bench_now() - start < SAMPLES_SECONDS)) {
            take_sample(&b, threads, &r);
        }
        double rate = bench_quantile(r.flops, r.count, 0.5) / 1e9;
        double peak = bench_quantile(r.peaks, r.count, 0.5) / 1e9;
        snprintf(what, sizeof what, "%s, %s, %zu thread%s", conv_path_name(), architecture, threads,
                 threads > 1 ? "s" : "");
        bench_row(what, "%6.1f GFLOP/s (of %zu), %.0f pictures/s", rate, r.count,
                  bench_quantile(r.pictures, r.count, 0.5));
        if (b.peak.run) {
            bench_row("", "%6.1f GFLOP/s %s peak", peak, b.peak.name);
            print_share(100 * rate / peak, threads == 2);
        }
    } else {
        fprintf(stderr, "bench_train: %s\n", err.message);
    }
    bench_release(&b);
    return ready;
}

static bool measure_all(void)
{
    static const char *const names[] = { "residual-m", "residual-l" };
    bool ok = true;
    if (!blas_start(NULL)) {
        return 1;
    }
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        for (size_t threads = 1; threads <= THREADS_MAX; threads++) {
            ok = measure(names[i], threads) && ok;
        }
    }
    fflush(stdout);
    return ok;
}

/* The linker puts this in the place of syscall() (tests/rules.mk), by which the
 * AMX path asks for the tile registers: refused, convolutions take the path of
 * a processor without them. */
static bool refused;

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

long __wrap_syscall(long number, ...)
{
    long a[3];
    va_list args;
    va_start(args, number);
    for (size_t i = 0; i < ARRAY_LEN(a); i++) {
        a[i] = va_arg(args, long);
    }
    va_end(args);
    return refused ? -1 : __real_syscall(number, a[0], a[1], a[2]);
}

/* The choice of a path is made once in a process, so the other one has its own. */
int main(void)
{
    int status;
    printf("Training: slices of %d pictures %dx%d forward and backward\n", SLICE_PICTURES, SIDE,
           SIDE);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        refused = true;
        _exit(measure_all() ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    bool ok = child > 0 && waitpid(child, &status, 0) == child && status == 0;
    if (strcmp(conv_path_name(), "blas") != 0) {
        ok = measure_all() && ok;
    }
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
