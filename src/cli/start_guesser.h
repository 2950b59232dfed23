/* The guesser of a session, as the settings of [model] say. */
#ifndef CLI_START_GUESSER_H
#define CLI_START_GUESSER_H

#include "session/guesser.h"
#include "work.h"

/* False for `-m none`, and in a review without a model: labels are not to be
 * judged by what was learned from them. */
bool guesser_is_on(const struct work *w);

/* True when a model is named that names its classes, or that there is something
 * wrong with, which start_guesser() will tell. */
bool model_has_classes(const struct settings *s);

/* Where no classes are named, the model's are added to the session's. *note: ""
 * or what the user should know. NULL with err filled when it cannot be. */
struct guesser *start_guesser(const struct work *w, guesser_wake_fn *wake, void *context,
                              char *note, size_t note_size, struct error *err);

#endif
