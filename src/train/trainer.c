#include "trainer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "architectures.h"
#include "base/blas.h"
#include "base/clock.h"
#include "base/mem.h"
#include "fold.h"
#include "projection.h"

#define CHECKPOINT_NS 120000000000

/* Streams of the random numbers. */
enum { PLACE_SPLIT = 11, PLACE_ORDER = 12 };

#define SIDE 64 /* default side of the pictures */

/* Slices that the moments of a given model's batch norms are measured on. */
#define SETTLE_SLICES 16

/* Layers that a teacher adds, at most. */
#define PROJECTION_LAYERS 4

/* Enough to know how much of a teacher's features is explained. */
#define UNLABELLED_HELD_MAX 2000

/* Whether there are enough examples of the random sample to hold out only these. *share:
 * the part of the eligible examples that is held out. */
static bool hold_back_drawn(const struct train_task *task, float *share)
{
    size_t drawn = 0, labelled = 0;
    for (size_t i = 0; i < task->example_count; i++) {
        drawn += task->examples[i].drawn;
        labelled += task->examples[i].class_index != TRAIN_NO_CLASS;
    }
    float wanted = (float)labelled * task->options->validation;
    *share = task->options->validation;
    if (!drawn || (float)drawn < wanted / 2) {
        return false;
    }
    *share = wanted < (float)drawn ? wanted / (float)drawn : 1.0f;
    return true;
}

/* Index of an example's class; those without one share the index after the last class. */
static size_t group_of(const struct train_task *task, const struct train_example *e)
{
    return e->class_index == TRAIN_NO_CLASS ? task->class_count : e->class_index;
}

/* Fills in left[c], the number of examples of class c to hold out; one of each class is
 * always left to learn from. */
static void share_out(const struct train_task *task, bool only_drawn, float share, size_t *left,
                      size_t *all)
{
    for (size_t i = 0; i < task->example_count; i++) {
        const struct train_example *e = &task->examples[i];
        size_t group = group_of(task, e);
        left[group] += !only_drawn || e->drawn || e->class_index == TRAIN_NO_CLASS;
        all[group]++;
    }
    for (size_t c = 0; c <= task->class_count; c++) {
        float part = c < task->class_count ? share : task->options->validation;
        size_t wanted = (size_t)((float)left[c] * part + 0.5f);
        size_t most = all[c] - (all[c] > 0);
        most = c == task->class_count && most > UNLABELLED_HELD_MAX ? UNLABELLED_HELD_MAX : most;
        left[c] = wanted < most ? wanted : most;
    }
}

/* Moves the validation examples to the front, of each class its share (rounded). Returns
 * their number. */
static size_t split(const struct train_task *task, size_t *chosen, bool *drawn)
{
    size_t count = task->example_count;
    size_t *left = mem_array(task->class_count + 1, sizeof *left);
    size_t *all = mem_array(task->class_count + 1, sizeof *all);
    float share;
    *drawn = hold_back_drawn(task, &share);
    for (size_t i = 0; i < count; i++) {
        chosen[i] = i;
    }
    random_shuffle(chosen, count, task->options->seed, PLACE_SPLIT);
    size_t held = 0;
    if (left && all) {
        share_out(task, *drawn, share, left, all);
    }
    for (size_t i = 0; left && all && i < count; i++) {
        size_t item = chosen[i];
        const struct train_example *e = &task->examples[item];
        size_t group = group_of(task, e);
        if (left[group] > 0 && (!*drawn || e->drawn || e->class_index == TRAIN_NO_CLASS)) {
            left[group]--;
            chosen[i] = chosen[held];
            chosen[held++] = item;
        }
    }
    free(left);
    free(all);
    return held;
}

static bool check_task(const struct train_task *task, struct error *err)
{
    const struct train_options *o = task->options;
    size_t first = 0;
    while (first < task->example_count &&
           task->examples[first].class_index == task->examples[0].class_index) {
        first++;
    }
    if (first == task->example_count && !(o->teacher && first)) {
        return task->example_count
                   ? error_set(err, ERROR_DATA,
                               "training needs at least two classes; only '%s' has pictures (%zu)",
                               task->classes[task->examples[0].class_index], task->example_count)
                   : error_set(err, ERROR_DATA,
                               "training needs at least two classes with pictures");
    }
    if (o->side && (o->side < 16 || o->side > 512)) {
        return error_set(err, ERROR_USAGE, "side = %d: must be from 16 to 512 pixels", o->side);
    }
    return true;
}

