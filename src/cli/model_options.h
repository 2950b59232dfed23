/* The settings of [model] for preprocessing pictures. */
#ifndef CLI_MODEL_OPTIONS_H
#define CLI_MODEL_OPTIONS_H

#include "config/settings.h"
#include "learn/classifier.h"

/* ERROR_USAGE if mean or std is not one or three numbers, or only one of them is given. */
bool model_options(const struct settings *s, struct classifier_options *options,
                   struct error *err);

/* The decimal number of an option; ERROR_USAGE unless it is from `low` to `high`. */
bool settings_fraction(const struct settings *s, enum option_id o, float low, float high,
                       float *out, struct error *err);

/* The instruction set of --isa; NULL for the best. ERROR_USAGE if it does not exist or the
 * processor does not support it. */
bool model_isa(const struct settings *s, const struct nn_isa **isa, struct error *err);

#endif
