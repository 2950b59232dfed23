/* The fitted model of a head, built by head_refresh(). */
#ifndef LEARN_HEAD_MODEL_H
#define LEARN_HEAD_MODEL_H

#include "basis.h"
#include "discriminant.h"
#include "learn/head.h"

/* A model without any answers. basis: NULL, if there is none yet; fitted: the number of pictures
 * that it was fitted to. */
struct head_model *head_model_empty(struct basis *basis, size_t fitted, size_t classes,
                                    struct error *err);

/* seen: the number of classes that have answers, each to be set: class c is
 * number `index` of the discriminant, its scores multiplied by `temperature`, plus
 * `prior`. */
struct head_model *head_model_new(struct basis *basis, size_t fitted, size_t classes, size_t seen,
                                  struct error *err);
void head_model_set_class(struct head_model *m, size_t c, const struct discriminant *d,
                          size_t index, float temperature, float prior);

/* Instead: the class has a probability of its own, the logistic function of weights . x + bias
 * (rank values). To be called for all classes, in order. */
void head_model_set_logistic(struct head_model *m, size_t c, const float *weights, float bias);

/* seen_share: the chance that a picture is of one of the classes set. */
void head_model_finish(struct head_model *m, float seen_share, const struct head_quality *quality);

#endif
