#include "row.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "percent.h"

static const char name_marker[] = "bytes:";
static const char checked_word[] = "yes";
enum { NAME_MARKER_LEN = sizeof name_marker - 1 };

static const char *const status_names[STATUS_COUNT] = {
    [STATUS_UNANSWERED] = "undone", [STATUS_LABELED] = "labeled", [STATUS_SKIPPED] = "skipped",
    [STATUS_UNSURE] = "unsure",     [STATUS_NONE] = "none",       [STATUS_PREDICTED] = "predicted",
};

const char *label_status_name(enum label_status status)
{
    return (unsigned)status < STATUS_COUNT ? status_names[status] : "?";
}

bool row_is_blank(const struct csv_record *rec)
{
    for (size_t i = 0; i < rec->count; i++) {
        for (size_t at = 0; at < rec->fields[i].len; at++) {
            if (rec->fields[i].text[at] != ' ' && rec->fields[i].text[at] != '\t') {
                return false;
            }
        }
    }
    return true;
}

/* ----------------------------------------------------------------- reading */

static bool parse_status(const struct csv_field *f, enum label_status *status)
{
    for (size_t i = 0; i < STATUS_COUNT; i++) {
        if (f->len == strlen(status_names[i]) && memcmp(f->text, status_names[i], f->len) == 0) {
            *status = (enum label_status)i;
            return true;
        }
    }
    return false;
}

/* A decimal number, optionally with an exponent, as other tools write small numbers, or
 * with a decimal comma, as spreadsheets do. Not strtod(), which depends on the locale. */
static bool parse_number(const struct csv_field *f, double *value)
{
    const char *p = f->text, *end = p + f->len;
    double v = 0;
    int scale = 0, digits = 0;
    for (; p < end && *p >= '0' && *p <= '9'; p++, digits++) {
        v = v * 10 + (*p - '0');
    }
    if (p < end && (*p == '.' || *p == ',')) {
        for (p++; p < end && *p >= '0' && *p <= '9'; p++, digits++, scale--) {
            v = v * 10 + (*p - '0');
        }
    }
    if (digits == 0 || digits > 40) {
        return false;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        int sign = 1, e = 0, n = 0;
        p++;
        if (p < end && (*p == '-' || *p == '+')) {
            sign = *p++ == '-' ? -1 : 1;
        }
        for (; p < end && *p >= '0' && *p <= '9' && n < 3; p++, n++) {
            e = e * 10 + (*p - '0');
        }
        if (n == 0) {
            return false;
        }
        scale += sign * e;
    }
    if (p != end) {
        return false;
    }
    for (; scale > 0 && v > 0 && v < 1e300; scale--) {
        v *= 10;
    }
    for (; scale < 0 && v > 0; scale++) {
        v /= 10;
    }
    *value = v;
    return true;
}

static const char *parse_name(const struct csv_field *f, struct buf *bytes, struct span *name)
{
    const char *p = f->text, *end = p + f->len;
    *name = (struct span){ p, f->len };
    if (f->len < NAME_MARKER_LEN || memcmp(p, name_marker, NAME_MARKER_LEN) != 0) {
        return f->len == 0 ? "an empty file_name" : NULL;
    }
    buf_clear(bytes);
    for (p += NAME_MARKER_LEN; p < end; p++) {
        char c = *p;
        if (c == '%' && !percent_take(&p, end, &c)) {
            return "an invalid percent code in file_name";
        }
        buf_addc(bytes, c);
    }
    if (bytes->failed) {
        return "out of memory";
    }
    if (bytes->len == 0) {
        return "an empty file_name";
    }
    *name = (struct span){ bytes->data, bytes->len };
    return NULL;
}

