#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/pool.h"
#include "base/random.h"
#include "box.h"
#include "command_settings.h"
#include "commands.h"
#include "eval_effort.h"
#include "eval_multi.h"
#include "examples.h"
#include "fail.h"
#include "learn/curve.h"
#include "learn/embedder.h"
#include "model_choice.h"
#include "say.h"

#define STEPS_MAX 64
#define TEST_MAX 600
#define TEST_SHARE 3 /* one third is held back for testing */
#define UNREAD_NAMED 10
#define DRAWN_LEAST 30 /* randomly chosen pictures needed to measure on them alone */

/* Streams of random numbers. */
enum { PLACE_TEST = 1, PLACE_DRAWS = 2 };

struct embedded {
    const struct examples *examples;
    const struct embedder *embedder;
    struct embed_runner **runners; /* one per worker */
    float *values;                 /* count x dims */
    bool *read;
};

static void embed_one(void *context, size_t job, size_t worker)
{
    struct embedded *e = context;
    float *to = e->values + job * embedder_dims(e->embedder);
    const struct example *example = &e->examples->items[job];
    e->read[job] =
        embed_run_file(e->runners[worker], example->path, &example->region, to, NULL, NULL);
}

/* Computes the embeddings of all the pictures. */
static bool embed(struct embedded *e, struct pool *pool, struct error *err)
{
    size_t workers = pool_workers(pool);
    size_t dims = embedder_dims(e->embedder);
    e->values = mem_array(e->examples->count, dims * sizeof *e->values);
    e->read = mem_array(e->examples->count, sizeof *e->read);
    e->runners = mem_array(workers, sizeof(struct embed_runner *));
    bool ok = e->values && e->read && e->runners;
    if (!ok) {
        error_nomem(err, e->examples->count * dims * sizeof *e->values, "embeddings");
    }
    for (size_t w = 0; ok && w < workers; w++) {
        ok = (e->runners[w] = embed_runner_new(e->embedder, err)) != NULL;
    }
    if (ok) {
        pool_run(pool, e->examples->count, embed_one, e);
    }
    for (size_t w = 0; e->runners && w < workers; w++) {
        embed_runner_free(e->runners[w]);
    }
    free(e->runners);
    e->runners = NULL;
    return ok;
}

/* Prints up to `room` of the pictures that could not be read, each with the reason (found
 * by reading it again); returns what is left of `room`. */
static size_t tell_unread(const struct embedded *e, size_t room)
{
    struct error err;
    struct embed_runner *runner = e->read ? embed_runner_new(e->embedder, NULL) : NULL;
    float *values = runner ? mem_array(embedder_dims(e->embedder), sizeof *values) : NULL;
    for (size_t i = 0; values && room && i < e->examples->count; i++) {
        if (!e->read[i] && !embed_run_file(runner, e->examples->items[i].path,
                                           &e->examples->items[i].region, values, NULL, &err)) {
            say(stderr, "  %s\n", err.message);
            room--;
        }
    }
    free(values);
    embed_runner_free(runner);
    return room;
}

static void embedded_release(struct embedded *e)
{
    free(e->values);
    free(e->read);
}

/* Embeddings and their classes, copied in a given order. */
struct set {
    float *embeddings;
    uint32_t *classes;
    size_t count;
};

static bool make_set(struct set *s, const struct embedded *e, const size_t *order, size_t count,
                     struct error *err)
{
    size_t dims = embedder_dims(e->embedder);
    s->embeddings = mem_array(count, dims * sizeof *s->embeddings);
    s->classes = mem_array(count, sizeof *s->classes);
    if (!s->embeddings || !s->classes) {
        return error_nomem(err, count * dims * sizeof *s->embeddings, "embeddings");
    }
    for (size_t i = 0; i < count; i++) {
        if (e->read[order[i]]) {
            memcpy(s->embeddings + s->count * dims, e->values + order[i] * dims,
                   dims * sizeof *s->embeddings);
            s->classes[s->count++] = (uint32_t)e->examples->items[order[i]].class_index;
        }
    }
    return true;
}

static void set_release(struct set *s)
{
    free(s->embeddings);
    free(s->classes);
}

static struct curve_set curve_set_of(const struct set *s)
{
    return (struct curve_set){ s->count, s->embeddings, s->classes };
}

struct eval {
    struct model_choice model;
    struct examples pool, test; /* test: from --test, else empty */
    struct embedder *embedder;
    struct embedded embedded, embedded_test;
    struct set pool_set, test_set;
    size_t steps[STEPS_MAX], step_count;
    size_t draws;
    uint64_t seed;
};

/* Parses "10,50,200". */
static bool parse_steps(const char *text, struct eval *e, struct error *err)
{
    const char *at = text;
    for (;;) {
        char *end;
        unsigned long n = strtoul(at, &end, 10);
        size_t before = e->step_count ? e->steps[e->step_count - 1] : 0;
        bool more = *end == ',';
        if (end == at || *at == '-' || *at == '+' || (*end && !more) || n <= before ||
            n > 100000000 || e->step_count == STEPS_MAX) {
            return error_set(err, ERROR_USAGE,
                             "--curve %s: must be up to %d increasing numbers of labels, for "
                             "example 10,50,200",
                             text, STEPS_MAX);
        }
        e->steps[e->step_count++] = n;
        if (!more) {
            return true;
        }
        at = end + 1;
    }
}

