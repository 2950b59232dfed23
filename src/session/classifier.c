#include "session/classifier.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "image/decode.h"
#include "nn/run.h"

struct classifier {
    struct nn_model *model;
    struct nn_image_shape shape;
    struct classifier_options options;
};

struct runner {
    const struct classifier *classifier;
    struct nn_context *context;
    void *input;
    struct runner_times times;
};

bool classifier_names(const char *model_path, const char *labels_path, struct nn_labels *names,
                      struct error *err)
{
    if (access(model_path, R_OK) != 0) {
        return error_errno(err, ERROR_IO, errno, "%s", model_path);
    }
    if (labels_path && labels_path[0]) {
        return nn_labels_load(names, labels_path, err);
    }
    const char *slash = strrchr(model_path, '/');
    struct buf path = BUF_INIT;
    buf_add(&path, model_path, slash ? (size_t)(slash + 1 - model_path) : 0);
    buf_adds(&path, "labels.txt");
    struct error why = { ERROR_IO, "out of memory" };
    bool ok = !path.failed && nn_labels_load(names, path.data, &why);
    buf_release(&path);
    return ok ? true
              : error_set(err, why.kind,
                          "%s (class names of the model; name another file by --model-labels)",
                          why.message);
}

struct classifier *classifier_load(const char *path, const struct classifier_options *options,
                                   struct error *err)
{
    struct classifier *c = calloc(1, sizeof *c);
    if (!c) {
        error_nomem(err, sizeof *c, "a classifier");
        return NULL;
    }
    if (options) {
        c->options = *options;
    }
    c->model = nn_model_load_with(path, &(struct nn_model_options){ .isa = c->options.isa }, err);
    if (c->model && !nn_model_image(c->model, &c->shape)) {
        error_set(err, ERROR_UNSUPPORTED, "%s: the model's input is not one picture", path);
        nn_model_free(c->model);
        c->model = NULL;
    }
    if (!c->model) {
        free(c);
        return NULL;
    }
    if (!c->options.input_given) {
        nn_input_spec_default(c->model, &c->options.input);
    }
    return c;
}

void classifier_free(struct classifier *c)
{
    if (c) {
        nn_model_free(c->model);
        free(c);
    }
}

size_t classifier_outputs(const struct classifier *c)
{
    return nn_model_classes(c->model);
}

struct runner *runner_new(const struct classifier *c, struct error *err)
{
    struct runner *r = calloc(1, sizeof *r);
    if (!r) {
        error_nomem(err, sizeof *r, "a runner");
        return NULL;
    }
    r->classifier = c;
    r->context = nn_context_new(c->model, err);
    r->input = malloc(nn_model_input(c->model)->bytes);
    if (!r->context || !r->input) {
        if (r->context) {
            error_nomem(err, nn_model_input(c->model)->bytes, "a model's input");
        }
        runner_free(r);
        return NULL;
    }
    return r;
}

void runner_free(struct runner *r)
{
    if (r) {
        nn_context_free(r->context);
        free(r->input);
        free(r);
    }
}

bool runner_run(struct runner *r, const char *path, float *probabilities, struct error *err)
{
    const struct classifier *c = r->classifier;
    struct image whole = IMAGE_INIT;
    struct image fitted = IMAGE_INIT;
    int64_t start = clock_monotonic_ns();
    bool ok = image_decode_file(path, NULL, c->shape.width, c->shape.height, &whole, NULL, err);
    int64_t decoded = clock_monotonic_ns();
    ok = ok &&
         image_reshape(&whole, c->shape.width, c->shape.height, c->options.fit, &fitted, err) &&
         nn_input_from_rgb(c->model, &c->options.input, fitted.pixels, image_stride(&fitted),
                           r->input, err);
    int64_t ready = clock_monotonic_ns();
    if (ok) {
        nn_run(r->context, r->input, NULL);
        nn_probabilities(r->context, probabilities);
    }
    r->times.decode += decoded - start;
    r->times.fit += ready - decoded;
    r->times.infer += clock_monotonic_ns() - ready;
    image_release(&whole);
    image_release(&fitted);
    return ok;
}

struct runner_times runner_times(const struct runner *r)
{
    return r->times;
}
