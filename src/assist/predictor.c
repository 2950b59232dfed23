#include "assist/predictor.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/thread.h"

#define SLOTS_PER_JOB 8 /* results per thread that may wait for a slower earlier one */

struct slot {
    bool done;
    bool failed;
    float *probabilities;
    struct error why;
};

struct predictor {
    const struct classifier *classifier;
    const struct catalog *catalog;
    size_t count;
    struct slot *slots; /* of position p: slots[p % slot_count] */
    size_t slot_count;

    pthread_mutex_t lock; /* protects everything below */
    pthread_cond_t room, result;
    size_t next;      /* next position to be taken by a thread */
    size_t delivered; /* positions already handed to the caller */
    bool stop;
    size_t running;
    struct runner_times times;
};

static void predict_one(struct predictor *p, struct runner *runner, size_t position,
                        struct buf *path)
{
    struct slot *slot = &p->slots[position % p->slot_count];
    uint32_t id = catalog_id(p->catalog, position);
    struct region region = catalog_region(p->catalog, id);
    catalog_path(p->catalog, id, path);
    if (path->failed) {
        error_nomem(&slot->why, 0, "a path");
    }
    slot->failed =
        path->failed || !runner_run(runner, path->data, &region, slot->probabilities, &slot->why);
}

static void *predictor_thread(void *context)
{
    struct predictor *p = context;
    struct error err;
    struct buf path = BUF_INIT;
    struct runner *runner = runner_new(p->classifier, &err);
    pthread_mutex_lock(&p->lock);
    while (runner && !p->stop && p->next < p->count) {
        if (p->next >= p->delivered + p->slot_count) {
            pthread_cond_wait(&p->room, &p->lock);
            continue;
        }
        size_t position = p->next++;
        pthread_mutex_unlock(&p->lock);
        predict_one(p, runner, position, &path);
        pthread_mutex_lock(&p->lock);
        p->slots[position % p->slot_count].done = true;
        pthread_cond_signal(&p->result);
    }
    if (runner) {
        struct runner_times t = runner_times(runner);
        p->times.decode += t.decode;
        p->times.fit += t.fit;
        p->times.infer += t.infer;
    }
    p->running--;
    pthread_cond_signal(&p->result);
    pthread_mutex_unlock(&p->lock);
    runner_free(runner);
    buf_release(&path);
    return NULL;
}

/* Waits for the next result in order; NULL when no thread is left to compute it. */
static struct slot *next_result(struct predictor *p)
{
    struct slot *slot = &p->slots[p->delivered % p->slot_count];
    pthread_mutex_lock(&p->lock);
    while (!slot->done && p->running) {
        pthread_cond_wait(&p->result, &p->lock);
    }
    bool done = slot->done;
    pthread_mutex_unlock(&p->lock);
    return done ? slot : NULL;
}

static void release_slot(struct predictor *p, struct slot *slot)
{
    pthread_mutex_lock(&p->lock);
    slot->done = false;
    p->delivered++;
    pthread_cond_broadcast(&p->room);
    pthread_mutex_unlock(&p->lock);
}

static bool deliver_all(struct predictor *p, predict_fn *fn, void *context,
                        struct predict_totals *totals, struct error *err)
{
    struct buf path = BUF_INIT;
    bool ok = true;
    while (ok && p->delivered < p->count) {
        struct slot *slot = next_result(p);
        if (!slot) {
            ok = error_set(err, ERROR_IO, "out of memory for the model's activations");
            break;
        }
        uint32_t id = catalog_id(p->catalog, p->delivered);
        struct region region = catalog_region(p->catalog, id);
        catalog_path(p->catalog, id, &path);
        totals->pictures++;
        totals->failed += slot->failed;
        ok = fn(context, buf_text(&path), &region, slot->failed ? NULL : slot->probabilities,
                &slot->why, err);
        release_slot(p, slot);
    }
    buf_release(&path);
    return ok;
}

static bool init_slots(struct predictor *p, int jobs, struct error *err)
{
    size_t outputs = classifier_outputs(p->classifier);
    p->slot_count = (size_t)jobs * SLOTS_PER_JOB;
    p->slots = mem_array(p->slot_count, sizeof *p->slots);
    for (size_t i = 0; p->slots && i < p->slot_count; i++) {
        p->slots[i].probabilities = mem_array(outputs, sizeof(float));
        if (!p->slots[i].probabilities) {
            return error_nomem(err, outputs * sizeof(float), "probabilities");
        }
    }
    return p->slots || error_nomem(err, p->slot_count * sizeof *p->slots, "results");
}

static void release(struct predictor *p)
{
    for (size_t i = 0; p->slots && i < p->slot_count; i++) {
        free(p->slots[i].probabilities);
    }
    free(p->slots);
    pthread_cond_destroy(&p->room);
    pthread_cond_destroy(&p->result);
    pthread_mutex_destroy(&p->lock);
}

/* Starts the threads, delivers all results and joins the threads. */
static bool run_threads(struct predictor *p, pthread_t *threads, int jobs, predict_fn *fn,
                        void *context, struct predict_totals *totals, struct error *err)
{
    int started = 0;
    p->running = (size_t)jobs;
    while (started < jobs && thread_start(&threads[started], predictor_thread, p, err)) {
        started++;
    }
    pthread_mutex_lock(&p->lock);
    p->running -= (size_t)(jobs - started);
    pthread_mutex_unlock(&p->lock);
    bool ok = started > 0 && deliver_all(p, fn, context, totals, err);
    pthread_mutex_lock(&p->lock);
    p->stop = true;
    pthread_cond_broadcast(&p->room);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
    }
    totals->times = p->times;
    return ok;
}

bool predict_all(const struct classifier *classifier, const struct catalog *catalog, int jobs,
                 predict_fn *fn, void *context, struct predict_totals *totals, struct error *err)
{
    struct predictor p = { .classifier = classifier, .catalog = catalog };
    int64_t start = clock_monotonic_ns();
    *totals = (struct predict_totals){ 0 };
    p.count = catalog_count(catalog);
    pthread_mutex_init(&p.lock, NULL);
    pthread_cond_init(&p.room, NULL);
    pthread_cond_init(&p.result, NULL);
    pthread_t *threads = mem_array((size_t)jobs, sizeof *threads);
    bool ok = threads || error_nomem(err, (size_t)jobs * sizeof *threads, "threads");
    ok =
        ok && init_slots(&p, jobs, err) && run_threads(&p, threads, jobs, fn, context, totals, err);
    totals->wall_ns = clock_monotonic_ns() - start;
    free(threads);
    release(&p);
    return ok;
}
