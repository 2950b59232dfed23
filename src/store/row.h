/* One row of labels.csv or its history, between text and values. */
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
#define SECONDS_MAX 4000000u                    /* in milliseconds it fits 32 bits */
#define LABELED_AT_MAX INT64_C(253402300799999) /* end of the year 9999 */
#define LABELED_AT_ABSENT INT64_C(-1)

struct span {
    const char *text;
    size_t len;
};

struct row {
    struct span name;    /* of the picture: the file's bytes, not as they are written */
    struct span written; /* what stood there for it, where that is something else */
    struct span foreign; /* values of the foreign columns, a NUL behind each; or all empty */
    struct span label;
    struct span guess;
    struct span annotator;
    enum label_status status;
    bool listed;         /* neither status nor label: a picture that is to be labelled */
    int32_t confidence;  /* in 1/CONFIDENCE_ONE, or CONFIDENCE_ABSENT */
    uint32_t seconds_ms; /* or SECONDS_ABSENT */
    int64_t labeled_at;  /* ms since 1970, or LABELED_AT_ABSENT */
};

/* Where a row keeps what is not in its record as it is. */
struct row_space {
    struct buf name, foreign;
};

/* True if no field holds anything but spaces: a blank line, or a row of
 * separators that a spreadsheet left. */
bool row_is_blank(const struct csv_record *rec);

/* Checks and reads a record. The spans point into the record, or into *space,
 * which is overwritten. NULL when all is well, else what is wrong: a constant. */
const char *row_parse(const struct csv_record *rec, const struct layout *layout,
                      struct row_space *space, struct row *row);

/* Adds the row with its line end, in the one form in which we write a file of
 * that layout. */
void row_format(const struct row *row, const struct layout *layout, struct buf *out);

/* What is wrong with an answer, or NULL; *row points into its strings. */
const char *row_from_answer(const struct answer *a, struct row *row);

#endif
