/* The assistant of a session with a model: predictions ("guesses") for the next pictures, learned
 * in the background from the answers so far, or made by a user's own model.
 *
 * The scheduler's threads compute embeddings, which are cached on disk between sessions: of the
 * wanted pictures first, then of the added ones. Another thread learns from the answers
 * and predicts the wanted pictures. */
#ifndef ASSIST_GUESSER_H
#define ASSIST_GUESSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "assist/assist.h"
#include "base/cache.h"
#include "base/error.h"
#include "base/scheduler.h"
#include "config/classes.h"
#include "image/picture_cache.h"
#include "learn/classifier.h"

struct guesser;

/* Called on a background thread when there are new results. */
typedef void guesser_wake_fn(void *context);

struct guesser_options {
    const char *model_path;                      /* NULL: the built-in backbone */
    const struct classifier_options *classifier; /* NULL: the defaults */
    /* Class names of the user's model in the order of its outputs, or NULL. Outputs named
     * like a class of the session predict it from the start. */
    const struct nn_labels *names;
    const struct classes *classes;
    struct cache *disk;             /* for embeddings, borrowed; NULL: none */
    struct picture_cache *pictures; /* decodes for the screen and the model; borrowed; or NULL */
    struct scheduler *scheduler;    /* whose threads compute embeddings; borrowed */
    bool judge;   /* answers are judged (suspects of struct assist), one class a picture */
    bool in_step; /* step mode: predict only when all added pictures have an embedding and
                     all answers are learned, so that scripts are reproducible */
};

/* Loads the model and starts the threads. Fails if the model's input is not a picture, or
 * its number of outputs differs from that of the names. */
struct guesser *guesser_new(const struct guesser_options *options, guesser_wake_fn *wake,
                            void *context, struct error *err);
void guesser_free(struct guesser *g);

/* What a session calls: all functions of the interface, from one thread. Valid as long as the
 * guesser; NULL for NULL. */
const struct assist *guesser_assist(const struct guesser *g);

/* Number of the model's outputs that are a class of the session. */
size_t guesser_known(const struct guesser *g);

#endif
