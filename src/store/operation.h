/* The mark of an operation: which rows of a labels.csv or its history belong together.
 *
 *   do 24 ann rename%20skrt%20skirt
 *
 * what was done (do, undo, redo), the number of its rows, the annotator, and what it is
 * about; in each of the last two spaces, '%', control characters and DEL are
 * percent-encoded, and "" is "-". In the history the first row of the operation has the mark
 * in its column `operation`, the others have "+" there; an operation without rows is a row
 * without an item. In the lock file the mark follows the place of the rows. A plain row of
 * the history, of an operation about nothing that has only this row, has no mark. */
#ifndef STORE_OPERATION_H
#define STORE_OPERATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "store/labels.h"

#define MARK_MAX 4096 /* bytes of a mark */
#define MARK_FOLLOWS "+"
#define MARK_WAS "was"   /* not a part of the operation: what stood there when it began */
#define MARK_NO_ITEM "." /* the file_name of a row without an item */

enum deed { DEED_DO, DEED_UNDO, DEED_REDO };

struct mark {
    enum deed deed;
    uint32_t rows;
    char annotator[MARK_MAX], about[OPERATION_ABOUT_MAX + 1]; /* decoded; "": none */
};

/* Appends the mark. The strings may be NULL: "". */
void mark_format(enum deed deed, size_t rows, const char *annotator, const char *about,
                 struct buf *out);

/* False if the text is not a mark. */
bool mark_parse(const char *text, size_t len, struct mark *m);

#endif
