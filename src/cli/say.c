#include "say.h"

#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"

/* One character at a time, so that no memory is needed. */
static bool say_safely(FILE *out, const char *s, size_t len)
{
    for (size_t i = 0; i < len;) {
        uint32_t code;
        char safe[8];
        size_t used = text_decode(s + i, len - i, &code);
        if (code == '\n') {
            safe[0] = '\n';
            safe[1] = '\0';
        } else {
            text_printable(safe, sizeof safe, s + i, used, -1);
        }
        fputs(safe, out);
        i += used;
    }
    return !ferror(out);
}

bool say_bytes(FILE *out, const void *bytes, size_t len)
{
    return isatty(fileno(out)) ? say_safely(out, bytes, len) : fwrite(bytes, 1, len, out) == len;
}

void say(FILE *out, const char *format, ...)
{
    char text[2048];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    char *longer = len >= (int)sizeof text ? malloc((size_t)len + 1) : NULL;
    if (longer) {
        va_start(args, format);
        vsnprintf(longer, (size_t)len + 1, format, args);
        va_end(args);
    }
    if (len > 0) { /* without memory for it all, truncated */
        size_t whole = longer || len < (int)sizeof text ? (size_t)len : sizeof text - 1;
        say_bytes(out, longer ? longer : text, whole);
    }
    free(longer);
}
