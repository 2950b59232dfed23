/* The classifier head: learns the user's classes from the labelled embeddings and turns
 * embeddings into class probabilities. It is fitted in closed form, so that it can be
 * refitted after each answer in a time that does not grow with their number.
 *
 * The maths: the signed square roots of an embedding's values, less their mean
 * over the folder's pictures, projected onto the span of up to HEAD_RANK of
 * these, at unit length, go into a linear discriminant analysis: classes are
 * Gaussians of one covariance, that of all answers about their classes' means,
 * with an isotropic prior; means have a prior at the folder's own
 * (src/learn/discriminant.h). Its scores become probabilities by a temperature
 * fitted on the leave-one-out predictions (src/learn/calibration.h), which also
 * choose the strength of the covariance's prior.
 *
 * A head belongs to one thread at a time. A head_model is the immutable result of a
 * fit; any thread may use it. */
#ifndef LEARN_HEAD_H
#define LEARN_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define HEAD_RANK 384     /* values of an embedding that the classes are learned on, at most */
#define HEAD_SETTLED 2048 /* pictures after which mean and span stay as they are */
#define HEAD_CLASSES_MAX 1024

/* An embedding is the concatenation of parts, such as pooled feature maps. Each part is
 * scaled so that the distances between pictures in it are in proportion to its weight,
 * whatever its number of dimensions and their magnitude. */
#define HEAD_PARTS_MAX 8
struct head_parts {
    size_t count; /* 1 to HEAD_PARTS_MAX */
    struct head_part {
        size_t dims;
        float weight; /* > 0 */
    } part[HEAD_PARTS_MAX];
};

struct head;

/* Whether OpenBLAS, which heads compute with, can be loaded and has memory. */
bool head_available(struct error *err);

struct head *head_new(const struct head_parts *parts, struct error *err);
void head_free(struct head *h); /* NULL is fine */

/* Classes are numbered from 0; the number can only grow. */
bool head_resize_classes(struct head *h, size_t count, struct error *err);

/* Adds a picture of the folder, labelled or not, to the background from which the mean
 * and the projection are computed. In any order, each picture once; the first ones must
 * be varied, as only the first HEAD_SETTLED count. */
bool head_background(struct head *h, const float *embedding, struct error *err);

/* Adds the answer of picture `id`, or changes it. Ids are indices: four bytes
 * are kept for each below the largest. */
bool head_set(struct head *h, uint32_t id, const float *embedding, size_t class_index,
              struct error *err);

/* Removes the answer of that picture, if there is one. */
void head_remove(struct head *h, uint32_t id);

/* Leave-one-out quality: each answer (512 of them when there are more) predicted by a
 * head fitted without it. */
struct head_quality {
    size_t answers;          /* learned from */
    size_t classes;          /* that have answers */
    size_t judged;           /* answers that were left out, one at a time */
    float accuracy;          /* share of these whose prediction is right */
    float majority;          /* share of the most frequent class among these */
    float calibration_error; /* of the confidence, expected, over bins of equal numbers */
    bool trusted;            /* predictions are worth showing: they beat the majority class, as
                                far as can be told */
};

struct head_model;

/* Fits the head to the answers so far; NULL when memory is out. */
struct head_model *head_refresh(struct head *h, struct error *err);
void head_model_free(struct head_model *m); /* NULL is fine */

size_t head_model_classes(const struct head_model *m);
const struct head_quality *head_model_quality(const struct head_model *m);

/* True for a model of a multi_head. */
bool head_model_is_multi(const struct head_model *m);

/* The probability that the classes over 1/2 are all that the picture has, and it has all of
 * them, if classes occur independently. */
float head_model_certainty(const float *probabilities, size_t classes);

/* The probabilities of `count` pictures: embeddings count x dims, out
 * count x classes. Unless the model is that of a multi_head, each row sums to 1 (to 0 while there
 * is no answer). Classes without an answer share the probability that the picture is of a class not
 * seen yet. False when memory is out. */
bool head_model_guess(const struct head_model *m, const float *embeddings, size_t count,
                      float *probabilities, struct error *err);

/* The same in two steps, of which the first takes nearly all the time and can be kept: reduced
 * are count x head_model_rank() values, each row of unit length. Models of one head with the same
 * head_model_basis() reduce alike. Rank 0: the head has seen no picture yet. */
size_t head_model_rank(const struct head_model *m);
size_t head_model_basis(const struct head_model *m);
bool head_model_reduce(const struct head_model *m, const float *embeddings, size_t count,
                       float *reduced, struct error *err);
bool head_model_guess_reduced(const struct head_model *m, const float *reduced, size_t count,
                              float *probabilities, struct error *err);

#endif
