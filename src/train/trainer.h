/* The state of a training run, and its parts: trainer.c sets it up and goes
 * through the epochs, step.c does one step, checkpoint.c keeps it. */
#ifndef TRAIN_TRAINER_H
#define TRAIN_TRAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"

#include "augment.h"
#include "dataset.h"
#include "loss.h"
#include "net.h"
#include "optimizer.h"
#include "train/train.h"

/* Pictures whose batch norms share their moments. */
#define SLICE_PICTURES 32

/* The running moments follow the slices' by this share a step. */
#define MOMENTS_RATE 0.05f

struct trained {
    struct train_options options;
    struct net net;
    struct pool *pool;
    struct dataset training, validation;
    struct train_outcome *outcomes; /* of validation, after the export; else NULL */
    float *class_weights; /* NULL: none */
    struct augment augment;

    float *parameters, *moments;
    float *state[2]; /* the optimizer's */
    float *best;     /* parameters and moments of the best epoch; NULL without patience */
    float best_accuracy;
    int best_epoch;

    size_t batch, slices;      /* a step's pictures, and slices of them */
    struct slice **workspaces; /* one a worker */
    float **grads;             /* one a slice */
    float **slice_moments;
    struct loss *losses;
    uint64_t step; /* steps done */
    size_t epoch_steps;
    struct loss epoch_loss;
    size_t *order; /* of the pictures in this epoch */

    bool validation_drawn; /* all that is held back was drawn */
    float loss, accuracy, validation_accuracy; /* of the last epoch */
};

/* Side of the pictures in an epoch, from 0. */
int trainer_side(const struct trained *t, int epoch);

/* The next step of the epoch whose order stands in t->order. */
void trainer_step(struct trained *t);

/* Share of the pictures that the network as it is gets right. */
float trainer_measure(struct trained *t, const struct dataset *d);

/* What a checkpoint must agree on to be gone on from: the options that shape
 * the result, the examples and the classes. */
uint64_t trainer_identity(const struct train_task *task);

bool checkpoint_save(const struct trained *t, uint64_t identity, const char *path,
                     struct error *err);

/* *found: there was one, and it was this run's. One of another run is
 * ERROR_USAGE. */
bool checkpoint_load(struct trained *t, uint64_t identity, const char *path, bool *found,
                     struct error *err);

#endif