static bool load_pictures(struct trained *t, const struct train_task *task, struct error *err)
{
    size_t *chosen = mem_array(task->example_count, sizeof *chosen);
    if (!chosen) {
        return error_nomem(err, task->example_count * sizeof *chosen, "the examples");
    }
    size_t held = split(task, chosen, &t->validation_drawn);
    struct dataset_source source = { .examples = task->examples,
                                     .chosen = chosen + held,
                                     .count = task->example_count - held,
                                     .side = t->options.side,
                                     .fit = t->options.fit,
                                     .beside = t->options.checkpoint };
    bool ok = dataset_load(&t->training, &source, &t->memory_left, t->pool, err);
    source.chosen = chosen;
    source.count = held;
    ok = ok && dataset_load(&t->validation, &source, &t->memory_left, t->pool, err);
    free(chosen);
    if (ok && t->training.count < 2) {
        ok = error_set(err, ERROR_DATA,
                       "training needs at least 2 readable pictures; there are %zu (the first that "
                       "could not be read: %s)",
                       t->training.count, t->training.why.message);
    }
    return ok;
}

static bool weigh_classes(struct trained *t, struct error *err)
{
    size_t classes = (size_t)t->net.classes;
    t->class_weights = mem_array(classes, sizeof *t->class_weights);
    if (!t->class_weights) {
        return error_nomem(err, classes * sizeof *t->class_weights, "class weights");
    }
    size_t present = 0, labelled = 0;
    for (size_t i = 0; i < t->training.count; i++) {
        size_t c = t->training.classes[i];
        if (c != TRAIN_NO_CLASS) {
            present += t->class_weights[c]++ == 0.0f;
            labelled++;
        }
    }
    for (size_t c = 0; c < classes; c++) {
        if (t->class_weights[c] > 0) {
            t->class_weights[c] = (float)labelled / ((float)present * t->class_weights[c]);
        }
    }
    return true;
}

static bool make_workspaces(struct trained *t, struct error *err)
{
    size_t workers = pool_workers(t->pool);
    size_t parameters = t->net.parameter_count;
    bool ok = true;
    t->workspaces = mem_array(workers, sizeof(struct slice *));
    t->grads = mem_array(t->slices, sizeof(float *));
    t->slice_moments = mem_array(t->slices, sizeof(float *));
    t->losses = mem_array(t->slices, sizeof *t->losses);
    t->busy_ns = mem_array(workers, sizeof *t->busy_ns);
    t->order = mem_array(t->training.count, sizeof *t->order);
    t->parameters = mem_array(parameters, sizeof(float));
    t->moments = mem_array(t->net.moment_count, sizeof(float));
    t->state[0] = mem_array(parameters, sizeof(float));
    ok = t->workspaces && t->grads && t->slice_moments && t->losses && t->busy_ns && t->order &&
         t->parameters && t->moments && t->state[0];
    if (ok && optimizer_state_values(t->options.optimizer) > 1) {
        ok = (t->state[1] = mem_array(parameters, sizeof(float))) != NULL;
    }
    if (ok && t->options.patience) {
        ok = (t->best = mem_array(parameters + t->net.moment_count, sizeof(float))) != NULL;
    }
    for (size_t i = 0; ok && i < t->slices; i++) {
        t->grads[i] = mem_array(parameters, sizeof(float));
        t->slice_moments[i] = mem_array(t->net.moment_count, sizeof(float));
        ok = t->grads[i] && t->slice_moments[i];
    }
    if (!ok) {
        return error_nomem(err, parameters * sizeof(float) * (t->slices + 3), "the network");
    }
    for (size_t w = 0; ok && w < workers; w++) {
        t->workspaces[w] = slice_new(&t->net, SLICE_PICTURES, t->options.side, false, err);
        ok = t->workspaces[w] != NULL;
    }
    return ok;
}

