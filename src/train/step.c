#include "trainer.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

/* Streams of the random numbers. */
enum { PLACE_PICTURES = 1, PLACE_VIEWS = 2 };

/* The side of the pictures grows from three quarters to full in this share of the epochs. */
#define GROW_SHARE 0.7f
#define SIDE_STEP 8

int trainer_side(const struct trained *t, int epoch)
{
    int side = t->options.side;
    if (!t->options.grow || side % SIDE_STEP != 0) {
        return side;
    }
    float done = (float)epoch / ((float)t->options.epochs * GROW_SHARE);
    int steps = side / 4 / SIDE_STEP + 1;
    int at = (int)(done * (float)steps);
    int smaller = side - side / 4 / SIDE_STEP * SIDE_STEP + at * SIDE_STEP;
    return smaller < side ? smaller : side;
}

struct step {
    struct trained *trained;
    const size_t *pictures; /* pictures of the batch */
    int side;
};

static size_t slice_start(const struct trained *t, size_t slice)
{
    return slice * t->batch / t->slices;
}

/* Shows the teacher a view of training picture `index`, which has place `place` in the batch
 * and row `row` in the slice. Returns the random numbers that the view begins with. */
static struct random ask_teacher(struct trained *t, size_t worker, size_t index, size_t place,
                                 size_t row)
{
    size_t views = (size_t)t->options.teacher->views;
    size_t kept = views ? index * views + t->step / t->epoch_steps % views : 0;
    struct random random =
        views ? random_start(t->options.seed + PLACE_VIEWS, kept)
              : random_start(t->options.seed + PLACE_PICTURES, t->step * t->batch + place);
    struct teacher_view view = { dataset_picture(&t->training, index), t->training.side,
                                 &t->augment, &random };
    if (views) {
        teacher_run_cached(t->teacher, worker, &view, row, kept);
    } else {
        teacher_run(t->teacher, worker, &view, row);
    }
    return random;
}

/* The error of the features of both maps. A weight of 0 of the quarters leaves the means alone,
 * and then there are no rows of quarters. */
static double features_loss(const struct trained *t, struct slice *w, size_t worker,
                            const struct loss_shape *shape)
{
    float finer = t->options.teacher->finer;
    float quarter = finer / (float)(NET_PARTS - 1) / teacher_spread(t->teacher);
    float part = finer / (float)NET_PARTS;
    const float weights[NET_PARTS] = { 1, quarter, quarter, quarter, quarter };
    const float fine_weights[NET_PARTS] = { part, part, part, part, part };
    struct loss_parts parts = { shape->batch, teacher_parts(t->teacher),
                                teacher_features(t->teacher), shape->scale, weights };
    double sum = loss_parts(&parts, slice_projection(w), teacher_targets(t->teacher, worker),
                            slice_projection_grad(w));
    size_t fine = t->net.fine_projection;
    if (fine != NET_NO_TENSOR) {
        parts = (struct loss_parts){ shape->batch, NET_PARTS, teacher_fine_features(t->teacher),
                                     shape->scale, fine_weights };
        sum += loss_parts(&parts, slice_tensor(w, fine), teacher_fine_targets(t->teacher, worker),
                          slice_tensor_grad(w, fine));
    }
    return sum;
}

/* The loss beside a teacher, which has just seen the slice's pictures. */
static struct loss distillation_loss(const struct trained *t, struct slice *w, size_t worker,
                                     const struct loss_shape *shape, const size_t *labels)
{
    const struct train_teacher *from = t->options.teacher;
    struct loss_shape weighted = *shape;
    weighted.scale *= from->class_weight;
    struct loss loss = from->classes
                           ? loss_soft(&weighted, slice_logits(w),
                                       teacher_logits(t->teacher, worker), slice_logits_grad(w))
                           : loss_softmax(&weighted, slice_logits(w), labels, slice_logits_grad(w));
    loss.sum *= (double)from->class_weight;
    loss.sum += features_loss(t, w, worker, shape);
    return loss;
}

static void learn_slice(void *context, size_t job, size_t worker)
{
    struct step *s = context;
    struct trained *t = s->trained;
    struct slice *w = t->workspaces[worker];
    size_t first = slice_start(t, job);
    size_t count = slice_start(t, job + 1) - first;
    size_t picture = (size_t)s->side * (size_t)s->side * 3;
    size_t labels[SLICE_PICTURES];
    int64_t start = clock_monotonic_ns();
    for (size_t i = 0; i < count; i++) {
        size_t index = s->pictures[first + i];
        struct random random = t->teacher ? ask_teacher(t, worker, index, first + i, i)
                                          : random_start(t->options.seed + PLACE_PICTURES,
                                                         t->step * t->batch + first + i);
        augment_picture(dataset_picture(&t->training, index), t->training.side, &t->augment,
                        &random, slice_input(w) + i * picture, s->side);
        labels[i] = t->training.classes[index];
    }
    slice_forward(w, (int)count, s->side, t->parameters, t->moments, NORM_BATCH);
    struct loss_shape shape = { .batch = count,
                                .classes = (size_t)t->net.classes,
                                .smoothing = t->options.smoothing,
                                .class_weights = t->class_weights,
                                .scale = 1.0f / (float)t->batch };
    t->losses[job] = t->teacher
                         ? distillation_loss(t, w, worker, &shape, labels)
                         : loss_softmax(&shape, slice_logits(w), labels, slice_logits_grad(w));
    memset(t->grads[job], 0, t->net.parameter_count * sizeof **t->grads);
    slice_backward(w, t->parameters, t->grads[job]);
    memcpy(t->slice_moments[job], slice_moments(w), t->net.moment_count * sizeof **t->grads);
    t->busy_ns[worker] += clock_monotonic_ns() - start;
}

