#include "looker.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "id_map.h"

#define WAITING_MAX 4096 /* pictures that wait for their embedding */
#define BYTES_MAX                                                                                  \
    ((size_t)96 << 20) /* of embeddings of added pictures; with it, a session of a                 \
                          million pictures takes 200 MiB in all */
#define BLOCK_VECTORS 256
#define WORKING UINT32_MAX /* in the map: the embedding is being computed */
#define FRAMES_FIRST 4     /* pictures that are drawn before the first is embedded */

struct request {
    uint32_t id;
    char *path;
    struct region region;
};

struct seen {
    uint32_t id;
    void *packed; /* the embedding; NULL: the picture could not be read */
};

/* What a thread works with. */
struct worker {
    struct embed_runner *runner;
    void *packed;
    struct request request; /* the picture that it has taken; without a path: none */
};

struct looker {
    const struct embedder *embedder;
    struct embedding_cache *cache;
    looker_found_fn *found;
    void *context;
    size_t bytes; /* of a packed embedding */

    pthread_mutex_t lock; /* protects everything up to `dropped` */
    struct id_map by_id;  /* index in `seen`, or WORKING */
    struct seen *seen;
    size_t count, cap;
    char **blocks; /* of BLOCK_VECTORS embeddings each */
    size_t block_count, block_cap, block_used;
    struct request *wanted;
    size_t wanted_count;
    struct request waiting[WAITING_MAX]; /* a ring buffer */
    size_t waiting_first, waiting_count;
    size_t working;
    bool dropped; /* a waiting picture was dropped: done already, or out of memory */

    struct scheduler *scheduler; /* NULL: it has not begun, or was stopped */
    struct scheduler_client client;
    struct worker *workers; /* of the scheduler's */
    size_t worker_count;
};

/* ------------------------------------------------------------------- the jobs */

/* Allocates room for one more embedding; NULL when out of memory. */
static void *new_packed(struct looker *l)
{
    if (!l->block_count || l->block_used == BLOCK_VECTORS) {
        char *block = mem_array(BLOCK_VECTORS, l->bytes);
        if (!block ||
            !mem_reserve(&l->blocks, &l->block_cap, l->block_count + 1, sizeof *l->blocks)) {
            free(block);
            return NULL;
        }
        l->blocks[l->block_count++] = block;
        l->block_used = 0;
    }
    return l->blocks[l->block_count - 1] + l->block_used++ * l->bytes;
}

/* Stores the result for a picture. packed: NULL when it failed. */
static void keep_result(struct looker *l, uint32_t id, const void *packed)
{
    if (!mem_reserve(&l->seen, &l->cap, l->count + 1, sizeof *l->seen)) {
        return; /* stays WORKING: it is not tried again */
    }
    void *copy = packed ? new_packed(l) : NULL;
    if (copy) {
        memcpy(copy, packed, l->bytes);
    }
    l->seen[l->count] = (struct seen){ id, copy };
    if (id_map_put(&l->by_id, id, (uint32_t)l->count)) {
        l->count++;
    }
}

static bool is_new(const struct looker *l, uint32_t id)
{
    uint32_t at;
    return !id_map_get(&l->by_id, id, &at);
}

/* The first wanted picture without an embedding; wanted_count: none. */
static size_t next_wanted(const struct looker *l)
{
    size_t i = 0;
    while (i < l->wanted_count && !(l->wanted[i].path && is_new(l, l->wanted[i].id))) {
        i++;
    }
    return i;
}

static struct request pop_waiting(struct looker *l)
{
    struct request r = l->waiting[l->waiting_first];
    l->waiting_first = (l->waiting_first + 1) % WAITING_MAX;
    l->waiting_count--;
    return r;
}

/* Those that were wanted meanwhile. */
static void drop_done(struct looker *l)
{
    while (l->waiting_count && !is_new(l, l->waiting[l->waiting_first].id)) {
        free(pop_waiting(l).path);
        l->dropped = true;
    }
}

