/* CSV as defined by RFC 4180, over bytes in memory: a reader that takes one record at a
 * time from the front of a window, so that a file of any size can be streamed through a
 * small window; and quoting for the writer.
 *
 * Read: records end with LF or CRLF; the last one may lack its line end. A field is plain
 * (no quote, no bare CR) or quoted as a whole. UTF-8 is not checked. Written: LF, and
 * quotes only where needed. Fields are separated by commas, or by another byte if the
 * file uses one. */
#ifndef STORE_CSV_H
#define STORE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum { CSV_FIELDS_MAX = 256 };

struct csv_field {
    const char *text; /* not NUL-terminated */
    size_t len;
};

/* A record. Its fields point into the window or the reader: valid until the next call or
 * until the window moves. */
struct csv_record {
    size_t size;        /* its bytes in the window, line end included */
    uint64_t line;      /* line in which it starts, from 1 */
    bool terminated;    /* ends with LF or CRLF */
    const char *reason; /* for CSV_BAD: what is wrong, a string constant */
    size_t count;
    struct csv_field fields[CSV_FIELDS_MAX];
};

struct csv_reader {
    uint64_t line;  /* where the next record starts */
    char separator; /* ',' unless the caller sets another */
    struct buf unquoted;
};

enum csv_status {
    CSV_RECORD,
    CSV_END,  /* the window is empty and is the last one */
    CSV_MORE, /* the window ends inside a record and is not the last one */
    CSV_BAD,  /* not valid CSV; `size` then extends past the next LF, or to the end */
    CSV_NOMEM,
};

void csv_reader_init(struct csv_reader *r);
void csv_reader_release(struct csv_reader *r);

/* Reads the record at the front of bytes[0..len); `last`: no bytes follow these. The caller
 * continues at bytes + rec->size. */
enum csv_status csv_next(struct csv_reader *r, const char *bytes, size_t len, bool last,
                         struct csv_record *rec);

/* Appends a field, quoted if it contains a comma, quote, CR or LF or starts or ends with a
 * space. The caller adds the commas between fields and the LF. */
void csv_add_field(struct buf *out, const char *text, size_t len);

/* The same with another separator than a comma. */
void csv_add_separated(struct buf *out, const char *text, size_t len, char separator);

#endif
