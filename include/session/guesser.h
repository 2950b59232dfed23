/* Predictions ("guesses") for the next pictures, learned in the background from the answers
 * so far.
 *
 * Worker threads compute embeddings, which are cached on disk between sessions: of the
 * wanted pictures first, then of the added ones. Another thread learns from the answers
 * and predicts the wanted pictures. All functions are called from one thread, and none
 * waits for the background threads to finish their work. */
#ifndef SESSION_GUESSER_H
#define SESSION_GUESSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/region.h"
#include "config/classes.h"
#include "learn/classifier.h"

struct guesser;

/* Called on a background thread when there are new results. */
typedef void guesser_wake_fn(void *context);

struct guess {
    bool failed;          /* the picture could not be read */
    size_t best;          /* class with the highest confidence; number of classes: no prediction */
    float confidence;     /* of that class, 0 to 1; where pictures may have several: that all
                             classes over SESSION_ON are right, and no other */
    const float *classes; /* the confidence of each class */
};

struct guesser_options {
    const char *model_path;                      /* NULL: the built-in backbone */
    const struct classifier_options *classifier; /* NULL: the defaults */
    /* Class names of the user's model in the order of its outputs, or NULL. Outputs named
     * like a class of the session predict it from the start. */
    const struct nn_labels *names;
    const struct classes *classes;
    const char *cache_folder; /* for embeddings; NULL: none */
    int64_t cache_bytes;
    int workers;  /* embedding threads, >= 1 */
    bool in_step; /* step mode: predict only when all added pictures have an embedding and
                     all answers are learned, so that scripts are reproducible */
};

/* Loads the model and starts the threads. Fails if the model's input is not a picture, or
 * its number of outputs differs from that of the names. */
struct guesser *guesser_new(const struct guesser_options *options, guesser_wake_fn *wake,
                            void *context, struct error *err);
void guesser_free(struct guesser *g);

struct guess_request {
    uint32_t id;
    const char *path; /* copied */
    struct region region;
};

/* Replaces the list of wanted pictures, most urgent first. False when out of memory. */
bool guesser_want(struct guesser *g, const struct guess_request *requests, size_t count);

/* The newest prediction for a picture; false while there is none. classes: a buffer for
 * guess->classes, one value per class. */
bool guesser_get(struct guesser *g, uint32_t id, struct guess *guess, float *classes);

#define GUESSER_NO_CLASS (SIZE_MAX - 1) /* answered, but not with a class of the session */
#define GUESSER_OPEN SIZE_MAX           /* no answer */

/* Reports a picture's answer, or GUESSER_OPEN after an undo. */
void guesser_answer(struct guesser *g, uint32_t id, size_t class_index);

/* The same where pictures may have several classes (classes->multi): the indices of all, none
 * for "none of these", and the number of this set, which is always the same. */
void guesser_answer_set(struct guesser *g, uint32_t id, size_t number, const uint16_t *classes,
                        size_t count);

/* The class list has changed: class i was was[i] before, or GUESSER_NO_CLASS: it is new.
 * Pictures whose answer is another class now, not only another index, are to be reported
 * again, and all sets with new numbers. Predictions from before are not returned any more. False, with no predictions from
 * then on, when out of memory. */
bool guesser_change_classes(struct guesser *g, size_t count, const size_t *was);

/* The pictures to label next in the active order, best first, chosen from those with an
 * embedding; returns their number, 0 while there is no plan. The plan is made again every
 * few answers; until then it still includes pictures answered or queued since. */
#define GUESSER_PLAN 32
size_t guesser_plan(struct guesser *g, uint32_t ids[GUESSER_PLAN]);

/* Sets the next pictures of the random order (session/sample.h), from which the random part
 * of a plan is taken, in this order. */
#define GUESSER_DRAW 16
void guesser_draw(struct guesser *g, const uint32_t *ids, size_t count);

/* Sets the pictures that are fixed to come next: a plan leaves them out. */
void guesser_queue(struct guesser *g, const uint32_t *ids, size_t count);

/* guesser_add(): adds a picture to be embedded when no wanted one waits; false while the
 * queue is full, until the next wake. guesser_full(): the memory for embeddings of added
 * pictures is used up. guesser_added_all(): no more will be added; to be called after the
 * last one, or once guesser_full(). */
bool guesser_full(struct guesser *g);
bool guesser_add(struct guesser *g, uint32_t id, const char *path, const struct region *region);
void guesser_added_all(struct guesser *g);

enum guesser_state {
    GUESSER_NEEDS_CLASSES, /* fewer than two classes have answers */
    GUESSER_NO_BETTER,     /* not better than the majority class: no predictions */
    GUESSER_GUESSING,
};

struct guesser_status {
    enum guesser_state state;
    size_t looked;   /* pictures with an embedding, or that failed */
    bool looking;    /* more embeddings are being computed */
    size_t answers;  /* learned from */
    size_t majority; /* the most frequent class among them */
    float accuracy;  /* estimated on held-out answers, 0 to 1 */
};
void guesser_status(struct guesser *g, struct guesser_status *status);

/* True when idle: the predictions will not change until something new is reported. */
bool guesser_settled(struct guesser *g);

/* Number of the model's outputs that are a class of the session. */
size_t guesser_known(const struct guesser *g);

#endif
