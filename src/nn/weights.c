#include "nn/weights.h"

#include "graph.h"
#include "operators.h"

size_t nn_model_tensor_count(const struct nn_model *model)
{
    return model->tensor_count;
}

static size_t number_of(const struct nn_model *model, const struct nn_tensor *tensor)
{
    return (size_t)(tensor - model->tensors);
}

size_t nn_model_input_tensor(const struct nn_model *model)
{
    return number_of(model, model->input);
}

void nn_model_links(const struct nn_model *model, size_t op, struct nn_links *links)
{
    const struct nn_op *o = &model->ops[op];
    *links = (struct nn_links){ .output = number_of(model, o->out),
                                .activation = (enum nn_activation)o->activation };
    for (size_t i = 0; i < o->operand_count; i++) {
        if (!o->in[i] || o->in[i]->data) {
            continue;
        }
        if (links->input_count < sizeof links->inputs / sizeof links->inputs[0]) {
            links->inputs[links->input_count] = number_of(model, o->in[i]);
        }
        links->input_count++;
    }
}

bool nn_model_weights(const struct nn_model *model, size_t op, struct nn_weights *weights)
{
    const struct nn_op *o = &model->ops[op];
    const struct nn_conv *conv = &o->p.conv;
    const struct nn_window *w = &conv->window;
    bool dense = o->kind->code == NN_FULLY_CONNECTED;
    if (!dense && o->kind->code != NN_CONV && o->kind->code != NN_DEPTHWISE) {
        return false;
    }
    *weights = (struct nn_weights){
        .out_channels = w->out_c,
        .in_channels = w->in_c,
        .groups = o->kind->code == NN_CONV ? conv->groups : 1,
        .kernel_h = dense ? 1 : w->kernel_h,
        .kernel_w = dense ? 1 : w->kernel_w,
        .stride_h = dense ? 1 : w->stride_h,
        .stride_w = dense ? 1 : w->stride_w,
        .dilation_h = dense ? 1 : w->dilation_h,
        .dilation_w = dense ? 1 : w->dilation_w,
        .pad_top = w->pad_top,
        .pad_left = w->pad_left,
        .input = o->in[0]->info,
        .filter = conv->weights,
        .bias = conv->bias,
        .factors = conv->scales,
    };
    return true;
}
