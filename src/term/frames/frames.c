/* The render cache's requests, and the jobs that it has for the scheduler. */
#include "term/frames.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/stamp.h"
#include "frames/frame_table.h"

struct request {
    uint32_t id;
    struct region region;
    struct frame_view view;
    char *path;
    struct kept_sheet *sheet; /* NULL: a picture */
};

struct frames {
    struct scheduler *scheduler;
    struct scheduler_client client;
    struct entry **taken; /* by each of its workers; NULL: none */

    pthread_mutex_t lock; /* guards everything up to `stop` */
    struct frame_table table;
    struct request *wanted;
    size_t wanted_count;
    int working;  /* workers that render a frame */
    bool full;    /* a wanted frame was evicted: only render the most urgent one */
    bool starved; /* a wanted frame could not be started for lack of memory */
    bool stop;

    struct picture_cache *pictures;
    frames_wake_fn *wake;
    void *context;
};

/* The most urgent request that has no entry; wanted_count: none is left. */
static size_t next_request(const struct frames *f)
{
    size_t count = f->full && f->wanted_count > 1 ? 1 : f->wanted_count;
    for (size_t i = 0; f->table.styled && i < count; i++) {
        const struct request *r = &f->wanted[i];
        if (r->path && !frame_table_find(&f->table, r->id, r->view)) {
            return i;
        }
    }
    return f->wanted_count;
}

/* True when there is a request to render, *place. Not after one failed for lack of memory. */
static bool has_request(const struct frames *f, size_t *place)
{
    *place = next_request(f);
    return !f->starved && *place < f->wanted_count;
}

/* As in base/scheduler.h: the place in the list, 0 is on the screen. */
static size_t urgency_of_next(void *self)
{
    struct frames *f = self;
    size_t i;
    pthread_mutex_lock(&f->lock);
    size_t urgency = has_request(f, &i) ? i : URGENCY_NONE;
    pthread_mutex_unlock(&f->lock);
    return urgency;
}

/* Makes an entry for the next request. Without memory for it the worker only tells of that. */
static void take_request(void *self, size_t worker)
{
    struct frames *f = self;
    size_t i;
    pthread_mutex_lock(&f->lock);
    f->taken[worker] = NULL;
    if (has_request(f, &i)) {
        const struct request *r = &f->wanted[i];
        struct entry *e = frame_table_add(&f->table, r->id, r->view, r->path, &r->region, r->sheet);
        if (e) {
            e->rank = i;
            f->working++;
            f->taken[worker] = e;
        } else {
            f->starved = true;
            picture_cache_await(f->pictures, NULL);
        }
    }
    pthread_mutex_unlock(&f->lock);
}

/* True when the most urgent request has not been started: the user may be waiting for
 * it. */
static bool is_waited_for(const struct frames *f)
{
    const struct request *first = f->wanted_count ? &f->wanted[0] : NULL;
    return first && first->path && !frame_table_find(&f->table, first->id, first->view);
}

/* Hands over a rendered frame. True when the worker has time to store a thumbnail. */
static bool finish(struct frames *f, struct entry *e, const struct frame *frame,
                   const struct file_stamp *stamp)
{
    pthread_mutex_lock(&f->lock);
    frame_table_done(&f->table, e, frame, stamp);
    f->working--;
    picture_cache_arrived(f->pictures, e->path);
    f->full |= frame_table_evict(&f->table);
    bool time = !f->stop && !is_waited_for(f);
    pthread_mutex_unlock(&f->lock);
    f->wake(f->context);
    return time;
}

/* Others may change it. */
static unsigned rank_of(struct frames *f, const struct entry *e)
{
    pthread_mutex_lock(&f->lock);
    unsigned rank = (unsigned)e->rank;
    pthread_mutex_unlock(&f->lock);
    return rank;
}

static void make_sheet(struct frames *f, struct entry *e)
{
    struct frame frame;
    frame_draw_sheet(&frame, e->sheet, &e->style, e->view, f->pictures, rank_of(f, e));
    finish(f, e, &frame, &e->sheet->stamps[0]);
}

/* Renders an entry. Only this thread uses the entry until finish(), after which it may be
 * evicted at any time. */
