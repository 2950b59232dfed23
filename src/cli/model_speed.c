#include "model_speed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "nn/run.h"
#include "say.h"

#define TIMED_RUNS 101
#define TIMED_NS 500000000 /* of all runs together */
#define PEAK_ROUNDS 2000
#define COPIES 5
#define COPIES_EACH 4
#define COPY_MAX ((size_t)16 << 20) /* of larger ones a part, and the rest in proportion */
#define GOAL 25                     /* per cent of the peak */

void model_shape_text(const struct nn_tensor_info *t, char *out, size_t size)
{
    size_t at = 0;
    out[0] = '\0';
    for (int i = 0; i < t->rank && at < size; i++) {
        at += (size_t)snprintf(out + at, size - at, "%s%d", i ? "x" : "", t->dims[i]);
    }
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare_doubles);
    return values[count / 2];
}

/* ------------------------------------------------------------ measuring */

static double peak_once(const struct nn_isa *isa)
{
    int64_t start = clock_monotonic_ns();
    uint64_t macs = nn_isa_peak(isa, PEAK_ROUNDS);
    int64_t ns = clock_monotonic_ns() - start;
    return ns > 0 ? (double)macs / (double)ns : 0.0;
}

/* Copies that read and write `bytes` together, all in the nearest cache that holds them. */
static double copy_ns(unsigned char *memory, size_t bytes)
{
    double ns[COPIES];
    for (size_t i = 0; i < COPIES; i++) {
        int64_t start = clock_monotonic_ns();
        for (size_t k = 0; k < COPIES_EACH; k++) {
            memcpy(memory, memory + bytes / 2, bytes / 2);
            memory[bytes / 2] = (unsigned char)(memory[0] + 1); /* so that no copy is left out */
        }
        ns[i] = (double)(clock_monotonic_ns() - start) / COPIES_EACH;
    }
    return median(ns, COPIES);
}

static bool time_copies(struct model_speed *speed, const struct nn_model *model, struct error *err)
{
    size_t most = 0;
    for (size_t i = 0; i < nn_model_op_count(model); i++) {
        size_t bytes = (size_t)nn_model_op(model, i)->bytes;
        most = bytes > most ? bytes : most;
    }
    most = most > COPY_MAX ? COPY_MAX : most;
    unsigned char *memory = malloc(most + 1);
    if (!memory) {
        return error_nomem(err, most + 1, "measuring");
    }
    memset(memory, 1, most + 1);
    for (size_t i = 0; i < nn_model_op_count(model); i++) {
        const double bytes = (double)nn_model_op(model, i)->bytes;
        const double copied = bytes < (double)COPY_MAX ? bytes : (double)COPY_MAX;
        speed->moving[i] = copy_ns(memory, (size_t)copied) * bytes / copied;
    }
    free(memory);
    return true;
}

static bool time_operators(struct model_speed *speed, const struct nn_model *model,
                           struct error *err)
{
    size_t ops = nn_model_op_count(model);
    double *all = mem_array((ops + 1) * TIMED_RUNS, sizeof *all);
    double *once = mem_array(ops + 1, sizeof *once), peaks[TIMED_RUNS];
    void *input = calloc(1, nn_model_input(model)->bytes);
    struct nn_context *context = all && once && input ? nn_context_new(model, err) : NULL;
    size_t runs = 0;
    if (!all || !once || !input) {
        error_nomem(err, (ops + 1) * TIMED_RUNS * sizeof *all, "times");
    }
    int64_t start = clock_monotonic_ns();
    while (context && runs < TIMED_RUNS && (runs < 3 || clock_monotonic_ns() - start < TIMED_NS)) {
        memset(once, 0, (ops + 1) * sizeof *once);
        nn_run_timed(context, input, once);
        for (size_t i = 0; i < ops; i++) {
            once[ops] += once[i];
        }
        for (size_t i = 0; i <= ops; i++) {
            all[i * TIMED_RUNS + runs] = once[i];
        }
        peaks[runs++] = peak_once(nn_model_isa(model));
    }
    for (size_t i = 0; context && i <= ops; i++) {
        speed->ns[i] = median(all + i * TIMED_RUNS, runs);
    }
    speed->peak = context ? median(peaks, runs) : 0.0;
    bool ok = context != NULL;
    nn_context_free(context);
    free(input);
    free(once);
    free(all);
    return ok;
}

bool model_speed_measure(struct model_speed *speed, const struct nn_model *model, struct error *err)
{
    size_t ops = nn_model_op_count(model);
    *speed = (struct model_speed){ .ns = mem_array(ops + 1, sizeof *speed->ns),
                                   .moving = mem_array(ops + 1, sizeof *speed->moving) };
    bool ok =
        (speed->ns && speed->moving) || error_nomem(err, (ops + 1) * sizeof *speed->ns, "times");
    ok = ok && time_copies(speed, model, err) && time_operators(speed, model, err);
    if (!ok) {
        model_speed_release(speed);
    }
    return ok;
}