/* Updates one layer's parameters, with gradients added in the order of the slices. */
static void update_layer(void *context, size_t job, size_t worker)
{
    struct step *s = context;
    struct trained *t = s->trained;
    const struct layer *layer = &t->net.layers[job];
    size_t filter;
    size_t count = layer_parameters(&t->net, layer, &filter);
    size_t at = layer->parameters;
    float *sum = t->grads[0] + at;
    for (size_t g = 1; g < t->slices; g++) {
        const float *more = t->grads[g] + at;
        for (size_t i = 0; i < count; i++) {
            sum[i] += more[i];
        }
    }
    uint64_t steps = (uint64_t)t->options.epochs * t->epoch_steps;
    uint64_t warm_up = steps / 20 + 1;
    struct optimizer_step step = { .kind = t->options.optimizer,
                                   .rate = schedule_rate(t->options.rate, t->step, steps, warm_up),
                                   .decay = t->options.decay,
                                   .step = t->step + 1 };
    float *state1 = t->state[1] ? t->state[1] + at : NULL;
    optimizer_update(&step, filter, sum, t->parameters + at, t->state[0] + at, state1);
    step.decay = 0;
    at += filter;
    optimizer_update(&step, count - filter, sum + filter, t->parameters + at, t->state[0] + at,
                     state1 ? state1 + filter : NULL);
    (void)worker;
}

void trainer_step(struct trained *t)
{
    int epoch = (int)(t->step / t->epoch_steps);
    struct step s = { .trained = t,
                      .pictures = t->order + t->step % t->epoch_steps * t->batch,
                      .side = trainer_side(t, epoch) };
    pool_run(t->pool, t->slices, learn_slice, &s);
    pool_run(t->pool, t->net.layer_count, update_layer, &s);
    for (size_t m = 0; m < t->net.moment_count; m++) {
        float mean = 0;
        for (size_t g = 0; g < t->slices; g++) {
            mean += t->slice_moments[g][m];
        }
        t->moments[m] += MOMENTS_RATE * (mean / (float)t->slices - t->moments[m]);
    }
    for (size_t g = 0; g < t->slices; g++) {
        t->epoch_loss.sum += t->losses[g].sum;
        t->epoch_loss.right += t->losses[g].right;
        t->epoch_loss.judged += t->losses[g].judged;
    }
    t->step++;
}

struct measure {
    struct trained *trained;
    struct loss *losses; /* one a slice; `sum` is the error of the projection */
};

static void measure_slice(void *context, size_t job, size_t worker)
{
    struct measure *m = context;
    struct trained *t = m->trained;
    const struct dataset *d = &t->validation;
    struct slice *w = t->workspaces[worker];
    int side = t->options.side;
    size_t first = job * SLICE_PICTURES;
    size_t count = d->count - first < SLICE_PICTURES ? d->count - first : SLICE_PICTURES;
    for (size_t i = 0; i < count; i++) {
        augment_picture(dataset_picture(d, first + i), d->side, NULL, NULL,
                        slice_input(w) + i * (size_t)side * (size_t)side * 3, side);
    }
    slice_forward(w, (int)count, side, t->parameters, t->moments, NORM_FROZEN);
    struct loss_shape shape = { .batch = count, .classes = (size_t)t->net.classes };
    m->losses[job] = loss_softmax(&shape, slice_logits(w), d->classes + first, NULL);
    if (t->held.targets) {
        size_t features = teacher_features(t->teacher);
        const float *said = slice_projection(w); /* of the parts, the whole map comes first */
        m->losses[job].sum = 0;
        for (size_t i = 0; i < count; i++, said += teacher_parts(t->teacher) * features) {
            m->losses[job].sum +=
                loss_squares(1, features, 0, said, t->held.targets + (first + i) * features, NULL);
        }
    }
}

bool trainer_measure(struct trained *t, struct measured *measured, struct error *err)
{
    size_t slices = (t->validation.count + SLICE_PICTURES - 1) / SLICE_PICTURES;
    struct measure m = { .trained = t, .losses = mem_array(slices ? slices : 1, sizeof *m.losses) };
    if (!m.losses) {
        return error_nomem(err, slices * sizeof *m.losses, "measuring the network");
    }
    pool_run(t->pool, slices, measure_slice, &m);
    struct loss all = { 0, 0, 0 };
    for (size_t i = 0; i < slices; i++) { /* in order: the sum does not depend on the threads */
        all.sum += m.losses[i].sum;
        all.right += m.losses[i].right;
        all.judged += m.losses[i].judged;
    }
    free(m.losses);
    measured->accuracy = all.judged ? (float)all.right / (float)all.judged : -1;
    measured->explained =
        t->held.spread > 0 ? (float)(1 - all.sum / t->held.spread) : TRAIN_NOT_EXPLAINED;
    return true;
}
