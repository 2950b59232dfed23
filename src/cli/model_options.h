/* The settings of [model] that say how pictures are made into its input. */
#ifndef CLI_MODEL_OPTIONS_H
#define CLI_MODEL_OPTIONS_H

#include "config/settings.h"
#include "learn/classifier.h"

/* ERROR_USAGE when mean or std is not one number or three, or one is given
 * without the other. */
bool model_options(const struct settings *s, struct classifier_options *options,
                   struct error *err);

/* The instruction set of --isa; NULL for the best. ERROR_USAGE when there is no
 * such one, or this processor lacks it. */
bool model_isa(const struct settings *s, const struct nn_isa **isa, struct error *err);

#endif
