#include "nn/run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "context.h"

/* Casts const away: an operator writes only its own activations, never constants. */
static void *activation(const struct nn_context *context, const struct nn_tensor *tensor)
{
    return context->arena + tensor->offset;
}

static const void *operand(const struct nn_context *context, const struct nn_tensor *tensor)
{
    if (!tensor) {
        return NULL;
    }
    return tensor->data ? tensor->data : activation(context, tensor);
}

struct nn_context *nn_context_new(const struct nn_model *model, struct error *err)
{
    size_t operand_count = 0;
    for (size_t i = 0; i < model->op_count; i++) {
        operand_count += model->ops[i].operand_count;
    }
    struct nn_context *context = calloc(1, sizeof(*context));
    if (context) {
        context->model = model;
        context->arena = aligned_alloc(NN_ARENA_ALIGN, model->arena_bytes);
        context->operands = mem_array(operand_count, sizeof(*context->operands));
    }
    if (!context || !context->arena || !context->operands) {
        nn_context_free(context);
        error_nomem(err, model->arena_bytes, "activations");
        return NULL;
    }
    const void **next = context->operands;
    for (size_t i = 0; i < model->op_count; i++) {
        for (size_t k = 0; k < model->ops[i].operand_count; k++) {
            *next++ = operand(context, model->ops[i].in[k]);
        }
    }
    memset(context->arena, 0, model->arena_bytes);
    return context;
}

void nn_context_free(struct nn_context *context)
{
    if (context) {
        free(context->arena);
        free(context->operands);
        free(context);
    }
}

void nn_context_watch(struct nn_context *context, nn_watch_fn watch, void *user)
{
    context->watch = watch;
    context->user = user;
}

static void run_op(const struct nn_context *context, const struct nn_op *op,
                   const void *const *operands)
{
    void *out = activation(context, op->out);
    if (op->fast) {
        op->fast(op, operands, out, context->arena + context->model->scratch_offset);
    } else {
        op->run(op, operands, out);
    }
}

void *nn_context_activation(const struct nn_context *context, const struct nn_tensor *tensor)
{
    return activation(context, tensor);
}

void nn_context_load(struct nn_context *context, const void *input)
{
    const struct nn_tensor *t = context->model->input;
    memcpy(activation(context, t), input, t->info.bytes);
}

void nn_context_take(const struct nn_context *context, void *output)
{
    const struct nn_tensor *t = context->model->output;
    if (output) {
        memcpy(output, activation(context, t), t->info.bytes);
    }
}

void nn_context_run(struct nn_context *context, size_t from, size_t to)
{
    const struct nn_model *model = context->model;
    const void **operands = context->operands;
    for (size_t i = 0; i < from; i++) {
        operands += model->ops[i].operand_count;
    }
    for (size_t i = from; i < to; i++) {
        const struct nn_op *op = &model->ops[i];
        if (!op->folded) {
            run_op(context, op, operands);
            if (context->watch) {
                context->watch(context->user, i, activation(context, op->out));
            }
        }
        operands += op->operand_count;
    }
}

void nn_run(struct nn_context *context, const void *input, void *output)
{
    nn_context_load(context, input);
    nn_context_run(context, 0, context->model->op_count);
    nn_context_take(context, output);
}

void nn_run_timed(struct nn_context *context, const void *input, double *ns)
{
    const struct nn_model *model = context->model;
    memcpy(activation(context, model->input), input, model->input->info.bytes);
    const void **operands = context->operands;
    for (size_t i = 0; i < model->op_count; i++) {
        const struct nn_op *op = &model->ops[i];
        if (!op->folded) {
            int64_t start = clock_monotonic_ns();
            run_op(context, op, operands);
            ns[i] += (double)(clock_monotonic_ns() - start);
        }
        operands += op->operand_count;
    }
}

const void *nn_raw_logits(const struct nn_context *context)
{
    return activation(context, context->model->logits);
}

void nn_logits(const struct nn_context *context, float *logits)
{
    nn_dequantize(&context->model->logits->info, nn_raw_logits(context), logits);
}

void nn_probabilities(const struct nn_context *context, float *probabilities)
{
    size_t count = context->model->logits->info.elements;
    nn_logits(context, probabilities);
    float most = probabilities[0];
    for (size_t i = 1; i < count; i++) {
        most = probabilities[i] > most ? probabilities[i] : most;
    }
    float sum = 0;
    for (size_t i = 0; i < count; i++) {
        probabilities[i] = expf((probabilities[i] - most) * context->model->beta);
        sum += probabilities[i];
    }
    for (size_t i = 0; i < count; i++) {
        probabilities[i] /= sum;
    }
}

void nn_dequantize(const struct nn_tensor_info *info, const void *data, float *out)
{
    for (size_t i = 0; i < info->elements; i++) {
        switch (info->type) {
        case NN_FLOAT32:
            out[i] = ((const float *)data)[i];
            break;
        case NN_UINT8:
            out[i] = (float)(((const uint8_t *)data)[i] - info->zero_point) * info->scale;
            break;
        default:
            out[i] = (float)(((const int8_t *)data)[i] - info->zero_point) * info->scale;
            break;
        }
    }
}
