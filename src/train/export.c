#include "trainer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "fold.h"
#include "nn/embedding.h"
#include "nn/preprocess.h"
#include "nn/run.h"
#include "quantize.h"
#include "tflite_writer.h"

/* Number of pictures that the quantiser is calibrated on. */
#define CALIBRATION_PICTURES 512

/* Number of pictures on which features in float and in int8 are compared. */
#define COMPARED_PICTURES 256

struct measure {
    const struct dataset *data;
    const struct nn_model *model;
    struct nn_context **contexts; /* one a worker */
    uint8_t *inputs;              /* input of the model, one per worker */
    float *logits;                /* one row per worker */
    struct train_outcome *outcomes;
    /* With a teacher, of the first `compared` pictures: */
    size_t compared, channels;
    float *features; /* in float */
    float *own;      /* in int8; one row per worker */
    double *cosines;
};

static double cosine(const float *a, const float *b, size_t count)
{
    double aa = 0, bb = 0, ab = 0;
    for (size_t i = 0; i < count; i++) {
        aa += (double)a[i] * (double)a[i];
        bb += (double)b[i] * (double)b[i];
        ab += (double)a[i] * (double)b[i];
    }
    return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : aa == bb;
}

static void measure_one(void *context, size_t job, size_t worker)
{
    struct measure *m = context;
    size_t classes = nn_model_classes(m->model);
    float *logits = m->logits + worker * classes;
    uint8_t *input = m->inputs + worker * nn_model_input(m->model)->bytes;
    nn_input_from_rgb(m->model, NULL, dataset_picture(m->data, job), (size_t)m->data->side * 3,
                      input, NULL);
    if (job < m->compared) {
        float *own = m->own + worker * m->channels;
        nn_run_embedding(m->contexts[worker], input, NULL, &(struct nn_embedding){ .mean = own });
        m->cosines[job] = cosine(m->features + job * m->channels, own, m->channels);
    } else {
        nn_run(m->contexts[worker], input, NULL);
    }
    nn_logits(m->contexts[worker], logits);
    size_t best = 0;
    for (size_t c = 1; c < classes; c++) {
        best = logits[c] > logits[best] ? c : best;
    }
    m->outcomes[job] = (struct train_outcome){ m->data->classes[job], best };
}

/* Moves the outcomes of pictures with a class to the front and counts the right ones. */
static size_t keep_judged(struct trained *t)
{
    size_t right = 0;
    t->outcome_count = 0;
    for (size_t i = 0; i < t->validation.count; i++) {
        if (t->outcomes[i].class_index != TRAIN_NO_CLASS) {
            right += t->outcomes[i].predicted == t->outcomes[i].class_index;
            t->outcomes[t->outcome_count++] = t->outcomes[i];
        }
    }
    return right;
}

/* The features of held-out pictures in float: what the last layer reads. */
static bool float_features(const struct trained *t, const struct flat_net *flat, struct measure *m,
                           struct error *err)
{
    const struct flat_op *last = &flat->ops[flat->op_count - 1];
    size_t count =
        t->validation.count < COMPARED_PICTURES ? t->validation.count : COMPARED_PICTURES;
    struct nn_embedding_info info;
    m->channels = flat_elements(&flat->tensors[last->in[0]]);
    if (!t->teacher || !nn_model_embedding(m->model, &info) || info.channels != m->channels) {
        return true;
    }
    struct flat_runner *runner = flat_runner_new(flat, 1, err);
    m->features = mem_array(count ? count : 1, m->channels * sizeof *m->features);
    m->own = mem_array(pool_workers(t->pool), m->channels * sizeof *m->own);
    m->cosines = mem_array(count ? count : 1, sizeof *m->cosines);
    bool ok = runner && ((m->features && m->own && m->cosines) ||
                         error_nomem(err, count * m->channels * sizeof *m->features, "features"));
    for (size_t i = 0; ok && i < count; i++) {
        flat_run(runner, dataset_picture(&t->validation, i), 1);
        memcpy(m->features + i * m->channels, flat_values(runner, last->in[0]),
               m->channels * sizeof *m->features);
    }
    m->compared = ok ? count : 0;
    flat_runner_free(runner);
    return ok;
}

