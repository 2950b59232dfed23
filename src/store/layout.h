/* Which column of a labels.csv holds what: the header decides, not the place.
 * Ours may stand in any order, some may be missing, and those that we do not
 * know are kept where they are. */
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
    struct buf foreign;           /* names of the foreign ones, a NUL behind each */
};

/* That of the files which we make. */
void layout_standard(struct layout *l);
void layout_release(struct layout *l);

/* Reads a header. NULL, or a constant that tells what is wrong with it. file_name
 * and label are what it must have. */
const char *layout_read(struct layout *l, const struct csv_record *rec, char separator);

/* Adds the columns of ours that are missing, at the end. *added: there were any.
 * False when they are too many. */
bool layout_complete(struct layout *l, bool *added);

/* Adds the header with its line end. */
void layout_header(const struct layout *l, struct buf *out);

#endif
