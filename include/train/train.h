/* Training a small convolutional network on labelled pictures, on the CPU. */
#ifndef TRAIN_TRAIN_H
#define TRAIN_TRAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/region.h"
#include "image/reshape.h"
#include "nn/preprocess.h"

#define TRAIN_NO_CLASS ((size_t)-1)

struct train_example {
    const char *path;
    size_t class_index;   /* below the number of classes; TRAIN_NO_CLASS: not labelled, for
                             training with a teacher */
    bool drawn;           /* one of a random sample of all pictures: held back first */
    struct region region; /* the part of the picture; a whole one: all of it */
};

#define TRAIN_JOBS_MAX 256

enum train_optimizer { TRAIN_SGD, TRAIN_ADAM };

/* A model whose features the network learns to compute, by linear projections that are trained
 * along and not exported: knowledge distillation. The loss is the mean squared error to the
 * features, each of mean 0 and variance 1, plus class_weight times that of the classes, plus
 * finer times the same errors of the features' means over the quarters of the model's last map,
 * and over those of a finer map. */
struct train_teacher {
    const void *bytes; /* of an int8 .tflite; they must outlive the struct trained */
    size_t len;
    const char *name; /* of it, in messages */
    bool input_given; /* else by nn_input_spec_default() */
    struct nn_input_spec input;
    bool classes;       /* the task's classes are the model's outputs, which are learned in
                           place of labels; no example has a class */
    float class_weight; /* >= 0 */
    float finer;        /* >= 0 */
    int views;          /* different views of each picture, of which the model sees each only
                           once; 0: new ones in every epoch */
};

struct train_options {
    const char *architecture; /* a name in src/train/architectures.c */
    int side;                 /* of the network's square input, pixels: 16 to 512; 0: 64, or
                                 that of the starting model */
    enum image_reshape fit;   /* how pictures are fitted into it */
    enum train_optimizer optimizer;
    int epochs;       /* >= 1 */
    int batch;        /* pictures a step, >= 2; at most as many as there are */
    float rate;       /* highest learning rate */
    float decay;      /* weight decay of filters */
    float smoothing;  /* of labels, 0 to 1 */
    float validation; /* share of the pictures held back to measure on, 0 to 0.9 */
    bool balance;     /* weigh classes equally, however many pictures they have */
    bool augment;     /* random crops, flips, colours and erased rectangles */
    bool grow;        /* progressive resizing: start with smaller pictures, which is faster */
    int patience;  /* stop after this many epochs without a better validation accuracy; 0: never */
    uint64_t seed; /* the same seed gives the same weights on the same kind of machine */
    int jobs;      /* threads, >= 1; no influence on the result */
    const char *start; /* weights to start from, in place of an architecture: bytes of a
                          .tflite written by trained_export(); NULL: from scratch */
    size_t start_len;
    const char *start_name; /* of it, in messages */
    bool start_classes;     /* its classes are those of the task: the last layer is kept too */
    const struct train_teacher *teacher; /* NULL: none */
    size_t memory; /* bytes that the pictures and the teacher may take; 0: no limit. Pictures that
                      do not fit are kept in a file without a name beside the checkpoint */
    const char *checkpoint; /* path; a run that finds its own checkpoint there resumes from it */
};

struct train_progress {
    int epoch, epochs;     /* epoch from 1 */
    size_t step, steps;    /* of the epoch */
    float loss, accuracy;  /* on augmented pictures, mean over the epoch so far; accuracy
                              < 0: no labels */
    bool teachers_classes; /* accuracy is the share of the pictures that the teacher gives the
                              same class */
    float validation;      /* accuracy after the epoch before; < 0: none */
    float explained;       /* see struct train_report; after the epoch before */
    float teacher_share;   /* part of the threads' time that the teacher takes; < 0: none */
    float per_second;      /* training pictures per second */
    float seconds_left;    /* < 0 while unknown */
};

/* Called after each step. False stops the training: it writes a checkpoint and
 * fails with ERROR_BUSY. */
typedef bool train_progress_fn(void *context, const struct train_progress *progress);

struct train_task {
    const struct train_example *examples;
    size_t example_count;
    const char *const *classes; /* names */
    size_t class_count;
    const struct train_options *options;
    train_progress_fn *progress; /* NULL: none */
    void *context;
};

/* Names the matrix multiplication in use: "OpenBLAS 0.3.29 SkylakeX" (the last word is
 * the processor type that OpenBLAS detected), or "convolutions amx-bf16, the rest
 * OpenBLAS 0.3.29 SkylakeX". */
void train_describe(char *text, size_t size);

/* Whether training can start from options->start. False with ERROR_UNSUPPORTED for a valid
 * model of a kind that cannot be trained. */
bool train_check_start(const struct train_options *options, struct error *err);

struct trained;

/* Trains. ERROR_USAGE or ERROR_DATA when that is impossible: fewer than two classes
 * with pictures and no teacher, too few pictures; ERROR_UNSUPPORTED or ERROR_USAGE for a
 * teacher that cannot be used. The caller frees the result with trained_free(). */
struct trained *train_run(const struct train_task *task, struct error *err);
void trained_free(struct trained *trained);

#define TRAIN_NOT_EXPLAINED (-1e30f)

struct train_report {
    size_t pictures, validation_pictures;
    bool validation_drawn; /* all of these were drawn */
    size_t unreadable;
    struct error why;     /* of the first unreadable one */
    float loss, accuracy; /* of the last epoch */
    float validation;     /* accuracy in float; < 0: nothing with a class was held back */
    float explained;      /* with a teacher: share of the variance of its features on the
                             pictures held back that the projection explains, at most 1;
                             TRAIN_NOT_EXPLAINED: no teacher, or nothing was held back */
    float teacher_share;  /* part of the threads' time that the teacher took; < 0: no teacher */
    float cosine;         /* after trained_export(): mean cosine between the features in float
                             and in int8 of pictures held back; < -1: none was */
    size_t labelled;      /* training pictures with a class */
    size_t parameters;
    double macs; /* of one picture */
};
void trained_report(const struct trained *trained, struct train_report *report);

/* One picture that was held back: its class, and the one that the exported model
 * predicts. */
struct train_outcome {
    size_t class_index, predicted;
};

/* All of them, after trained_export(); owned by `trained`. */
const struct train_outcome *trained_outcomes(const struct trained *trained, size_t *count);

/* The trained network as an int8 .tflite with its class names inside, quantised
 * with activation ranges of training pictures, appended to the empty *out. *quantized:
 * its accuracy on the pictures held back, run by our own engine; < 0 when there are
 * none. */
bool trained_export(struct trained *trained, const char *const *classes, struct buf *out,
                    float *quantized, struct error *err);

#endif
