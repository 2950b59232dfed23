#include "layout.h"

#include <string.h>

static const char *const column_names[COLUMN_COUNT] = {
    [COLUMN_FILE_NAME] = "file_name",
    [COLUMN_LABEL] = "label",
    [COLUMN_STATUS] = "status",
    [COLUMN_GUESS] = "guess",
    [COLUMN_CONFIDENCE] = "confidence",
    [COLUMN_SECONDS] = "seconds",
    [COLUMN_ANNOTATOR] = "annotator",
    [COLUMN_LABELED_AT] = "labeled_at",
    [COLUMN_X] = "x",
    [COLUMN_Y] = "y",
    [COLUMN_WIDTH] = "width",
    [COLUMN_HEIGHT] = "height",
    [COLUMN_SOURCE] = "source",
    [COLUMN_NOTE] = "note",
    [COLUMN_OPERATION] = "operation",
    [COLUMN_CHECKED] = "checked",
};

static void start_layout(struct layout *l, char separator)
{
    *l = (struct layout){ .separator = separator, .foreign = BUF_INIT };
    for (size_t c = 0; c < COLUMN_COUNT; c++) {
        l->at[c] = LAYOUT_ABSENT;
    }
}

static void add(struct layout *l, size_t column)
{
    l->at[column] = (uint16_t)l->count;
    l->what[l->count++] = (uint8_t)column;
}

void layout_standard(struct layout *l)
{
    start_layout(l, ',');
    for (size_t c = 0; c < COLUMN_STANDARD; c++) {
        add(l, c);
    }
}

void layout_history(struct layout *l)
{
    start_layout(l, ',');
    for (size_t c = 0; c < COLUMN_COUNT; c++) {
        add(l, c);
    }
    l->history = true;
}

void layout_release(struct layout *l)
{
    buf_release(&l->foreign);
}

/* Column names may be padded with spaces, from aligning columns by hand. */
static struct csv_field trimmed(struct csv_field f)
{
    while (f.len > 0 && f.text[0] == ' ') {
        f.text++, f.len--;
    }
    while (f.len > 0 && f.text[f.len - 1] == ' ') {
        f.len--;
    }
    return f;
}

/* The columns of the header, each at most once, without regard to what they mean here. */
struct header {
    bool has[COLUMN_COUNT];
    size_t guess; /* the index of that column */
};

static size_t column_named(const struct csv_field *f)
{
    size_t c = 0;
    while (c < COLUMN_COUNT &&
           (strlen(column_names[c]) != f->len || memcmp(column_names[c], f->text, f->len) != 0)) {
        c++;
    }
    return c;
}

static void read_names(const struct csv_record *rec, struct header *h)
{
    *h = (struct header){ .guess = CSV_FIELDS_MAX };
    for (size_t i = 0; i < rec->count; i++) {
        const struct csv_field f = trimmed(rec->fields[i]);
        size_t c = column_named(&f);
        if (c < COLUMN_COUNT) {
            h->has[c] = true;
        }
        if (c == COLUMN_GUESS) {
            h->guess = i;
        }
    }
}

/* Names that others use for other things count as ours only in the company that we give
 * them: width and height may be those of the picture, source where it comes from. What is
 * not ours stays so when the columns that are missing have been added behind it. */
static bool is_ours(const struct header *h, size_t column, size_t at)
{
    switch (column) {
    case COLUMN_X:
    case COLUMN_Y:
    case COLUMN_WIDTH:
    case COLUMN_HEIGHT:
        return h->has[COLUMN_X] && h->has[COLUMN_Y] && h->has[COLUMN_WIDTH] &&
               h->has[COLUMN_HEIGHT];
    case COLUMN_SOURCE:
        return h->guess < at;
    case COLUMN_CHECKED:
        return h->guess < at && h->has[COLUMN_LABELED_AT];
    case COLUMN_OPERATION:
        return false;
    default:
        return column < COLUMN_COUNT;
    }
}

