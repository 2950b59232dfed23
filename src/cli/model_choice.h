/* Which network a command uses: that of --model, else the user's own backbone, else the one
 * inside the program. */
#ifndef CLI_MODEL_CHOICE_H
#define CLI_MODEL_CHOICE_H

#include "config/settings.h"
#include "learn/classifier.h"

#define OWN_BACKBONE "backbone.tflite" /* in thumbtag/ of the XDG data folder */

enum model_source {
    MODEL_NONE,   /* none */
    MODEL_INSIDE, /* builtin; or nothing chosen, and the user has no backbone.tflite */
    MODEL_OWN,    /* nothing chosen, and the user has one */
    MODEL_NAMED,  /* a file */
};

struct model_choice {
    enum model_source source;
    const char *path; /* of MODEL_OWN and MODEL_NAMED, else NULL; borrowed from the settings or
                         from own_path */
    char *own_path;   /* owned */
};

/* Chooses by OPTION_MODEL. Does not open the file: it may be unusable. */
void model_choose(struct model_choice *m, const struct settings *s);
void model_choice_release(struct model_choice *m);

/* The file that OPTION_MODEL names; NULL for none. Only that one's class names count: a
 * backbone serves all folders, whatever their classes. */
const char *model_named(const struct settings *s);

/* model_options(), but the network inside has its own mean and std. */
bool model_choice_options(const struct model_choice *m, const struct settings *s,
                          struct classifier_options *options, struct error *err);

/* Path of the user's own backbone, if there is anything by that name, usable or not: a link to
 * nowhere is reported, not passed over. NULL if there is nothing, or no memory. The caller
 * frees it. */
char *own_backbone_find(void);

/* If err is about the user's own backbone, adds what to do: remove it, or `otherwise`. Returns
 * false. */
bool model_choice_fail(const struct model_choice *m, const char *otherwise, struct error *err);

#endif