static void plan_batches(struct trained *t)
{
    size_t wanted = (size_t)t->options.batch;
    t->batch = wanted < t->training.count ? wanted : t->training.count;
    t->slices = (t->batch + SLICE_PICTURES - 1) / SLICE_PICTURES;
    t->epoch_steps = t->training.count / t->batch;
}

/* Reads the model to start from, and lays its network out for that many classes. */
static bool read_start(const struct train_options *o, int classes, struct net *net,
                       struct flat_net *flat, struct error *err)
{
    struct nn_model_options unfolded = { .unfolded = true };
    struct nn_model *model =
        nn_model_parse_with(o->start, o->start_len, o->start_name, &unfolded, err);
    struct error why;
    bool ok = model && flat_from_model(flat, model, &why) && unfold_net(flat, classes, net, &why);
    if (model && !ok) {
        error_set(err, why.kind, "%s: %s", o->start_name, why.message);
    }
    nn_model_free(model);
    return ok;
}

bool train_check_start(const struct train_options *options, struct error *err)
{
    struct flat_net flat = { 0 };
    struct net *net = calloc(1, sizeof *net);
    bool ok =
        net ? read_start(options, 2, net, &flat, err) : error_nomem(err, sizeof *net, "a network");
    flat_net_release(&flat);
    free(net);
    return ok;
}

/* Sets up the network and its first weights, by architecture or from a model. */
static bool make_net(struct trained *t, const struct train_task *task, struct flat_net *flat,
                     struct error *err)
{
    struct train_options *o = &t->options;
    int classes = (int)task->class_count;
    if (!o->start) {
        o->side = o->side ? o->side : SIDE;
        return architecture_build(o->architecture, classes, &t->net, err);
    }
    bool ok = read_start(o, classes, &t->net, flat, err);
    if (ok && !o->side) {
        o->side = flat->tensors[0].height;
    }
    return ok;
}

static void order_epoch(struct trained *t, uint64_t epoch)
{
    for (size_t i = 0; i < t->training.count; i++) {
        t->order[i] = i;
    }
    random_shuffle(t->order, t->training.count, t->options.seed + PLACE_ORDER, epoch);
}

/* Starts the batch norms with the moments of the training pictures. */
static void settle_moments(struct trained *t)
{
    size_t slices = t->training.count / SLICE_PICTURES;
    size_t rounds = slices < 1 ? 1 : slices < SETTLE_SLICES ? slices : SETTLE_SLICES;
    size_t count = t->training.count < SLICE_PICTURES ? t->training.count : SLICE_PICTURES;
    struct slice *w = t->workspaces[0];
    int side = t->options.side;
    float *seen = t->slice_moments[0];
    float *sum = t->grads[0]; /* large enough: there are more parameters than moments */
    memset(sum, 0, t->net.moment_count * sizeof *sum);
    order_epoch(t, UINT64_MAX);
    for (size_t r = 0; r < rounds; r++) {
        for (size_t i = 0; i < count; i++) {
            const uint8_t *picture = dataset_picture(&t->training, t->order[r * count + i]);
            augment_picture(picture, t->training.side, NULL, NULL,
                            slice_input(w) + i * (size_t)side * (size_t)side * 3, side);
        }
        slice_forward(w, (int)count, side, t->parameters, t->moments, NORM_FROZEN);
        slice_measure(w, seen);
        for (size_t m = 0; m < t->net.moment_count; m++) {
            sum[m] += seen[m] / (float)rounds;
        }
    }
    unfold_moments(&t->net, sum, t->parameters, t->moments);
}

static void start_net(struct trained *t, const struct flat_net *flat)
{
    net_start(&t->net, t->options.seed, t->parameters, t->moments);
    if (t->options.start) {
        unfold_parameters(flat, &t->net, t->options.start_classes, t->parameters, t->moments);
        settle_moments(t);
    }
}

