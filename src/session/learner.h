/* What is known of the user's classes: answers and embeddings in, guesses out.
 * One thread. */
#ifndef SESSION_LEARNER_H
#define SESSION_LEARNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "learn/embedder.h"
#include "looker.h"
#include "prior.h"
#include "session/guesser.h"

struct learner;

/* All are borrowed. */
struct learner *learner_new(const struct embedder *e, struct looker *looker, struct prior *prior,
                            struct error *err);
void learner_free(struct learner *l);

/* A picture was answered: with a class, or class_index GUESSER_NO_CLASS; or it
 * has no answer any more: GUESSER_OPEN. */
void learner_answer(struct learner *l, uint32_t id, size_t class_index);

/* Takes over what the looker has seen since. */
void learner_look(struct learner *l);

/* True when there is something to make a new model of. */
bool learner_is_stale(const struct learner *l);

/* Makes the model anew. */
void learner_refresh(struct learner *l);

/* The guess for an embedding. guess->classes: where to put class_count values. */
void learner_guess(struct learner *l, const void *packed, struct guess *guess, float *classes);

struct plan_task {
    const uint32_t *queue; /* what comes next in any case */
    size_t queued;
    const uint32_t *draw; /* what is next at random; none of it in the queue */
    size_t drawn;
};

/* What is best answered next, of what has been looked at and is open, and at every
 * fifth place what is next at random, looked at or not: up to GUESSER_PLAN pictures.
 * Returns their number. */
size_t learner_plan(struct learner *l, const struct plan_task *task, uint32_t plan[GUESSER_PLAN]);

void learner_status(const struct learner *l, struct guesser_status *status);

#endif
