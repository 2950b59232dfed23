#include "store/csv.h"

#include <string.h>

/* State of the first pass, which finds the end of a record and the fields that contain
 * doubled quotes; a second pass unquotes those. */
struct scan {
    const char *bytes;
    size_t len;
    size_t at;
    uint64_t lines; /* LFs passed, including those in quotes */
    bool last;
    char separator;
};

enum field_end { END_COMMA, END_RECORD, END_INPUT, END_CUT, END_BAD };

void csv_reader_init(struct csv_reader *r)
{
    *r = (struct csv_reader){ .line = 1, .separator = ',', .unquoted = BUF_INIT };
}

void csv_reader_release(struct csv_reader *r)
{
    buf_release(&r->unquoted);
}

/* Steps over the separator or line end after a field. */
static enum field_end end_of_field(struct scan *s, const char **reason)
{
    if (s->at == s->len) {
        return s->last ? END_INPUT : END_CUT;
    }
    char c = s->bytes[s->at];
    if (c == s->separator) {
        s->at++;
        return END_COMMA;
    }
    if (c == '\r') {
        if (s->at + 1 == s->len && !s->last) {
            return END_CUT;
        }
        if (s->at + 1 < s->len && s->bytes[s->at + 1] == '\n') {
            s->at += 2;
            s->lines++;
            return END_RECORD;
        }
        *reason = "a carriage return outside quotes";
        return END_BAD;
    }
    if (c == '\n') {
        s->at++;
        s->lines++;
        return END_RECORD;
    }
    *reason =
        c == '"' ? "a quote inside an unquoted field" : "text after the closing quote of a field";
    return END_BAD;
}

static enum field_end scan_plain(struct scan *s, struct csv_field *f, const char **reason)
{
    size_t start = s->at;
    while (s->at < s->len) {
        char c = s->bytes[s->at];
        if (c == s->separator || c == '\n' || c == '\r' || c == '"') {
            break;
        }
        s->at++;
    }
    *f = (struct csv_field){ s->bytes + start, s->at - start };
    return end_of_field(s, reason);
}

/* *doubled: incremented for each doubled quote left in the field's text. */
static enum field_end scan_quoted(struct scan *s, struct csv_field *f, size_t *doubled,
                                  const char **reason)
{
    size_t start = ++s->at;
    for (; s->at < s->len; s->at++) {
        char c = s->bytes[s->at];
        if (c == '\n') {
            s->lines++;
        }
        if (c != '"') {
            continue;
        }
        if (s->at + 1 == s->len && !s->last) {
            return END_CUT;
        }
        if (s->at + 1 < s->len && s->bytes[s->at + 1] == '"') {
            ++*doubled;
            s->at++;
            continue;
        }
        *f = (struct csv_field){ s->bytes + start, s->at - start };
        s->at++;
        return end_of_field(s, reason);
    }
    if (!s->last) {
        return END_CUT;
    }
    *reason = "a quote that is never closed";
    return END_BAD;
}

/* Copies a field with doubled quotes to r->unquoted, which is large enough not to move. */
static bool unquote(struct csv_reader *r, struct csv_field *f)
{
    size_t start = r->unquoted.len;
    const char *p = f->text, *end = p + f->len;
    while (p < end) {
        const char *quote = memchr(p, '"', (size_t)(end - p));
        size_t part = quote ? (size_t)(quote - p) + 1 : (size_t)(end - p);
        buf_add(&r->unquoted, p, part);
        p += quote ? part + 1 : part;
    }
    *f = (struct csv_field){ r->unquoted.data + start, r->unquoted.len - start };
    return !r->unquoted.failed;
}

static enum csv_status bad(struct scan *s, struct csv_reader *r, struct csv_record *rec)
{
    const char *lf = memchr(s->bytes + s->at, '\n', s->len - s->at);
    /* The error is reported where the record starts: an open quote may extend over many
     * good lines. */
    if (!lf && !s->last) {
        return CSV_MORE;
    }
    rec->terminated = lf != NULL;
    rec->size = lf ? (size_t)(lf - s->bytes) + 1 : s->len;
    r->line += s->lines + (lf != NULL);
    return CSV_BAD;
}

enum csv_status csv_next(struct csv_reader *r, const char *bytes, size_t len, bool last,
                         struct csv_record *rec)
{
    struct scan s = { .bytes = bytes, .len = len, .last = last, .separator = r->separator };
    enum field_end end = END_COMMA;
    size_t unquoted_need = 0;
    unsigned char has_doubled[CSV_FIELDS_MAX];
    rec->size = 0;
    rec->line = r->line;
    rec->reason = NULL;
    rec->count = 0;
    if (len == 0) {
        return last ? CSV_END : CSV_MORE;
    }
    while (end == END_COMMA) {
        struct csv_field f = { bytes, 0 };
        size_t doubled = 0;
        if (s.at < len && bytes[s.at] == '"') {
            end = scan_quoted(&s, &f, &doubled, &rec->reason);
        } else {
            end = scan_plain(&s, &f, &rec->reason);
        }
        if (end == END_COMMA && rec->count + 1 == CSV_FIELDS_MAX) {
            rec->reason = "more than 256 fields";
            end = END_BAD;
        }
        if (end == END_BAD) {
            return bad(&s, r, rec);
        }
        has_doubled[rec->count] = doubled > 0;
        unquoted_need += doubled > 0 ? f.len : 0;
        rec->fields[rec->count++] = f;
    }
    if (end == END_CUT) {
        return CSV_MORE;
    }
    buf_clear(&r->unquoted);
    if (unquoted_need > 0 && !buf_reserve(&r->unquoted, unquoted_need)) {
        return CSV_NOMEM;
    }
    for (size_t i = 0; i < rec->count && unquoted_need > 0; i++) {
        if (has_doubled[i] && !unquote(r, &rec->fields[i])) {
            return CSV_NOMEM;
        }
    }
    rec->size = s.at;
    rec->terminated = end == END_RECORD;
    r->line += s.lines;
    return CSV_RECORD;
}

static bool needs_quotes(const char *text, size_t len, char separator)
{
    if (len == 0) {
        return false;
    }
    if (text[0] == ' ' || text[len - 1] == ' ') {
        return true;
    }
    for (size_t i = 0; i < len; i++) {
        if (text[i] == separator || text[i] == '"' || text[i] == '\r' || text[i] == '\n') {
            return true;
        }
    }
    return false;
}

void csv_add_separated(struct buf *out, const char *text, size_t len, char separator)
{
    if (!needs_quotes(text, len, separator)) {
        buf_add(out, text, len);
        return;
    }
    buf_addc(out, '"');
    for (const char *end = text + len; text < end;) {
        const char *quote = memchr(text, '"', (size_t)(end - text));
        size_t part = quote ? (size_t)(quote - text) + 1 : (size_t)(end - text);
        buf_add(out, text, part);
        if (quote) {
            buf_addc(out, '"');
        }
        text += part;
    }
    buf_addc(out, '"');
}

void csv_add_field(struct buf *out, const char *text, size_t len)
{
    csv_add_separated(out, text, len, ',');
}