static bool call_teacher(struct trained *t, struct error *err)
{
    const struct train_teacher *from = t->options.teacher;
    if (!from) {
        return true;
    }
    t->teacher = teacher_new(from, pool_workers(t->pool), SLICE_PICTURES, &t->memory_left, err);
    if (!t->teacher) {
        return false;
    }
    if (t->net.layer_count > NET_MAX_LAYERS - PROJECTION_LAYERS) {
        return error_set(err, ERROR_UNSUPPORTED, "%s: a network of more than %d layers",
                         t->options.start_name, NET_MAX_LAYERS - PROJECTION_LAYERS);
    }
    if (from->classes && teacher_classes(t->teacher) != (size_t)t->net.classes) {
        return error_set(err, ERROR_DATA, "%s: the model has %zu outputs, but %d class names",
                         from->name, teacher_classes(t->teacher), t->net.classes);
    }
    net_project(&t->net, (int)teacher_features(t->teacher), teacher_parts(t->teacher) > 1);
    if (teacher_fine_features(t->teacher) && net_has_finer(&t->net)) {
        net_project_fine(&t->net, (int)teacher_fine_features(t->teacher));
    }
    return true;
}

static void ask_one(void *context, size_t job, size_t worker)
{
    struct trained *t = context;
    struct dataset *d = &t->validation;
    size_t features = teacher_features(t->teacher);
    size_t classes = teacher_classes(t->teacher);
    struct teacher_view whole = { .picture = dataset_picture(d, job), .side = d->side };
    teacher_run(t->teacher, worker, &whole, 0);
    memcpy(t->held.targets + job * features, teacher_targets(t->teacher, worker),
           features * sizeof *t->held.targets);
    if (t->options.teacher->classes) {
        const float *logits = teacher_logits(t->teacher, worker);
        size_t best = 0;
        for (size_t c = 1; c < classes; c++) {
            best = logits[c] > logits[best] ? c : best;
        }
        d->classes[job] = best;
    }
}

/* Standardises the teacher's features and keeps what it says of the validation pictures. */
static bool ask_teacher(struct trained *t, struct error *err)
{
    if (!t->teacher) {
        return true;
    }
    size_t features = teacher_features(t->teacher);
    size_t count = t->validation.count;
    if (!teacher_standardize(t->teacher, &t->training, &t->augment, t->options.seed, t->pool,
                             err)) {
        return false;
    }
    size_t views = (size_t)t->options.teacher->views;
    if (views &&
        !teacher_cache_views(t->teacher, t->training.count * views, &t->memory_left, err)) {
        return false;
    }
    t->held.targets = mem_array(count ? count : 1, features * sizeof *t->held.targets);
    if (!t->held.targets) {
        return error_nomem(err, count * features * sizeof *t->held.targets,
                           "the teacher's features");
    }
    pool_run(t->pool, count, ask_one, t);
    t->held.spread = 0;
    for (size_t i = 0; i < count * features; i++) {
        t->held.spread +=
            (double)t->held.targets[i] * (double)t->held.targets[i] / (double)features;
    }
    return true;
}

static bool prepare(struct trained *t, const struct train_task *task, struct error *err)
{
    t->options = *task->options;
    t->measured = (struct measured){ -1, TRAIN_NOT_EXPLAINED };
    t->cosine = -2;
    t->memory_left = t->options.memory ? t->options.memory : SIZE_MAX;
    if (t->options.augment) {
        t->augment = (struct augment){
            .crop_min = 0.3f, .flip = true, .color = 0.3f, .coarse = 0.3f, .erase = 0.25f
        };
    } else {
        t->augment = (struct augment){ .crop_min = 1 };
    }
    int jobs = t->options.jobs < TRAIN_JOBS_MAX ? t->options.jobs : TRAIN_JOBS_MAX;
    t->pool = pool_new((size_t)(jobs < 1 ? 1 : jobs), err);
    struct flat_net flat = { 0 };
    bool ok = t->pool && check_task(task, err) && make_net(t, task, &flat, err) &&
              call_teacher(t, err) && load_pictures(t, task, err) &&
              (!t->options.balance || weigh_classes(t, err)) && ask_teacher(t, err);
    if (ok) {
        plan_batches(t);
        ok = make_workspaces(t, err);
    }
    if (ok) {
        start_net(t, &flat);
    }
    flat_net_release(&flat);
    return ok;
}

