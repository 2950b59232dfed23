#include "image/picture_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "codec.h"

#define SLOTS 256         /* of the table; a power of two */
#define FAILURES_MAX 1024 /* kept */
#define NEXT_MAX 256      /* paths of picture_cache_set_next() */
#define NOT_NEXT SIZE_MAX /* in place of a place among them */

/* How long the screen waits for a decode of the network, which may get little of a busy
 * processor. */
#define PATIENCE_MS 250

enum entry_state { DECODING, DECODED, FAILED };

struct entry {
    struct picture picture; /* first: picture_cache_put() gets a pointer to it */
    char *path;
    uint64_t hash;                  /* of the path */
    struct picture_request request; /* without its path */
    enum entry_state state;
    struct error error; /* when FAILED */
    size_t users;       /* that hold it or wait for it */
    bool kept;          /* in the table */
    bool has_thumbnail; /* it was written, or is none of those that get one */
    uint64_t used;      /* the clock at the last use */
    struct entry *next; /* in the same slot */
};

struct picture_cache {
    struct thumbnails *thumbnails;
    size_t bytes_max;

    pthread_mutex_t lock; /* protects everything below */
    pthread_cond_t changed;
    struct entry *slots[SLOTS]; /* by hash */
    size_t bytes, decoded;      /* in the table: of pixels, and pictures */
    size_t failures;
    uint64_t clock;
    bool boxed;                /* the size of the box is known */
    int box_width, box_height; /* 0: nothing is shown */
    size_t count;              /* of all pictures; 0: not known */
    uint64_t next[NEXT_MAX];   /* hashes of paths */
    size_t next_count;
    bool told; /* which come next */
    bool awaiting;
    uint64_t awaited; /* hash of a path */
};

static uint64_t hash_of(const char *path)
{
    return hash64(path, strlen(path), 0);
}

static size_t bytes_of(const struct entry *e)
{
    return image_stride(&e->picture.image) * (size_t)e->picture.image.height;
}

/* --------------------------------------------------------------- entries */

static struct entry *new_entry(const struct picture_request *r, struct error *err)
{
    struct entry *e = calloc(1, sizeof *e);
    char *path = e ? mem_string(r->path, strlen(r->path)) : NULL;
    if (!path) {
        error_nomem(err, sizeof *e + strlen(r->path), "a picture");
        free(e);
        return NULL;
    }
    e->path = path;
    e->hash = hash_of(path);
    e->request = *r;
    e->request.path = NULL;
    e->users = 1;
    return e;
}

static void free_entry(struct entry *e)
{
    image_release(&e->picture.image);
    free(e->path);
    free(e);
}

/* From here on with the lock held. */

static void put_in(struct picture_cache *p, struct entry *e)
{
    struct entry **slot = &p->slots[e->hash & (SLOTS - 1)];
    e->next = *slot;
    *slot = e;
    e->kept = true;
}

/* Takes it out of the table; freed when its last user has gone. */
static void take_out(struct picture_cache *p, struct entry *e)
{
    struct entry **at = &p->slots[e->hash & (SLOTS - 1)];
    while (*at != e) {
        at = &(*at)->next;
    }
    *at = e->next;
    e->kept = false;
    p->bytes -= bytes_of(e);
    p->decoded -= e->state == DECODED;
    p->failures -= e->state == FAILED;
    if (!e->users) {
        free_entry(e);
    }
}

static void leave(struct entry *e)
{
    if (--e->users == 0 && !e->kept) {
        free_entry(e);
    }
}

static bool is_of(const struct entry *e, uint64_t hash, const char *path)
{
    return e->hash == hash && strcmp(e->path, path) == 0;
}

static bool same_size(const struct picture_request *a, const struct picture_request *b)
{
    return a->want_width == b->want_width && a->want_height == b->want_height &&
           a->part_width == b->part_width && a->part_height == b->part_height;
}

static bool is_full_size(const struct picture *p)
{
    return p->image.width >= p->info.width && p->image.height >= p->info.height;
}

static bool is_enough(const struct entry *e, const struct picture_request *r)
{
    const struct picture *p = &e->picture;
    struct codec_request upright = { .want_width = r->want_width,
                                     .want_height = r->want_height,
                                     .part_width = r->part_width,
                                     .part_height = r->part_height };
    return same_size(&e->request, r) ||
           (!p->from_thumbnail &&
            codec_enough(&upright, p->info.width, p->info.height, p->image.width, p->image.height));
}

