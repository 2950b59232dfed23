#include "term/frames.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/mem.h"
#include "base/thread.h"

#define WORKER_NICE 10

enum entry_state { ENTRY_WORKING, ENTRY_DONE };

struct entry {
    struct frame frame; /* first: frames_unpin() gets a pointer to it */
    uint32_t id;
    struct frame_view view;
    unsigned generation; /* of the style it was made for */
    enum entry_state state;
    int pins;
    uint64_t used; /* clock of the last use */
    struct entry *next;
};

struct request {
    uint32_t id;
    struct frame_view view;
    char *path;
};

struct frames {
    pthread_mutex_t lock; /* all below */
    pthread_cond_t work;  /* there is something to do, or it is time to go */
    struct entry *entries;
    struct request *wanted;
    size_t wanted_count;
    struct frame_style style;
    bool styled;
    unsigned generation;
    uint64_t clock;
    size_t bytes, bytes_max;
    bool full; /* something wanted had to go: only the first is still made */
    bool stop;

    frames_wake_fn *wake;
    void *context;
    pthread_t *threads;
    int thread_count;
};

static bool same_view(struct frame_view a, struct frame_view b)
{
    return a.zoom == b.zoom && a.x == b.x && a.y == b.y;
}

static struct entry *find(struct frames *f, uint32_t id, struct frame_view view)
{
    for (struct entry *e = f->entries; e; e = e->next) {
        if (e->id == id && e->generation == f->generation && same_view(e->view, view)) {
            return e;
        }
    }
    return NULL;
}

static size_t entry_bytes(const struct entry *e)
{
    return e->frame.bytes.cap + sizeof *e;
}

static void remove_entry(struct frames *f, struct entry *gone)
{
    for (struct entry **at = &f->entries; *at; at = &(*at)->next) {
        if (*at == gone) {
            *at = gone->next;
            break;
        }
    }
    f->bytes -= entry_bytes(gone);
    frame_release(&gone->frame);
    free(gone);
}

/* How urgently an entry is wanted: 0 is first, SIZE_MAX not at all. */
static size_t rank_of(const struct frames *f, const struct entry *e)
{
    for (size_t i = 0; e->generation == f->generation && i < f->wanted_count; i++) {
        if (f->wanted[i].id == e->id && same_view(f->wanted[i].view, e->view)) {
            return i;
        }
    }
    return SIZE_MAX;
}

/* What can go best: the least recently used of what is not wanted, else the
 * least urgent; never the first. NULL when nothing can go. */
static struct entry *least_needed(const struct frames *f, size_t *rank)
{
    struct entry *least = NULL;
    *rank = 0;
    for (struct entry *e = f->entries; e; e = e->next) {
        if (e->state != ENTRY_DONE || e->pins) {
            continue;
        }
        size_t r = rank_of(f, e);
        if (r > *rank || (least && r == *rank && e->used < least->used)) {
            least = e;
            *rank = r;
        }
    }
    return least;
}

/* Drops what is of an old style, then what is least needed until the limit is
 * kept. */
static void evict(struct frames *f)
{
    for (struct entry *e = f->entries, *next; e; e = next) {
        next = e->next;
        if (e->generation != f->generation && e->state == ENTRY_DONE && !e->pins) {
            remove_entry(f, e);
        }
    }
    struct entry *least;
    size_t rank;
    while (f->bytes > f->bytes_max && (least = least_needed(f, &rank))) {
        f->full |= rank != SIZE_MAX;
        remove_entry(f, least);
    }
}

/* The most urgent request that nobody has begun, as a new entry; its path is
 * the caller's. */
static struct entry *take_request(struct frames *f, char **path)
{
    size_t count = f->full && f->wanted_count > 1 ? 1 : f->wanted_count;
    for (size_t i = 0; f->styled && i < count; i++) {
        struct request *r = &f->wanted[i];
        if (!r->path || find(f, r->id, r->view)) {
            continue;
        }
        struct entry *e = calloc(1, sizeof *e);
        if (!e) {
            return NULL;
        }
        e->id = r->id;
        e->view = r->view;
        e->generation = f->generation;
        e->used = ++f->clock;
        e->next = f->entries;
        f->entries = e;
        f->bytes += entry_bytes(e);
        *path = r->path;
        r->path = NULL;
        return e;
    }
    return NULL;
}

static void *work(void *context)
{
    struct frames *f = context;
    /* Of this thread alone, on Linux: what answers keys comes first. */
    setpriority(PRIO_PROCESS, 0, WORKER_NICE);
    pthread_mutex_lock(&f->lock);
    while (!f->stop) {
        char *path = NULL;
        struct entry *e = take_request(f, &path);
        if (!e) {
            pthread_cond_wait(&f->work, &f->lock);
            continue;
        }
        struct frame_style style = f->style;
        pthread_mutex_unlock(&f->lock);
        struct frame frame;
        frame_render(&frame, path, &style, e->view);
        free(path);
        pthread_mutex_lock(&f->lock);
        e->frame = frame;
        e->state = ENTRY_DONE;
        f->bytes += frame.bytes.cap;
        evict(f);
        pthread_mutex_unlock(&f->lock);
        f->wake(f->context);
        pthread_mutex_lock(&f->lock);
    }
    pthread_mutex_unlock(&f->lock);
    return NULL;
}

