/* The user's classes, learned from the answers so far: embeddings in,
 * probabilities out. In closed form, so that it can be made anew after each
 * answer, in a time that does not grow with their number.
 *
 * The maths: the signed square roots of an embedding's values, less their mean
 * over the folder's pictures, projected onto the span of up to HEAD_RANK of
 * these, at unit length, go into a linear discriminant analysis: classes are
 * Gaussians of one covariance, that of all answers about their classes' means,
 * with an isotropic prior; means have a prior at the folder's own
 * (src/learn/discriminant.h). Its scores become probabilities by a temperature
 * fitted on what the head says of each answer when it is made without that
 * answer (src/learn/calibration.h); that also chooses the covariance's prior.
 *
 * A head belongs to one thread at a time. A model is what it has learned by
 * then: it never changes, and any thread may use it. */
#ifndef LEARN_HEAD_H
#define LEARN_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define HEAD_RANK 384     /* values of an embedding that the classes are learned on, at most */
#define HEAD_SETTLED 2048 /* pictures after which mean and span stay as they are */
#define HEAD_CLASSES_MAX 1024

/* An embedding is made of parts, such as the maps of a network that are pooled,
 * one behind the other. Each part is scaled so that the pictures' distances in
 * it are as its weight says, whatever its number of values and their size. */
#define HEAD_PARTS_MAX 8
struct head_parts {
    size_t count; /* 1 to HEAD_PARTS_MAX */
    struct head_part {
        size_t dims;
        float weight; /* > 0 */
    } part[HEAD_PARTS_MAX];
};

struct head;

/* What heads compute with can be had: OpenBLAS, and memory for it. */
bool head_available(struct error *err);

struct head *head_new(const struct head_parts *parts, struct error *err);
void head_free(struct head *h); /* NULL is fine */

/* Classes are numbered from 0; their number only grows. */
bool head_resize_classes(struct head *h, size_t count, struct error *err);

/* A picture of the folder, answered or not: for its mean and its span. In any
 * order, but each picture once and those at first not all of a kind: only the
 * first HEAD_SETTLED count. */
bool head_background(struct head *h, const float *embedding, struct error *err);

/* Adds the answer of picture `id`, or changes it. Ids are indices: four bytes
 * are kept for each below the largest. */
bool head_set(struct head *h, uint32_t id, const float *embedding, size_t class_index,
              struct error *err);

/* Takes the answer of that picture back, if there is one. */
void head_remove(struct head *h, uint32_t id);

/* How the head does on answers held back: on each of them (on 512 of them when
 * there are more) by a head made without it. */
struct head_quality {
    size_t answers;          /* learned from */
    size_t classes;          /* that have answers */
    size_t judged;           /* answers held back, one at a time */
    float accuracy;          /* share of these that the guess is right for */
    float majority;          /* share that guessing the most frequent class gets right */
    float calibration_error; /* of the confidence, expected, over bins of equal numbers */
    bool trusted;            /* accuracy beats majority: guesses are worth showing */
};

struct head_model;

/* What has been learned by now; NULL when memory is out. */
struct head_model *head_refresh(struct head *h, struct error *err);
void head_model_free(struct head_model *m); /* NULL is fine */

size_t head_model_classes(const struct head_model *m);
const struct head_quality *head_model_quality(const struct head_model *m);

/* The probabilities of `count` pictures: embeddings count x dims, out
 * count x classes. Each row sums to 1 (to 0 while there is no answer). Where
 * classes have no answer yet, they share the chance that the picture is of a
 * class not seen. False when memory is out. */
bool head_model_guess(const struct head_model *m, const float *embeddings, size_t count,
                      float *probabilities, struct error *err);

#endif