static const char *parse_numbers(const struct csv_field *confidence,
                                 const struct csv_field *seconds, struct row *row)
{
    double v;
    row->confidence = CONFIDENCE_ABSENT;
    row->seconds_ms = SECONDS_ABSENT;
    if (confidence->len > 0) {
        if (!parse_number(confidence, &v) || !(v <= 1)) {
            return "confidence is not a number from 0 to 1";
        }
        row->confidence = (int32_t)(v * CONFIDENCE_ONE + 0.5);
    }
    if (seconds->len > 0) {
        if (!parse_number(seconds, &v) || !(v <= SECONDS_MAX)) {
            return "seconds is not a number from 0 to 4000000";
        }
        row->seconds_ms = (uint32_t)(v * 1000 + 0.5);
    }
    return NULL;
}

static bool is_text(const struct csv_field *f)
{
    return text_valid_prefix(f->text, f->len) == f->len && !memchr(f->text, '\0', f->len);
}

/* The field of a column; "" if the file does not have the column, or the row ends before. */
static struct csv_field field(const struct csv_record *rec, const struct layout *layout,
                              enum column column)
{
    size_t at = layout->at[column];
    return at >= rec->count ? (struct csv_field){ "", 0 } : rec->fields[at];
}

static struct span span_of(const struct csv_record *rec, const struct layout *layout,
                           enum column column)
{
    const struct csv_field f = field(rec, layout, column);
    return (struct span){ f.text, f.len };
}

static const char *check_fields(const struct csv_record *rec, const struct layout *layout)
{
    bool short_one = layout->history &&
                     (rec->count == COLUMN_STANDARD || rec->count == layout->at[COLUMN_CHECKED]);
    if (rec->count != layout->count && !short_one) {
        return layout->count == COLUMN_STANDARD ? "not 8 fields"
                                                : "not as many fields as the header";
    }
    for (size_t i = 0; i < rec->count; i++) {
        if (!is_text(&rec->fields[i])) {
            return "not valid UTF-8 text";
        }
    }
    return NULL;
}

/* A number of pixels; 12.0, as pandas writes it beside empty fields, is one as well. */
static bool parse_pixels(const struct csv_field *f, double least, int32_t *value)
{
    double v;
    if (!parse_number(f, &v) || v != floor(v) || v < least || v > REGION_MAX) {
        return false;
    }
    *value = (int32_t)v;
    return true;
}

static const char *parse_region(const struct csv_record *rec, const struct layout *layout,
                                struct row *row)
{
    const struct csv_field x = field(rec, layout, COLUMN_X), y = field(rec, layout, COLUMN_Y);
    const struct csv_field width = field(rec, layout, COLUMN_WIDTH);
    const struct csv_field height = field(rec, layout, COLUMN_HEIGHT);
    row->region = (struct region){ 0, 0, 0, 0 };
    if (x.len + y.len + width.len + height.len == 0) {
        return NULL;
    }
    if (!parse_pixels(&x, 0, &row->region.x) || !parse_pixels(&y, 0, &row->region.y)) {
        return "x and y are not whole numbers of pixels from 0 to 10000000";
    }
    if (!parse_pixels(&width, 1, &row->region.width) ||
        !parse_pixels(&height, 1, &row->region.height)) {
        return "width and height are not whole numbers of pixels from 1 to 10000000";
    }
    return NULL;
}

/* A label without a status means "labeled", so file_name and label are enough. */
static const char *parse_label(const struct csv_record *rec, const struct layout *layout,
                               struct row *row)
{
    const struct csv_field status = field(rec, layout, COLUMN_STATUS);
    row->label = span_of(rec, layout, COLUMN_LABEL);
    row->listed = status.len == 0 && row->label.len == 0;
    if (status.len == 0) {
        row->status = row->label.len > 0 ? STATUS_LABELED : STATUS_UNANSWERED;
    } else if (!parse_status(&status, &row->status)) {
        return "unknown status";
    }
    if (label_status_has_label(row->status) != (row->label.len > 0)) {
        return row->label.len > 0 ? "a label, but status is not labeled"
                                  : "status labeled or predicted, but no label";
    }
    return NULL;
}

static const char *parse_checked(const struct csv_record *rec, const struct layout *layout,
                                 struct row *row)
{
    const struct csv_field f = field(rec, layout, COLUMN_CHECKED);
    row->checked = f.len == sizeof checked_word - 1 && memcmp(f.text, checked_word, f.len) == 0;
    return row->checked || f.len == 0 ? NULL : "checked is neither empty nor yes";
}

