/* One row of labels.csv or its history: parsing and formatting. */
#ifndef STORE_ROW_H
#define STORE_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "layout.h"
#include "store/csv.h"
#include "store/labels.h"

enum {
    CONFIDENCE_ONE = 10000,
    CONFIDENCE_ABSENT = -1,
};
#define SECONDS_ABSENT UINT32_MAX
#define SECONDS_MAX 4000000u                    /* its milliseconds fit 32 bits */
#define LABELED_AT_MAX INT64_C(253402300799999) /* end of the year 9999 */
#define LABELED_AT_ABSENT INT64_C(-1)

struct span {
    const char *text;
    size_t len;
};

struct row {
    struct span name; /* of the picture: decoded and converted */
    struct region region;
    struct span written; /* its spelling in the file, if different; else text is NULL */
    struct span foreign; /* values of the foreign columns, each NUL-terminated; or empty */
    struct span label;
    struct span guess;
    struct span source;
    struct span note;
    struct span annotator;
    struct span mark; /* of the operation that the row begins or belongs to; or empty */
    enum label_status status;
    bool checked;
    bool listed;         /* neither status nor label: an item still to be labelled */
    int32_t confidence;  /* in 1/CONFIDENCE_ONE, or CONFIDENCE_ABSENT */
    uint32_t seconds_ms; /* or SECONDS_ABSENT */
    int64_t labeled_at;  /* ms since 1970, or LABELED_AT_ABSENT */
};

/* Buffers for those parts of a row that differ from the bytes of its record. */
struct row_space {
    struct buf name, foreign;
};

/* True if all fields are empty or blank: an empty line, or a row of separators written by a
 * spreadsheet. */
bool row_is_blank(const struct csv_record *rec);

/* Checks and parses a record. The spans point into the record or into *space, which is
 * overwritten. NULL, or a string constant that says what is wrong. */
const char *row_parse(const struct csv_record *rec, const struct layout *layout,
                      struct row_space *space, struct row *row);

/* Appends the row with its line end, in the form in which we write a file of that layout. */
void row_format(const struct row *row, const struct layout *layout, struct buf *out);

/* The columns that the row needs besides the standard ones: enum need. */
unsigned row_needs(const struct row *row);

/* Converts an annotation; *row points into its strings. NULL, or a string constant that says
 * what is wrong. */
const char *row_from_annotation(const struct annotation *a, struct row *row);

#endif
