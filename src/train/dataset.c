#include "dataset.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/spill.h"
#include "image/region.h"

struct failure {
    size_t job;
    struct error why; /* kind 0: no failure */
};

struct load {
    const struct dataset_source *source;
    struct dataset *dataset;
    bool *read;
    struct failure *first; /* one per worker */
};

static size_t picture_bytes(const struct dataset *d)
{
    return (size_t)d->side * (size_t)d->side * 3;
}

static void load_one(void *context, size_t job, size_t worker)
{
    struct load *l = context;
    const struct dataset_source *s = l->source;
    const struct train_example *example = &s->examples[s->chosen[job]];
    struct error err = { ERROR_NONE, "" };
    struct image whole = IMAGE_INIT;
    struct image fitted = IMAGE_INIT;
    l->read[job] = image_decode_file_region(example->path, &example->region, NULL, s->side, s->side,
                                            &whole, &err) &&
                   image_reshape(&whole, s->side, s->side, s->fit, &fitted, &err);
    if (l->read[job]) {
        memcpy(l->dataset->pixels + job * picture_bytes(l->dataset), fitted.pixels,
               picture_bytes(l->dataset));
    } else if (l->first[worker].why.kind == ERROR_NONE) {
        l->first[worker] = (struct failure){ job, err };
    }
    image_release(&whole);
    image_release(&fitted);
}

/* Closes the gaps of unreadable pictures. */
static void close_gaps(struct load *l)
{
    struct dataset *d = l->dataset;
    const struct dataset_source *s = l->source;
    size_t bytes = picture_bytes(d);
    for (size_t i = 0; i < s->count; i++) {
        if (!l->read[i]) {
            d->failed++;
            continue;
        }
        if (d->count != i) {
            memcpy(d->pixels + d->count * bytes, d->pixels + i * bytes, bytes);
        }
        d->classes[d->count++] = s->examples[s->chosen[i]].class_index;
    }
}

/* The failure of the first picture, whichever worker had it. */
static struct error first_failure(const struct failure *failures, size_t workers)
{
    const struct failure *first = &failures[0];
    for (size_t w = 1; w < workers; w++) {
        const struct failure *f = &failures[w];
        if (f->why.kind != ERROR_NONE && (first->why.kind == ERROR_NONE || f->job < first->job)) {
            first = f;
        }
    }
    return first->why;
}

static bool make_room(struct dataset *d, const struct dataset_source *source, size_t *memory_left,
                      struct error *err)
{
    size_t bytes = source->count * picture_bytes(d); /* at most 2^24 * 2^20 */
    if (source->beside && bytes > *memory_left) {
        d->pixels = spill_new(source->beside, bytes, err);
        d->spilled = d->pixels ? bytes : 0;
        return d->pixels != NULL;
    }
    d->pixels = mem_array(source->count, picture_bytes(d));
    *memory_left -= bytes < *memory_left ? bytes : *memory_left;
    return d->pixels || error_nomem(err, bytes, "the pictures to train on");
}

bool dataset_load(struct dataset *d, const struct dataset_source *source, size_t *memory_left,
                  struct pool *pool, struct error *err)
{
    *d = (struct dataset){ .side = source->side };
    size_t workers = pool_workers(pool);
    struct load l = { .source = source, .dataset = d };
    if (!make_room(d, source, memory_left, err)) {
        return false;
    }
    d->classes = mem_array(source->count, sizeof *d->classes);
    l.read = mem_array(source->count, sizeof *l.read);
    l.first = mem_array(workers, sizeof *l.first);
    bool ok = d->classes && l.read && l.first;
    if (ok) {
        pool_run(pool, source->count, load_one, &l);
        close_gaps(&l);
        d->why = first_failure(l.first, workers);
    } else {
        error_nomem(err, source->count * sizeof *d->classes, "the pictures to train on");
        dataset_release(d);
    }
    free(l.read);
    free(l.first);
    return ok;
}

void dataset_release(struct dataset *d)
{
    if (d->spilled) {
        spill_free(d->pixels, d->spilled);
    } else {
        free(d->pixels);
    }
    free(d->classes);
    *d = (struct dataset){ 0 };
}

const uint8_t *dataset_picture(const struct dataset *d, size_t index)
{
    return d->pixels + index * picture_bytes(d);
}
