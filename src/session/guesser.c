#include "session/guesser.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/mem.h"
#include "base/thread.h"

#define RESULTS_MAX 512 /* guesses kept */

#define WORKER_NICE 10

struct result {
    uint32_t id;
    bool failed;
    size_t best;
    float confidence;
    float *classes;
    struct result *next; /* newest first */
};

struct request {
    uint32_t id;
    char *path;
};

struct guesser {
    struct classifier *classifier;
    struct runner *runner;
    size_t outputs, class_count, known;
    size_t *class_of; /* of each output; class_count: none */

    pthread_mutex_t lock; /* all below */
    pthread_cond_t work;
    struct result *results;
    struct result *retired; /* dropped, but perhaps still looked at */
    size_t result_count;
    struct request *wanted;
    size_t wanted_count;
    bool stop;

    guesser_wake_fn *wake;
    void *wake_context;
    pthread_t thread;
    bool started;
};

static struct result *find(const struct guesser *g, uint32_t id)
{
    struct result *r = g->results;
    while (r && r->id != id) {
        r = r->next;
    }
    return r;
}

static struct result *make_result(struct guesser *g, uint32_t id, const char *path)
{
    struct result *r = calloc(1, sizeof *r);
    float *outputs = mem_array(g->outputs, sizeof *outputs);
    if (r) {
        r->classes = mem_array(g->class_count, sizeof *r->classes);
    }
    if (!r || !outputs || !r->classes) {
        free(outputs);
        free(r ? r->classes : NULL);
        free(r);
        return NULL;
    }
    r->id = id;
    r->best = g->class_count;
    r->failed = !runner_run(g->runner, path, outputs, NULL);
    for (size_t i = 0; !r->failed && i < g->outputs; i++) {
        size_t c = g->class_of[i];
        if (c < g->class_count) {
            r->classes[c] += outputs[i];
            if (r->best == g->class_count || r->classes[c] > r->confidence) {
                r->best = c;
                r->confidence = r->classes[c];
            }
        }
    }
    free(outputs);
    return r;
}

static void free_results(struct result *r)
{
    while (r) {
        struct result *next = r->next;
        free(r->classes);
        free(r);
        r = next;
    }
}

/* Keeps the newest RESULTS_MAX; the others wait for the next guesser_want(). */
static void add_result(struct guesser *g, struct result *r)
{
    r->next = g->results;
    g->results = r;
    if (++g->result_count <= RESULTS_MAX) {
        return;
    }
    struct result **at = &g->results;
    while ((*at)->next) {
        at = &(*at)->next;
    }
    (*at)->next = g->retired;
    g->retired = *at;
    *at = NULL;
    g->result_count--;
}

static char *take_request(struct guesser *g, uint32_t *id)
{
    for (size_t i = 0; i < g->wanted_count; i++) {
        struct request *r = &g->wanted[i];
        if (r->path && !find(g, r->id)) {
            char *path = r->path;
            *id = r->id;
            r->path = NULL;
            return path;
        }
    }
    return NULL;
}

static void *work(void *context)
{
    struct guesser *g = context;
    /* Of this thread alone, on Linux: what answers keys comes first. */
    setpriority(PRIO_PROCESS, 0, WORKER_NICE);
    pthread_mutex_lock(&g->lock);
    while (!g->stop) {
        uint32_t id = 0;
        char *path = take_request(g, &id);
        if (!path) {
            pthread_cond_wait(&g->work, &g->lock);
            continue;
        }
        pthread_mutex_unlock(&g->lock);
        struct result *r = make_result(g, id, path);
        free(path);
        pthread_mutex_lock(&g->lock);
        if (r) {
            add_result(g, r);
        }
        pthread_mutex_unlock(&g->lock);
        g->wake(g->wake_context);
        pthread_mutex_lock(&g->lock);
    }
    pthread_mutex_unlock(&g->lock);
    return NULL;
}

