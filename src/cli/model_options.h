/* The settings of [model] for preprocessing pictures. */
#ifndef CLI_MODEL_OPTIONS_H
#define CLI_MODEL_OPTIONS_H

#include "config/settings.h"
#include "learn/classifier.h"

/* ERROR_USAGE if only one of mean and std is given. */
bool model_options(const struct settings *s, struct classifier_options *options, struct error *err);

/* How pictures are fitted into the input (--fit). */
enum image_reshape model_fit(const struct settings *s);

/* The instruction set of --isa; NULL for the best. ERROR_USAGE if it does not exist or the
 * processor does not support it. */
bool model_isa(const struct settings *s, const struct nn_isa **isa, struct error *err);

#endif
