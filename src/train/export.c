#include "trainer.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "fold.h"
#include "nn/preprocess.h"
#include "nn/run.h"
#include "quantize.h"
#include "tflite_writer.h"

/* Number of pictures that the quantiser is calibrated on. */
#define CALIBRATION_PICTURES 512

struct measure {
    const struct dataset *data;
    const struct nn_model *model;
    struct nn_context **contexts; /* one a worker */
    uint8_t *inputs;              /* input of the model, one per worker */
    float *logits;                /* one row per worker */
    struct train_outcome *outcomes;
};

static void measure_one(void *context, size_t job, size_t worker)
{
    struct measure *m = context;
    size_t classes = nn_model_classes(m->model);
    float *logits = m->logits + worker * classes;
    uint8_t *input = m->inputs + worker * nn_model_input(m->model)->bytes;
    nn_input_from_rgb(m->model, NULL, dataset_picture(m->data, job), (size_t)m->data->side * 3,
                      input, NULL);
    nn_run(m->contexts[worker], input, NULL);
    nn_logits(m->contexts[worker], logits);
    size_t best = 0;
    for (size_t c = 1; c < classes; c++) {
        best = logits[c] > logits[best] ? c : best;
    }
    m->outcomes[job] = (struct train_outcome){ m->data->classes[job], best };
}

/* Runs the model on the held-out pictures, into t->outcomes; *share is its accuracy. */
static bool measure_model(struct trained *t, const struct nn_model *model, float *share,
                          struct error *err)
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
    size_t right = 0;
    if (ok) {
        pool_run(t->pool, count, measure_one, &m);
        for (size_t i = 0; i < count; i++) {
            right += m.outcomes[i].predicted == m.outcomes[i].class_index;
        }
    }
    for (size_t w = 0; m.contexts && w < workers; w++) {
        nn_context_free(m.contexts[w]);
    }
    *share = count ? (float)right / (float)count : -1;
    free(m.contexts);
    free(m.inputs);
    free(m.logits);
    return ok;
}

const struct train_outcome *trained_outcomes(const struct trained *t, size_t *count)
{
    *count = t->outcomes ? t->validation.count : 0;
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
    ok = model && measure_model(t, model, quantized, err);
    nn_model_free(model);
    quantized_net_release(&q);
    flat_net_release(&flat);
    free(pixels);
    return ok;
}