/* Renumbers the test folder's classes to those of the pool. */
static bool match_classes(struct eval *e, const char *folder, struct error *err)
{
    for (size_t i = 0; i < e->test.count; i++) {
        const char *name = e->test.classes[e->test.items[i].class_index];
        size_t c = 0;
        while (c < e->pool.class_count && strcmp(e->pool.classes[c], name) != 0) {
            c++;
        }
        if (c == e->pool.class_count) {
            return error_set(err, ERROR_DATA,
                             "%s: class '%s' is not among the classes to learn from", folder, name);
        }
        e->test.items[i].class_index = c;
    }
    return true;
}

/* True if the test set is the random sample: only that measures accuracy on any picture. */
static bool measures_drawn(const struct eval *e)
{
    return e->pool.labels && e->pool.any.count >= DRAWN_LEAST;
}

/* Fills order[] with the test pictures first; returns their number. */
static size_t choose_test(const struct eval *e, size_t *order)
{
    size_t count = e->pool.count;
    size_t held = count / TEST_SHARE < TEST_MAX ? count / TEST_SHARE : TEST_MAX;
    size_t drawn = 0;
    for (size_t i = 0; i < count; i++) {
        order[i] = i;
    }
    random_shuffle(order, count, e->seed, PLACE_TEST);
    if (!measures_drawn(e)) {
        return held;
    }
    for (size_t i = 0; i < count && drawn < held; i++) {
        size_t item = order[i];
        if (e->pool.items[item].drawn) {
            order[i] = order[drawn];
            order[drawn++] = item;
        }
    }
    return drawn;
}

static bool split_pool(struct eval *e, struct error *err)
{
    size_t count = e->pool.count;
    size_t *order = mem_array(count, sizeof *order);
    if (!order) {
        return error_nomem(err, count * sizeof *order, "an order");
    }
    size_t held = choose_test(e, order);
    bool ok = make_set(&e->test_set, &e->embedded, order, held, err) &&
              make_set(&e->pool_set, &e->embedded, order + held, count - held, err);
    free(order);
    return ok;
}

static bool take_whole(struct set *s, const struct embedded *e, struct error *err)
{
    size_t *order = mem_array(e->examples->count, sizeof *order);
    if (!order) {
        return error_nomem(err, e->examples->count * sizeof *order, "an order");
    }
    for (size_t i = 0; i < e->examples->count; i++) {
        order[i] = i;
    }
    bool ok = make_set(s, e, order, e->examples->count, err);
    free(order);
    return ok;
}

static bool load_model(struct eval *e, const struct settings *s, struct error *err)
{
    struct classifier_options options;
    model_choose(&e->model, s);
    if (e->model.source == MODEL_NONE) {
        return error_set(err, ERROR_USAGE,
                         "model = none: there is nothing to measure; name a model, or the built-in "
                         "network: -m builtin");
    }
    if (!model_choice_options(&e->model, s, &options, err)) {
        return false;
    }
    e->embedder = embedder_new(e->model.path, &options, err);
    return e->embedder || model_choice_fail(&e->model, "use the built-in network: -m builtin", err);
}

static bool load_eval(struct eval *e, const struct settings *s, const char *folder,
                      struct error *err)
{
    const char *test = settings_text(s, OPTION_TEST);
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    int jobs = settings_number(s, OPTION_JOBS);
    if (!parse_steps(settings_text(s, OPTION_CURVE), e, err) || !load_model(e, s, err) ||
        !examples_load(&e->pool, folder, err) ||
        (test[0] && (!examples_load(&e->test, test, err) || !match_classes(e, test, err)))) {
        return false;
    }
    struct pool *pool = pool_new((size_t)(jobs ? jobs : cpus > 1 ? cpus : 1), err);
    e->embedded = (struct embedded){ .examples = &e->pool, .embedder = e->embedder };
    e->embedded_test = (struct embedded){ .examples = &e->test, .embedder = e->embedder };
    bool ok =
        pool && embed(&e->embedded, pool, err) && (!test[0] || embed(&e->embedded_test, pool, err));
    pool_free(pool);
    if (!ok) {
        return false;
    }
    return test[0] ? take_whole(&e->pool_set, &e->embedded, err) &&
                         take_whole(&e->test_set, &e->embedded_test, err)
                   : split_pool(e, err);
}