void trained_free(struct trained *t)
{
    if (!t) {
        return;
    }
    for (size_t w = 0; t->workspaces && w < pool_workers(t->pool); w++) {
        slice_free(t->workspaces[w]);
    }
    for (size_t i = 0; i < t->slices; i++) {
        free(t->grads ? t->grads[i] : NULL);
        free(t->slice_moments ? t->slice_moments[i] : NULL);
    }
    free(t->workspaces);
    free(t->grads);
    free(t->slice_moments);
    free(t->losses);
    free(t->busy_ns);
    free(t->held.targets);
    teacher_free(t->teacher);
    free(t->order);
    free(t->parameters);
    free(t->moments);
    free(t->state[0]);
    free(t->state[1]);
    free(t->best);
    free(t->class_weights);
    dataset_release(&t->training);
    dataset_release(&t->validation);
    free(t->outcomes);
    pool_free(t->pool);
    free(t);
}

struct pace {
    int64_t start_ns, saved_ns;
    double start_work;
};

/* Work done so far, in units of a picture of full size. */
static double work_done(const struct trained *t, uint64_t step)
{
    double work = 0;
    uint64_t epoch = step / t->epoch_steps;
    for (uint64_t e = 0; e <= epoch; e++) {
        double share = (double)trainer_side(t, (int)e) / (double)t->options.side;
        uint64_t steps = e < epoch ? t->epoch_steps : step % t->epoch_steps;
        work += share * share * (double)(steps * t->batch);
    }
    return work;
}

static bool has_teachers_classes(const struct trained *t)
{
    return t->teacher && t->options.teacher->classes;
}

/* < 0: no picture with a class. */
static float share_right(const struct loss *loss)
{
    return loss->judged ? (float)((double)loss->right / (double)loss->judged) : -1;
}

static float teacher_share(const struct trained *t)
{
    int64_t busy = 0;
    for (size_t w = 0; w < pool_workers(t->pool); w++) {
        busy += t->busy_ns[w];
    }
    double taught = t->teacher ? (double)(teacher_ns(t->teacher) - t->asked_ns) : -1;
    return t->teacher && busy ? (float)(taught / (double)busy) : -1;
}

static bool report_progress(const struct trained *t, const struct train_task *task,
                            const struct pace *pace)
{
    if (!task->progress) {
        return true;
    }
    uint64_t steps = t->epoch_steps * (uint64_t)t->options.epochs;
    uint64_t last = t->step - 1;
    size_t in_epoch = (size_t)(last % t->epoch_steps) + 1;
    double seconds = (double)(clock_monotonic_ns() - pace->start_ns) * 1e-9;
    double work = work_done(t, t->step) - pace->start_work;
    double speed = work / (seconds > 0 ? seconds : 1);
    double share = (double)trainer_side(t, (int)(last / t->epoch_steps)) / t->options.side;
    double seen = (double)(in_epoch * t->batch);
    struct train_progress p = {
        .epoch = (int)(last / t->epoch_steps) + 1,
        .epochs = t->options.epochs,
        .step = in_epoch,
        .steps = t->epoch_steps,
        .loss = (float)(t->epoch_loss.sum / seen),
        .accuracy = share_right(&t->epoch_loss),
        .validation = t->measured.accuracy,
        .teachers_classes = has_teachers_classes(t),
        .explained = t->measured.explained,
        .teacher_share = teacher_share(t),
        .per_second = (float)(speed / (share * share)),
        .seconds_left = (float)((work_done(t, steps) - work_done(t, t->step)) / speed),
    };
    return task->progress(task->context, &p);
}

/* What patience waits for: a better accuracy or, without labels, more explained. */
static float score(const struct trained *t)
{
    bool labels = t->measured.accuracy >= 0 && !has_teachers_classes(t);
    return labels ? t->measured.accuracy : t->measured.explained;
}

static bool end_epoch(struct trained *t, struct error *err)
{
    double seen = (double)(t->epoch_steps * t->batch);
    t->loss = (float)(t->epoch_loss.sum / seen);
    t->accuracy = share_right(&t->epoch_loss);
    t->epoch_loss = (struct loss){ 0, 0, 0 };
    if (!trainer_measure(t, &t->measured, err)) {
        return false;
    }
    if (t->best && (score(t) > t->best_score || t->best_epoch == 0)) {
        t->best_score = score(t);
        t->best_measured = t->measured;
        t->best_epoch = (int)(t->step / t->epoch_steps);
        memcpy(t->best, t->parameters, t->net.parameter_count * sizeof *t->best);
        memcpy(t->best + t->net.parameter_count, t->moments, t->net.moment_count * sizeof *t->best);
    }
    return true;
}