static const char *parse_time(const struct csv_record *rec, const struct layout *layout,
                              struct row *row)
{
    const struct csv_field f = field(rec, layout, COLUMN_LABELED_AT);
    row->labeled_at = LABELED_AT_ABSENT;
    if (f.len > 0 && !clock_parse_iso(f.text, f.len, &row->labeled_at)) {
        return "labeled_at is not a UTC date and time";
    }
    /* It is the last field: if it is missing, the row may be incomplete. */
    if (f.len == 0 && !rec->terminated && layout->at[COLUMN_LABELED_AT] + 1u == layout->count) {
        return "the row ends before its labeled_at";
    }
    return NULL;
}

static const char *gather_foreign(const struct csv_record *rec, const struct layout *layout,
                                  struct buf *out, struct span *foreign)
{
    bool any = false;
    *foreign = (struct span){ "", 0 };
    if (layout->foreign.len == 0) {
        return NULL;
    }
    buf_clear(out);
    for (size_t i = 0; i < layout->count; i++) {
        if (layout->what[i] != COLUMN_FOREIGN) {
            continue;
        }
        any = any || rec->fields[i].len > 0;
        buf_add(out, rec->fields[i].text, rec->fields[i].len);
        buf_addc(out, '\0');
    }
    if (any) {
        *foreign = (struct span){ out->data, out->len };
    }
    return out->failed ? "out of memory" : NULL;
}

const char *row_parse(const struct csv_record *rec, const struct layout *layout,
                      struct row_space *space, struct row *row)
{
    const struct csv_field confidence = field(rec, layout, COLUMN_CONFIDENCE);
    const struct csv_field seconds = field(rec, layout, COLUMN_SECONDS);
    const struct csv_field name = field(rec, layout, COLUMN_FILE_NAME);
    const char *wrong = check_fields(rec, layout);
    if (wrong) {
        return wrong;
    }
    row->written = (struct span){ NULL, 0 };
    row->guess = span_of(rec, layout, COLUMN_GUESS);
    row->source = span_of(rec, layout, COLUMN_SOURCE);
    row->note = span_of(rec, layout, COLUMN_NOTE);
    row->mark = span_of(rec, layout, COLUMN_OPERATION);
    row->annotator = span_of(rec, layout, COLUMN_ANNOTATOR);
    wrong = parse_label(rec, layout, row);
    if (!wrong) {
        wrong = parse_time(rec, layout, row);
    }
    if (!wrong) {
        wrong = parse_numbers(&confidence, &seconds, row);
    }
    if (!wrong) {
        wrong = parse_region(rec, layout, row);
    }
    if (!wrong) {
        wrong = parse_checked(rec, layout, row);
    }
    if (!wrong) {
        wrong = gather_foreign(rec, layout, &space->foreign, &row->foreign);
    }
    return wrong ? wrong : parse_name(&name, &space->name, &row->name);
}

/* ----------------------------------------------------------------- writing */

static void add_name(struct buf *out, const char *name, size_t len, char separator)
{
    const char *s = name;
    size_t left = len;
    struct buf coded = BUF_INIT;
    if (text_valid_prefix(s, left) == left &&
        (left < NAME_MARKER_LEN || memcmp(s, name_marker, NAME_MARKER_LEN) != 0)) {
        csv_add_separated(out, s, left, separator);
        return;
    }
    buf_adds(&coded, name_marker);
    while (left > 0) {
        uint32_t code;
        size_t n = text_decode(s, left, &code);
        if (code == UINT32_MAX || code < 0x20 || code == 0x7f || code == '%') {
            percent_add(&coded, *s);
        } else {
            buf_add(&coded, s, n);
        }
        s += n;
        left -= n;
    }
    csv_add_separated(out, buf_text(&coded), coded.len, separator);
    if (coded.failed) {
        out->failed = true;
    }
    buf_release(&coded);
}

