#include "catalog_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/thread.h"

static bool copy_inputs(struct catalog *c, const struct catalog_source *source, struct error *err)
{
    c->inputs = mem_array(source->count, sizeof *c->inputs);
    if (!c->inputs) {
        return error_nomem(err, source->count * sizeof *c->inputs, "the inputs");
    }
    for (size_t i = 0; i < source->count; i++) {
        if (!source->as_they_are && access(source->paths[i], R_OK) != 0) {
            return error_errno(err, ERROR_IO, errno, "%s", source->paths[i]);
        }
        size_t len = strlen(source->paths[i]);
        while (len > 1 && source->paths[i][len - 1] == '/') {
            len--;
        }
        c->inputs[i] = mem_string(source->paths[i], len);
        if (!c->inputs[i]) {
            return error_nomem(err, len, "an input");
        }
        c->input_count++;
    }
    atomic_store(&c->in_order, source->in_order);
    c->as_they_are = source->as_they_are;
    c->list_fd = source->list_fd;
    c->separator = source->separator;
    c->regions = source->regions;
    c->regions_context = source->regions_context;
    return true;
}

static bool start_listing(struct catalog *c, struct error *err)
{
    if (pipe2(c->stop_pipe, O_CLOEXEC) != 0) {
        return error_errno(err, ERROR_IO, errno, "cannot create a pipe");
    }
    c->started = thread_start(&c->thread, catalog_list, c, err);
    return c->started;
}

struct catalog *catalog_new(const struct catalog_source *source, catalog_wake_fn *wake,
                            void *context, struct error *err)
{
    struct catalog *c = calloc(1, sizeof *c);
    if (!c) {
        error_nomem(err, sizeof *c, "the catalog");
        return NULL;
    }
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->changed, NULL);
    c->list_fd = c->stop_pipe[0] = c->stop_pipe[1] = -1;
    c->wake = wake;
    c->context = context;
    if (!copy_inputs(c, source, err) || !start_listing(c, err)) {
        catalog_free(c);
        return NULL;
    }
    return c;
}

static void no_wake(void *context)
{
    (void)context;
}

struct catalog *catalog_list_all(const struct catalog_source *source, struct error *err)
{
    struct catalog *c = catalog_new(source, no_wake, NULL, err);
    while (c && !catalog_done(c)) {
        catalog_wait(c, 1000);
        catalog_poll(c);
    }
    return c;
}

void catalog_free(struct catalog *c)
{
    if (!c) {
        return;
    }
    atomic_store(&c->stop, true);
    if (c->stop_pipe[1] >= 0) {
        close(c->stop_pipe[1]);
    }
    if (c->started) {
        pthread_join(c->thread, NULL);
    }
    if (c->stop_pipe[0] >= 0) {
        close(c->stop_pipe[0]);
    }
    for (size_t i = 0; i < c->input_count; i++) {
        free(c->inputs[i]);
    }
    free(c->inputs);
    for (uint32_t i = 0; i < c->folder_count; i++) {
        free(folder_at(c, i)->path);
    }
    for (size_t i = 0; i < CHUNKS; i++) {
        free(c->entries[i]);
        free(c->folders[i]);
    }
    for (struct names_block *b = c->names, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    free(c->sorted);
    free(c->order);
    free(c->rank);
    pthread_cond_destroy(&c->changed);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

static bool take_order(struct catalog *c, uint32_t *order)
{
    uint32_t *rank = mem_array(c->count, sizeof *rank);
    if (!rank) {
        free(order);
        return false;
    }
    for (uint32_t i = 0; i < c->count; i++) {
        rank[order[i]] = i;
    }
    c->order = order;
    c->rank = rank;
    return true;
}

unsigned catalog_poll(struct catalog *c)
{
    pthread_mutex_lock(&c->lock);
    uint32_t published = c->published;
    uint32_t *sorted = c->sorted;
    c->seen = c->counted;
    bool complete = c->complete;
    c->sorted = NULL;
    pthread_mutex_unlock(&c->lock);
    unsigned bits = 0;
    if (published != c->count) {
        c->count = published;
        bits |= CATALOG_GREW;
    }
    if (sorted && take_order(c, sorted)) {
        bits |= CATALOG_SORTED;
    }
    if (complete && !c->done) {
        c->done = true;
        bits |= CATALOG_DONE;
    }
    return bits;
}

void catalog_wait(struct catalog *c, int timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += timeout_ms % 1000 * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    pthread_mutex_lock(&c->lock);
    while (!c->complete && pthread_cond_timedwait(&c->changed, &c->lock, &until) == 0) {
    }
    pthread_mutex_unlock(&c->lock);
}

bool catalog_done(const struct catalog *c)
{
    return c->done;
}

size_t catalog_found(const struct catalog *c)
{
    return c->seen > c->count ? c->seen : c->count;
}

void catalog_hurry(struct catalog *c)
{
    atomic_store(&c->in_order, false);
}

size_t catalog_count(const struct catalog *c)
{
    return c->count;
}

uint32_t catalog_id(const struct catalog *c, size_t position)
{
    return c->order ? c->order[position] : (uint32_t)position;
}

size_t catalog_position(const struct catalog *c, uint32_t id)
{
    return c->rank ? c->rank[id] : id;
}

uint32_t catalog_folder(const struct catalog *c, uint32_t id)
{
    return entry_at(c, id)->folder;
}

const char *catalog_name(const struct catalog *c, uint32_t id)
{
    return entry_at(c, id)->name;
}

const char *catalog_folder_path(const struct catalog *c, uint32_t folder)
{
    return folder_at(c, folder)->path;
}

struct region catalog_region(const struct catalog *c, uint32_t id)
{
    return entry_region(entry_at(c, id));
}

void catalog_path(const struct catalog *c, uint32_t id, struct buf *path)
{
    const struct entry *e = entry_at(c, id);
    buf_clear(path);
    entry_path(path, folder_at(c, e->folder)->path, e->name, strlen(e->name));
}

size_t catalog_problems(struct catalog *c, struct error *first)
{
    pthread_mutex_lock(&c->lock);
    size_t n = c->problems;
    if (first) {
        *first = c->first_problem;
    }
    pthread_mutex_unlock(&c->lock);
    return n;
}

static int compare_left_out(const void *a, const void *b)
{
    const struct left_out *x = a;
    const struct left_out *y = b;
    return x->count != y->count ? (x->count < y->count ? 1 : -1) : strcmp(x->ending, y->ending);
}

size_t catalog_left_out(const struct catalog *c, struct buf *text)
{
    struct left_out sorted[ENDINGS_MAX];
    size_t total = 0;
    size_t count = c->done ? c->endings : 0; /* before, the listing thread writes them */
    memcpy(sorted, c->left_out, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_left_out);
    for (size_t i = 0; i < count; i++) {
        total += sorted[i].count;
    }
    if (!text) {
        return total;
    }
    buf_clear(text);
    if (total) {
        buf_addf(text, "%zu file%s left out:", total, total == 1 ? "" : "s");
    }
    for (size_t i = 0; i < count; i++) {
        buf_addf(text, "%s %s %zu", i ? "," : "", sorted[i].ending, sorted[i].count);
    }
    if (total) {
        buf_addf(text, "; convert %s to JPEG or PNG", total == 1 ? "it" : "them");
    }
    return total;
}