/* Runs the model on the held-out pictures, into t->outcomes; *share is its accuracy. */
static bool measure_model(struct trained *t, const struct flat_net *flat,
                          const struct nn_model *model, float *share, struct error *err)
{
    size_t workers = pool_workers(t->pool);
    size_t count = t->validation.count;
    struct measure m = { .data = &t->validation, .model = model };
    m.contexts = mem_array(workers, sizeof(struct nn_context *));
    m.inputs = mem_array(workers, nn_model_input(model)->bytes);
    m.logits = mem_array(workers, nn_model_classes(model) * sizeof *m.logits);
    free(t->outcomes);
    t->outcomes = m.outcomes = mem_array(count ? count : 1, sizeof *m.outcomes);
    bool ok = m.contexts && m.inputs && m.logits && m.outcomes;
    if (!ok) {
        error_nomem(err, workers * nn_model_input(model)->bytes, "measuring the model");
    }
    for (size_t w = 0; ok && w < workers; w++) {
        ok = (m.contexts[w] = nn_context_new(model, err)) != NULL;
    }
    ok = ok && float_features(t, flat, &m, err);
    size_t right = 0;
    if (ok) {
        pool_run(t->pool, count, measure_one, &m);
        right = keep_judged(t);
        double sum = 0;
        for (size_t i = 0; i < m.compared; i++) {
            sum += m.cosines[i];
        }
        t->cosine = m.compared ? (float)(sum / (double)m.compared) : t->cosine;
    }
    for (size_t w = 0; m.contexts && w < workers; w++) {
        nn_context_free(m.contexts[w]);
    }
    *share = ok && t->outcome_count ? (float)right / (float)t->outcome_count : -1;
    free(m.features);
    free(m.own);
    free(m.cosines);
    free(m.contexts);
    free(m.inputs);
    free(m.logits);
    return ok;
}

const struct train_outcome *trained_outcomes(const struct trained *t, size_t *count)
{
    *count = t->outcome_count;
    return t->outcomes;
}

/* Training pictures at equal distances, one after another. The caller frees them. */
static uint8_t *calibration_pictures(const struct trained *t, size_t *count, struct error *err)
{
    const struct dataset *d = &t->training;
    size_t bytes = (size_t)d->side * (size_t)d->side * 3;
    *count = d->count < CALIBRATION_PICTURES ? d->count : CALIBRATION_PICTURES;
    uint8_t *pixels = mem_array(*count, bytes);
    if (!pixels) {
        error_nomem(err, *count * bytes, "pictures to calibrate with");
        return NULL;
    }
    for (size_t i = 0; i < *count; i++) {
        memcpy(pixels + i * bytes, dataset_picture(d, i * d->count / *count), bytes);
    }
    return pixels;
}

bool trained_export(struct trained *t, const char *const *classes, struct buf *out,
                    float *quantized, struct error *err)
{
    struct flat_net flat = { 0 };
    struct quantized_net q = { 0 };
    size_t count = 0;
    uint8_t *pixels = calibration_pictures(t, &count, err);
    bool ok = pixels && fold_net(&t->net, t->parameters, t->moments, t->options.side, &flat, err) &&
              quantize_net(&q, &flat, pixels, count, err) &&
              tflite_write_net(&q, classes, out, err);
    struct nn_model *model =
        ok ? nn_model_parse(out->data, out->len, "the trained model", err) : NULL;
    ok = model && measure_model(t, &flat, model, quantized, err);
    nn_model_free(model);
    quantized_net_release(&q);
    flat_net_release(&flat);
    free(pixels);
    return ok;
}
