#include "nn/model.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "graph.h"
#include "plan.h"
#include "tflite.h"

void nn_model_free(struct nn_model *model)
{
    if (!model) {
        return;
    }
    nn_model_release_blocks(model);
    buf_release(&model->file);
    free(model->name);
    free(model);
}

static struct nn_model *model_new(const char *name, const struct nn_model_options *options,
                                  struct error *err)
{
    struct nn_model *model = calloc(1, sizeof(*model));
    if (model) {
        model->isa = options && options->isa ? options->isa : nn_isa_best();
        model->unfolded = options && options->unfolded;
        buf_init(&model->file);
        model->name = mem_string(name, strlen(name));
    }
    if (!model || !model->name) {
        nn_model_free(model);
        error_nomem(err, sizeof(*model), "a model");
        return NULL;
    }
    return model;
}

/* Takes ownership of the model: returns it, or frees it and returns NULL. */
static struct nn_model *read_model(struct nn_model *model, const void *bytes, size_t len,
                                   struct error *err)
{
    model->fb = (struct fb){ .bytes = bytes, .len = len };
    if (!nn_tflite_read(model, err) || !nn_plan(model, err)) {
        nn_model_free(model);
        return NULL;
    }
    return model;
}

struct nn_model *nn_model_parse(const void *bytes, size_t len, const char *name, struct error *err)
{
    return nn_model_parse_with(bytes, len, name, NULL, err);
}

struct nn_model *nn_model_parse_with(const void *bytes, size_t len, const char *name,
                                     const struct nn_model_options *options, struct error *err)
{
    if (len > NN_MODEL_MAX_BYTES) {
        error_set(err, ERROR_UNSUPPORTED, "%s: %zu bytes, the limit is %zu", name, len,
                  NN_MODEL_MAX_BYTES);
        return NULL;
    }
    struct nn_model *model = model_new(name, options, err);
    return model ? read_model(model, bytes, len, err) : NULL;
}

struct nn_model *nn_model_load(const char *path, struct error *err)
{
    return nn_model_load_with(path, NULL, err);
}

struct nn_model *nn_model_load_with(const char *path, const struct nn_model_options *options,
                                    struct error *err)
{
    struct nn_model *model = model_new(path, options, err);
    if (!model) {
        return NULL;
    }
    if (!file_read(path, NN_MODEL_MAX_BYTES, &model->file, err)) {
        nn_model_free(model);
        return NULL;
    }
    return read_model(model, model->file.data, model->file.len, err);
}

const struct nn_tensor_info *nn_model_input(const struct nn_model *model)
{
    return &model->input->info;
}

const struct nn_tensor_info *nn_model_output(const struct nn_model *model)
{
    return &model->output->info;
}

const struct nn_tensor_info *nn_model_logits(const struct nn_model *model)
{
    return &model->logits->info;
}

static bool is_colour_count(int32_t channels)
{
    return channels == 1 || channels == 3;
}

bool nn_model_image(const struct nn_model *model, struct nn_image_shape *shape)
{
    const int32_t *dims = model->input->info.dims;
    if (model->input->info.rank != 4 || dims[0] != 1) {
        return false;
    }
    if (is_colour_count(dims[3])) {
        *shape = (struct nn_image_shape){ dims[1], dims[2], dims[3], false };
        return true;
    }
    if (is_colour_count(dims[1])) {
        *shape = (struct nn_image_shape){ dims[2], dims[3], dims[1], true };
        return true;
    }
    return false;
}

size_t nn_model_classes(const struct nn_model *model)
{
    return model->output->info.elements;
}

size_t nn_model_op_count(const struct nn_model *model)
{
    return model->op_count;
}

const struct nn_op_info *nn_model_op(const struct nn_model *model, size_t index)
{
    return &model->ops[index].info;
}

uint64_t nn_model_macs(const struct nn_model *model)
{
    return model->macs;
}

const struct nn_isa *nn_model_isa(const struct nn_model *model)
{
    return model->isa;
}

size_t nn_model_arena_bytes(const struct nn_model *model)
{
    return model->arena_bytes;
}
