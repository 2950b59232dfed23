#include "report.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "say.h"
#include "store/csv.h"

#define NAME_COLUMNS 30 /* of a name in a text table */
#define UNDEFINED "-"

/* Charts need block characters, which a terminal shows unless the user has asked for the C
 * locale; without any locale, as over ssh, the program uses UTF-8 as well. */
static bool wants_ascii(void)
{
    static const char *const variables[] = { "LC_ALL", "LC_CTYPE", "LANG" };
    for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
        const char *value = getenv(variables[i]);
        if (value && value[0]) {
            return strcmp(value, "C") == 0 || strcmp(value, "POSIX") == 0;
        }
    }
    return false;
}

bool report_init(struct report *r, const struct settings *s, const struct report_column *columns,
                 size_t column_count, struct error *err)
{
    bool csv = settings_number(s, OPTION_CSV) != 0;
    bool json = settings_number(s, OPTION_JSON) != 0;
    *r = (struct report){ .form = csv    ? REPORT_CSV
                                  : json ? REPORT_JSON
                                         : REPORT_TEXT,
                          .ascii = wants_ascii(),
                          .columns = columns,
                          .column_count = column_count };
    if (csv && json) {
        return error_set(err, ERROR_USAGE, "--csv and --json exclude each other: choose one");
    }
    if (csv) {
        buf_adds(&r->out, "table");
        for (size_t i = 0; i < column_count; i++) {
            buf_addf(&r->out, ",%s", columns[i].name);
        }
        buf_addc(&r->out, '\n');
    }
    return true;
}

void report_release(struct report *r)
{
    buf_release(&r->out);
    buf_release(&r->cells);
}

void report_line(struct report *r, const char *format, ...)
{
    char text[2048];
    va_list args;
    if (r->form != REPORT_TEXT) {
        return;
    }
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    buf_adds(&r->out, text);
    buf_addc(&r->out, '\n');
}

/* ------------------------------------------------------------------- cells */

void report_table(struct report *r, const char *name, const char *title, const size_t *columns,
                  size_t count)
{
    r->name = name;
    r->shown_count = count;
    memcpy(r->shown, columns, count * sizeof *columns);
    buf_clear(&r->cells);
    r->cell_count = 0;
    if (r->form == REPORT_TEXT && title) {
        buf_addf(&r->out, "\n%s\n", title);
    }
}

static void add_cell(struct report *r, const char *text)
{
    buf_add(&r->cells, text, strlen(text) + 1);
    r->cell_count++;
}

void report_name(struct report *r, const char *text)
{
    add_cell(r, text);
}

void report_count(struct report *r, uint64_t count)
{
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)count);
    add_cell(r, text);
}

void report_number(struct report *r, double value, int digits)
{
    char text[400] = "";
    if (!isnan(value)) {
        snprintf(text, sizeof text, "%.*f", digits, value);
    }
    /* Rounded to nothing, a negative number has no sign. */
    add_cell(r, text[0] == '-' && !strpbrk(text, "123456789") ? text + 1 : text);
}

void report_estimate(struct report *r, const struct estimate *e)
{
    report_interval(r, e->value, e->low, e->high);
}

void report_interval(struct report *r, double value, double low, double high)
{
    double width = high - low;
    int digits = r->form != REPORT_TEXT || (width > 0 && width < 0.005) ? 4
                 : (width > 0 && width < 0.05)                          ? 3
                                                                        : 2;
    report_number(r, value, 4);
    report_number(r, low, digits);
    report_number(r, high, digits);
}

/* -------------------------------------------------------------- the three forms */

static const struct report_column *shown(const struct report *r, size_t i)
{
    return &r->columns[r->shown[i % r->shown_count]];
}

/* A cell as text shows it. Returns its width. */
static int printable(const struct report *r, size_t i, const char *cell, char *out, size_t size)
{
    if (!shown(r, i)->text) {
        return snprintf(out, size, "%s", cell[0] ? cell : UNDEFINED);
    }
    return text_elide(out, size, cell, strlen(cell), NAME_COLUMNS);
}

static void add_padded(struct buf *out, const char *text, int used, int width, bool left, bool last)
{
    buf_addf(out, "%*s%s%*s", left ? 0 : width - used, "", text, left ? width - used : 0, "");
    if (!last) {
        buf_adds(out, "  ");
        return;
    }
    while (out->len && out->data[out->len - 1] == ' ') {
        out->len--;
    }
    buf_addc(out, '\n');
}

