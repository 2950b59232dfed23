#include "classifier_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "image/region.h"

/* Path of labels.txt beside the model; NULL when memory is out. */
static char *labels_beside(const char *model_path)
{
    const char *slash = strrchr(model_path, '/');
    struct buf path = BUF_INIT;
    buf_add(&path, model_path, slash ? (size_t)(slash + 1 - model_path) : 0);
    buf_adds(&path, "labels.txt");
    return buf_take(&path);
}

/* Reads the names from labels.txt beside a model that contains none; `within` says why it
 * contains none. */
static bool names_beside(const char *model_path, struct nn_labels *names,
                         const struct error *within, struct error *err)
{
    char *beside = labels_beside(model_path);
    if (!beside) {
        return error_nomem(err, strlen(model_path), "class names");
    }
    struct error why;
    bool there = access(beside, F_OK) == 0;
    bool ok = nn_labels_load(names, beside, &why);
    free(beside);
    if (ok) {
        return true;
    }
    if (!there && within->kind != ERROR_NONE) {
        *err = *within;
        return false;
    }
    return error_set(err, why.kind,
                     "%s (class names; the model has none in it; name another file by "
                     "--model-labels)",
                     why.message);
}

bool classifier_names(const char *model_path, const char *labels_path, struct nn_labels *names,
                      struct error *err)
{
    if (access(model_path, R_OK) != 0) {
        return error_errno(err, ERROR_IO, errno, "%s", model_path);
    }
    if (labels_path && labels_path[0]) {
        return nn_labels_load(names, labels_path, err);
    }
    struct error within = { ERROR_NONE, "" };
    if (nn_labels_load_model(names, model_path, &within) && names->count > 0) {
        return true;
    }
    struct error why;
    return names_beside(model_path, names, &within, err ? err : &why);
}

/* Takes ownership of the model; NULL gives NULL. */
static struct classifier *classifier_new(struct nn_model *model, const char *name,
                                         const struct classifier_options *options,
                                         struct error *err)
{
    struct classifier *c = model ? calloc(1, sizeof *c) : NULL;
    if (!c) {
        if (model) {
            error_nomem(err, sizeof *c, "a classifier");
        }
        nn_model_free(model);
        return NULL;
    }
    c->model = model;
    if (options) {
        c->options = *options;
    }
    if (!nn_model_image(model, &c->shape)) {
        error_set(err, ERROR_UNSUPPORTED, "%s: the model's input is not a picture", name);
        classifier_free(c);
        return NULL;
    }
    if (!c->options.input_given) {
        nn_input_spec_default(model, &c->options.input);
    }
    return c;
}

struct classifier *classifier_load(const char *path, const struct classifier_options *options,
                                   struct error *err)
{
    struct nn_model_options model = { .isa = options ? options->isa : NULL };
    return classifier_new(nn_model_load_with(path, &model, err), path, options, err);
}

struct classifier *classifier_parse(const void *bytes, size_t len, const char *name,
                                    const struct classifier_options *options, struct error *err)
{
    struct nn_model_options model = { .isa = options ? options->isa : NULL };
    return classifier_new(nn_model_parse_with(bytes, len, name, &model, err), name, options, err);
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
        image_release(&r->fitted);
        free(r);
    }
}

bool runner_fill(struct runner *r, struct image *picture, struct error *err)
{
    const struct classifier *c = r->classifier;
    image_release(&r->fitted);
    return image_reshape(picture, c->shape.width, c->shape.height, c->options.fit, &r->fitted,
                         err) &&
           nn_input_from_rgb(c->model, &c->options.input, r->fitted.pixels,
                             image_stride(&r->fitted), r->input, err);
}

bool runner_run(struct runner *r, const char *path, const struct region *region,
                float *probabilities, struct error *err)
{
    const struct classifier *c = r->classifier;
    struct image picture = IMAGE_INIT;
    int64_t start = clock_monotonic_ns();
    bool ok = image_decode_file_region(path, region, NULL, c->shape.width, c->shape.height,
                                       &picture, err);
    int64_t decoded = clock_monotonic_ns();
    ok = ok && runner_fill(r, &picture, err);
    int64_t ready = clock_monotonic_ns();
    if (ok) {
        nn_run(r->context, r->input, NULL);
        nn_probabilities(r->context, probabilities);
    }
    r->times.decode += decoded - start;
    r->times.fit += ready - decoded;
    r->times.infer += clock_monotonic_ns() - ready;
    image_release(&picture);
    return ok;
}

struct runner_times runner_times(const struct runner *r)
{
    return r->times;
}
