#include "base/pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/thread.h"

struct helper {
    struct pool *pool;
    size_t worker;
    pthread_t thread;
};

struct pool {
    size_t workers;
    struct helper *helpers; /* workers - 1 */
    size_t started;
    pthread_mutex_t lock;
    pthread_cond_t work, done;
    pool_fn *fn; /* this and all below: under the lock */
    void *context;
    size_t next, count, busy;
    bool stop;
};

/* Runs jobs until none are left. The caller holds the lock, also on return. */
static void work_off(struct pool *p, size_t worker)
{
    while (p->next < p->count) {
        size_t job = p->next++;
        pool_fn *fn = p->fn;
        void *context = p->context;
        p->busy++;
        pthread_mutex_unlock(&p->lock);
        fn(context, job, worker);
        pthread_mutex_lock(&p->lock);
        p->busy--;
    }
    if (p->busy == 0) {
        pthread_cond_broadcast(&p->done);
    }
}

static void *help(void *context)
{
    struct helper *h = context;
    struct pool *p = h->pool;
    pthread_mutex_lock(&p->lock);
    while (!p->stop) {
        if (p->next < p->count) {
            work_off(p, h->worker);
        } else {
            pthread_cond_wait(&p->work, &p->lock);
        }
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

struct pool *pool_new(size_t workers, struct error *err)
{
    struct pool *p = calloc(1, sizeof *p);
    struct helper *helpers = mem_array(workers, sizeof *helpers);
    if (!p || !helpers) {
        free(p);
        free(helpers);
        error_nomem(err, workers * sizeof *helpers, "threads");
        return NULL;
    }
    p->workers = workers;
    p->helpers = helpers;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->work, NULL);
    pthread_cond_init(&p->done, NULL);
    for (size_t i = 0; i + 1 < workers; i++) {
        helpers[i] = (struct helper){ .pool = p, .worker = i + 1 };
        if (!thread_start(&helpers[i].thread, help, &helpers[i], err)) {
            pool_free(p);
            return NULL;
        }
        p->started++;
    }
    return p;
}

void pool_free(struct pool *p)
{
    if (!p) {
        return;
    }
    pthread_mutex_lock(&p->lock);
    p->stop = true;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    for (size_t i = 0; i < p->started; i++) {
        pthread_join(p->helpers[i].thread, NULL);
    }
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->work);
    pthread_cond_destroy(&p->done);
    free(p->helpers);
    free(p);
}

size_t pool_workers(const struct pool *p)
{
    return p->workers;
}

void pool_run(struct pool *p, size_t count, pool_fn *fn, void *context)
{
    pthread_mutex_lock(&p->lock);
    p->fn = fn;
    p->context = context;
    p->next = 0;
    p->count = count;
    pthread_cond_broadcast(&p->work);
    work_off(p, 0);
    while (p->busy > 0) {
        pthread_cond_wait(&p->done, &p->lock);
    }
    p->count = 0;
    pthread_mutex_unlock(&p->lock);
}
