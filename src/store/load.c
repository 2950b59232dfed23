/* Distinguishes the traces of a crash at the end of an append-only file from other damage.
 *
 * A row is written by one write(), so a crash leaves the beginning of a row without a line
 * end, or, on file systems that extend a file before writing its blocks, NUL bytes instead
 * of some of the row. Both follow the last complete row, and are repaired. Anything else
 * (a terminated row that is invalid, text after it) was done by hand or by another
 * program, and is refused.
 *
 * A quote that is never closed looks like a torn row that extends to the end of the file.
 * It is treated as one only if no line inside it is a valid row by itself. */
#include "load.h"

#include <string.h>

enum {
    WINDOW = 2 * LABELS_ROW_MAX,
    SWALLOWED_TRIES = 64, /* lines of a torn tail that are tested */
};

static const char byte_order_mark[] = "\xEF\xBB\xBF";

struct loader {
    const struct load_source *source;
    struct load_result *res;
    struct csv_reader csv;
    struct csv_record rec;
    struct row_space space;
    struct buf key; /* converted name of a row's picture, or the header as we write it */
    struct buf window;
    size_t window_cap;
    size_t at;    /* consumed bytes of the window */
    int64_t read; /* bytes read so far */
    size_t source_at;
    bool eof;
};

#define EXCERPT 100 /* bytes of an invalid row quoted in a message */

static bool refuse(const struct loader *l, uint64_t line, const char *reason, struct error *err)
{
    return error_set(err, ERROR_DATA, "%s:%llu: %s", l->source->name, (unsigned long long)line,
                     reason);
}

/* The same, quoting the record at the front of the window. */
static bool refuse_record(const struct loader *l, uint64_t line, const char *reason,
                          struct error *err)
{
    const char *bytes = l->window.data + l->at;
    size_t len = l->rec.size < EXCERPT ? l->rec.size : EXCERPT;
    const char *end = memchr(bytes, '\n', len);
    if (end) {
        len = (size_t)(end - bytes);
    }
    return error_set(err, ERROR_DATA, "%s:%llu: %s, in '%.*s'", l->source->name,
                     (unsigned long long)line, reason, (int)len, bytes);
}

static bool read_some(struct loader *l, char *out, size_t cap, size_t *got, struct error *err)
{
    const struct load_source *s = l->source;
    if (s->limit >= 0 && (int64_t)cap > s->limit - l->read) {
        cap = (size_t)(s->limit - l->read);
    }
    if (s->file && cap > 0) {
        if (!file_reader_read(s->file, out, cap, got, err)) {
            return false;
        }
    } else {
        *got = cap < s->len - l->source_at ? cap : s->len - l->source_at;
        if (*got > 0) {
            memcpy(out, s->bytes + l->source_at, *got);
        }
        l->source_at += *got;
    }
    l->read += (int64_t)*got;
    if (l->read > LABELS_FILE_MAX && s->limit < 0) {
        return error_set(err, ERROR_DATA, "%s: more than %lld bytes, the limit", s->name,
                         (long long)LABELS_FILE_MAX);
    }
    return true;
}

/* Moves the unread bytes to the front of the window and fills the rest. */
static bool refill(struct loader *l, struct error *err)
{
    struct buf *w = &l->window;
    memmove(w->data, w->data + l->at, w->len - l->at);
    w->len -= l->at;
    l->at = 0;
    while (w->len < l->window_cap && !l->eof) {
        size_t got;
        if (!read_some(l, w->data + w->len, l->window_cap - w->len, &got, err)) {
            return false;
        }
        w->len += got;
        l->eof = got == 0;
    }
    return true;
}

static enum csv_status next_record(struct loader *l)
{
    return csv_next(&l->csv, l->window.data + l->at, l->window.len - l->at, l->eof, &l->rec);
}

/* True if the record just read is the last thing in the file. */
static bool at_end(struct loader *l, bool *end, struct error *err)
{
    /* rec.size bytes stay in the window: a refill finds room because the window is larger
     * than LABELS_ROW_MAX. */
    if (!l->eof && l->at + l->rec.size == l->window.len && !refill(l, err)) {
        return false;
    }
    *end = l->eof && l->at + l->rec.size == l->window.len;
    return true;
}

