/* The features of a classifier: the input of its last layer. */
#ifndef NN_EMBEDDING_H
#define NN_EMBEDDING_H

#include <stdbool.h>
#include <stddef.h>

#include "nn/run.h"

struct nn_embedding_info {
    size_t channels;      /* features */
    int height, width;    /* of the map that the global pool takes the mean of; 1x1 when
                             the features come from somewhere else */
    size_t fine_channels; /* of the finer map: the last one that the model makes at twice
                             that height and width, or more; 0 when there is none */
};

/* False when the logits do not come from a FULLY_CONNECTED, or a CONV_2D of one
 * position. */
bool nn_model_embedding(const struct nn_model *model, struct nn_embedding_info *info);

/* Receives the features; NULL members are not computed. */
struct nn_embedding {
    float *mean;      /* `channels` values: the means over the map in float, without the
                         rounding of the model's own pool */
    float *grid;      /* 4 * channels values: the same over the map's upper left, upper right,
                         lower left and lower right quarters (the middle row or column of an
                         odd size belongs to both sides) */
    float *fine_grid; /* 4 * fine_channels values: the same over the finer map */
};

/* nn_run() that also gives the features; does nothing for a model without. */
void nn_run_embedding(struct nn_context *context, const void *input, void *output,
                      const struct nn_embedding *embedding);

#endif
