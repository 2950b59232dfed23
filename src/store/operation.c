#include "operation.h"

#include <string.h>

#include "base/mem.h"
#include "percent.h"

static const char *const deeds[] = { [DEED_DO] = "do", [DEED_UNDO] = "undo", [DEED_REDO] = "redo" };

static void add_word(const char *text, struct buf *out)
{
    if (!text || !text[0]) {
        buf_addc(out, '-');
        return;
    }
    bool dash = strcmp(text, "-") == 0;
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c <= ' ' || c == '%' || c == 0x7f || dash) {
            percent_add(out, *text);
        } else {
            buf_addc(out, *text);
        }
    }
}

void mark_format(enum deed deed, size_t rows, const char *annotator, const char *about,
                 struct buf *out)
{
    buf_addf(out, "%s %zu ", deeds[deed], rows);
    add_word(annotator, out);
    buf_addc(out, ' ');
    add_word(about, out);
}

/* The word up to the next space, decoded. */
static bool take_word(const char **at, const char *end, char *out, size_t size)
{
    size_t len = 0;
    const char *p = *at;
    if (p < end && *p == '-' && (p + 1 == end || p[1] == ' ')) {
        p++;
    } else {
        for (; p < end && *p != ' '; p++) {
            char c = *p;
            if (c == '%' && !percent_take(&p, end, &c)) {
                return false;
            }
            if (len + 1 == size) {
                return false;
            }
            out[len++] = c;
        }
        if (len == 0) {
            return false;
        }
    }
    out[len] = '\0';
    *at = p < end ? p + 1 : p;
    return true;
}

static bool take_deed(const char **at, const char *end, enum deed *deed)
{
    for (size_t i = 0; i < ARRAY_LEN(deeds); i++) {
        size_t len = strlen(deeds[i]);
        if ((size_t)(end - *at) > len && memcmp(*at, deeds[i], len) == 0 && (*at)[len] == ' ') {
            *deed = (enum deed)i;
            *at += len + 1;
            return true;
        }
    }
    return false;
}

static bool take_rows(const char **at, const char *end, uint32_t *rows)
{
    const char *p = *at;
    uint32_t n = 0;
    for (; p < end && *p >= '0' && *p <= '9' && n <= LABELS_ROWS_MAX; p++) {
        n = n * 10 + (uint32_t)(*p - '0');
    }
    if (p == *at || p == end || *p != ' ' || n > LABELS_ROWS_MAX) {
        return false;
    }
    *rows = n;
    *at = p + 1;
    return true;
}

bool mark_parse(const char *text, size_t len, struct mark *m)
{
    const char *end = text + len;
    return len < MARK_MAX && take_deed(&text, end, &m->deed) && take_rows(&text, end, &m->rows) &&
           take_word(&text, end, m->annotator, sizeof m->annotator) &&
           take_word(&text, end, m->about, sizeof m->about) && text == end;
}
