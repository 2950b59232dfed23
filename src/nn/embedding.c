#include "nn/embedding.h"

#include <string.h>

#include "context.h"

bool nn_model_embedding(const struct nn_model *model, struct nn_embedding_info *info)
{
    const struct nn_tensor *t = model->features;
    if (!t) {
        return false;
    }
    const struct nn_tensor_info *i = &t->info;
    bool map = i->rank == 4;
    *info = (struct nn_embedding_info){ .channels = (size_t)i->dims[i->rank - 1],
                                        .height = map ? i->dims[1] : 1,
                                        .width = map ? i->dims[2] : 1,
                                        .fine_channels =
                                            model->fine ? (size_t)model->fine->info.dims[3] : 0 };
    return true;
}

/* Dequantised mean over rows y0..y1-1 and columns x0..x1-1 of a map of height × width ×
 * channels. */
static void mean_over(const struct nn_tensor_info *t, const int8_t *map, const int box[4],
                      float *out)
{
    size_t channels = (size_t)t->dims[t->rank - 1];
    size_t width = t->rank == 4 ? (size_t)t->dims[2] : 1;
    float scale = t->scale / (float)((box[1] - box[0]) * (box[3] - box[2]));
    for (size_t c = 0; c < channels; c++) {
        int64_t sum = 0;
        for (int y = box[0]; y < box[1]; y++) {
            for (int x = box[2]; x < box[3]; x++) {
                sum += map[((size_t)y * width + (size_t)x) * channels + c] - t->zero_point;
            }
        }
        out[c] = (float)sum * scale;
    }
}

static void quarters(const struct nn_tensor_info *t, const int8_t *map, float *out)
{
    int height = t->rank == 4 ? t->dims[1] : 1;
    int width = t->rank == 4 ? t->dims[2] : 1;
    for (int cell = 0; cell < 4; cell++) {
        int i = cell / 2;
        int j = cell % 2;
        int box[4] = { i * height / 2, ((i + 1) * height + 1) / 2, j * width / 2,
                       ((j + 1) * width + 1) / 2 };
        mean_over(t, map, box, out + (size_t)cell * (size_t)t->dims[t->rank - 1]);
    }
}

void nn_run_embedding(struct nn_context *context, const void *input, void *output,
                      const struct nn_embedding *embedding)
{
    const struct nn_model *model = context->model;
    struct nn_embedding_info info;
    if (!nn_model_embedding(model, &info)) {
        return;
    }
    size_t at = 0;
    nn_context_load(context, input);
    if (embedding->fine_grid && model->fine) {
        at = model->fine_writer + 1;
        nn_context_run(context, 0, at);
        quarters(&model->fine->info, nn_context_activation(context, model->fine),
                 embedding->fine_grid);
    }
    nn_context_run(context, at, model->features_reader);
    const int8_t *map = nn_context_activation(context, model->features);
    const struct nn_tensor_info *t = &model->features->info;
    if (embedding->mean) {
        mean_over(t, map, (int[4]){ 0, info.height, 0, info.width }, embedding->mean);
    }
    if (embedding->grid) {
        quarters(t, map, embedding->grid);
    }
    nn_context_run(context, model->features_reader, model->op_count);
    nn_context_take(context, output);
}
