#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static void fill(struct error *err, enum error_kind kind, const char *text)
{
    err->kind = kind;
    text_printable(err->message, sizeof err->message, text, strlen(text), -1);
}

bool error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
    if (!err) {
        return false;
    }
    char text[sizeof err->message];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    fill(err, kind, text);
    return false;
}

bool error_errno(struct error *err, enum error_kind kind, int errnum, const char *format, ...)
{
    if (!err) {
        return false;
    }
    char text[sizeof err->message];
    va_list args;
    va_start(args, format);
    int used = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (used >= 0 && (size_t)used < sizeof text) {
        char why[128];
        const char *reason = strerror_r(errnum, why, sizeof why);
        snprintf(text + used, sizeof text - (size_t)used, ": %s", reason);
    }
    fill(err, kind, text);
    return false;
}

bool error_nomem(struct error *err, unsigned long long bytes, const char *what)
{
    return error_set(err, ERROR_IO, "out of memory (%llu bytes for %s)", bytes, what);
}