/* True if the bytes are the beginning of a header as we write it. */
static bool begins_header(const char *bytes, size_t len)
{
    bool begins = false;
    for (unsigned needs = 0; needs <= NEED_ALL && !begins; needs++) {
        struct layout layout;
        struct buf header = BUF_INIT;
        bool added;
        layout_standard(&layout);
        layout_need(&layout, needs, &added);
        layout_header(&layout, &header);
        begins = len < header.len && memcmp(bytes, header.data, len) == 0;
        buf_release(&header);
    }
    return begins;
}

static bool is_torn_header(const char *bytes, size_t len)
{
    while (len > 0 && bytes[len - 1] == '\0') {
        len--;
    }
    return begins_header(bytes, len) || (len < 3 && memcmp(bytes, byte_order_mark, len) == 0);
}

/* True if a line inside the bytes is a valid row: a quote was left open before it. */
static bool swallowed_rows(struct loader *l, const char *bytes, size_t len)
{
    struct csv_reader csv;
    struct row row;
    const char *end = bytes + len;
    bool found = false;
    csv_reader_init(&csv);
    csv.separator = l->csv.separator;
    for (int i = 0; i < SWALLOWED_TRIES && !found; i++) {
        const char *lf = memchr(bytes, '\n', (size_t)(end - bytes));
        if (!lf) {
            break;
        }
        bytes = lf + 1;
        found = csv_next(&csv, bytes, (size_t)(end - bytes), true, &l->rec) == CSV_RECORD &&
                !row_parse(&l->rec, &l->res->layout, &l->space, &row);
    }
    csv_reader_release(&csv);
    return found;
}

/* Handles an invalid record at the front of the window: the trace of a crash, or damage. */
static bool bad_record(struct loader *l, const char *reason, struct error *err)
{
    uint64_t line = l->rec.line;
    size_t size = l->rec.size;
    bool end;
    if (!at_end(l, &end, err)) {
        return false;
    }
    const char *bytes = l->window.data + l->at;
    bool torn = end && size <= LABELS_ROW_MAX && (!l->rec.terminated || memchr(bytes, '\0', size));
    if (torn && !l->res->header) {
        torn = is_torn_header(bytes, size);
    }
    if (!torn || (l->res->header && swallowed_rows(l, bytes, size))) {
        return refuse_record(l, line, reason, err);
    }
    buf_add(&l->res->tail, bytes, size);
    if (l->res->tail.failed) {
        return error_nomem(err, size, "a torn row");
    }
    l->at += size;
    return true;
}

/* Tries each separator until the record is a valid header. NULL, or what is wrong with it
 * when read with commas. */
static const char *read_header(struct loader *l)
{
    static const char separators[] = { ';', '\t', ',' };
    const char *wrong = NULL;
    uint64_t line = l->rec.line;
    for (size_t i = 0; i < sizeof separators; i++) {
        l->csv.line = line;
        l->csv.separator = separators[i];
        layout_release(&l->res->layout);
        wrong = next_record(l) == CSV_RECORD ? layout_read(&l->res->layout, &l->rec, separators[i])
                                             : l->rec.reason;
        if (!wrong && l->rec.count > 1) {
            return NULL;
        }
    }
    layout_release(&l->res->layout);
    layout_standard(&l->res->layout);
    return wrong ? wrong : "not a CSV file";
}

/* True if the layout has all our columns, and no other. */
static bool is_whole_header(const struct layout *layout)
{
    bool whole = layout->foreign.len == 0;
    for (size_t c = 0; whole && c < COLUMN_STANDARD; c++) {
        whole = layout->at[c] != LAYOUT_ABSENT;
    }
    return whole;
}

static bool take_header(struct loader *l, struct error *err)
{
    const char *wrong = read_header(l), *bytes = l->window.data + l->at;
    /* A torn header of ours looks like a header with fewer columns, or with a foreign one; a
     * whole one that lacks only its line end is one. */
    if (!wrong && !l->rec.terminated && is_torn_header(bytes, l->rec.size) &&
        !is_whole_header(&l->res->layout)) {
        layout_release(&l->res->layout);
        layout_standard(&l->res->layout);
        wrong = "an incomplete header";
    }
    if (wrong) {
        return bad_record(l, wrong, err);
    }
    l->res->header = true;
    if (l->source->history) {
        layout_release(&l->res->layout);
        layout_history(&l->res->layout);
    }
    buf_clear(&l->key);
    layout_header(&l->res->layout, &l->key);
    if (l->rec.size != l->key.len || memcmp(bytes, l->key.data, l->key.len) != 0) {
        l->res->odd = true;
    }
    l->at += l->rec.size;
    l->res->good_end += (int64_t)l->rec.size;
    l->res->row_ended = !l->rec.terminated;
    return true;
}

