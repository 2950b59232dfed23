#include "term/frame_settings.h"

enum enlarge frame_settings_enlarge(const struct settings *s)
{
    switch (settings_choice(s, OPTION_ENLARGE)) {
    case CHOICE_ENLARGE_NO:
        return ENLARGE_NO;
    case CHOICE_ENLARGE_SHARP:
        return ENLARGE_SHARP;
    default:
        return ENLARGE_SMOOTH;
    }
}

enum image_levels frame_settings_levels(const struct settings *s)
{
    switch (settings_choice(s, OPTION_LEVELS)) {
    case CHOICE_LEVELS_FULL:
        return IMAGE_LEVELS_FULL;
    case CHOICE_LEVELS_PLAIN:
        return IMAGE_LEVELS_PLAIN;
    default:
        return IMAGE_LEVELS_AUTO;
    }
}

bool frame_settings_level(const struct settings *s, enum level *level)
{
    switch (settings_choice(s, OPTION_LEVEL)) {
    case CHOICE_LEVEL_BEST:
        *level = LEVEL_BEST;
        return true;
    case CHOICE_LEVEL_DEFAULT:
        *level = LEVEL_DEFAULT;
        return true;
    case CHOICE_LEVEL_SLOW:
        *level = LEVEL_SLOW;
        return true;
    default:
        return false;
    }
}
