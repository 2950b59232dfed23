/* Tables of figures on standard output: as text for people, as one CSV, or as JSON.
 *
 * CSV: one header for all tables. Its first column, `table`, names the table of each row; a
 * row leaves the columns of other tables empty. JSON: an object with an array of objects for
 * each table. Figures that are undefined are empty in CSV, null in JSON and "-" in text. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agree/agreement.h"
#include "base/buf.h"
#include "base/error.h"
#include "config/settings.h"

enum report_form { REPORT_TEXT, REPORT_CSV, REPORT_JSON };

struct report_column {
    const char *name;    /* in CSV and JSON */
    const char *heading; /* in text */
    bool text;           /* a name, not a figure: to the left, and quoted */
};

#define REPORT_COLUMNS_MAX 32

struct report {
    enum report_form form;
    bool ascii; /* charts without block characters */
    const struct report_column *columns;
    size_t column_count;
    struct buf out;
    size_t tables; /* begun so far */
    /* The table that is being filled. */
    const char *name;
    size_t shown[REPORT_COLUMNS_MAX], shown_count;
    struct buf cells; /* their texts, each NUL-terminated */
    size_t cell_count;
};

/* columns: of all tables, at most REPORT_COLUMNS_MAX; kept. ERROR_USAGE if --csv and --json
 * are both given. Release in any case. */
bool report_init(struct report *r, const struct settings *s, const struct report_column *columns,
                 size_t column_count, struct error *err);
void report_release(struct report *r);

/* A line of text; nothing in the other forms. */
__attribute__((format(printf, 2, 3))) void report_line(struct report *r, const char *format, ...);

/* Begins a table with those columns. title: in text, above it; may be NULL. name and title
 * must stay until report_end_table(). Then its cells follow, row by row. */
void report_table(struct report *r, const char *name, const char *title, const size_t *columns,
                  size_t count);
void report_name(struct report *r, const char *text);
void report_count(struct report *r, uint64_t count);
void report_number(struct report *r, double value, int digits);   /* NAN: undefined */
void report_estimate(struct report *r, const struct estimate *e); /* value, low, high: 3 cells */
void report_interval(struct report *r, double value, double low, double high); /* the same */
void report_end_table(struct report *r);

/* Appends a bar of at most `columns` cells for a share of 0 to 1. */
void report_add_bar(const struct report *r, double share, int columns, struct buf *out);

/* Writes everything to standard output. */
bool report_print(struct report *r, struct error *err);

#endif
