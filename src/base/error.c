#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Bytes of a message before it is shortened: two paths and some words. */
enum { LONGEST = 10000 };

/* Stores the text made safe to print. If it is too long its middle is dropped, as the
 * path is at the start, and the reason and the limit are at the end. */
static void fill(struct error *err, enum error_kind kind, const char *text)
{
    char safe[LONGEST + 4];
    text_printable(safe, sizeof safe, text, strlen(text), -1);
    err->kind = kind;
    size_t len = strlen(safe);
    size_t room = sizeof err->message - 1;
    if (len <= room) {
        memcpy(err->message, safe, len + 1);
        return;
    }
    static const char dots[] = "…";
    size_t head = room / 3;
    size_t tail = len - (room - head - (sizeof dots - 1));
    while (head > 0 && ((unsigned char)safe[head] & 0xC0) == 0x80) {
        head--;
    }
    while (((unsigned char)safe[tail] & 0xC0) == 0x80) {
        tail++;
    }
    memcpy(err->message, safe, head);
    memcpy(err->message + head, dots, sizeof dots - 1);
    memcpy(err->message + head + sizeof dots - 1, safe + tail, len - tail + 1);
}

bool error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
    if (!err) {
        return false;
    }
    char text[LONGEST];
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
    char text[LONGEST];
    char why[128];
    const char *reason = strerror_r(errnum, why, sizeof why);
    va_list args;
    va_start(args, format);
    int used = vsnprintf(text, sizeof text - sizeof why - 2, format, args);
    va_end(args);
    if (used >= 0) {
        size_t len = strlen(text);
        snprintf(text + len, sizeof text - len, ": %s", reason);
    }
    fill(err, kind, text);
    return false;
}

bool error_nomem(struct error *err, unsigned long long bytes, const char *what)
{
    return error_set(err, ERROR_IO, "out of memory (%llu bytes for %s)", bytes, what);
}