static bool map_classes(struct guesser *g, const char *path, const struct nn_labels *names,
                        const struct classes *classes, struct error *err)
{
    g->outputs = classifier_outputs(g->classifier);
    g->class_count = classes->count;
    if (g->outputs != names->count) {
        return error_set(err, ERROR_DATA, "%s: the model has %zu outputs, but %zu class names",
                         path, g->outputs, names->count);
    }
    g->class_of = mem_array(g->outputs, sizeof *g->class_of);
    if (!g->class_of) {
        return error_nomem(err, g->outputs * sizeof *g->class_of, "the classes of a model");
    }
    for (size_t i = 0; i < g->outputs; i++) {
        g->class_of[i] = classes_find(classes, names->names[i]);
        g->known += g->class_of[i] < classes->count;
    }
    if (!g->known) {
        return error_set(err, ERROR_USAGE,
                         "%s: none of the model's %zu classes (%s, …) is one of yours (%s, …)",
                         path, names->count, names->names[0], classes->items[0].name);
    }
    return true;
}

static bool load(struct guesser *g, const char *path, const struct classifier_options *options,
                 const struct nn_labels *names, const struct classes *classes, struct error *err)
{
    g->classifier = classifier_load(path, options, err);
    if (!g->classifier || !map_classes(g, path, names, classes, err)) {
        return false;
    }
    g->runner = runner_new(g->classifier, err);
    return g->runner != NULL;
}

static bool start(struct guesser *g, struct error *err)
{
    g->started = thread_start(&g->thread, work, g, err);
    return g->started;
}

struct guesser *guesser_new(const struct guesser_options *options, guesser_wake_fn *wake,
                            void *context, struct error *err)
{
    struct guesser *g = calloc(1, sizeof *g);
    if (!g) {
        error_nomem(err, sizeof *g, "the guesser");
        return NULL;
    }
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->work, NULL);
    g->wake = wake;
    g->wake_context = context;
    if (!load(g, options->model_path, options->classifier, options->names, options->classes, err) || !start(g, err)) {
        guesser_free(g);
        return NULL;
    }
    return g;
}

static void forget_requests(struct guesser *g)
{
    for (size_t i = 0; i < g->wanted_count; i++) {
        free(g->wanted[i].path);
    }
    free(g->wanted);
    g->wanted = NULL;
    g->wanted_count = 0;
}

void guesser_free(struct guesser *g)
{
    if (!g) {
        return;
    }
    if (g->started) {
        pthread_mutex_lock(&g->lock);
        g->stop = true;
        pthread_cond_signal(&g->work);
        pthread_mutex_unlock(&g->lock);
        pthread_join(g->thread, NULL);
    }
    forget_requests(g);
    free_results(g->results);
    free_results(g->retired);
    runner_free(g->runner);
    classifier_free(g->classifier);
    free(g->class_of);
    pthread_cond_destroy(&g->work);
    pthread_mutex_destroy(&g->lock);
    free(g);
}

bool guesser_want(struct guesser *g, const struct guess_request *requests, size_t count)
{
    struct request *wanted = mem_array(count, sizeof *wanted);
    if (!wanted) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        wanted[i].id = requests[i].id;
        wanted[i].path = mem_string(requests[i].path, strlen(requests[i].path));
    }
    pthread_mutex_lock(&g->lock);
    forget_requests(g);
    free_results(g->retired);
    g->retired = NULL;
    g->wanted = wanted;
    g->wanted_count = count;
    pthread_cond_signal(&g->work);
    pthread_mutex_unlock(&g->lock);
    return true;
}

bool guesser_get(struct guesser *g, uint32_t id, struct guess *guess)
{
    pthread_mutex_lock(&g->lock);
    const struct result *r = find(g, id);
    if (r) {
        *guess = (struct guess){ r->failed, r->best, r->confidence, r->classes };
    }
    pthread_mutex_unlock(&g->lock);
    return r != NULL;
}

size_t guesser_known(const struct guesser *g)
{
    return g->known;
}