void model_speed_release(struct model_speed *speed)
{
    free(speed->ns);
    free(speed->moving);
    *speed = (struct model_speed){ 0 };
}

/* ------------------------------------------------------------ printing */

/* Per cent of the peak; an operator without products has none. */
static double share_of_peak(const struct model_speed *s, const struct nn_op_info *op, double ns)
{
    return 100.0 * (double)op->macs / s->peak / ns;
}

static bool has_share(const struct model_speed *s, const struct nn_op_info *op, double ns)
{
    return op->macs > 0 && s->peak > 0.0 && ns > 0.0;
}

static void print_rates(const struct model_speed *s, double macs, double ns)
{
    say(stdout, " %9.2f", ns / 1e3);
    if (macs > 0.0 && ns > 0.0) {
        say(stdout, " %7.1f", macs / ns);
    }
    if (macs > 0.0 && ns > 0.0 && s->peak > 0.0) {
        say(stdout, " %5.0f %%", 100.0 * macs / s->peak / ns);
    }
    say(stdout, "\n");
}

static void print_table(const struct model_speed *s, const struct nn_model *model)
{
    size_t ops = nn_model_op_count(model);
    say(stdout, "\n%4s  %-18s %-15s %11s %9s %7s %7s\n", "op", "name", "output", "MACs", "us",
        "GMAC/s", "of peak");
    for (size_t i = 0; i < ops; i++) {
        const struct nn_op_info *op = nn_model_op(model, i);
        char shape[96];
        model_shape_text(&op->output, shape, sizeof shape);
        say(stdout, "%4zu  %-18s %-15s %11llu", i, op->name, shape, (unsigned long long)op->macs);
        if (s->ns[i] <= 0.0) {
            say(stdout, " %9s\n", "folded");
        } else {
            print_rates(s, (double)op->macs, s->ns[i]);
        }
    }
    double macs = (double)nn_model_macs(model);
    say(stdout, "%4s  %-18s %-15s %11.0f", "", "all", "", macs);
    print_rates(s, macs, s->ns[ops]);
}

/* Whether an operator that was measured stays below the goal. */
static bool is_slow(const struct model_speed *s, const struct nn_model *model, size_t op)
{
    const struct nn_op_info *info = nn_model_op(model, op);
    return has_share(s, info, s->ns[op]) && share_of_peak(s, info, s->ns[op]) < GOAL;
}

/* Whether moving its bytes alone explains that. */
static bool is_memory_bound(const struct model_speed *s, size_t op)
{
    return 100.0 * s->moving[op] / s->ns[op] >= GOAL;
}

/* "   3  DEPTHWISE_CONV_2D    18 % of the peak,  4.1 % of the time" */
static void print_slow(const struct model_speed *s, const struct nn_model *model, size_t op)
{
    const struct nn_op_info *info = nn_model_op(model, op);
    say(stdout, "%4zu  %-18s %3.0f %% of the peak, %4.1f %% of the time%s\n", op, info->name,
        share_of_peak(s, info, s->ns[op]), 100.0 * s->ns[op] / s->ns[nn_model_op_count(model)],
        is_memory_bound(s, op) ? "; memory-bound" : "");
}

static void print_summary(const struct model_speed *s, const struct nn_model *model)
{
    const size_t ops = nn_model_op_count(model);
    size_t measured = 0, slow = 0, bound = 0;
    for (size_t i = 0; i < ops; i++) {
        measured += has_share(s, nn_model_op(model, i), s->ns[i]);
        slow += is_slow(s, model, i);
        bound += is_slow(s, model, i) && is_memory_bound(s, i);
    }
    if (measured == 0) {
        return;
    }
    say(stdout, "\nThe peak of these kernels on this processor is %.1f GMAC/s.\n", s->peak);
    if (slow == 0) {
        say(stdout, "Every layer with products reaches %d %% of it.\n", GOAL);
        return;
    }
    say(stdout, "Of %zu layer%s with products, %zu stay%s below %d %% of it:\n", measured,
        measured == 1 ? "" : "s", slow, slow == 1 ? "s" : "", GOAL);
    for (size_t i = 0; i < ops; i++) {
        if (is_slow(s, model, i)) {
            print_slow(s, model, i);
        }
    }
    if (bound > 0) {
        say(stdout,
            "Memory-bound: only to copy what the layer reads and writes would take %d %%\n"
            "of its time or more, so that faster products would help little.\n",
            GOAL);
    }
}

void model_speed_print(const struct model_speed *speed, const struct nn_model *model)
{
    print_table(speed, model);
    print_summary(speed, model);
}