static void print_text(struct report *r)
{
    char text[NAME_COLUMNS * 8];
    int widths[REPORT_COLUMNS_MAX];
    const char *cell = buf_text(&r->cells);
    for (size_t c = 0; c < r->shown_count; c++) {
        widths[c] = text_width(shown(r, c)->heading, strlen(shown(r, c)->heading));
    }
    for (size_t i = 0; i < r->cell_count; i++, cell += strlen(cell) + 1) {
        int width = printable(r, i, cell, text, sizeof text);
        int *column = &widths[i % r->shown_count];
        *column = width > *column ? width : *column;
    }
    for (size_t c = 0; c < r->shown_count; c++) {
        const char *heading = shown(r, c)->heading;
        add_padded(&r->out, heading, text_width(heading, strlen(heading)), widths[c],
                   shown(r, c)->text, c + 1 == r->shown_count);
    }
    cell = buf_text(&r->cells);
    for (size_t i = 0; i < r->cell_count; i++, cell += strlen(cell) + 1) {
        size_t c = i % r->shown_count;
        int used = printable(r, i, cell, text, sizeof text);
        add_padded(&r->out, text, used, widths[c], shown(r, c)->text, c + 1 == r->shown_count);
    }
}

static void print_csv(struct report *r)
{
    const char *cells[REPORT_COLUMNS_MAX];
    const char *cell = buf_text(&r->cells);
    for (size_t i = 0; i + r->shown_count <= r->cell_count; i += r->shown_count) {
        memset(cells, 0, sizeof cells);
        for (size_t c = 0; c < r->shown_count; c++, cell += strlen(cell) + 1) {
            cells[r->shown[c]] = cell;
        }
        buf_adds(&r->out, r->name);
        for (size_t c = 0; c < r->column_count; c++) {
            buf_addc(&r->out, ',');
            csv_add_field(&r->out, cells[c] ? cells[c] : "", cells[c] ? strlen(cells[c]) : 0);
        }
        buf_addc(&r->out, '\n');
    }
}

static void add_json_string(struct buf *out, const char *s)
{
    size_t len = strlen(s);
    buf_addc(out, '"');
    for (size_t i = 0; i < len;) {
        uint32_t code;
        size_t used = text_decode(s + i, len - i, &code);
        if (code == UINT32_MAX) {
            buf_adds(out, "\\ufffd");
        } else if (code < 0x20 || code == 0x7f) {
            buf_addf(out, "\\u%04x", (unsigned)code);
        } else if (code == '"' || code == '\\') {
            buf_addf(out, "\\%c", (char)code);
        } else {
            buf_add(out, s + i, used);
        }
        i += used;
    }
    buf_addc(out, '"');
}

static void print_json(struct report *r)
{
    const char *cell = buf_text(&r->cells);
    buf_addf(&r->out, "%s  \"%s\": [", r->tables ? ",\n" : "{\n", r->name);
    for (size_t i = 0; i < r->cell_count; i++, cell += strlen(cell) + 1) {
        const struct report_column *column = shown(r, i);
        bool first = i % r->shown_count == 0;
        buf_addf(&r->out, "%s\"%s\": ", !first ? ", " : i ? "},\n    {" : "\n    {", column->name);
        if (column->text) {
            add_json_string(&r->out, cell);
        } else {
            buf_adds(&r->out, cell[0] ? cell : "null");
        }
    }
    buf_adds(&r->out, r->cell_count ? "}\n  ]" : "]");
}

void report_end_table(struct report *r)
{
    static void (*const forms[])(struct report *) = {
        [REPORT_TEXT] = print_text, [REPORT_CSV] = print_csv, [REPORT_JSON] = print_json
    };
    r->out.failed |= r->cells.failed;
    if (!r->out.failed) {
        forms[r->form](r);
    }
    r->tables++;
}

void report_add_bar(const struct report *r, double share, int columns, struct buf *out)
{
    static const char *const eighths[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
    double part = share > 1.0 ? 1.0 : share > 0.0 ? share : 0.0;
    int cells = (int)(part * columns * (r->ascii ? 1 : 8) + 0.5);
    for (int i = 0; i < (r->ascii ? cells : cells / 8); i++) {
        buf_adds(out, r->ascii ? "#" : "█");
    }
    buf_adds(out, r->ascii ? "" : eighths[cells % 8]);
}

bool report_print(struct report *r, struct error *err)
{
    if (r->form == REPORT_JSON) {
        buf_adds(&r->out, r->tables ? "\n}\n" : "{}\n");
    }
    if (r->out.failed) {
        return error_nomem(err, r->out.len, "the report");
    }
    return (say_bytes(stdout, r->out.data, r->out.len) && fflush(stdout) == 0) ||
           error_errno(err, ERROR_IO, errno, "standard output");
}
