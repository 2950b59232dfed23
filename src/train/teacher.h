/* A trained model that a network learns from (knowledge distillation; Hinton, Vinyals, Dean
 * 2015): it is shown the views of the pictures that the network is trained on, and its
 * features of them are the targets. */
#ifndef TRAIN_TEACHER_H
#define TRAIN_TEACHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "augment.h"
#include "base/pool.h"
#include "dataset.h"
#include "train/train.h"

struct teacher;

/* Loads the model, with the buffers of `workers` threads for `rows` pictures each.
 * ERROR_UNSUPPORTED for a model that cannot teach; ERROR_USAGE with what it needs, if that is
 * more than *memory_left bytes, from which it is taken. *from must outlive the result. */
struct teacher *teacher_new(const struct train_teacher *from, size_t workers, size_t rows,
                            size_t *memory_left, struct error *err);
void teacher_free(struct teacher *t); /* NULL is fine */

/* Features of a picture: the means over the map that the model's last layer pools or, if
 * it has none, its outputs. */
size_t teacher_features(const struct teacher *t);
size_t teacher_classes(const struct teacher *t); /* outputs */

/* Where finer features count (struct train_teacher) and its last map is larger than one
 * position, the features are NET_PARTS rows: of the whole map and of its quarters (net.h);
 * else 1. */
size_t teacher_parts(const struct teacher *t);

/* Features of the finer map (nn/embedding.h), NET_PARTS rows too; 0: there are none. */
size_t teacher_fine_features(const struct teacher *t);

/* Variance over the quarters of the last map, in units of that of the means; teacher_standardize()
 * measures it. */
float teacher_spread(const struct teacher *t);

/* One picture of side x side, and the random numbers that its view begins with; they and
 * `augment` may be NULL: the whole picture. */
struct teacher_view {
    const uint8_t *picture;
    int side;
    const struct augment *augment;
    const struct random *random;
};

/* Runs the model on the view, on one worker's buffers. The features go to row `row` of
 * teacher_targets(), the outputs to that of teacher_logits(). */
void teacher_run(struct teacher *t, size_t worker, const struct teacher_view *view, size_t row);

/* Makes room to keep the results of `views` views, in 8 bits. ERROR_USAGE if that needs more
 * than *memory_left bytes, from which it is taken. */
bool teacher_cache_views(struct teacher *t, size_t views, size_t *memory_left, struct error *err);

/* teacher_run() at view `number`, below `views`, which is always the same one: the model
 * runs only the first time. Two threads may not run one number at the same time. */
void teacher_run_cached(struct teacher *t, size_t worker, const struct teacher_view *view,
                        size_t row, size_t number);

/* rows x parts x features: each feature minus its mean, divided by its standard deviation, as
 * measured by teacher_standardize() over whole maps (those of the finer map: over quarters). A
 * feature that did not vary is always 0. */
const float *teacher_targets(const struct teacher *t, size_t worker);
const float *teacher_fine_targets(const struct teacher *t, size_t worker);
const float *teacher_logits(const struct teacher *t, size_t worker); /* rows x classes */

/* Measures means and standard deviations of the features on augmented views of some of the
 * pictures. The same seed gives the same ones, whatever the threads. */
bool teacher_standardize(struct teacher *t, const struct dataset *data,
                         const struct augment *augment, uint64_t seed, struct pool *pool,
                         struct error *err);

int64_t teacher_ns(const struct teacher *t); /* spent so far, the sum over all threads */

/* Not 0, and another one for another model or another input. */
uint64_t teacher_identity(const struct train_teacher *from);

#endif
