#include "layout.h"

#include <string.h>

static const char *const column_names[COLUMN_COUNT] = {
    [COLUMN_FILE_NAME] = "file_name",   [COLUMN_LABEL] = "label",
    [COLUMN_STATUS] = "status",         [COLUMN_GUESS] = "guess",
    [COLUMN_CONFIDENCE] = "confidence", [COLUMN_SECONDS] = "seconds",
    [COLUMN_ANNOTATOR] = "annotator",   [COLUMN_LABELED_AT] = "labeled_at",
};

static void start_layout(struct layout *l, char separator)
{
    *l = (struct layout){ .separator = separator, .foreign = BUF_INIT };
    for (size_t c = 0; c < COLUMN_COUNT; c++)
        l->at[c] = LAYOUT_ABSENT;
}

static void add(struct layout *l, size_t column)
{
    l->at[column] = (uint16_t)l->count;
    l->what[l->count++] = (uint8_t)column;
}

void layout_standard(struct layout *l)
{
    start_layout(l, ',');
    for (size_t c = 0; c < COLUMN_COUNT; c++)
        add(l, c);
}

void layout_release(struct layout *l)
{
    buf_release(&l->foreign);
}

static size_t column_of(const struct csv_field *f)
{
    size_t c = 0;

    while (c < COLUMN_COUNT &&
           (strlen(column_names[c]) != f->len || memcmp(column_names[c], f->text, f->len) != 0))
        c++;
    return c;
}

/* Column names may be padded with spaces, from aligning columns by hand. */
static struct csv_field trimmed(struct csv_field f)
{
    while (f.len > 0 && f.text[0] == ' ')
        f.text++, f.len--;
    while (f.len > 0 && f.text[f.len - 1] == ' ')
        f.len--;
    return f;
}

const char *layout_read(struct layout *l, const struct csv_record *rec, char separator)
{
    start_layout(l, separator);
    for (size_t i = 0; i < rec->count; i++) {
        const struct csv_field f = trimmed(rec->fields[i]);
        size_t column = column_of(&f);
        if (memchr(f.text, '\0', f.len) != NULL)
            return "a NUL byte in the header";
        if (column == COLUMN_FOREIGN) {
            l->what[l->count++] = COLUMN_FOREIGN;
            buf_add(&l->foreign, rec->fields[i].text, rec->fields[i].len);
            buf_addc(&l->foreign, '\0');
        } else if (l->at[column] != LAYOUT_ABSENT) {
            return "a column appears twice in the header";
        } else {
            add(l, column);
        }
    }
    if (l->at[COLUMN_FILE_NAME] == LAYOUT_ABSENT || l->at[COLUMN_LABEL] == LAYOUT_ABSENT)
        return "not a thumbtag file: its header has no columns file_name and label (a new one has "
               "file_name,label,status,guess,confidence,seconds,annotator,labeled_at)";
    return l->foreign.failed ? "out of memory" : NULL;
}

bool layout_complete(struct layout *l, bool *added)
{
    *added = false;
    for (size_t c = 0; c < COLUMN_COUNT; c++) {
        if (l->at[c] != LAYOUT_ABSENT)
            continue;
        if (l->count == CSV_FIELDS_MAX)
            return false;
        add(l, c);
        *added = true;
    }
    return true;
}

void layout_header(const struct layout *l, struct buf *out)
{
    const char *foreign = l->foreign.data;

    for (size_t i = 0; i < l->count; i++) {
        const char *name = l->what[i] == COLUMN_FOREIGN ? foreign : column_names[l->what[i]];
        if (i > 0)
            buf_addc(out, l->separator);
        csv_add_separated(out, name, strlen(name), l->separator);
        if (l->what[i] == COLUMN_FOREIGN)
            foreign += strlen(foreign) + 1;
    }
    buf_addc(out, '\n');
}
