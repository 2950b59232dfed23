/* Streams a labels.csv or its history, row by row, and judges its tail. */
#ifndef STORE_LOAD_H
#define STORE_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"
#include "row.h"
#include "store/names.h"

/* Where the bytes come from: a file, or, if that is NULL, memory. */
struct load_source {
    struct file_reader *file;
    const char *bytes;
    size_t len;
    int64_t limit;       /* reading stops behind this many bytes; < 0: at the end */
    const char *name;    /* for messages */
    struct names *names; /* to know absolute names by; or NULL */
};

/* A row as it stands in the file. */
struct load_row {
    struct row row;
    const char *bytes; /* with the line end, if it has one */
    size_t len;
    int64_t offset;
    uint64_t line;
};

struct load_result {
    int64_t good_end; /* all in front of it is whole rows, or nothing */
    int64_t total;    /* bytes in all */
    struct buf tail;  /* the bytes behind good_end, if torn; the caller's */
    bool row_ended;   /* the last row is whole and lacks its LF */
    bool odd;         /* a byte order mark, a blank line, or a header not as we write it */
    bool header;      /* false: the file is empty, or its header is torn */
    uint64_t rows;
    struct layout layout; /* the standard one where there is no header */
};

typedef bool load_row_fn(void *context, const struct load_row *row, struct error *err);

/* Calls fn for each row. A tail that a crash can have left is not an error; it
 * is put into res->tail. *res is to be released in any case. */
bool load_rows(const struct load_source *source, load_row_fn *fn, void *context,
               struct load_result *res, struct error *err);
void load_release(struct load_result *res);

#endif
