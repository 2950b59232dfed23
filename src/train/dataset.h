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
    size_t spilled;   /* bytes of base/spill.h, if they are there; else 0 */
    size_t *classes;  /* class of each */
    size_t failed;    /* pictures left out as unreadable */
    struct error why; /* why the first of these is unreadable */
};

/* Reads the examples chosen[0..count). Pictures that cannot be read are left
 * out and counted. The pixels are kept in memory if *memory_left bytes suffice, and taken off
 * it, or without a `beside`; else in a file without a name in its folder. */
struct dataset_source {
    const struct train_example *examples;
    const size_t *chosen;
    size_t count;
    int side;
    enum image_reshape fit;
    const char *beside; /* path; NULL: none */
};
bool dataset_load(struct dataset *d, const struct dataset_source *source, size_t *memory_left,
                  struct pool *pool, struct error *err);
void dataset_release(struct dataset *d);

const uint8_t *dataset_picture(const struct dataset *d, size_t index);

#endif