void labels_add_name(struct buf *out, const char *name, size_t len)
{
    add_name(out, name, len, ',');
}

/* value / 10^places without trailing zeros. */
static void add_fixed(struct buf *out, uint32_t value, int places)
{
    char text[16];
    size_t at = sizeof text;
    bool wrote = false;
    for (int i = 0; i < places; i++, value /= 10) {
        if (value % 10 != 0 || wrote) {
            text[--at] = (char)('0' + value % 10);
            wrote = true;
        }
    }
    if (wrote) {
        text[--at] = '.';
    }
    do {
        text[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    buf_add(out, text + at, sizeof text - at);
}

static void add_text(const struct span *s, char separator, struct buf *out)
{
    csv_add_separated(out, s->text, s->len, separator);
}

static void add_time(int64_t at, struct buf *out)
{
    char iso[CLOCK_ISO_SIZE];
    if (at == LABELED_AT_ABSENT) {
        return;
    }
    clock_format_iso(at, iso);
    buf_add(out, iso, CLOCK_ISO_SIZE - 1);
}

static void add_pixels(const struct row *row, int32_t value, struct buf *out)
{
    if (!region_is_whole(&row->region)) {
        add_fixed(out, (uint32_t)value, 0);
    }
}

static void add_column(const struct row *row, enum column column, char separator, struct buf *out)
{
    const struct span *name = row->written.text ? &row->written : &row->name;
    switch (column) {
    case COLUMN_FILE_NAME:
        add_name(out, name->text, name->len, separator);
        break;
    case COLUMN_LABEL:
        add_text(&row->label, separator, out);
        break;
    case COLUMN_STATUS:
        buf_adds(out, row->listed ? "" : label_status_name(row->status));
        break;
    case COLUMN_GUESS:
        add_text(&row->guess, separator, out);
        break;
    case COLUMN_CONFIDENCE:
        if (row->confidence != CONFIDENCE_ABSENT) {
            add_fixed(out, (uint32_t)row->confidence, 4);
        }
        break;
    case COLUMN_SECONDS:
        if (row->seconds_ms != SECONDS_ABSENT) {
            add_fixed(out, row->seconds_ms, 3);
        }
        break;
    case COLUMN_ANNOTATOR:
        add_text(&row->annotator, separator, out);
        break;
    case COLUMN_LABELED_AT:
        add_time(row->labeled_at, out);
        break;
    case COLUMN_X:
        add_pixels(row, row->region.x, out);
        break;
    case COLUMN_Y:
        add_pixels(row, row->region.y, out);
        break;
    case COLUMN_WIDTH:
        add_pixels(row, row->region.width, out);
        break;
    case COLUMN_HEIGHT:
        add_pixels(row, row->region.height, out);
        break;
    case COLUMN_SOURCE:
        add_text(&row->source, separator, out);
        break;
    case COLUMN_NOTE:
        add_text(&row->note, separator, out);
        break;
    case COLUMN_OPERATION:
        add_text(&row->mark, separator, out);
        break;
    case COLUMN_CHECKED:
        buf_adds(out, row->checked ? checked_word : "");
        break;
    case COLUMN_COUNT:
        break;
    }
}

unsigned row_needs(const struct row *row)
{
    return (region_is_whole(&row->region) ? 0u : NEED_REGION) |
           (row->source.len > 0 ? NEED_SOURCE : 0u) | (row->note.len > 0 ? NEED_NOTE : 0u) |
           (row->checked ? NEED_CHECKED : 0u);
}

/* Fields of the row: those of a history end after what they need. */
static size_t fields_of(const struct row *row, const struct layout *layout)
{
    if (!layout->history || row->checked) {
        return layout->count;
    }
    return row_needs(row) == 0 && row->mark.len == 0 ? COLUMN_STANDARD : layout->at[COLUMN_CHECKED];
}

void row_format(const struct row *row, const struct layout *layout, struct buf *out)
{
    const char *foreign = row->foreign.text, *end = foreign + row->foreign.len;
    for (size_t i = 0, n = fields_of(row, layout); i < n; i++) {
        if (i > 0) {
            buf_addc(out, layout->separator);
        }
        if (layout->what[i] != COLUMN_FOREIGN) {
            add_column(row, (enum column)layout->what[i], layout->separator, out);
        } else if (foreign < end) {
            size_t len = strlen(foreign);
            csv_add_separated(out, foreign, len, layout->separator);
            foreign += len + 1;
        }
    }
    buf_addc(out, '\n');
}

/* False if the text is not UTF-8. */
static bool to_span(const char *text, struct span *span)
{
    *span = (struct span){ text ? text : "", text ? strlen(text) : 0 };
    return text_valid_prefix(span->text, span->len) == span->len;
}

/* One line: a file whose rows are lines is easier to repair by hand. */
static bool is_line(const struct span *s)
{
    return !memchr(s->text, '\n', s->len) && !memchr(s->text, '\r', s->len);
}

static const char *check_texts(const struct annotation *a, struct row *row)
{
    if (!to_span(a->label, &row->label)) {
        return "a label that is not UTF-8";
    }
    if (!to_span(a->guess, &row->guess)) {
        return "a guess that is not UTF-8";
    }
    if (!to_span(a->source, &row->source)) {
        return "a source that is not UTF-8";
    }
    if (!to_span(a->annotator, &row->annotator)) {
        return "an annotator that is not UTF-8";
    }
    if (!to_span(a->note, &row->note) || !is_line(&row->note)) {
        return "a note that is not one line of UTF-8";
    }
    return NULL;
}

static const char *check_region(const struct region *r)
{
    bool whole = r->x == 0 && r->y == 0 && r->width == 0 && r->height == 0;
    bool good = r->x >= 0 && r->x <= REGION_MAX && r->y >= 0 && r->y <= REGION_MAX &&
                r->width >= 1 && r->width <= REGION_MAX && r->height >= 1 &&
                r->height <= REGION_MAX;
    return whole || good ? NULL : "a region outside 0 to 10000000";
}

static const char *check_status(const struct annotation *a, const struct row *row)
{
    if ((unsigned)a->status >= STATUS_COUNT || (a->status == STATUS_UNANSWERED && !a->note)) {
        return "not the status of an answer";
    }
    if (label_status_has_label(a->status) != (row->label.len > 0)) {
        return row->label.len > 0 ? "a label, but the status is not labeled"
                                  : "status labeled or predicted without a label";
    }
    return NULL;
}

static const char *convert_numbers(const struct annotation *a, struct row *row)
{
    if (!(a->confidence <= 1)) {
        return "a confidence over 1";
    }
    if (!(a->seconds < INFINITY)) {
        return "infinite seconds";
    }
    if (a->labeled_at_ms < 0 || a->labeled_at_ms > LABELED_AT_MAX) {
        return "a time outside the years 1970 to 9999";
    }
    row->confidence = a->confidence < 0 ? CONFIDENCE_ABSENT
                                        : (int32_t)((double)a->confidence * CONFIDENCE_ONE + 0.5);
    row->seconds_ms = SECONDS_ABSENT;
    if (a->seconds >= (float)SECONDS_MAX) {
        row->seconds_ms = SECONDS_MAX * 1000;
    } else if (a->seconds >= 0) {
        row->seconds_ms = (uint32_t)((double)a->seconds * 1000 + 0.5);
    }
    row->labeled_at = a->labeled_at_ms;
    return NULL;
}

const char *row_from_annotation(const struct annotation *a, struct row *row)
{
    *row = (struct row){ .foreign = { "", 0 }, .mark = { "", 0 } };
    to_span(a->file_name, &row->name);
    row->region = a->region;
    row->status = a->status;
    row->listed = a->status == STATUS_UNANSWERED;
    row->checked = a->checked;
    const char *wrong = row->name.len == 0 ? "an empty file name" : check_texts(a, row);
    if (!wrong) {
        wrong = check_region(&a->region);
    }
    if (!wrong) {
        wrong = check_status(a, row);
    }
    return wrong ? wrong : convert_numbers(a, row);
}
