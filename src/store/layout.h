/* The columns of a labels.csv, as given by its header: ours in any order, some possibly
 * missing, and foreign ones, which are kept in place. */
#ifndef STORE_LAYOUT_H
#define STORE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "store/csv.h"

/* In the order of LABELS_HEADER. */
enum column {
    COLUMN_FILE_NAME,
    COLUMN_LABEL,
    COLUMN_STATUS,
    COLUMN_GUESS,
    COLUMN_CONFIDENCE,
    COLUMN_SECONDS,
    COLUMN_ANNOTATOR,
    COLUMN_LABELED_AT,
    COLUMN_COUNT,
};

enum { COLUMN_FOREIGN = COLUMN_COUNT, LAYOUT_ABSENT = CSV_FIELDS_MAX };

struct layout {
    char separator;
    size_t count;                 /* fields of a row */
    uint8_t what[CSV_FIELDS_MAX]; /* of each field: enum column, or COLUMN_FOREIGN */
    uint16_t at[COLUMN_COUNT];    /* the field of each column, or LAYOUT_ABSENT */
    struct buf foreign;           /* names of the foreign columns, each NUL-terminated */
};

/* The layout of files that thumbtag creates. */
void layout_standard(struct layout *l);
void layout_release(struct layout *l);

/* Reads a header, in which file_name and label are required. NULL, or a string constant
 * that says what is wrong. */
const char *layout_read(struct layout *l, const struct csv_record *rec, char separator);

/* Appends those of our columns that are missing; *added: there were any. False if there are
 * more than CSV_FIELDS_MAX columns. */
bool layout_complete(struct layout *l, bool *added);

/* Appends the header with its line end. */
void layout_header(const struct layout *l, struct buf *out);

#endif
