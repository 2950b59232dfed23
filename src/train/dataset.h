/* The pictures of a training run, decoded once, in memory. */
#ifndef TRAIN_DATASET_H
#define TRAIN_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/pool.h"
#include "image/reshape.h"
#include "train/train.h"

struct dataset {
    size_t count;
    int side;
    uint8_t *pixels;  /* count x side x side x 3 */
    size_t *classes;  /* class of each */
    size_t failed;    /* pictures left out as unreadable */
    struct error why; /* why the first of these is unreadable */
};

/* Reads the examples chosen[0..count). Pictures that cannot be read are left
 * out and counted; the only error is ERROR_NOMEM. */
struct dataset_source {
    const struct train_example *examples;
    const size_t *chosen;
    size_t count;
    int side;
    enum image_reshape fit;
};
bool dataset_load(struct dataset *d, const struct dataset_source *source, struct pool *pool,
                  struct error *err);
void dataset_release(struct dataset *d);

const uint8_t *dataset_picture(const struct dataset *d, size_t index);

#endif