/* Prints mean and standard deviation over the draws for each step. points: [draw][step]. */
static void print_curve(const struct eval *e, const char *order, const struct curve_point *points,
                        size_t steps)
{
    for (size_t s = 0; s < e->step_count; s++) {
        if (s >= steps) {
            say(stdout, "%8zu  %-7s  there are only %zu pictures to label\n", e->steps[s], order,
                e->pool_set.count);
            continue;
        }
        double sum = 0;
        double squares = 0;
        double error = 0;
        double chance = 0;
        for (size_t d = 0; d < e->draws; d++) {
            const struct curve_point *p = &points[d * steps + s];
            sum += (double)p->accuracy;
            squares += (double)p->accuracy * (double)p->accuracy;
            error += (double)p->calibration_error;
            chance += (double)p->calibration_chance;
        }
        double n = (double)e->draws;
        double variance = n > 1 ? (squares - sum * sum / n) / (n - 1) : 0;
        say(stdout, "%8zu  %-7s  %8.3f  %6.3f  %17.3f  (chance alone %.3f)\n", e->steps[s], order,
            sum / n, sqrt(fmax(variance, 0)), error / n, chance / n);
    }
}

static bool measure_curve(const struct eval *e, struct error *err)
{
    struct curve_task task = { .dims = embedder_dims(e->embedder),
                               .classes = e->pool.class_count,
                               .pool = curve_set_of(&e->pool_set),
                               .test = curve_set_of(&e->test_set),
                               .steps = e->steps };
    embedder_parts(e->embedder, &task.parts);
    while (task.step_count < e->step_count && e->steps[task.step_count] <= e->pool_set.count) {
        task.step_count++;
    }
    struct curve_point *points = mem_array(e->draws * (task.step_count + 1), sizeof *points);
    if (!points) {
        return error_nomem(err, e->draws * sizeof *points, "the curve");
    }
    say(stdout, "%8s  %-7s  %8s  %6s  %17s\n", "labels", "order", "accuracy", "spread",
        "calibration error");
    bool ok = true;
    for (int order = 0; ok && order < 2; order++) {
        task.active = order == 1;
        for (size_t d = 0; ok && d < e->draws; d++) {
            task.seed = e->seed + PLACE_DRAWS + d;
            ok = curve_draw(&task, points + d * task.step_count, err);
        }
        if (ok) {
            print_curve(e, task.active ? "active" : "random", points, task.step_count);
        }
    }
    free(points);
    return ok;
}

/* Tells what the curve is measured on if the pictures come from a labels.csv. */
static void tell_test(const struct eval *e, bool given)
{
    if (e->pool.labels && !given) {
        say(stdout, "%s",
            measures_drawn(e)
                ? "measured on randomly chosen pictures, so valid for any picture of the folder\n"
                : "measured on a third of the labelled pictures, which are not a random sample "
                  "of all\n");
    }
}

static void tell_model(const struct eval *e)
{
    say(stdout, "learned on %zu features of %s%s\n", embedder_dims(e->embedder),
        e->model.source == MODEL_OWN ? "your own backbone, " : "",
        e->model.path ? e->model.path : "the built-in network");
}

static int run_eval(const struct command_line *line, const struct settings *s)
{
    struct error err;
    struct eval e = { .draws = (size_t)settings_number(s, OPTION_DRAWS),
                      .seed = (uint64_t)settings_number(s, OPTION_SEED) };
    if (line->operand_count != 1 || line->stdin_list) {
        error_set(&err, ERROR_USAGE,
                  "usage: thumbtag eval DIR|LABELS.csv; a DIR without labels.csv needs one "
                  "sub-folder of pictures per class");
        return fail(&err);
    }
    if (settings_number(s, OPTION_EFFORT)) {
        return eval_effort(line, s);
    }
    if (settings_number(s, OPTION_CSV) || settings_number(s, OPTION_JSON)) {
        error_set(&err, ERROR_USAGE, "--csv and --json need --effort: the curve is text only");
        return fail(&err);
    }
    if (!box_enter(s, &(struct box){ 0 }, NULL, &err)) {
        return fail(&err);
    }
    if (eval_is_multi(line->operands[0])) {
        return eval_multi(line->operands[0]);
    }
    bool ok = load_eval(&e, s, line->operands[0], &err);
    if (ok) {
        if (e.pool.labels) {
            drawn_print(&e.pool.any);
        }
        size_t unread = e.pool.count + e.test.count - e.pool_set.count - e.test_set.count;
        say(stdout, "%zu pictures to label, %zu to measure on, %zu classes; %zu draws, seed %d\n",
            e.pool_set.count, e.test_set.count, e.pool.class_count, e.draws,
            settings_number(s, OPTION_SEED));
        tell_model(&e);
        tell_test(&e, settings_text(s, OPTION_TEST)[0] != '\0');
        if (unread) {
            say(stderr, "thumbtag: %zu pictures could not be read and were left out:\n", unread);
            tell_unread(&e.embedded, tell_unread(&e.embedded_test, UNREAD_NAMED));
        }
        ok = measure_curve(&e, &err);
    }
    set_release(&e.pool_set);
    set_release(&e.test_set);
    embedded_release(&e.embedded);
    embedded_release(&e.embedded_test);
    embedder_free(e.embedder);
    model_choice_release(&e.model);
    examples_release(&e.pool);
    examples_release(&e.test);
    return ok ? EXIT_DONE : fail(&err);
}

int command_eval(const struct command_line *line)
{
    return command_with_settings(line, run_eval);
}
