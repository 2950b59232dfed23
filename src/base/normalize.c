#include "base/normalize.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>
#include <wctype.h>

#include "base/text.h"

static utf8proc_int32_t small(utf8proc_int32_t code, void *unused)
{
    (void)unused;
    return (utf8proc_int32_t)towlower((wint_t)code);
}

static bool map_text(const char *text, size_t len, utf8proc_option_t options,
                     utf8proc_custom_func change, struct buf *out)
{
    utf8proc_uint8_t *form = NULL;
    utf8proc_ssize_t bytes =
        utf8proc_map_custom((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)len, &form,
                            options | UTF8PROC_STABLE, change, NULL);
    if (bytes < 0) {
        return false;
    }
    buf_add(out, form, (size_t)bytes);
    free(form);
    return !out->failed;
}

bool text_normalize(const char *text, size_t len, bool composed, struct buf *out)
{
    return map_text(text, len, composed ? UTF8PROC_COMPOSE : UTF8PROC_DECOMPOSE, NULL, out);
}

void text_fold(struct buf *out, const char *s, size_t len, bool ignore_case)
{
    while (len > 0) {
        size_t valid = text_valid_prefix(s, len);
        /* Can fail only when out of memory: the text is valid UTF-8. */
        if (valid > 0 && !map_text(s, valid, UTF8PROC_DECOMPOSE, ignore_case ? small : NULL, out)) {
            out->failed = true;
        }
        if (valid < len) {
            buf_addc(out, s[valid++]);
        }
        s += valid;
        len -= valid;
    }
}

bool text_same(const char *a, const char *b)
{
    struct buf x = BUF_INIT, y = BUF_INIT;
    if (strcmp(a, b) == 0) {
        return true;
    }
    text_fold(&x, a, strlen(a), false);
    text_fold(&y, b, strlen(b), false);
    bool same = !x.failed && !y.failed && strcmp(buf_text(&x), buf_text(&y)) == 0;
    buf_release(&x);
    buf_release(&y);
    return same;
}
