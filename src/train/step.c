#include "trainer.h"

#include <string.h>

/* Streams of the random numbers. */
enum { PLACE_PICTURES = 1 };

struct step {
    struct trained *trained;
    const size_t *pictures; /* pictures of the batch */
    int side;
};

static size_t slice_start(const struct trained *t, size_t slice)
{
    return slice * t->batch / t->slices;
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
    for (size_t i = 0; i < count; i++) {
        size_t index = s->pictures[first + i];
        struct random random =
            random_start(t->options.seed + PLACE_PICTURES, t->step * t->batch + first + i);
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
    t->losses[job] = loss_softmax(&shape, slice_logits(w), labels, slice_logits_grad(w));
    memset(t->grads[job], 0, t->net.parameter_count * sizeof **t->grads);
    slice_backward(w, t->parameters, t->grads[job]);
    memcpy(t->slice_moments[job], slice_moments(w), t->net.moment_count * sizeof **t->grads);
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
    }
    t->step++;
}

struct measure {
    struct trained *trained;
    const struct dataset *data;
    size_t *right; /* one per worker */
};

static void measure_slice(void *context, size_t job, size_t worker)
{
    struct measure *m = context;
    struct trained *t = m->trained;
    struct slice *w = t->workspaces[worker];
    int side = t->options.side;
    size_t first = job * SLICE_PICTURES;
    size_t count =
        m->data->count - first < SLICE_PICTURES ? m->data->count - first : SLICE_PICTURES;
    for (size_t i = 0; i < count; i++) {
        augment_picture(dataset_picture(m->data, first + i), m->data->side, NULL, NULL,
                        slice_input(w) + i * (size_t)side * (size_t)side * 3, side);
    }
    slice_forward(w, (int)count, side, t->parameters, t->moments, NORM_FROZEN);
    struct loss_shape shape = { .batch = count, .classes = (size_t)t->net.classes };
    m->right[worker] += loss_softmax(&shape, slice_logits(w), m->data->classes + first, NULL).right;
}

float trainer_measure(struct trained *t, const struct dataset *d)
{
    size_t right[TRAIN_JOBS_MAX] = { 0 };
    struct measure m = { .trained = t, .data = d, .right = right };
    pool_run(t->pool, (d->count + SLICE_PICTURES - 1) / SLICE_PICTURES, measure_slice, &m);
    size_t sum = 0;
    for (size_t w = 0; w < pool_workers(t->pool); w++) {
        sum += right[w];
    }
    return d->count ? (float)sum / (float)d->count : -1;
}
