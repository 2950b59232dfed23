/* The settings of [view] that say how frames are rendered. */
#ifndef TERM_FRAME_SETTINGS_H
#define TERM_FRAME_SETTINGS_H

#include <stdbool.h>

#include "config/settings.h"
#include "image/decode.h"
#include "term/frame.h"
#include "term/protocol.h"

enum enlarge frame_settings_enlarge(const struct settings *s);
enum image_levels frame_settings_levels(const struct settings *s);

/* False: the user has chosen none, it follows from the link. */
bool frame_settings_level(const struct settings *s, enum level *level);

#endif
