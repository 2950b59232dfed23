/* Speed of the int8 engine on one pinned thread: for each model and instruction
 * set microseconds an inference, GMAC/s and the share of the instruction set's
 * own peak, which is measured between the inferences; then each operator on the
 * fastest instruction set. What was tried is in src/nn/kernels/README.md.
 *
 *     bench_nn [--isa NAME] [MODEL.tflite ...] */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/nn/context.h"
#include "base/clock.h"
#include "base/mem.h"
#include "bench.h"
#include "nn/run.h"

#define SAMPLES 301
#define SAMPLE_NS 200000.0 /* a sample is as many inferences as take about this long */
#define SLOW_NS 5e8        /* no more samples of one row than this */
#define PEAK_ROUNDS 4000
#define THREAD_ROUNDS 21
#define PICTURES_MAX 8 /* of a batch */
#define BATCH_ROUNDS 31
#define THREAD_NS 2e7 /* of work for each thread a round */

struct timing {
    double median, least;
};

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static struct timing summary(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), compare);
    return (struct timing){ values[count / 2], values[0] };
}

static void pin(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(sched_getcpu(), &set);
    sched_setaffinity(0, sizeof(set), &set);
}

static double ns_since(int64_t start)
{
    return (double)(clock_monotonic_ns() - start);
}

/* GMAC/s. */
static double peak_once(const struct nn_isa *isa)
{
    int64_t start = clock_monotonic_ns();
    uint64_t macs = nn_isa_peak(isa, PEAK_ROUNDS);
    return (double)macs / ns_since(start);
}

struct bench {
    struct nn_model *model;
    struct nn_context *context;
    void *input;
};

static bool bench_open(struct bench *b, const char *path, const struct nn_isa *isa)
{
    struct error err = { 0 };
    const struct nn_model_options options = { .isa = isa };
    *b = (struct bench){ .model = nn_model_load_with(path, &options, &err) };
    b->context = b->model ? nn_context_new(b->model, &err) : NULL;
    b->input = b->context ? mem_array(nn_model_input(b->model)->bytes, 1) : NULL;
    if (!b->input) {
        fprintf(stderr, "%s\n", err.message);
        return false;
    }
    uint32_t random = 1;
    for (size_t i = 0; i < nn_model_input(b->model)->bytes; i++) {
        random = random * 1664525u + 1013904223u;
        ((unsigned char *)b->input)[i] = (unsigned char)(random >> 24);
    }
    return true;
}

static void bench_close(struct bench *b)
{
    free(b->input);
    nn_context_free(b->context);
    nn_model_free(b->model);
}

static double sample(const struct bench *b, int runs)
{
    int64_t start = clock_monotonic_ns();
    for (int i = 0; i < runs; i++) {
        nn_run(b->context, b->input, NULL);
    }
    return ns_since(start) / runs;
}

static void print_model(const char *path, const struct nn_isa *isa)
{
    struct bench b;
    double ns[SAMPLES], peaks[SAMPLES];
    if (!bench_open(&b, path, isa)) {
        return;
    }
    double once = sample(&b, 1);
    once = sample(&b, 1);
    int runs = once < SAMPLE_NS ? (int)(SAMPLE_NS / once) + 1 : 1;
    size_t count = 0;
    for (double spent = 0; count < SAMPLES && (count < 3 || spent < SLOW_NS); count++) {
        peaks[count] = peak_once(isa);
        ns[count] = sample(&b, runs);
        spent += ns[count] * runs;
    }
    struct timing time = summary(ns, count);
    double peak = summary(peaks, count).median, macs = (double)nn_model_macs(b.model);
    const char *name = strrchr(path, '/');
    printf("%-24s %-12s %9.1f %9.1f %8.1f %8.1f", name ? name + 1 : path, nn_isa_name(isa),
           time.median / 1e3, time.least / 1e3, macs / time.median, peak);
    if (peak > 0) {
        printf(" %6.1f %%", 100 * macs / time.median / peak);
    }
    printf("\n");
    bench_close(&b);
}