static void make_picture(struct frames *f, struct entry *e)
{
    unsigned rank = rank_of(f, e);
    struct frame frame;
    struct file_stamp stamp;
    char *path = mem_string(e->path, strlen(e->path)); /* for when the entry has gone; or NULL */
    file_stamp_of(e->path, &stamp); /* before reading: the content is at least as new */
    const struct picture *picture =
        frame_decode(&frame, e->path, &stamp, &e->region, &e->style, e->view, f->pictures, rank);
    picture_cache_arrived(f->pictures, e->path); /* what it needs it has now */
    frame_draw(&frame, picture ? &picture->image : NULL, &e->region, &e->style, e->view);
    bool drawn = !frame.failed;
    if (finish(f, e, &frame, &stamp) && drawn && path) {
        picture_cache_keep_thumbnail(f->pictures, path, picture);
    }
    free(path);
    picture_cache_put(f->pictures, picture);
}

static void do_request(void *self, size_t worker)
{
    struct frames *f = self;
    struct entry *e = f->taken[worker];
    if (e && e->sheet) {
        make_sheet(f, e);
    } else if (e) {
        make_picture(f, e);
    } else if (frames_starved(f)) {
        f->wake(f->context);
    }
}

struct frames *frames_new(struct scheduler *scheduler, size_t bytes, struct picture_cache *pictures,
                          frames_wake_fn *wake, void *context, struct error *err)
{
    struct frames *f = calloc(1, sizeof *f);
    size_t workers = scheduler_workers(scheduler);
    if (!f) {
        error_nomem(err, sizeof *f, "the frames");
        return NULL;
    }
    pthread_mutex_init(&f->lock, NULL);
    f->scheduler = scheduler;
    f->client = (struct scheduler_client){ .self = f,
                                           .yield = THREAD_SOON,
                                           .next = urgency_of_next,
                                           .take = take_request,
                                           .run = do_request };
    f->pictures = pictures;
    f->wake = wake;
    f->context = context;
    f->taken = mem_array(workers, sizeof(struct entry *));
    if (!f->taken) {
        error_nomem(err, workers * sizeof(struct entry *), "the frames");
    }
    if (!frame_table_init(&f->table, bytes, err) || !f->taken ||
        !scheduler_join(scheduler, &f->client, err)) {
        frames_free(f);
        return NULL;
    }
    return f;
}

