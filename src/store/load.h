/* Streams a labels.csv or its history row by row, and detects an incomplete last row. */
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
    int64_t limit;       /* reading stops after this many bytes; < 0: no limit */
    bool history;        /* its rows have the layout of the history, whatever its header */
    bool torn_end;       /* a last row without a line end was torn by a crash, even if it
                            looks complete */
    const char *name;    /* for messages */
    struct names *names; /* converts file names; or NULL */
};

/* A row and its place in the file. */
struct load_row {
    struct row row;
    const char *bytes; /* with the line end, if it has one */
    size_t len;
    int64_t offset;
    uint64_t line;
};

struct load_result {
    int64_t good_end; /* offset of the end of the last complete row */
    int64_t total;    /* bytes read */
    struct buf tail;  /* the incomplete row after good_end, if any */
    bool row_ended;   /* the last row is complete but lacks its LF */
    bool odd;         /* has a byte order mark, blank lines or a header not in our form */
    bool header;      /* false: the file is empty, or its header is torn */
    uint64_t rows;
    struct layout layout; /* the standard one if there is no header */
};

typedef bool load_row_fn(void *context, const struct load_row *row, struct error *err);

/* Calls fn for each row. An incomplete last row, as left by a crash, is not an error; it is
 * put into res->tail. Call load_release() even on failure. */
bool load_rows(const struct load_source *source, load_row_fn *fn, void *context,
               struct load_result *res, struct error *err);
void load_release(struct load_result *res);

#endif