static bool skip_blank(struct loader *l)
{
    l->at += l->rec.size;
    l->res->good_end += (int64_t)l->rec.size;
    l->res->row_ended = !l->rec.terminated;
    l->res->odd = true;
    return true;
}

/* Converts the name of the row to the one used in the list of pictures. */
static bool find_key(struct loader *l, struct row *row, struct error *err)
{
    if (!names_is_odd(row->name.text, row->name.len)) {
        return true;
    }
    buf_clear(&l->key);
    names_add_key(l->source->names, row->name.text, row->name.len, &l->key);
    if (l->key.failed) {
        return error_nomem(err, row->name.len, "a file name");
    }
    if (l->key.len == row->name.len && memcmp(l->key.data, row->name.text, l->key.len) == 0) {
        return true;
    }
    row->written = row->name;
    row->name = (struct span){ l->key.data, l->key.len };
    return true;
}

static bool take_row(struct loader *l, load_row_fn *fn, void *context, struct error *err)
{
    struct load_row row = {
        .bytes = l->window.data + l->at,
        .len = l->rec.size,
        .offset = l->res->good_end,
        .line = l->rec.line,
    };
    const char *wrong = l->rec.size > LABELS_ROW_MAX
                            ? "a row of more than 1 MiB"
                            : row_parse(&l->rec, &l->res->layout, &l->space, &row.row);
    if (!wrong && l->source->torn_end && !l->rec.terminated) {
        wrong = "the row ends before its line end";
    }
    if (wrong) {
        return bad_record(l, wrong, err);
    }
    if (l->res->rows == LABELS_ROWS_MAX) {
        return refuse(l, row.line, "more than 20000000 rows", err);
    }
    if (!find_key(l, &row.row, err)) {
        return false;
    }
    l->res->rows++;
    l->at += l->rec.size;
    l->res->good_end += (int64_t)l->rec.size;
    l->res->row_ended = !l->rec.terminated;
    return fn(context, &row, err);
}

static bool skip_byte_order_mark(struct loader *l, struct error *err)
{
    if (!refill(l, err)) {
        return false;
    }
    if (l->window.len >= 3 && memcmp(l->window.data, byte_order_mark, 3) == 0) {
        l->at = 3;
        l->res->good_end = 3;
        l->res->odd = true;
    }
    return true;
}

static bool load_all(struct loader *l, load_row_fn *fn, void *context, struct error *err)
{
    if (!skip_byte_order_mark(l, err)) {
        return false;
    }
    for (;;) {
        enum csv_status status = next_record(l);
        if (status == CSV_END) {
            return true;
        }
        if (status == CSV_NOMEM) {
            return error_nomem(err, LABELS_ROW_MAX, "a row");
        }
        if (status == CSV_MORE) {
            if (l->window.len - l->at > LABELS_ROW_MAX) {
                return refuse(l, l->rec.line, "a row of more than 1 MiB (is a quote not closed?)",
                              err);
            }
            if (!refill(l, err)) {
                return false;
            }
            continue;
        }
        if (!l->res->header) {
            if (!take_header(l, err)) {
                return false;
            }
            continue;
        }
        bool blank = status == CSV_RECORD && l->rec.terminated && row_is_blank(&l->rec);
        bool ok = status == CSV_BAD ? bad_record(l, l->rec.reason, err)
                  : blank           ? skip_blank(l)
                                    : take_row(l, fn, context, err);
        if (!ok) {
            return false;
        }
    }
}

bool load_rows(const struct load_source *source, load_row_fn *fn, void *context,
               struct load_result *res, struct error *err)
{
    struct loader l = { .source = source, .res = res };
    bool ok;
    *res = (struct load_result){ .tail = BUF_INIT };
    layout_standard(&res->layout);
    csv_reader_init(&l.csv);
    /* One byte more than the content, so that the end is noticed. */
    l.window_cap = !source->file && source->len < WINDOW ? source->len + 1 : WINDOW;
    if (buf_reserve(&l.window, l.window_cap)) {
        ok = load_all(&l, fn, context, err);
    } else {
        ok = error_nomem(err, l.window_cap, "reading");
    }
    res->total = l.read;
    buf_release(&l.window);
    buf_release(&l.space.name);
    buf_release(&l.space.foreign);
    buf_release(&l.key);
    csv_reader_release(&l.csv);
    return ok;
}

void load_release(struct load_result *res)
{
    buf_release(&res->tail);
    layout_release(&res->layout);
}
