#include "labels_of_field.h"

#include <string.h>

#include "store/labels.h"

static void add_class(struct buf *out, const char *text, size_t len)
{
    while (len && text[0] == ' ') {
        text++;
        len--;
    }
    while (len && text[len - 1] == ' ') {
        len--;
    }
    if (len) {
        if (out->len) {
            buf_addc(out, LABEL_SEPARATOR);
        }
        buf_add(out, text, len);
    }
}

/* The strings of "[...]"; false if it is anything else. */
static bool take_list(const char *p, const char *end, struct buf *out)
{
    for (p++, end--; p < end;) {
        char quote = *p;
        if (quote == ' ' || quote == ',') {
            p++;
            continue;
        }
        if (quote != '"' && quote != '\'') {
            return false;
        }
        const char *close = memchr(p + 1, quote, (size_t)(end - p - 1));
        if (!close || memchr(p, '\\', (size_t)(close - p))) {
            return false;
        }
        add_class(out, p + 1, (size_t)(close - p - 1));
        p = close + 1;
    }
    return true;
}

bool labels_of_field(const char **label, size_t *len, char separator, struct buf *space)
{
    const char *text = *label, *end = text + *len;
    buf_clear(space);
    if (*len >= 2 && text[0] == '[' && end[-1] == ']') {
        if (!take_list(text, end, space)) {
            return false;
        }
    } else if (separator && memchr(text, separator, *len)) {
        for (const char *p = text, *next; p <= end; p = next + 1) {
            next = p < end ? memchr(p, separator, (size_t)(end - p)) : NULL;
            next = next ? next : end;
            add_class(space, p, (size_t)(next - p));
        }
    } else {
        return false;
    }
    *label = buf_text(space);
    *len = space->len;
    return !space->failed;
}