/* Whether the entry serves the request, or may when it is decoded. */
static bool serves(const struct entry *e, const struct picture_request *r)
{
    if (e->request.levels != r->levels || !file_stamp_same(&e->request.stamp, &r->stamp)) {
        return false;
    }
    if (e->state != DECODED) { /* too large for memory it may be at one size only */
        return same_size(&e->request, r) || (e->state == FAILED && e->error.kind == ERROR_DATA);
    }
    if (r->use == PICTURE_FOR_NETWORK) {
        return !e->picture.from_thumbnail &&
               (same_size(&e->request, r) || is_full_size(&e->picture));
    }
    return is_enough(e, r);
}

/* Drops what was read before the file changed. */
static void drop_changed(struct picture_cache *p, const struct picture_request *r, uint64_t hash)
{
    for (struct entry *e = p->slots[hash & (SLOTS - 1)], *next; e; e = next) {
        next = e->next;
        if (e->state != DECODING && is_of(e, hash, r->path) &&
            !file_stamp_same(&e->request.stamp, &r->stamp)) {
            take_out(p, e);
        }
    }
}

static struct entry *find(struct picture_cache *p, const struct picture_request *r, uint64_t hash)
{
    struct entry *e = p->slots[hash & (SLOTS - 1)];
    while (e && !(is_of(e, hash, r->path) && serves(e, r))) {
        e = e->next;
    }
    return e;
}

/* -------------------------------------------------------------- eviction */

static size_t place_of(const struct picture_cache *p, uint64_t hash)
{
    size_t i = 0;
    while (i < p->next_count && p->next[i] != hash) {
        i++;
    }
    return i < p->next_count ? i : NOT_NEXT;
}

static bool is_needed_less(const struct picture_cache *p, const struct entry *a,
                           const struct entry *b)
{
    size_t at = place_of(p, a->hash);
    size_t bt = place_of(p, b->hash);
    return at != bt ? at > bt : a->used < b->used;
}

/* The unused one to go next, of those decoded or of the failures; NULL: none. */
static struct entry *least_needed(const struct picture_cache *p, enum entry_state state)
{
    struct entry *least = NULL;
    for (size_t i = 0; i < SLOTS; i++) {
        for (struct entry *e = p->slots[i]; e; e = e->next) {
            if (e->state == state && !e->users && (!least || is_needed_less(p, e, least))) {
                least = e;
            }
        }
    }
    return least;
}

static void evict(struct picture_cache *p)
{
    struct entry *e;
    while (p->bytes > p->bytes_max && (e = least_needed(p, DECODED))) {
        take_out(p, e);
    }
    while (p->failures > FAILURES_MAX && (e = least_needed(p, FAILED))) {
        take_out(p, e);
    }
}

/* -------------------------------------------------------------- decoding */

/* From here on without the lock. */

static bool decode_file(struct entry *e, const struct image_limits *limits,
                        struct budget_lease *lease, struct error *err)
{
    const struct picture_request *r = &e->request;
    struct picture *p = &e->picture;
    struct error why = { ERROR_NONE, "" };
    struct buf file = BUF_INIT;
    bool there = image_read_file(e->path, limits, lease, &file, err);
    bool ok = there && image_decode_bytes(file.data, file.len, limits, r->want_width,
                                          r->want_height, &p->image, &p->info, &why);
    if (ok) {
        p->content = hash128(file.data, file.len, 0);
    }
    buf_release(&file);
    if (there && !ok) {
        error_set(err, why.kind, "%s: %s", e->path, why.message);
    }
    return ok;
}

/* Thumbnails are of whole pictures, with the levels as they are shown at first. */
static bool may_have_thumbnail(const struct picture_request *r)
{
    return r->levels == IMAGE_LEVELS_AUTO && !r->part_width;
}

static struct thumbnail_key key_of(const struct picture_cache *p, const struct picture_request *r)
{
    return thumbnails_key(p && may_have_thumbnail(r) ? p->thumbnails : NULL, &r->stamp,
                          r->want_width, r->want_height);
}

static bool decode(struct picture_cache *p, struct entry *e, struct error *err)
{
    const struct picture_request *r = &e->request;
    struct thumbnail_key key = key_of(p, r);
    e->has_thumbnail = !key.side;
    if (key.side && r->use == PICTURE_FOR_SCREEN &&
        thumbnails_find(p->thumbnails, &key, r->want_width, r->want_height, &e->picture.image,
                        &e->picture.info)) {
        e->picture.from_thumbnail = e->has_thumbnail = true;
        return true;
    }
    struct budget_lease lease = { 0 };
    struct image_limits limits = image_limits_default;
    limits.rank = r->rank;
    limits.levels = r->levels;
    limits.part_width = r->part_width;
    limits.part_height = r->part_height;
    limits.lease = &lease;
    bool ok = decode_file(e, &limits, &lease, err);
    image_budget_give(&lease);
    return ok;
}

