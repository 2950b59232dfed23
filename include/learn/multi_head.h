/* The classifier head for pictures that may have several classes: one classifier per class,
 * that class against all others, on the features of learn/head.h and fitted in closed form
 * as well. Each class has a calibrated probability of its own; they do not sum to 1.
 *
 * The maths: ridge regression of each class's 0 and 1 on the projected embeddings. All
 * classes share one Cholesky factor, and leave-one-out predictions follow from it in closed
 * form. These choose the ridge, and turn the regression's values into probabilities: by a
 * logistic function whose slope and offset have priors, the slope's at the one that suits
 * all classes together (src/learn/logistic.h).
 *
 * A multi_head belongs to one thread at a time; its head_model is as that of a head. */
#ifndef LEARN_MULTI_HEAD_H
#define LEARN_MULTI_HEAD_H

#include "learn/head.h"

struct multi_head;

struct multi_head *multi_head_new(const struct head_parts *parts, size_t classes,
                                  struct error *err);
void multi_head_free(struct multi_head *h); /* NULL is fine */

/* Makes room for that many classes, at least as many as there are. False for more than
 * HEAD_CLASSES_MAX. */
bool multi_head_resize_classes(struct multi_head *h, size_t classes);

/* As head_background(). */
bool multi_head_background(struct multi_head *h, const float *embedding, struct error *err);

/* As head_set(), with the indices of all classes that the picture has; count may be 0. */
bool multi_head_set(struct multi_head *h, uint32_t id, const float *embedding,
                    const uint16_t *classes, size_t count, struct error *err);
void multi_head_remove(struct multi_head *h, uint32_t id);

/* Fits the head. Of the model's quality, `classes` is the number of different sets of classes
 * among the answers judged, a prediction is right if all its classes are and no other, the
 * majority is the most frequent set, and the calibration error is that of the classes'
 * probabilities. Takes time in proportion to the number of answers. */
struct head_model *multi_head_refresh(struct multi_head *h, struct error *err);

#endif