static void forget_requests(struct frames *f)
{
    for (size_t i = 0; i < f->wanted_count; i++) {
        free(f->wanted[i].path);
        kept_sheet_free(f->wanted[i].sheet);
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
    picture_cache_await(f->pictures, NULL);
    pthread_mutex_lock(&f->lock);
    f->stop = true;
    pthread_mutex_unlock(&f->lock);
    scheduler_leave(f->scheduler, &f->client);
    frame_table_release(&f->table);
    forget_requests(f);
    pthread_mutex_destroy(&f->lock);
    free(f->taken);
    free(f);
}

void frames_set_style(struct frames *f, const struct frame_style *style)
{
    int width, height;
    frame_box(style, &width, &height);
    picture_cache_set_box(f->pictures, width, height);
    picture_cache_await(f->pictures, NULL);
    pthread_mutex_lock(&f->lock);
    frame_table_set_style(&f->table, style);
    frame_table_clear_ranks(&f->table);
    forget_requests(f);
    pthread_mutex_unlock(&f->lock);
}

/* Tells which pictures are needed next, and whether the first of them is still to be decoded. */
static void announce(const struct frames *f)
{
    const char **paths = mem_array(f->wanted_count, sizeof *paths);
    size_t count = 0;
    for (size_t i = 0; paths && i < f->wanted_count; i++) {
        if (f->wanted[i].path) {
            paths[count++] = f->wanted[i].path;
        }
    }
    picture_cache_set_next(f->pictures, paths, count);
    free(paths);
    const struct request *first = f->wanted_count ? &f->wanted[0] : NULL;
    const struct entry *e = first ? frame_table_find(&f->table, first->id, first->view) : NULL;
    bool coming = first && f->table.styled && !(e && e->state == ENTRY_DONE);
    picture_cache_await(f->pictures, coming ? first->path : NULL);
}

bool frames_want(struct frames *f, const struct frame_request *requests, size_t count)
{
    struct request *wanted = mem_array(count, sizeof *wanted);
    bool starved = !wanted;
    for (size_t i = 0; wanted && i < count; i++) {
        wanted[i].id = requests[i].id;
        wanted[i].region = requests[i].region;
        wanted[i].view = requests[i].view;
        size_t len = strlen(requests[i].path); /* 0: the caller ran out of memory */
        wanted[i].path = len ? mem_string(requests[i].path, len) : NULL;
        wanted[i].sheet = kept_sheet_new(requests[i].sheet);
        if (requests[i].sheet && !wanted[i].sheet) {
            free(wanted[i].path);
            wanted[i].path = NULL;
        }
        starved |= !wanted[i].path;
    }
    pthread_mutex_lock(&f->lock);
    f->starved = starved;
    if (!wanted) {
        pthread_mutex_unlock(&f->lock);
        return false;
    }
    forget_requests(f);
    f->wanted = wanted;
    f->wanted_count = count;
    frame_table_clear_ranks(&f->table);
    for (size_t i = count; i-- > 0;) { /* the most urgent is the most recently used */
        struct entry *e = frame_table_find(&f->table, wanted[i].id, wanted[i].view);
        if (e) {
            frame_table_use(&f->table, e);
            e->rank = i;
        }
    }
    f->full = false;
    announce(f);
    pthread_mutex_unlock(&f->lock);
    scheduler_notify(f->scheduler);
    return true;
}

bool frames_starved(struct frames *f)
{
    pthread_mutex_lock(&f->lock);
    bool starved = f->starved;
    pthread_mutex_unlock(&f->lock);
    return starved;
}

bool frames_idle(struct frames *f)
{
    pthread_mutex_lock(&f->lock);
    bool idle = !f->working && (f->starved || next_request(f) == f->wanted_count);
    pthread_mutex_unlock(&f->lock);
    return idle;
}

/* Pins a finished entry; NULL: there is none. *first: it was not pinned before. */
static struct entry *pin(struct frames *f, uint32_t id, struct frame_view view, bool *first)
{
    pthread_mutex_lock(&f->lock);
    struct entry *e = frame_table_find(&f->table, id, view);
    if (e && e->state == ENTRY_DONE) {
        *first = e->pins++ == 0;
        frame_table_use(&f->table, e);
    } else {
        e = NULL;
    }
    pthread_mutex_unlock(&f->lock);
    return e;
}

static void unpin(struct frames *f, struct entry *e, bool stale)
{
    pthread_mutex_lock(&f->lock);
    e->pins--;
    if (stale) {
        frame_table_make_stale(&f->table, e);
    }
    f->full |= frame_table_evict(&f->table);
    pthread_mutex_unlock(&f->lock);
    if (stale) {
        scheduler_notify(f->scheduler); /* render it again if it is wanted */
    }
}

const struct frame *frames_get(struct frames *f, uint32_t id, struct frame_view view)
{
    bool first;
    struct file_stamp now;
    struct entry *e = pin(f, id, view, &first);
    if (e && first) { /* a displayed frame is not checked again */
        file_stamp_of(e->path, &now);
        if (e->sheet ? kept_sheet_changed(e->sheet) : !file_stamp_same(&now, &e->stamp)) {
            unpin(f, e, true);
            return NULL;
        }
    }
    return e ? &e->frame : NULL;
}

void frames_unpin(struct frames *f, const struct frame *frame)
{
    if (frame) { /* the first member of its entry, which is pinned and so still exists */
        unpin(f, (struct entry *)(uintptr_t)frame, false);
    }
}

void frames_forget(struct frames *f, uint32_t id)
{
    pthread_mutex_lock(&f->lock);
    const char *path = frame_table_path(&f->table, id);
    if (path) {
        picture_cache_forget(f->pictures, path);
    }
    frame_table_forget(&f->table, id);
    frame_table_evict(&f->table);
    pthread_mutex_unlock(&f->lock);
    scheduler_notify(f->scheduler);
}

size_t frames_bytes(struct frames *f)
{
    pthread_mutex_lock(&f->lock);
    size_t bytes = f->table.bytes;
    pthread_mutex_unlock(&f->lock);
    return bytes;
}
