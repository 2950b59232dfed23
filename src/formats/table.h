/* Our own columns in a table that is written. */
#ifndef FORMATS_TABLE_H
#define FORMATS_TABLE_H

#include "format.h"

struct table_form {
    bool statuses, regions, split; /* has the columns */
    const char *folder;            /* in front of the names of the pictures: "", "images" */
};

/* The columns that the annotations of the export need. */
struct table_form our_table_form(const struct export *e);

/* Appends the header and the rows that are to be written. */
void our_table_add(const struct export *e, const struct table_form *form, struct buf *out);

#endif
