/* Which columns of a table are which. */
#ifndef FORMATS_COLUMNS_H
#define FORMATS_COLUMNS_H

#include "format.h"
#include "store/csv.h"

#define NO_COLUMN SIZE_MAX

enum box_columns { BOX_NONE, BOX_SIZE, BOX_CORNERS };

struct columns {
    size_t file, label, status, guess, confidence; /* NO_COLUMN: none */
    enum box_columns box;
    size_t edges[4]; /* x, y, width, height; or xmin, ymin, xmax, ymax */
    bool header;     /* the first record is one */
};

/* The separator of a table: ',', ';' or a tab, whichever makes the most columns of the first
 * line. */
char table_separator(const char *text, size_t len);

/* Finds the columns by the header's names, by those that the user names, or by which column has
 * the names of pictures. */
bool columns_find(struct columns *c, const struct source *s, char separator, struct dataset *d,
                  struct error *err);

/* True if a header has a column of that kind, by its name. */
bool columns_have_file(const struct csv_record *header);
bool columns_have_label(const struct csv_record *header);

#endif
