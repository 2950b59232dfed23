/* CSV as RFC 4180 has it, over bytes in memory: a reader that takes one record
 * at a time from the front of a window, so that a file of any size streams
 * through a small one, and the quoting of a field.
 *
 * Read: records end with LF or CRLF; the last one may lack its end. A field is
 * plain (no quote, no bare CR) or quoted as a whole. Bytes are not checked to
 * be UTF-8. Written: LF, and quotes only where needed. Fields are separated by
 * commas, or by another byte where a file has that. */
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

/* A record; its fields lie in the window or in the reader and hold until the
 * next call or until the window moves. */
struct csv_record {
    size_t size;        /* bytes of the window that it takes, its end included */
    uint64_t line;      /* line it starts in, from 1 */
    bool terminated;    /* ends with LF or CRLF */
    const char *reason; /* of CSV_BAD: what is wrong, a constant */
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
    CSV_END,  /* the window is empty and nothing follows */
    CSV_MORE, /* the window ends inside a record and is not the last */
    CSV_BAD,  /* not CSV: `size` then reaches past the next LF, or to the end */
    CSV_NOMEM,
};

void csv_reader_init(struct csv_reader *r);
void csv_reader_release(struct csv_reader *r);

/* Takes the record at the front of bytes[0..len); `last` says that nothing
 * comes behind them. The caller goes on at bytes + rec->size. */
enum csv_status csv_next(struct csv_reader *r, const char *bytes, size_t len, bool last,
                         struct csv_record *rec);

/* Adds a field, quoted if it holds a comma, quote, CR or LF or has a space at
 * an end. The commas between fields and the LF are the caller's to add. */
void csv_add_field(struct buf *out, const char *text, size_t len);

/* The same for a file with another separator. */
void csv_add_separated(struct buf *out, const char *text, size_t len, char separator);

#endif