static void print_operators(const char *path, const struct nn_isa *isa)
{
    struct bench b;
    if (!bench_open(&b, path, isa)) {
        return;
    }
    size_t ops = nn_model_op_count(b.model);
    double *ns = mem_array(ops * SAMPLES, sizeof(*ns)), *row = mem_array(ops, sizeof(*row));
    double *one = mem_array(SAMPLES, sizeof(*one)), total = 0, peak;
    nn_run(b.context, b.input, NULL);
    for (size_t i = 0; i < SAMPLES; i++) {
        memset(row, 0, ops * sizeof(*row));
        nn_run_timed(b.context, b.input, row);
        for (size_t op = 0; op < ops; op++) {
            ns[op * SAMPLES + i] = row[op];
        }
        one[i] = peak_once(isa);
    }
    peak = summary(one, SAMPLES).median;
    for (size_t op = 0; op < ops; op++) {
        row[op] = summary(ns + op * SAMPLES, SAMPLES).median;
        total += row[op];
    }
    printf("\n%s by operator, %s\n%4s %-18s %-16s %9s %7s %8s %8s\n", path, nn_isa_name(isa), "",
           "operator", "output", "us", "share", "GMAC/s", "of peak");
    for (size_t op = 0; op < ops; op++) {
        const struct nn_op_info *info = nn_model_op(b.model, op);
        char shape[64] = "";
        for (int d = 1, used = 0; d < info->output.rank; d++) {
            used += snprintf(shape + used, sizeof(shape) - (size_t)used, d > 1 ? "x%d" : "%d",
                             (int)info->output.dims[d]);
        }
        printf("%4zu %-18s %-16s %9.2f %5.1f %%", op, info->name, shape, row[op] / 1e3,
               100 * row[op] / total);
        if (info->macs > 0 && peak > 0) {
            printf(" %8.1f %6.1f %%", (double)info->macs / row[op],
                   100 * (double)info->macs / row[op] / peak);
        }
        printf("\n");
    }
    free(ns);
    free(row);
    free(one);
    bench_close(&b);
}

/* One thread's share of the work of two: a context of its own on a processor
 * of its own. */
struct lane {
    struct bench *bench; /* the model, shared; its context is the first lane's */
    struct nn_context *context;
    int cpu, runs;
    pthread_barrier_t *start;
    int64_t began, ended; /* by its own clock: the main thread may wake late */
};

static void *run_lane(void *argument)
{
    struct lane *lane = argument;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(lane->cpu, &set);
    sched_setaffinity(0, sizeof(set), &set);
    pthread_barrier_wait(lane->start);
    lane->began = clock_monotonic_ns();
    for (int i = 0; i < lane->runs; i++) {
        nn_run(lane->context, lane->bench->input, NULL);
    }
    lane->ended = clock_monotonic_ns();
    return NULL;
}

/* ns that `count` lanes take for their runs. */
static double time_lanes(struct lane *lanes, unsigned count)
{
    pthread_t threads[2];
    pthread_barrier_t start;
    pthread_barrier_init(&start, NULL, count);
    for (unsigned i = 0; i < count; i++) {
        lanes[i].start = &start;
        pthread_create(&threads[i], NULL, run_lane, &lanes[i]);
    }
    int64_t began = INT64_MAX, ended = 0;
    for (unsigned i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
        began = lanes[i].began < began ? lanes[i].began : began;
        ended = lanes[i].ended > ended ? lanes[i].ended : ended;
    }
    pthread_barrier_destroy(&start);
    return (double)(ended - began);
}

static void print_two_threads(const char *path, const struct nn_isa *isa, const cpu_set_t *cpus)
{
    struct bench b;
    struct lane lanes[2];
    double ratios[THREAD_ROUNDS];
    int found = 0;
    if (!bench_open(&b, path, isa)) {
        return;
    }
    int runs = (int)(THREAD_NS / sample(&b, 3)) + 1;
    for (int cpu = 0; cpu < CPU_SETSIZE && found < 2; cpu++) {
        if (CPU_ISSET(cpu, cpus)) {
            lanes[found++] = (struct lane){ .bench = &b, .cpu = cpu, .runs = runs };
        }
    }
    lanes[0].context = b.context;
    lanes[1].context = found == 2 ? nn_context_new(b.model, NULL) : NULL;
    if (lanes[1].context) {
        for (size_t i = 0; i < THREAD_ROUNDS; i++) {
            ratios[i] = 2 * time_lanes(lanes, 1) / time_lanes(lanes, 2);
        }
        const char *name = strrchr(path, '/');
        printf("%-24s %-12s two threads do %.2f times the work of one\n", name ? name + 1 : path,
               nn_isa_name(isa), summary(ratios, THREAD_ROUNDS).median);
    }
    nn_context_free(lanes[1].context);
    bench_close(&b);
}

