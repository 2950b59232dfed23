/* The columns of a labels.csv, as given by its header: ours in any order, some possibly
 * missing, and foreign ones, which are kept in place. */
#ifndef STORE_LAYOUT_H
#define STORE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "store/csv.h"

enum column {
    /* In the order of LABELS_HEADER. */
    COLUMN_FILE_NAME,
    COLUMN_LABEL,
    COLUMN_STATUS,
    COLUMN_GUESS,
    COLUMN_CONFIDENCE,
    COLUMN_SECONDS,
    COLUMN_ANNOTATOR,
    COLUMN_LABELED_AT,
    /* Only where they are used, in this order behind those above. */
    COLUMN_X,
    COLUMN_Y,
    COLUMN_WIDTH,
    COLUMN_HEIGHT,
    COLUMN_SOURCE,
    COLUMN_NOTE,
    COLUMN_OPERATION, /* of the history: src/store/operation.h */
    COLUMN_CHECKED,   /* behind it, as histories of earlier versions end there */
    COLUMN_COUNT,
};
enum {
    COLUMN_STANDARD = COLUMN_LABELED_AT + 1, /* columns that every file of ours has */
    COLUMN_FOREIGN = COLUMN_COUNT,
    LAYOUT_ABSENT = CSV_FIELDS_MAX,
};

/* Columns that a row needs besides the standard ones, as flags. */
enum need {
    NEED_REGION = 1,
    NEED_SOURCE = 2,
    NEED_NOTE = 4,
    NEED_CHECKED = 8,
    NEED_ALL = 15,
};

struct layout {
    char separator;
    bool history;                 /* rows may end after the standard columns */
    size_t count;                 /* fields of a row */
    uint8_t what[CSV_FIELDS_MAX]; /* of each field: enum column, or COLUMN_FOREIGN */
    uint16_t at[COLUMN_COUNT];    /* the field of each column, or LAYOUT_ABSENT */
    struct buf foreign;           /* names of the foreign columns, each NUL-terminated */
};

/* The layout of files that thumbtag creates, and that of the history. In a history, a row
 * with nothing behind the standard columns ends after these. */
void layout_standard(struct layout *l);
void layout_history(struct layout *l);
void layout_release(struct layout *l);

/* Reads a header, in which file_name and label are required. NULL, or a string constant
 * that says what is wrong. */
const char *layout_read(struct layout *l, const struct csv_record *rec, char separator);

/* Appends those of the standard columns that are missing; *added: there were any. False if
 * there are more than CSV_FIELDS_MAX columns. */
bool layout_complete(struct layout *l, bool *added);

/* Appends those of the needed columns that are missing, unless a foreign column has the
 * name: then there is nowhere to write the value. *added is set if there were any. False as
 * above. */
bool layout_need(struct layout *l, unsigned needs, bool *added);

/* False if a foreign column has the name of one of those of a region. */
bool layout_takes_region(const struct layout *l);

/* Appends the header with its line end. */
void layout_header(const struct layout *l, struct buf *out);

#endif
