/* The settings of [model] that say how pictures are made into its input. */
#ifndef CLI_MODEL_OPTIONS_H
#define CLI_MODEL_OPTIONS_H

#include "config/settings.h"
#include "session/classifier.h"

/* ERROR_USAGE when mean or std is not one number or three, or one is given
 * without the other. */
bool model_options(const struct settings *s, struct classifier_options *options,
                   struct error *err);

#endif