static bool start_threads(struct frames *f, int workers, struct error *err)
{
    while (f->thread_count < workers &&
           thread_start(&f->threads[f->thread_count], work, f, err)) {
        f->thread_count++;
    }
    return f->thread_count > 0; /* fewer than asked for do the work as well */
}

struct frames *frames_new(int workers, size_t bytes, frames_wake_fn *wake, void *context,
                          struct error *err)
{
    struct frames *f = calloc(1, sizeof *f);
    if (!f) {
        error_nomem(err, sizeof *f, "the frames");
        return NULL;
    }
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->work, NULL);
    f->bytes_max = bytes;
    f->wake = wake;
    f->context = context;
    f->threads = mem_array((size_t)workers, sizeof *f->threads);
    if (!f->threads) {
        error_nomem(err, (size_t)workers * sizeof *f->threads, "threads");
    }
    if (!f->threads || !start_threads(f, workers, err)) {
        frames_free(f);
        return NULL;
    }
    return f;
}

static void forget_requests(struct frames *f)
{
    for (size_t i = 0; i < f->wanted_count; i++) {
        free(f->wanted[i].path);
    }
    free(f->wanted);
    f->wanted = NULL;
    f->wanted_count = 0;
}

void frames_free(struct frames *f)
{
    if (!f) {
        return;
    }
    pthread_mutex_lock(&f->lock);
    f->stop = true;
    pthread_cond_broadcast(&f->work);
    pthread_mutex_unlock(&f->lock);
    for (int i = 0; i < f->thread_count; i++) {
        pthread_join(f->threads[i], NULL);
    }
    while (f->entries) {
        remove_entry(f, f->entries);
    }
    forget_requests(f);
    pthread_cond_destroy(&f->work);
    pthread_mutex_destroy(&f->lock);
    free(f->threads);
    free(f);
}

void frames_set_style(struct frames *f, const struct frame_style *style)
{
    pthread_mutex_lock(&f->lock);
    f->style = *style;
    f->styled = true;
    f->generation++;
    forget_requests(f);
    evict(f);
    pthread_mutex_unlock(&f->lock);
}

bool frames_want(struct frames *f, const struct frame_request *requests, size_t count)
{
    struct request *wanted = mem_array(count, sizeof *wanted);
    if (!wanted) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        wanted[i].id = requests[i].id;
        wanted[i].view = requests[i].view;
        wanted[i].path = mem_string(requests[i].path, strlen(requests[i].path));
    }
    pthread_mutex_lock(&f->lock);
    forget_requests(f);
    f->wanted = wanted;
    f->wanted_count = count;
    for (size_t i = count; i-- > 0;) { /* the most urgent is the most recently used */
        struct entry *e = find(f, wanted[i].id, wanted[i].view);
        if (e) {
            e->used = ++f->clock;
        }
    }
    f->full = false;
    pthread_cond_broadcast(&f->work);
    pthread_mutex_unlock(&f->lock);
    return true;
}

const struct frame *frames_get(struct frames *f, uint32_t id, struct frame_view view)
{
    pthread_mutex_lock(&f->lock);
    struct entry *e = find(f, id, view);
    if (e && e->state == ENTRY_DONE) {
        e->pins++;
        e->used = ++f->clock;
    } else {
        e = NULL;
    }
    pthread_mutex_unlock(&f->lock);
    return e ? &e->frame : NULL;
}

static struct entry *entry_of(struct frames *f, const struct frame *frame)
{
    struct entry *e = f->entries;
    while (e && &e->frame != frame) {
        e = e->next;
    }
    return e;
}

void frames_unpin(struct frames *f, const struct frame *frame)
{
    if (!frame) {
        return;
    }
    pthread_mutex_lock(&f->lock);
    struct entry *e = entry_of(f, frame);
    if (e) {
        e->pins--;
        evict(f);
    }
    pthread_mutex_unlock(&f->lock);
}

void frames_forget(struct frames *f, uint32_t id)
{
    pthread_mutex_lock(&f->lock);
    for (struct entry *e = f->entries, *next; e; e = next) {
        next = e->next;
        if (e->id == id && e->state == ENTRY_DONE && !e->pins) {
            remove_entry(f, e);
        }
    }
    pthread_mutex_unlock(&f->lock);
}

size_t frames_bytes(struct frames *f)
{
    pthread_mutex_lock(&f->lock);
    size_t bytes = f->bytes;
    pthread_mutex_unlock(&f->lock);
    return bytes;
}