/* As in base/scheduler.h. What was dropped is a job too: to tell that the queue is empty. */
static size_t urgency_of_next(void *self)
{
    struct looker *l = self;
    pthread_mutex_lock(&l->lock);
    size_t i = next_wanted(l);
    size_t urgency = i + FRAMES_FIRST;
    if (i == l->wanted_count) {
        drop_done(l);
        urgency = l->waiting_count || l->dropped ? URGENCY_IDLE : URGENCY_NONE;
    }
    pthread_mutex_unlock(&l->lock);
    return urgency;
}

static void take_request(void *self, size_t worker)
{
    struct looker *l = self;
    struct request *taken = &l->workers[worker].request;
    taken->path = NULL;
    pthread_mutex_lock(&l->lock);
    size_t i = next_wanted(l);
    drop_done(l);
    if (i < l->wanted_count) {
        *taken = l->wanted[i];
        l->wanted[i].path = NULL;
    } else if (l->waiting_count) {
        *taken = pop_waiting(l);
    }
    if (taken->path && id_map_put(&l->by_id, taken->id, WORKING)) {
        l->working++;
    } else if (taken->path) { /* out of memory: skip it */
        free(taken->path);
        taken->path = NULL;
        l->dropped = true;
    }
    pthread_mutex_unlock(&l->lock);
}

static void do_request(void *self, size_t worker)
{
    struct looker *l = self;
    struct worker *w = &l->workers[worker];
    struct request *r = &w->request;
    bool ok =
        r->path && embedding_cache_get(l->cache, w->runner, r->path, &r->region, w->packed, NULL);
    pthread_mutex_lock(&l->lock);
    if (r->path) {
        keep_result(l, r->id, ok ? w->packed : NULL);
        l->working--;
    }
    l->dropped = false;
    pthread_mutex_unlock(&l->lock);
    free(r->path);
    l->found(l->context);
}

/* ------------------------------------------------------ beginning and end */

static bool make_workers(struct looker *l, size_t count, struct error *err)
{
    l->workers = mem_array(count, sizeof *l->workers);
    if (!l->workers) {
        return error_nomem(err, count * sizeof *l->workers, "the embeddings");
    }
    l->worker_count = count;
    for (size_t i = 0; i < count; i++) {
        struct worker *w = &l->workers[i];
        w->runner = embed_runner_new(l->embedder, err);
        w->packed = malloc(l->bytes);
        if (!w->runner || (!w->packed && !error_nomem(err, l->bytes, "an embedding"))) {
            return false;
        }
    }
    return true;
}

bool looker_start(struct looker *l, struct scheduler *scheduler, looker_found_fn *found,
                  void *context, struct error *err)
{
    l->found = found;
    l->context = context;
    l->client = (struct scheduler_client){ .self = l,
                                           .yield = THREAD_LATER,
                                           .next = urgency_of_next,
                                           .take = take_request,
                                           .run = do_request };
    if (!make_workers(l, scheduler_workers(scheduler), err) ||
        !scheduler_join(scheduler, &l->client, err)) {
        return false;
    }
    l->scheduler = scheduler;
    return true;
}

struct looker *looker_new(const struct embedder *e, struct embedding_cache *cache,
                          struct error *err)
{
    struct looker *l = calloc(1, sizeof *l);
    if (!l) {
        error_nomem(err, sizeof *l, "the embeddings");
        return NULL;
    }
    l->embedder = e;
    l->cache = cache;
    l->bytes = embedder_packed_bytes(e);
    pthread_mutex_init(&l->lock, NULL);
    return l;
}

static void forget_wanted(struct looker *l)
{
    for (size_t i = 0; i < l->wanted_count; i++) {
        free(l->wanted[i].path);
    }
    free(l->wanted);
    l->wanted = NULL;
    l->wanted_count = 0;
}

