#include "nn/preprocess.h"

#include <math.h>

#include "base/mem.h"
#include "graph.h"
#include "operators.h"

#define LEVELS 256

static const struct {
    double low, high;
    struct nn_input_spec spec;
} conventions[] = {
    { 0, 255, { { 0, 0, 0 }, { 1 / 255.0f, 1 / 255.0f, 1 / 255.0f } } },
    { -128,
      127,
      { { 128 / 255.0f, 128 / 255.0f, 128 / 255.0f }, { 1 / 255.0f, 1 / 255.0f, 1 / 255.0f } } },
    { 0, 1, { { 0, 0, 0 }, { 1, 1, 1 } } },
    { -1, 1, { { 0.5f, 0.5f, 0.5f }, { 0.5f, 0.5f, 0.5f } } },
    { -2.118, 2.640, { { 0.485f, 0.456f, 0.406f }, { 0.229f, 0.224f, 0.225f } } },
};

static const struct nn_input_spec *const unit = &conventions[2].spec;

/* The quantisation of the model's input; NULL for a float input. */
static const struct nn_tensor_info *quantisation_of(const struct nn_model *model)
{
    if (model->input->info.type != NN_FLOAT32) {
        return &model->input->info;
    }
    for (size_t i = 0; i < model->op_count; i++) {
        if (model->ops[i].kind->code == NN_QUANTIZE && model->ops[i].in[0] == model->input) {
            return &model->ops[i].out->info;
        }
    }
    return NULL;
}

void nn_input_spec_default(const struct nn_model *model, struct nn_input_spec *spec)
{
    const struct nn_tensor_info *info = quantisation_of(model);
    *spec = *unit;
    if (!info) {
        return;
    }
    int least = info->type == NN_UINT8 ? 0 : -128;
    double low = (least - info->zero_point) * (double)info->scale;
    double high = (least + 255 - info->zero_point) * (double)info->scale;
    double nearest = HUGE_VAL;
    for (size_t i = 0; i < ARRAY_LEN(conventions); i++) {
        double width = conventions[i].high - conventions[i].low;
        double distance =
            fmax(fabs(low - conventions[i].low), fabs(high - conventions[i].high)) / width;
        if (distance < nearest) {
            nearest = distance;
            *spec = conventions[i].spec;
        }
    }
}

static double real_value(const struct nn_input_spec *spec, int channel, int level)
{
    return (level / 255.0 - (double)spec->mean[channel]) / (double)spec->std[channel];
}

/* Fills a table from a channel's levels 0..255 to input elements: bytes of the tensor's
 * type, or floats. */
static void fill_bytes(const struct nn_tensor_info *info, const struct nn_input_spec *spec,
                       int channel, uint8_t table[LEVELS])
{
    int least = info->type == NN_UINT8 ? 0 : -128;
    for (int level = 0; level < LEVELS; level++) {
        double q = rint(real_value(spec, channel, level) / (double)info->scale) + info->zero_point;
        q = q < least ? least : q > least + 255 ? least + 255 : q;
        table[level] = (uint8_t)(int)q;
    }
}

static uint8_t luma(const uint8_t *p)
{
    return (uint8_t)((77 * p[0] + 150 * p[1] + 29 * p[2] + 128) >> 8);
}

/* Writes one channel; `levels` maps 0..255 to elements of `size` bytes. */
struct channel_writer {
    struct nn_image_shape shape;
    const uint8_t *rgb;
    size_t stride;
    int channel;
    union {
        uint8_t bytes[LEVELS];
        float floats[LEVELS];
    } levels;
};

static void write_channel(const struct channel_writer *w, enum nn_type type, void *out)
{
    size_t height = (size_t)w->shape.height, width = (size_t)w->shape.width;
    size_t step = w->shape.channels_first ? 1 : (size_t)w->shape.channels;
    size_t at = w->shape.channels_first ? (size_t)w->channel * height * width : (size_t)w->channel;
    for (size_t y = 0; y < height; y++) {
        const uint8_t *p = w->rgb + y * w->stride;
        for (size_t x = 0; x < width; x++, p += 3, at += step) {
            uint8_t level = w->shape.channels == 1 ? luma(p) : p[w->channel];
            if (type == NN_FLOAT32) {
                ((float *)out)[at] = w->levels.floats[level];
            } else {
                ((uint8_t *)out)[at] = w->levels.bytes[level];
            }
        }
    }
}

static bool spec_valid(const struct nn_input_spec *spec, struct error *err)
{
    for (int c = 0; c < 3; c++) {
        if (!isfinite(spec->mean[c]) || !isfinite(spec->std[c]) || !(spec->std[c] > 0)) {
            return error_set(err, ERROR_USAGE, "mean %g and std %g of channel %d cannot be used",
                             (double)spec->mean[c], (double)spec->std[c], c);
        }
    }
    return true;
}

bool nn_input_from_rgb(const struct nn_model *model, const struct nn_input_spec *spec,
                       const uint8_t *rgb, size_t stride, void *out, struct error *err)
{
    const struct nn_tensor_info *info = nn_model_input(model);
    struct nn_input_spec guess;
    struct channel_writer w = { .rgb = rgb, .stride = stride };
    if (!nn_model_image(model, &w.shape)) {
        return error_set(err, ERROR_UNSUPPORTED,
                         "%s: the input is not a picture of 1 or 3 channels", model->name);
    }
    if (!spec) {
        nn_input_spec_default(model, &guess);
        spec = &guess;
    }
    if (!spec_valid(spec, err)) {
        return false;
    }
    for (w.channel = 0; w.channel < w.shape.channels; w.channel++) {
        if (info->type == NN_FLOAT32) {
            for (int level = 0; level < LEVELS; level++) {
                w.levels.floats[level] = (float)real_value(spec, w.channel, level);
            }
        } else {
            fill_bytes(info, spec, w.channel, w.levels.bytes);
        }
        write_channel(&w, info->type, out);
    }
    return true;
}