/* For a caller that shares it with nobody. */
static const struct picture *get_alone(struct picture_cache *p, const struct picture_request *r,
                                       struct error *err)
{
    struct entry *e = new_entry(r, err);
    if (e && !decode(p, e, err)) {
        free_entry(e);
        return NULL;
    }
    if (e) {
        e->state = DECODED;
        return &e->picture;
    }
    return NULL;
}

/* --------------------------------------------------------------- getting */

/* With the lock held. A failure of memory or of the disk may be another one next time. */
static void finish(struct picture_cache *p, struct entry *e, bool ok)
{
    bool lasts = ok || e->error.kind == ERROR_DATA || e->error.kind == ERROR_UNSUPPORTED;
    e->state = ok ? DECODED : FAILED;
    p->bytes += bytes_of(e);
    p->decoded += ok;
    p->failures += !ok;
    e->used = e->request.ahead ? 0 : ++p->clock;
    if (!lasts) {
        take_out(p, e);
    }
    evict(p);
    pthread_cond_broadcast(&p->changed);
}

static struct timespec end_of_patience(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    int64_t ms = (int64_t)at.tv_sec * 1000 + at.tv_nsec / 1000000 + PATIENCE_MS;
    return (struct timespec){ ms / 1000, ms % 1000 * 1000000 };
}

/* Waits until it is decoded, with the lock held, which is released meanwhile. False when
 * patience has ended. */
static bool wait_for(struct picture_cache *p, const struct entry *e,
                     const struct picture_request *r)
{
    bool patient = r->rank > 0 || e->request.use == r->use;
    struct timespec until = end_of_patience();
    int ended = 0;
    while (e->state == DECODING && !ended) {
        ended = patient ? pthread_cond_wait(&p->changed, &p->lock)
                        : pthread_cond_timedwait(&p->changed, &p->lock, &until);
    }
    return e->state != DECODING;
}

/* What there is for the request, or is coming, as a user of it; NULL: nothing. With the lock
 * held, which is released meanwhile. */
static struct entry *find_or_wait(struct picture_cache *p, const struct picture_request *r,
                                  uint64_t hash)
{
    for (;;) {
        drop_changed(p, r, hash);
        struct entry *e = find(p, r, hash);
        if (!e && r->use == PICTURE_FOR_NETWORK && p->awaiting && p->awaited == hash) {
            pthread_cond_wait(&p->changed, &p->lock);
            continue;
        }
        if (!e) {
            return NULL;
        }
        e->users++;
        if (!wait_for(p, e, r)) {
            leave(e);
            return NULL;
        }
        e->used = ++p->clock;
        if (serves(e, r)) {
            return e;
        }
        leave(e); /* from a thumbnail */
    }
}

const struct picture *picture_cache_get(struct picture_cache *p, const struct picture_request *r,
                                        struct error *err)
{
    if (!p || !r->stamp.changed_ns) {
        return get_alone(p, r, err);
    }
    pthread_mutex_lock(&p->lock);
    struct entry *e = find_or_wait(p, r, hash_of(r->path));
    if (!e && (e = new_entry(r, err))) {
        put_in(p, e);
        pthread_mutex_unlock(&p->lock);
        bool ok = decode(p, e, &e->error);
        pthread_mutex_lock(&p->lock);
        finish(p, e, ok);
    }
    bool failed = e && e->state == FAILED;
    if (failed) {
        if (err) {
            *err = e->error;
        }
        leave(e);
    }
    pthread_mutex_unlock(&p->lock);
    return e && !failed ? &e->picture : NULL;
}

void picture_cache_put(struct picture_cache *p, const struct picture *picture)
{
    struct entry *e = (struct entry *)(uintptr_t)picture; /* the first member of its entry */
    if (!e) {
        return;
    }
    if (!p) {
        free_entry(e);
        return;
    }
    pthread_mutex_lock(&p->lock);
    leave(e);
    evict(p);
    pthread_mutex_unlock(&p->lock);
}

void picture_cache_keep_thumbnail(struct picture_cache *p, const char *path,
                                  const struct picture *picture)
{
    struct entry *e = (struct entry *)(uintptr_t)picture;
    if (!p) {
        return;
    }
    pthread_mutex_lock(&p->lock);
    bool first = !e->has_thumbnail;
    e->has_thumbnail = true;
    pthread_mutex_unlock(&p->lock);
    if (first) {
        struct thumbnail_key key = key_of(p, &e->request);
        thumbnails_keep(p->thumbnails, path, &key, &picture->image, &picture->info);
    }
}

/* ------------------------------------------------- what is kept, and where */