static bool out_of_patience(const struct trained *t)
{
    return t->options.patience &&
           (int)(t->step / t->epoch_steps) - t->best_epoch >= t->options.patience;
}

static bool learn(struct trained *t, const struct train_task *task, uint64_t identity,
                  struct error *err)
{
    uint64_t steps = t->epoch_steps * (uint64_t)t->options.epochs;
    int64_t now = clock_monotonic_ns();
    t->asked_ns = t->teacher ? teacher_ns(t->teacher) : 0;
    struct pace pace = { now, now, work_done(t, t->step) };
    const char *path = t->options.checkpoint;
    if (t->step % t->epoch_steps) {
        order_epoch(t, t->step / t->epoch_steps);
    }
    while (t->step < steps && !out_of_patience(t)) {
        if (t->step % t->epoch_steps == 0) {
            order_epoch(t, t->step / t->epoch_steps);
        }
        trainer_step(t);
        bool go_on = report_progress(t, task, &pace);
        if (t->step % t->epoch_steps == 0 && !end_epoch(t, err)) {
            return false;
        }
        now = clock_monotonic_ns();
        if (path && (!go_on || now - pace.saved_ns > CHECKPOINT_NS)) {
            pace.saved_ns = now;
            if (!checkpoint_save(t, identity, path, err)) {
                return false;
            }
        }
        if (!go_on) {
            return error_set(err, ERROR_BUSY, "stopped in epoch %zu of %d%s%s",
                             (size_t)(t->step / t->epoch_steps) + 1, t->options.epochs,
                             path ? "; run the same command again to resume from " : "",
                             path ? path : "");
        }
    }
    if (path && !checkpoint_save(t, identity, path, err)) {
        return false;
    }
    if (t->best && t->best_epoch) {
        memcpy(t->parameters, t->best, t->net.parameter_count * sizeof *t->best);
        memcpy(t->moments, t->best + t->net.parameter_count, t->net.moment_count * sizeof *t->best);
        t->measured = t->best_measured;
    }
    return true;
}

struct trained *train_run(const struct train_task *task, struct error *err)
{
    if (!blas_start(err) || !blas_room((size_t)task->options->jobs, err)) {
        return NULL;
    }
    struct trained *t = calloc(1, sizeof *t);
    if (!t) {
        error_nomem(err, sizeof *t, "a training run");
        return NULL;
    }
    bool ok = prepare(t, task, err);
    uint64_t identity = ok ? trainer_identity(task) : 0;
    bool found = false;
    t->plain_identity = ok ? trainer_plain_identity(task) : 0;
    ok = ok &&
         (!t->options.checkpoint ||
          checkpoint_load(t, identity, t->options.checkpoint, &found, err)) &&
         (found || !t->teacher || !t->options.start || projection_fit(t, err)) &&
         learn(t, task, identity, err);
    if (!ok) {
        trained_free(t);
        return NULL;
    }
    return t;
}

void trained_report(const struct trained *t, struct train_report *report)
{
    size_t labelled = 0;
    for (size_t i = 0; i < t->training.count; i++) {
        labelled += t->training.classes[i] != TRAIN_NO_CLASS;
    }
    *report =
        (struct train_report){ .pictures = t->training.count,
                               .validation_pictures = t->validation.count,
                               .validation_drawn = t->validation_drawn,
                               .unreadable = t->training.failed + t->validation.failed,
                               .why = t->training.failed ? t->training.why : t->validation.why,
                               .loss = t->loss,
                               .accuracy = t->accuracy,
                               .validation = t->measured.accuracy,
                               .explained = t->measured.explained,
                               .teacher_share = teacher_share(t),
                               .cosine = t->cosine,
                               .labelled = labelled,
                               .parameters = net_kept_parameters(&t->net),
                               .macs = net_macs(&t->net, t->options.side) };
}