/* Processor time of a round of several pictures: one after the other, and all of them through each
 * operator before the next, as a batch would, whose weights then stay in the cache. */
static double time_batch(const struct bench *b, struct nn_context **contexts, size_t pictures,
                         bool together)
{
    size_t ops = nn_model_op_count(b->model);
    double start = bench_seconds(CLOCK_THREAD_CPUTIME_ID);
    for (size_t i = 0; i < pictures; i++) {
        nn_context_load(contexts[i], b->input);
        if (!together) {
            nn_context_run(contexts[i], 0, ops);
        }
    }
    for (size_t op = 0; together && op < ops; op++) {
        for (size_t i = 0; i < pictures; i++) {
            nn_context_run(contexts[i], op, op + 1);
        }
    }
    return bench_seconds(CLOCK_THREAD_CPUTIME_ID) - start;
}

static void print_batches(const char *path, const struct nn_isa *isa)
{
    struct bench b;
    struct nn_context *contexts[PICTURES_MAX] = { NULL };
    double apart[BATCH_ROUNDS], together[BATCH_ROUNDS];
    size_t made = 0;
    if (!bench_open(&b, path, isa)) {
        return;
    }
    while (made < PICTURES_MAX && (contexts[made] = nn_context_new(b.model, NULL))) {
        made++;
    }
    const char *name = strrchr(path, '/');
    printf("%-24s %-12s pictures a second as a batch, against one by one:", name ? name + 1 : path,
           nn_isa_name(isa));
    for (size_t pictures = 2; pictures <= made; pictures *= 2) {
        time_batch(&b, contexts, pictures, false);
        for (size_t i = 0; i < BATCH_ROUNDS; i++) {
            apart[i] = time_batch(&b, contexts, pictures, false);
            together[i] = time_batch(&b, contexts, pictures, true);
        }
        /* The least: other work only adds. */
        printf("  %zu: %.3f", pictures,
               summary(apart, BATCH_ROUNDS).least / summary(together, BATCH_ROUNDS).least);
    }
    printf("\n");
    while (made--) {
        nn_context_free(contexts[made]);
    }
    bench_close(&b);
}

int main(int argc, char **argv)
{
    cpu_set_t cpus;
    sched_getaffinity(0, sizeof(cpus), &cpus);
    static const char *const names[] = { "resnet8", "vww", "mobilenet_v2" };
    char paths[ARRAY_LEN(names)][512];
    const char *list[64], *shared = getenv("THUMBTAG_SHARED");
    size_t count = 0;
    const struct nn_isa *only = NULL;
    int first = 1;
    pin();
    if (argc > 2 && strcmp(argv[1], "--isa") == 0) {
        only = nn_isa_by_name(argv[2]);
        if (!only || !nn_isa_available(only)) {
            fprintf(stderr, "bench_nn: no instruction set %s here\n", argv[2]);
            return 2;
        }
        first = 3;
    }
    for (int i = first; i < argc && count < ARRAY_LEN(list); i++) {
        list[count++] = argv[i];
    }
    for (size_t i = 0; count < ARRAY_LEN(names) && first == argc && i < ARRAY_LEN(names); i++) {
        snprintf(paths[i], sizeof(paths[i]), "%s/nn/models/%s.tflite",
                 shared ? shared : "../shared", names[i]);
        if (access(paths[i], R_OK) == 0) {
            list[count++] = paths[i];
        }
    }
    printf("%-24s %-12s %9s %9s %8s %8s %8s\n", "model", "ISA", "us median", "us min", "GMAC/s",
           "peak", "share");
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < nn_isa_count(); k++) {
            const struct nn_isa *isa = nn_isa_at(k);
            if (nn_isa_available(isa) && (!only || only == isa)) {
                print_model(list[i], isa);
            }
        }
    }
    for (size_t i = 0; i < count; i++) {
        print_two_threads(list[i], only ? only : nn_isa_best(), &cpus);
    }
    for (size_t i = 0; i < count; i++) {
        print_batches(list[i], only ? only : nn_isa_best());
    }
    for (size_t i = 0; i < count; i++) {
        print_operators(list[i], only ? only : nn_isa_best());
    }
    return 0;
}
