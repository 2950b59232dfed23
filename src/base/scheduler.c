#include "base/scheduler.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/mem.h"

#define KINDS 2   /* of enum thread_yield */
#define CLIENTS 8 /* at a time */

struct member {
    const struct scheduler_client *client; /* NULL: a free place */
    size_t running;
};

struct worker {
    struct scheduler *scheduler;
    enum thread_yield kind;
    size_t number;
    pthread_t thread;
};

struct kind {
    struct worker *workers;
    size_t started;
    pthread_cond_t work; /* wakes one of them: a job may begin */
    size_t waiting;      /* for that */
};

struct scheduler {
    size_t workers;
    struct kind kinds[KINDS];
    pthread_mutex_t lock;   /* protects everything below, and what waits of a kind */
    pthread_cond_t stopped; /* a member has no job running any more */
    struct member members[CLIENTS];
    size_t running;
    bool stop;
};

/* The member of that kind that has the most urgent job, the first of equals; NULL: none. */
static struct member *most_urgent(struct scheduler *s, enum thread_yield kind, size_t *urgency)
{
    struct member *best = NULL;
    *urgency = URGENCY_NONE;
    for (size_t i = 0; i < CLIENTS; i++) {
        const struct scheduler_client *c = s->members[i].client;
        size_t next = c && c->yield == kind ? c->next(c->self) : URGENCY_NONE;
        if (next < *urgency) {
            *urgency = next;
            best = &s->members[i];
        }
    }
    return best;
}

/* The member whose job a thread of that kind may begin now; NULL: none. Of equally urgent ones
 * those that are needed soon come first. */
static struct member *may_begin(struct scheduler *s, enum thread_yield kind)
{
    size_t own, other;
    struct member *m = most_urgent(s, kind, &own);
    if (!m || own < URGENCY_NEAR) {
        return m;
    }
    if (s->running >= s->workers) {
        return NULL;
    }
    most_urgent(s, kind == THREAD_SOON ? THREAD_LATER : THREAD_SOON, &other);
    return own < other || (own == other && kind == THREAD_SOON) ? m : NULL;
}

/* Wakes a thread of each kind that may begin a job; each wakes the next one. */
static void wake_workers(struct scheduler *s)
{
    for (int kind = 0; kind < KINDS; kind++) {
        if (s->kinds[kind].waiting && may_begin(s, (enum thread_yield)kind)) {
            pthread_cond_signal(&s->kinds[kind].work);
        }
    }
}

/* Does a job of the member, with the lock released meanwhile. */
static void work(struct scheduler *s, struct member *m, size_t worker)
{
    const struct scheduler_client *c = m->client;
    c->take(c->self, worker);
    m->running++;
    s->running++;
    wake_workers(s);
    pthread_mutex_unlock(&s->lock);
    c->run(c->self, worker);
    pthread_mutex_lock(&s->lock);
    s->running--;
    if (--m->running == 0) {
        pthread_cond_broadcast(&s->stopped);
    }
}

static void *work_on(void *context)
{
    struct worker *w = context;
    struct scheduler *s = w->scheduler;
    struct kind *k = &s->kinds[w->kind];
    thread_give_way(w->kind);
    pthread_mutex_lock(&s->lock);
    while (!s->stop) {
        struct member *m = may_begin(s, w->kind);
        if (m) {
            work(s, m, w->number);
        } else {
            wake_workers(s); /* a thread of the other kind may have waited for this one */
            k->waiting++;
            pthread_cond_wait(&k->work, &s->lock);
            k->waiting--;
        }
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

/* ------------------------------------------------------ beginning and end */

struct scheduler *scheduler_new(size_t workers, struct error *err)
{
    struct scheduler *s = calloc(1, sizeof *s);
    if (!s) {
        error_nomem(err, sizeof *s, "the threads");
        return NULL;
    }
    s->workers = workers;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->stopped, NULL);
    for (int kind = 0; kind < KINDS; kind++) {
        pthread_cond_init(&s->kinds[kind].work, NULL);
    }
    for (int kind = 0; kind < KINDS; kind++) {
        s->kinds[kind].workers = mem_array(workers, sizeof *s->kinds[kind].workers);
        if (!s->kinds[kind].workers) {
            error_nomem(err, workers * sizeof *s->kinds[kind].workers, "threads");
            scheduler_free(s);
            return NULL;
        }
    }
    return s;
}

void scheduler_free(struct scheduler *s)
{
    if (!s) {
        return;
    }
    pthread_mutex_lock(&s->lock);
    s->stop = true;
    for (int kind = 0; kind < KINDS; kind++) {
        pthread_cond_broadcast(&s->kinds[kind].work);
    }
    pthread_mutex_unlock(&s->lock);
    for (int kind = 0; kind < KINDS; kind++) {
        struct kind *k = &s->kinds[kind];
        for (size_t i = 0; i < k->started; i++) {
            pthread_join(k->workers[i].thread, NULL);
        }
        pthread_cond_destroy(&k->work);
        free(k->workers);
    }
    pthread_cond_destroy(&s->stopped);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

size_t scheduler_workers(const struct scheduler *s)
{
    return s->workers;
}

static bool start_workers(struct scheduler *s, enum thread_yield kind, struct error *err)
{
    struct kind *k = &s->kinds[kind];
    while (k->started < s->workers) {
        struct worker *w = &k->workers[k->started];
        *w = (struct worker){ .scheduler = s, .kind = kind, .number = k->started };
        if (!thread_start(&w->thread, work_on, w, err)) {
            break;
        }
        k->started++;
    }
    return k->started > 0;
}

static struct member *member_of(struct scheduler *s, const struct scheduler_client *client)
{
    struct member *m = s->members;
    while (m < s->members + CLIENTS && m->client != client) {
        m++;
    }
    return m < s->members + CLIENTS ? m : NULL;
}

bool scheduler_join(struct scheduler *s, const struct scheduler_client *client, struct error *err)
{
    if (!start_workers(s, client->yield, err)) {
        return false;
    }
    pthread_mutex_lock(&s->lock);
    struct member *m = member_of(s, NULL);
    if (m) {
        *m = (struct member){ .client = client };
        wake_workers(s);
    }
    pthread_mutex_unlock(&s->lock);
    return m || error_set(err, ERROR_UNSUPPORTED, "more than %d clients of the threads", CLIENTS);
}

void scheduler_leave(struct scheduler *s, const struct scheduler_client *client)
{
    pthread_mutex_lock(&s->lock);
    struct member *m = member_of(s, client);
    if (m) {
        m->client = NULL;
        wake_workers(s); /* those that waited for a more urgent job of it */
        while (m->running) {
            pthread_cond_wait(&s->stopped, &s->lock);
        }
    }
    pthread_mutex_unlock(&s->lock);
}

void scheduler_notify(struct scheduler *s)
{
    pthread_mutex_lock(&s->lock);
    wake_workers(s);
    pthread_mutex_unlock(&s->lock);
}
