/* The state of a training run: trainer.c sets it up and runs the epochs, step.c does one
 * step, checkpoint.c saves it. */
#ifndef TRAIN_TRAINER_H
#define TRAIN_TRAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "augment.h"
#include "base/pool.h"
#include "dataset.h"
#include "loss.h"
#include "net.h"
#include "optimizer.h"
#include "teacher.h"
#include "train/train.h"

/* Pictures in a slice; their batch norms share moments. */
#define SLICE_PICTURES 32

/* Share by which the running moments follow those of the slices in each step. */
#define MOMENTS_RATE 0.05f

/* What the teacher says of the validation pictures. Its classes, if the network learns them,
 * are those of the dataset. */
struct held_back {
    float *targets; /* pictures x features; NULL: no teacher */
    double spread;  /* sum of the targets' squares: the error of explaining nothing */
};

/* Result of measuring the network on pictures. */
struct measured {
    float accuracy;  /* < 0: no picture has a class */
    float explained; /* as in struct train_report */
};

struct trained {
    struct train_options options;
    struct net net;
    struct pool *pool;
    struct dataset training, validation;
    size_t memory_left;             /* of options.memory */
    struct train_outcome *outcomes; /* after the export, on the validation pictures with a
                                       class; else NULL */
    size_t outcome_count;
    float *class_weights;    /* NULL: none */
    struct teacher *teacher; /* NULL: none */
    struct held_back held;   /* what it says of the validation pictures */
    int64_t *busy_ns;        /* time in slices, one a worker */
    int64_t asked_ns;        /* the teacher's time before the first slice */
    struct augment augment;

    float *parameters, *moments;
    float *state[2]; /* values of the optimizer */
    float *best;     /* parameters and moments of the best epoch; NULL without patience */
    float best_score;
    struct measured best_measured;
    int best_epoch;

    size_t batch, slices;      /* pictures in a step, and its slices */
    struct slice **workspaces; /* one a worker */
    float **grads;             /* one a slice */
    float **slice_moments;
    struct loss *losses;
    uint64_t plain_identity; /* trainer_plain_identity() */
    uint64_t step;           /* steps done */
    size_t epoch_steps;
    struct loss epoch_loss;
    size_t *order; /* order of the pictures in this epoch */

    bool validation_drawn;    /* all that is held back was drawn */
    float loss, accuracy;     /* of the last epoch */
    struct measured measured; /* on the validation pictures, after it */
    float cosine;             /* as in struct train_report */
};

/* Side of the pictures in an epoch; the first epoch is 0. */
int trainer_side(const struct trained *t, int epoch);

/* Does the next step of the epoch, whose order is t->order. */
void trainer_step(struct trained *t);

/* Measures the current network on the validation pictures. */
bool trainer_measure(struct trained *t, struct measured *measured, struct error *err);

/* Hash of what a checkpoint must have in common with the run that resumes it: the options
 * that affect the result, the examples and the classes. */
uint64_t trainer_identity(const struct train_task *task);

/* The same as if the teacher had no finer features. */
uint64_t trainer_plain_identity(const struct train_task *task);

bool checkpoint_save(const struct trained *t, uint64_t identity, const char *path,
                     struct error *err);

/* *found: whether there was a checkpoint of this run. One of another run is ERROR_USAGE. */
bool checkpoint_load(struct trained *t, uint64_t identity, const char *path, bool *found,
                     struct error *err);

#endif