const char *layout_read(struct layout *l, const struct csv_record *rec, char separator)
{
    struct header header;
    start_layout(l, separator);
    read_names(rec, &header);
    for (size_t i = 0; i < rec->count; i++) {
        const struct csv_field f = trimmed(rec->fields[i]);
        size_t column = column_named(&f);
        if (memchr(f.text, '\0', f.len)) {
            return "a NUL byte in the header";
        }
        if (!is_ours(&header, column, i)) {
            l->what[l->count++] = COLUMN_FOREIGN;
            buf_add(&l->foreign, rec->fields[i].text, rec->fields[i].len);
            buf_addc(&l->foreign, '\0');
        } else if (l->at[column] != LAYOUT_ABSENT) {
            return "a column appears twice in the header";
        } else {
            add(l, column);
        }
    }
    if (l->at[COLUMN_FILE_NAME] == LAYOUT_ABSENT ||
        (l->at[COLUMN_LABEL] == LAYOUT_ABSENT && l->at[COLUMN_X] == LAYOUT_ABSENT)) {
        return "not a thumbtag file: its header has no columns file_name and label (a new one has "
               "file_name,label,status,guess,confidence,seconds,annotator,labeled_at)";
    }
    return l->foreign.failed ? "out of memory" : NULL;
}

static bool add_missing(struct layout *l, size_t column, bool *added)
{
    if (l->at[column] != LAYOUT_ABSENT) {
        return true;
    }
    if (l->count == CSV_FIELDS_MAX) {
        return false;
    }
    add(l, column);
    *added = true;
    return true;
}

bool layout_complete(struct layout *l, bool *added)
{
    bool ok = true;
    *added = false;
    for (size_t c = 0; ok && c < COLUMN_STANDARD; c++) {
        ok = add_missing(l, c, added);
    }
    return ok;
}

static bool is_foreign(const struct layout *l, size_t column)
{
    const char *name = l->foreign.data, *end = name + l->foreign.len;
    for (; name < end; name += strlen(name) + 1) {
        const struct csv_field f = trimmed((struct csv_field){ name, strlen(name) });
        if (column_named(&f) == column) {
            return true;
        }
    }
    return false;
}

bool layout_need(struct layout *l, unsigned needs, bool *added)
{
    static const unsigned need_of[COLUMN_COUNT] = {
        [COLUMN_X] = NEED_REGION,        [COLUMN_Y] = NEED_REGION,
        [COLUMN_WIDTH] = NEED_REGION,    [COLUMN_HEIGHT] = NEED_REGION,
        [COLUMN_SOURCE] = NEED_SOURCE,   [COLUMN_NOTE] = NEED_NOTE,
        [COLUMN_CHECKED] = NEED_CHECKED,
    };
    bool ok = true;
    for (size_t c = COLUMN_STANDARD; ok && c < COLUMN_COUNT; c++) {
        if ((needs & need_of[c]) != 0 && !is_foreign(l, c)) {
            ok = add_missing(l, c, added);
        }
    }
    return ok;
}

bool layout_takes_region(const struct layout *l)
{
    return !is_foreign(l, COLUMN_X) && !is_foreign(l, COLUMN_Y) && !is_foreign(l, COLUMN_WIDTH) &&
           !is_foreign(l, COLUMN_HEIGHT);
}

void layout_header(const struct layout *l, struct buf *out)
{
    const char *foreign = l->foreign.data;
    for (size_t i = 0; i < l->count; i++) {
        const char *name = l->what[i] == COLUMN_FOREIGN ? foreign : column_names[l->what[i]];
        if (i > 0) {
            buf_addc(out, l->separator);
        }
        csv_add_separated(out, name, strlen(name), l->separator);
        if (l->what[i] == COLUMN_FOREIGN) {
            foreign += strlen(foreign) + 1;
        }
    }
    buf_addc(out, '\n');
}
