#include "trainer.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/hash.h"

/* The file: header, parameters, moments, the optimizer's state and, with patience, the best
 * epoch's parameters and moments, all floats in this machine's byte order; then a checksum
 * of all that. */
#define KIND "thumbtag checkpoint "
#define MAGIC KIND "3\n"
#define FILE_MAX ((size_t)1 << 32)

struct header {
    char magic[24];
    uint64_t identity, teacher; /* hash of the model; 0: none */
    uint64_t step, right, judged;
    double loss_sum;
    uint64_t parameters, moments;
    float best_score, loss, accuracy;
    struct measured best_measured, measured;
    int32_t best_epoch, values; /* values that the optimizer keeps per parameter */
};

uint64_t trainer_plain_identity(const struct train_task *task)
{
    const struct train_options *o = task->options;
    uint64_t h = hash64(o->architecture, strlen(o->architecture) + 1, 0);
    const double numbers[] = { (double)o->side,     (double)o->fit,       (double)o->optimizer,
                               (double)o->epochs,   (double)o->batch,     (double)o->rate,
                               (double)o->decay,    (double)o->smoothing, (double)o->validation,
                               (double)o->balance,  (double)o->augment,   (double)o->grow,
                               (double)o->patience, (double)o->seed };
    h = hash64(numbers, sizeof numbers, h);
    h = o->start ? hash64(o->start, o->start_len, h) : h;
    if (o->teacher) {
        h = hash64(&o->teacher->classes, sizeof o->teacher->classes, h);
        h = hash64(&o->teacher->class_weight, sizeof o->teacher->class_weight, h);
        h = hash64(&o->teacher->views, sizeof o->teacher->views, h);
    }
    for (size_t c = 0; c < task->class_count; c++) {
        h = hash64(task->classes[c], strlen(task->classes[c]) + 1, h);
    }
    for (size_t i = 0; i < task->example_count; i++) {
        const struct train_example *e = &task->examples[i];
        h = hash64(e->path, strlen(e->path) + 1, h);
        h = hash64(&e->class_index, sizeof e->class_index, h);
        h = e->drawn ? hash64(&e->drawn, sizeof e->drawn, h) : h;
        h = region_is_whole(&e->region) ? h : hash64(&e->region, sizeof e->region, h);
    }
    return h;
}

/* Without finer features it is the one of versions that knew none. */
uint64_t trainer_identity(const struct train_task *task)
{
    const struct train_teacher *teacher = task->options->teacher;
    uint64_t h = trainer_plain_identity(task);
    return teacher && teacher->finer > 0 ? hash64(&teacher->finer, sizeof teacher->finer, h) : h;
}

/* Calls fn with each array of a checkpoint, in order. */
typedef void array_fn(void *context, float *values, size_t count);

static void for_arrays(const struct trained *t, array_fn *fn, void *context)
{
    size_t parameters = t->net.parameter_count;
    fn(context, t->parameters, parameters);
    fn(context, t->moments, t->net.moment_count);
    for (size_t i = 0; i < optimizer_state_values(t->options.optimizer); i++) {
        fn(context, t->state[i], parameters);
    }
    if (t->best) {
        fn(context, t->best, parameters + t->net.moment_count);
    }
}

static void write_array(void *context, float *values, size_t count)
{
    buf_add(context, values, count * sizeof *values);
}

struct reader {
    const char *at;
};

static void read_array(void *context, float *values, size_t count)
{
    struct reader *r = context;
    memcpy(values, r->at, count * sizeof *values);
    r->at += count * sizeof *values;
}

static void count_array(void *context, float *values, size_t count)
{
    (void)values;
    *(size_t *)context += count * sizeof *values;
}

static uint64_t teacher_hash(const struct trained *t)
{
    return t->options.teacher ? teacher_identity(t->options.teacher) : 0;
}

