/* What belongs to the classes by their places moves as they do. */
#include "session/session.h"

#include <string.h>

void session_shift_flags(bool *flags, size_t count, const struct class_shift *shift)
{
    size_t at = shift->at;
    if (shift->kind == CLASSES_GREW) { /* a new class is shown */
        memmove(flags + at + 1, flags + at, (count - at) * sizeof *flags);
        flags[at] = true;
    } else if (shift->kind == CLASSES_SHRANK) {
        memmove(flags + at, flags + at + 1, (count + 1 - at) * sizeof *flags);
    }
}

void session_shift_wanted(uint8_t *wanted, size_t count, const struct class_shift *shift)
{
    size_t at = shift->at;
    if (shift->kind == CLASSES_GREW) {
        memmove(wanted + at + 1, wanted + at, count - at);
        wanted[at] = WANT_EITHER;
    } else if (shift->kind == CLASSES_SHRANK) {
        memmove(wanted + at, wanted + at + 1, count + 1 - at);
    }
}