void looker_stop(struct looker *l)
{
    if (l && l->scheduler) {
        scheduler_leave(l->scheduler, &l->client);
        l->scheduler = NULL;
    }
}

void looker_free(struct looker *l)
{
    if (!l) {
        return;
    }
    looker_stop(l);
    for (size_t i = 0; i < l->worker_count; i++) {
        embed_runner_free(l->workers[i].runner);
        free(l->workers[i].packed);
    }
    free(l->workers);
    forget_wanted(l);
    for (size_t i = 0; i < l->waiting_count; i++) {
        free(l->waiting[(l->waiting_first + i) % WAITING_MAX].path);
    }
    for (size_t i = 0; i < l->block_count; i++) {
        free(l->blocks[i]);
    }
    free(l->blocks);
    free(l->seen);
    id_map_release(&l->by_id);
    pthread_mutex_destroy(&l->lock);
    free(l);
}

/* ----------------------------------------------------------------- requests */

static void notify(struct looker *l)
{
    if (l->scheduler) {
        scheduler_notify(l->scheduler);
    }
}

bool looker_want(struct looker *l, const struct guess_request *requests, size_t count)
{
    struct request *wanted = mem_array(count, sizeof *wanted);
    if (!wanted) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        wanted[i].id = requests[i].id;
        wanted[i].region = requests[i].region;
        wanted[i].path = mem_string(requests[i].path, strlen(requests[i].path));
    }
    pthread_mutex_lock(&l->lock);
    forget_wanted(l);
    l->wanted = wanted;
    l->wanted_count = count;
    pthread_mutex_unlock(&l->lock);
    notify(l);
    return true;
}

bool looker_full(struct looker *l)
{
    pthread_mutex_lock(&l->lock);
    bool full = l->block_count * BLOCK_VECTORS * l->bytes >= BYTES_MAX;
    pthread_mutex_unlock(&l->lock);
    return full;
}

bool looker_add(struct looker *l, uint32_t id, const char *path, const struct region *region)
{
    char *copy = mem_string(path, strlen(path));
    pthread_mutex_lock(&l->lock);
    bool room = l->waiting_count < WAITING_MAX;
    if (copy && room) {
        l->waiting[(l->waiting_first + l->waiting_count++) % WAITING_MAX] =
            (struct request){ id, copy, *region };
    }
    pthread_mutex_unlock(&l->lock);
    if (copy && room) {
        notify(l);
    } else {
        free(copy);
    }
    return room;
}

size_t looker_count(struct looker *l)
{
    pthread_mutex_lock(&l->lock);
    size_t count = l->count;
    pthread_mutex_unlock(&l->lock);
    return count;
}

enum look looker_at(struct looker *l, size_t place, uint32_t *id, const void **packed)
{
    pthread_mutex_lock(&l->lock);
    struct seen seen = l->seen[place];
    pthread_mutex_unlock(&l->lock);
    *id = seen.id;
    *packed = seen.packed;
    return seen.packed ? LOOK_SEEN : LOOK_FAILED;
}

enum look looker_find(struct looker *l, uint32_t id, size_t *place, const void **packed)
{
    uint32_t at;
    pthread_mutex_lock(&l->lock);
    bool there = id_map_get(&l->by_id, id, &at) && at != WORKING;
    if (there) {
        *place = at;
        *packed = l->seen[at].packed;
    }
    pthread_mutex_unlock(&l->lock);
    return !there ? LOOK_NOT_YET : *packed ? LOOK_SEEN : LOOK_FAILED;
}

bool looker_idle(struct looker *l)
{
    pthread_mutex_lock(&l->lock);
    bool idle = !l->working && !l->waiting_count;
    for (size_t i = 0; idle && i < l->wanted_count; i++) {
        idle = !l->wanted[i].path || !is_new(l, l->wanted[i].id);
    }
    pthread_mutex_unlock(&l->lock);
    return idle;
}