bool checkpoint_save(const struct trained *t, uint64_t identity, const char *path,
                     struct error *err)
{
    struct header h = { .magic = MAGIC,
                        .identity = identity,
                        .teacher = teacher_hash(t),
                        .step = t->step,
                        .right = t->epoch_loss.right,
                        .judged = t->epoch_loss.judged,
                        .loss_sum = t->epoch_loss.sum,
                        .parameters = t->net.parameter_count,
                        .moments = t->net.moment_count,
                        .best_score = t->best_score,
                        .best_measured = t->best_measured,
                        .measured = t->measured,
                        .loss = t->loss,
                        .accuracy = t->accuracy,
                        .best_epoch = t->best_epoch,
                        .values = (int32_t)optimizer_state_values(t->options.optimizer) };
    struct buf b = BUF_INIT;
    buf_add(&b, &h, sizeof h);
    for_arrays(t, write_array, &b);
    uint64_t sum = b.failed ? 0 : hash64(b.data, b.len, 0);
    buf_add(&b, &sum, sizeof sum);
    bool ok =
        b.failed ? error_nomem(err, b.len, "a checkpoint") : file_replace(path, b.data, b.len, err);
    buf_release(&b);
    return ok;
}

static bool take(struct trained *t, uint64_t identity, const struct buf *b, const char *path,
                 struct error *err)
{
    size_t arrays = 0;
    for_arrays(t, count_array, &arrays);
    struct header h;
    uint64_t sum;
    if (b->len >= sizeof MAGIC && memcmp(b->data, KIND, sizeof KIND - 1) == 0 &&
        memcmp(b->data, MAGIC, sizeof MAGIC - 1) != 0) {
        return error_set(err, ERROR_UNSUPPORTED,
                         "%s: a checkpoint of another version of thumbtag; delete it to start from "
                         "the beginning, or resume with that version",
                         path);
    }
    if (b->len < sizeof h || memcmp(b->data, MAGIC, sizeof MAGIC - 1) != 0) {
        return error_set(err, ERROR_DATA,
                         "%s: not a thumbtag checkpoint; delete it or choose another output name",
                         path);
    }
    memcpy(&h, b->data, sizeof h);
    if (h.teacher != teacher_hash(t)) {
        return error_set(err, ERROR_USAGE,
                         "%s: this checkpoint belongs to a run with %s; delete it to start from "
                         "the beginning, or repeat that run's command to resume it",
                         path,
                         !h.teacher           ? "no teacher"
                         : t->options.teacher ? "another teacher"
                                              : "a teacher");
    }
    if (h.identity != identity && h.identity == t->plain_identity) {
        return error_set(err, ERROR_USAGE,
                         "%s: this checkpoint belongs to a run without the teacher's finer "
                         "features; add --finer-weight 0 to resume it, or delete it to start from "
                         "the beginning",
                         path);
    }
    if (h.identity != identity || h.parameters != t->net.parameter_count ||
        h.moments != t->net.moment_count) {
        return error_set(err, ERROR_USAGE,
                         "%s: this checkpoint belongs to a run with other options or pictures; "
                         "delete it to start from the beginning, or repeat that run's command "
                         "to resume it",
                         path);
    }
    bool whole = b->len == sizeof h + arrays + sizeof sum;
    if (whole) {
        memcpy(&sum, b->data + sizeof h + arrays, sizeof sum);
        whole = sum == hash64(b->data, sizeof h + arrays, 0);
    }
    if (!whole) {
        return error_set(err, ERROR_DATA,
                         "%s: the checkpoint is damaged (checksum mismatch); delete it to start "
                         "from the beginning",
                         path);
    }
    struct reader r = { b->data + sizeof h };
    for_arrays(t, read_array, &r);
    uint64_t end = t->epoch_steps * (uint64_t)t->options.epochs;
    t->step = h.step < end ? h.step : end;
    t->epoch_loss = (struct loss){ h.loss_sum, (size_t)h.right, (size_t)h.judged };
    t->best_score = h.best_score;
    t->best_measured = h.best_measured;
    t->best_epoch = h.best_epoch;
    t->measured = h.measured;
    t->loss = h.loss;
    t->accuracy = h.accuracy;
    return true;
}

bool checkpoint_load(struct trained *t, uint64_t identity, const char *path, bool *found,
                     struct error *err)
{
    *found = false;
    if (access(path, F_OK) != 0 && errno == ENOENT) {
        return true;
    }
    struct buf b = BUF_INIT;
    bool ok = file_read(path, FILE_MAX, &b, err) && take(t, identity, &b, path, err);
    *found = ok;
    buf_release(&b);
    return ok;
}
