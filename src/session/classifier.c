#include "session/classifier.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "image/decode.h"
#include "image/scale.h"
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
    c->model =
        nn_model_load_with(path, &(struct nn_model_options){ .isa = c->options.isa }, err);
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

static bool scale(const struct image *from, int width, int height, struct image *to,
                  struct error *err)
{
    bool grow = from->width < width || from->height < height;
    return image_scale(from, width, height, grow ? IMAGE_FILTER_CUBIC : IMAGE_FILTER_AREA, to, err);
}

static bool fit_crop(const struct image *whole, int width, int height, struct image *out,
                     struct error *err)
{
    struct image part = IMAGE_INIT;
    struct image_rect r = { 0, 0, whole->width, whole->height };
    int64_t across = (int64_t)whole->width * height;
    int64_t down = (int64_t)whole->height * width;
    if (across > down) {
        r.width = (int)(down / height);
        r.width = r.width < 1 ? 1 : r.width;
        r.x = (whole->width - r.width) / 2;
    } else {
        r.height = (int)(across / width);
        r.height = r.height < 1 ? 1 : r.height;
        r.y = (whole->height - r.height) / 2;
    }
    bool ok = image_crop(whole, r, &part, err) && scale(&part, width, height, out, err);
    image_release(&part);
    return ok;
}

static bool fit_letterbox(const struct image *whole, int width, int height, struct image *out,
                          struct error *err)
{
    struct image part = IMAGE_INIT;
    int w, h;
    image_fit(whole->width, whole->height, width, height, true, &w, &h);
    bool ok = scale(whole, w, h, &part, err) && image_init(out, width, height, 3, err);
    if (ok) {
        memset(out->pixels, 128, image_stride(out) * (size_t)height);
        for (int y = 0; y < h; y++) {
            memcpy(image_at(out, (width - w) / 2, (height - h) / 2 + y), image_at(&part, 0, y),
                   image_stride(&part));
        }
    }
    image_release(&part);
    return ok;
}

static bool fit_input(const struct classifier *c, struct image *whole, struct image *out,
                      struct error *err)
{
    static const struct image_background white = { { 255, 255, 255 }, { 255, 255, 255 }, 0 };
    image_flatten(whole, &white);
    switch (c->options.fit) {
    case CLASSIFIER_CROP:
        return fit_crop(whole, c->shape.width, c->shape.height, out, err);
    case CLASSIFIER_LETTERBOX:
        return fit_letterbox(whole, c->shape.width, c->shape.height, out, err);
    case CLASSIFIER_STRETCH:
        return scale(whole, c->shape.width, c->shape.height, out, err);
    }
    return false;
}

bool runner_run(struct runner *r, const char *path, float *probabilities, struct error *err)
{
    const struct classifier *c = r->classifier;
    struct image whole = IMAGE_INIT;
    struct image fitted = IMAGE_INIT;
    int64_t start = clock_monotonic_ns();
    bool ok = image_decode_file(path, NULL, c->shape.width, c->shape.height, &whole, NULL, err);
    int64_t decoded = clock_monotonic_ns();
    ok = ok && fit_input(c, &whole, &fitted, err) &&
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
