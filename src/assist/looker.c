#include "looker.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/thread.h"
#include "id_map.h"

#define WAITING_MAX 4096 /* pictures that wait for their embedding */
#define BYTES_MAX                                                                                  \
    ((size_t)96 << 20) /* of embeddings of added pictures; with it, a session of a                 \
                          million pictures takes 200 MiB in all */
#define BLOCK_VECTORS 256
#define WORKING UINT32_MAX /* in the map: the embedding is being computed */

struct request {
    uint32_t id;
    char *path;
    struct region region;
};

struct seen {
    uint32_t id;
    void *packed; /* the embedding; NULL: the picture could not be read */
};

struct looker {
    const struct embedder *embedder;
    struct embedding_cache *cache;
    looker_found_fn *found;
    void *context;
    size_t bytes; /* of a packed embedding */

    pthread_mutex_t lock; /* protects everything below */
    pthread_cond_t work;
    struct id_map by_id; /* index in `seen`, or WORKING */
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
    bool stop;

    pthread_t *threads;
    struct embed_runner **runners; /* one per thread */
    void **packed;                 /* one buffer per thread */
    int thread_count, begun;
};

/* --------------------------------------------------------------- the threads */

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

/* The request to process next, whose path the caller frees; path NULL: idle. */
static struct request next_request(struct looker *l)
{
    for (size_t i = 0; i < l->wanted_count; i++) {
        struct request *r = &l->wanted[i];
        if (r->path && is_new(l, r->id)) {
            struct request next = *r;
            r->path = NULL;
            if (id_map_put(&l->by_id, r->id, WORKING)) {
                return next;
            }
            free(next.path); /* out of memory: skip it */
            l->dropped = true;
        }
    }
    while (l->waiting_count) {
        struct request r = l->waiting[l->waiting_first];
        l->waiting_first = (l->waiting_first + 1) % WAITING_MAX;
        l->waiting_count--;
        if (is_new(l, r.id) && id_map_put(&l->by_id, r.id, WORKING)) {
            return r;
        }
        free(r.path);
        l->dropped = true;
    }
    return (struct request){ .path = NULL };
}

static void report_found(struct looker *l)
{
    l->dropped = false;
    pthread_mutex_unlock(&l->lock);
    l->found(l->context);
    pthread_mutex_lock(&l->lock);
}

static void work_on(struct looker *l, struct embed_runner *runner, void *packed)
{
    struct request next = next_request(l);
    if (!next.path) {
        if (l->dropped) {
            report_found(l); /* the queue is empty now */
        } else {
            pthread_cond_wait(&l->work, &l->lock);
        }
        return;
    }
    l->working++;
    pthread_mutex_unlock(&l->lock);
    bool ok = embedding_cache_get(l->cache, runner, next.path, &next.region, packed, NULL);
    free(next.path);
    pthread_mutex_lock(&l->lock);
    keep_result(l, next.id, ok ? packed : NULL);
    l->working--;
    report_found(l);
}

static void *embedding_thread(void *context)
{
    struct looker *l = context;
    thread_give_way(THREAD_LATER); /* rendering the next pictures is more urgent */
    pthread_mutex_lock(&l->lock);
    struct embed_runner *runner = l->runners[l->begun];
    void *packed = l->packed[l->begun++];
    while (!l->stop) {
        work_on(l, runner, packed);
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

/* ------------------------------------------------------ beginning and end */

bool looker_start(struct looker *l, int workers, looker_found_fn *found, void *context,
                  struct error *err)
{
    l->found = found;
    l->context = context;
    l->threads = mem_array((size_t)workers, sizeof *l->threads);
    l->runners = mem_array((size_t)workers, sizeof(struct embed_runner *));
    l->packed = mem_array((size_t)workers, sizeof(void *));
    if (!l->threads || !l->runners || !l->packed) {
        return error_nomem(err, (size_t)workers * sizeof *l->threads, "threads");
    }
    for (int i = 0; i < workers; i++) {
        l->runners[i] = embed_runner_new(l->embedder, err);
        l->packed[i] = malloc(l->bytes);
        bool ok = l->runners[i] && (l->packed[i] || error_nomem(err, l->bytes, "an embedding")) &&
                  thread_start(&l->threads[i], embedding_thread, l, err);
        if (!ok) {
            embed_runner_free(l->runners[i]);
            free(l->packed[i]);
            return false;
        }
        l->thread_count++;
    }
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
    pthread_cond_init(&l->work, NULL);
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
    if (!l) {
        return;
    }
    pthread_mutex_lock(&l->lock);
    l->stop = true;
    pthread_cond_broadcast(&l->work);
    pthread_mutex_unlock(&l->lock);
    for (int i = 0; i < l->thread_count; i++) {
        pthread_join(l->threads[i], NULL);
    }
    for (int i = 0; i < l->thread_count; i++) { /* runner/thread assignment is arbitrary */
        embed_runner_free(l->runners[i]);
        free(l->packed[i]);
    }
    l->thread_count = 0;
}

void looker_free(struct looker *l)
{
    if (!l) {
        return;
    }
    looker_stop(l);
    free(l->threads);
    free(l->runners);
    free(l->packed);
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
    pthread_cond_destroy(&l->work);
    pthread_mutex_destroy(&l->lock);
    free(l);
}

/* ----------------------------------------------------------------- requests */

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
    pthread_cond_broadcast(&l->work);
    pthread_mutex_unlock(&l->lock);
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
        pthread_cond_signal(&l->work);
    }
    pthread_mutex_unlock(&l->lock);
    if (copy && !room) {
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
