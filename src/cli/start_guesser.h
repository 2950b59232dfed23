/* Creates the guesser of a session from the settings of [model]. */
#ifndef CLI_START_GUESSER_H
#define CLI_START_GUESSER_H

#include "assist/guesser.h"
#include "work.h"

/* False for `-m none`, and in a review without a model: a model learned from the labels
 * must not judge them. */
bool guesser_is_on(const struct work *w);

/* True if a model is given that contains class names, or that cannot be loaded (which
 * start_guesser() will report). */
bool model_has_classes(const struct settings *s);

/* disk, pictures: borrowed; NULL: none. If the session has no classes, adds those of the model.
 * note: "" or a message for the user. NULL and err on failure. */
struct guesser *start_guesser(const struct work *w, struct cache *disk,
                              struct picture_cache *pictures, guesser_wake_fn *wake, void *context,
                              char *note, size_t note_size, struct error *err);

#endif