bool picture_cache_thumbnail_ahead(const struct picture_cache *p, const struct picture_request *r)
{
    struct thumbnail_key key = key_of(p, r);
    return p && thumbnails_wanted_ahead(p->thumbnails, r->path, &key);
}

void picture_cache_forget(struct picture_cache *p, const char *path)
{
    if (!p) {
        return;
    }
    uint64_t hash = hash_of(path);
    pthread_mutex_lock(&p->lock);
    for (struct entry *e = p->slots[hash & (SLOTS - 1)], *next; e; e = next) {
        next = e->next;
        if (e->state != DECODING && is_of(e, hash, path)) {
            take_out(p, e);
        }
    }
    pthread_mutex_unlock(&p->lock);
}

void picture_cache_set_box(struct picture_cache *p, int width, int height)
{
    if (p) {
        pthread_mutex_lock(&p->lock);
        p->box_width = width;
        p->box_height = height;
        p->boxed = true;
        pthread_cond_broadcast(&p->changed);
        pthread_mutex_unlock(&p->lock);
    }
}

void picture_cache_set_count(struct picture_cache *p, size_t count)
{
    if (p) {
        pthread_mutex_lock(&p->lock);
        p->count = count;
        pthread_mutex_unlock(&p->lock);
    }
}

void picture_cache_set_next(struct picture_cache *p, const char *const *paths, size_t count)
{
    if (!p) {
        return;
    }
    pthread_mutex_lock(&p->lock);
    p->next_count = 0;
    p->told = true;
    for (size_t i = 0; i < count && p->next_count < NEXT_MAX; i++) {
        uint64_t hash = hash_of(paths[i]);
        if (place_of(p, hash) == NOT_NEXT) {
            p->next[p->next_count++] = hash;
        }
    }
    pthread_mutex_unlock(&p->lock);
}

/* Bytes of a picture, by those that are kept; at first of one that is twice the box, which is
 * what a decoder's coarse steps give on average. */
static size_t expected_bytes(const struct picture_cache *p)
{
    size_t expected = (size_t)p->box_width * (size_t)p->box_height * 3 * 2;
    size_t known = p->decoded ? p->bytes / p->decoded : expected;
    return known ? known : 1;
}

bool picture_cache_shown_soon(struct picture_cache *p, const char *path, int *width, int *height)
{
    if (!p) {
        return false;
    }
    pthread_mutex_lock(&p->lock);
    while (!p->boxed) {
        pthread_cond_wait(&p->changed, &p->lock);
    }
    size_t room = p->bytes_max / expected_bytes(p);
    bool all = p->count && p->count <= room;
    size_t place = place_of(p, hash_of(path));
    *width = p->box_width;
    *height = p->box_height;
    bool soon = p->box_width && (all || !p->told || (place != NOT_NEXT && place < room));
    pthread_mutex_unlock(&p->lock);
    return soon;
}

void picture_cache_await(struct picture_cache *p, const char *path)
{
    if (p) {
        pthread_mutex_lock(&p->lock);
        p->awaiting = path != NULL;
        p->awaited = path ? hash_of(path) : 0;
        pthread_cond_broadcast(&p->changed);
        pthread_mutex_unlock(&p->lock);
    }
}

void picture_cache_arrived(struct picture_cache *p, const char *path)
{
    if (p) {
        uint64_t hash = hash_of(path);
        pthread_mutex_lock(&p->lock);
        p->awaiting = p->awaiting && p->awaited != hash;
        pthread_cond_broadcast(&p->changed);
        pthread_mutex_unlock(&p->lock);
    }
}

size_t picture_cache_bytes(struct picture_cache *p)
{
    pthread_mutex_lock(&p->lock);
    size_t bytes = p->bytes;
    pthread_mutex_unlock(&p->lock);
    return bytes;
}

/* ------------------------------------------------------ beginning and end */

struct picture_cache *picture_cache_new(size_t bytes, struct thumbnails *thumbnails,
                                        struct error *err)
{
    struct picture_cache *p = calloc(1, sizeof *p);
    pthread_condattr_t attr;
    if (!p) {
        error_nomem(err, sizeof *p, "the pictures");
        return NULL;
    }
    p->bytes_max = bytes;
    p->thumbnails = thumbnails;
    pthread_mutex_init(&p->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&p->changed, &attr);
    pthread_condattr_destroy(&attr);
    return p;
}

void picture_cache_free(struct picture_cache *p)
{
    if (!p) {
        return;
    }
    for (size_t i = 0; i < SLOTS; i++) {
        while (p->slots[i]) {
            take_out(p, p->slots[i]);
        }
    }
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
    free(p);
}
