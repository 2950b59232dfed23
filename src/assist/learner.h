/* Learns the user's classes: takes answers and embeddings, makes predictions and plans.
 * Used by one thread. */
#ifndef ASSIST_LEARNER_H
#define ASSIST_LEARNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "assist/assist.h"
#include "base/error.h"
#include "learn/embedder.h"
#include "learn/head.h"
#include "looker.h"
#include "prior.h"

struct learner;

#define GUESS_NONE SIZE_MAX /* of guess.best here: no prediction */

/* All arguments are borrowed. */
struct learner *learner_new(const struct embedder *e, struct looker *looker, struct prior *prior,
                            bool multi, struct error *err);
void learner_free(struct learner *l);

/* Reports an answer: a class, ASSIST_NO_CLASS, or ASSIST_OPEN for none any more; where
 * pictures may have several classes, the number of a set in the place of a class. */
void learner_answer(struct learner *l, uint32_t id, size_t class_index);

/* What the set of that number is; before the first answer with it. */
bool learner_define(struct learner *l, size_t number, const uint16_t *classes, size_t count);

/* The number of classes it predicts, and more of them; when out of memory it stays. */
size_t learner_classes(const struct learner *l);
void learner_grow(struct learner *l, size_t class_count);

/* Takes over the looker's new embeddings. */
void learner_look(struct learner *l);

/* True when answers or pictures since the last refresh justify a new model. */
bool learner_is_stale(const struct learner *l);

/* Fits the model again. */
void learner_refresh(struct learner *l);

/* Predicts a packed embedding. classes: a buffer of class_count values, to which
 * guess->classes then points. */
void learner_guess(struct learner *l, const void *packed, struct guess *guess, float *classes);

/* The same for a picture with an answer, by its place in the looker: what was learned from all
 * other answers predicts. False, with nothing done, if it has no answer that was learned from. */
bool learner_judge(struct learner *l, size_t place, struct guess *guess, float *classes);

/* All answers learned from, likeliest wrong first; the caller frees *list. 0 and NULL while nothing
 * that is learned beats the most frequent class. */
size_t learner_suspects(struct learner *l, struct assist_suspect **list);

struct plan_task {
    const uint32_t *queue; /* pictures fixed to come next */
    size_t queued;
    const uint32_t *draw; /* next pictures of the random order; none is in the queue */
    size_t drawn;
};

/* Chooses the pictures to label next: open ones with an embedding, and at every fifth place
 * the next one of the random order, with or without an embedding. Returns their number, up
 * to ASSIST_PLAN. */
size_t learner_plan(struct learner *l, const struct plan_task *task, uint32_t plan[ASSIST_PLAN]);

/* The present model, or NULL. It is valid until the next refresh. */
const struct head_model *learner_model(const struct learner *l);

/* Whether the present model's predictions are believed. */
bool learner_predicts(const struct learner *l);

/* The pictures with an embedding, in an order that depends on no thread: their number, which only
 * grows, and the one at `index`, with its embedding, valid as long as the looker. */
size_t learner_pictures(const struct learner *l);
uint32_t learner_picture(const struct learner *l, size_t index, const void **packed);

/* Whether each class has been answered, or so many pictures for each that those without an answer
 * can be taken for rare. */
bool learner_knows_classes(const struct learner *l);

/* A picture's answer: a class, ASSIST_NO_CLASS or ASSIST_OPEN. Not where pictures may have
 * several classes. */
size_t learner_answered(const struct learner *l, uint32_t id);

void learner_status(const struct learner *l, struct assist_status *status);

#endif
