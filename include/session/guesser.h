/* Guesses for the pictures to come, learned from the answers so far while the
 * user goes on answering.
 *
 * Threads inside look at pictures (embeddings, kept on the disk between
 * sessions): those wanted first, then those added; another one learns from the
 * answers and makes the guesses for what is wanted anew. The functions belong to
 * one thread, and none waits for the others. */
#ifndef SESSION_GUESSER_H
#define SESSION_GUESSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "config/classes.h"
#include "learn/classifier.h"

struct guesser;

/* Called on a thread inside when there is something new to see. */
typedef void guesser_wake_fn(void *context);

struct guess {
    bool failed;          /* the picture could not be read */
    size_t best;          /* class of the highest confidence; class_count: no guess is made */
    float confidence;     /* of that class, 0 to 1 */
    const float *classes; /* a confidence for each class, 0 where there is none */
};

struct guesser_options {
    const char *model_path;                      /* NULL: the backbone inside the program */
    const struct classifier_options *classifier; /* NULL: the defaults */
    /* The classes of the user's model in the order of its outputs, or NULL. Those
     * whose name is a class of the session speak for it from the start. */
    const struct nn_labels *names;
    const struct classes *classes;
    const char *cache_folder; /* for embeddings; NULL: none */
    int64_t cache_bytes;
    int workers;  /* threads that look at pictures, >= 1 */
    bool in_step; /* guess only when everything given has been looked at and learned,
                     so that the same keys give the same guesses */
};

/* Loads the model and starts the threads. A model that takes no picture, or has
 * another number of outputs than names, is an error. */
struct guesser *guesser_new(const struct guesser_options *options, guesser_wake_fn *wake,
                            void *context, struct error *err);
void guesser_free(struct guesser *g);

struct guess_request {
    uint32_t id;
    const char *path; /* copied */
};

/* What is wanted, most urgent first, in place of what was wanted before. */
bool guesser_want(struct guesser *g, const struct guess_request *requests, size_t count);

/* The newest guess for a picture; false while there is none. classes: where
 * guess->classes is to be, a value for each class. */
bool guesser_get(struct guesser *g, uint32_t id, struct guess *guess, float *classes);

#define GUESSER_NO_CLASS (SIZE_MAX - 1) /* answered, but with no class of the session */
#define GUESSER_OPEN SIZE_MAX           /* without an answer */

/* The answer of a picture, or that it has none any more. */
void guesser_answer(struct guesser *g, uint32_t id, size_t class_index);

/* Which pictures are best answered next, the best first, among those that have
 * been looked at; returns their number, 0 while there is no plan. Made anew
 * every few answers: until then, those answered or queued meanwhile are still
 * in it. */
#define GUESSER_PLAN 32
size_t guesser_plan(struct guesser *g, uint32_t ids[GUESSER_PLAN]);

/* The pictures that are next at random (session/sample.h): what is chosen at random
 * is taken from them, in this order. */
#define GUESSER_DRAW 16
void guesser_draw(struct guesser *g, const uint32_t *ids, size_t count);

/* The pictures that come next in any case. */
void guesser_queue(struct guesser *g, const uint32_t *ids, size_t count);

/* A further picture to look at when nothing is wanted; false while too many
 * wait, as guesser_wake_fn() tells when to go on. After the last one, or once the
 * memory for them is full: that is all there are. */
bool guesser_full(struct guesser *g);
bool guesser_add(struct guesser *g, uint32_t id, const char *path);
void guesser_added_all(struct guesser *g);

/* How it goes. */
enum guesser_state {
    GUESSER_NEEDS_CLASSES, /* answers of two classes are not there yet */
    GUESSER_NO_BETTER,     /* than the most frequent class; no guess is made */
    GUESSER_GUESSING,
};

struct guesser_status {
    enum guesser_state state;
    size_t looked;   /* pictures looked at */
    bool looking;    /* more are to come */
    size_t answers;  /* learned from */
    size_t majority; /* the most frequent class of these */
    float accuracy;  /* expected, from answers held back */
};
void guesser_status(struct guesser *g, struct guesser_status *status);

/* Nothing is under way: the guesses will not change by themselves. */
bool guesser_settled(struct guesser *g);

/* How many of the session's classes the model knew from the start. */
size_t guesser_known(const struct guesser *g);

#endif
