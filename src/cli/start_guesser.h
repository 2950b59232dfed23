/* Creates the guesser of a session from the settings of [model]. */
#ifndef CLI_START_GUESSER_H
#define CLI_START_GUESSER_H

#include "assist/guesser.h"
#include "config/settings.h"
#include "session/session.h"

/* False for `-m none`, and in a review without a model that is not one of suspects: a model learned
 * from the labels must not judge them. */
bool guesser_is_on(const struct settings *s, enum session_mode mode);

/* True if a model is given that contains class names, or that cannot be loaded (which
 * start_guesser() will report). */
bool model_has_classes(const struct settings *s);

struct guesser_start {
    const struct settings *settings;
    struct classes *classes; /* of the session; if it has none, those of the model are added */
    struct scheduler *scheduler;
    struct cache *disk;             /* NULL: none */
    struct picture_cache *pictures; /* NULL: none */
    bool judge;                     /* the answers are judged, as in a review of suspects */
    bool in_step; /* predictions do not depend on the timing of threads; scripts are so anyway */
    guesser_wake_fn *wake;
    void *context; /* of wake */
};

/* What is in *start is borrowed. note: "" or a message for the user. NULL and err on failure. */
struct guesser *start_guesser(const struct guesser_start *start, char *note, size_t note_size,
                              struct error *err);

#endif
