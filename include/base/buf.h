/* A growing byte buffer. A failed allocation sets `failed` and drops what is
 * added from then on, so that a row of appends needs one check at its end. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *data; /* NUL behind the last byte once anything was added */
    size_t len;
    size_t cap;
    bool failed;
};

#define BUF_INIT { NULL, 0, 0, false }

void buf_init(struct buf *b);
void buf_release(struct buf *b); /* frees the bytes; b is as after buf_init */
void buf_clear(struct buf *b);   /* keeps the memory, forgets the failure */

/* Room for `more` further bytes; false when memory is out. */
bool buf_reserve(struct buf *b, size_t more);

void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_adds(struct buf *b, const char *string);
void buf_addc(struct buf *b, char c);
__attribute__((format(printf, 2, 3))) void buf_addf(struct buf *b, const char *format, ...);

/* The text so far as a C string, "" when empty or failed. Owned by b. */
const char *buf_text(const struct buf *b);

/* Hands the bytes (NUL-terminated) to the caller, who frees them; b is empty
 * afterwards. NULL when an allocation had failed. */
char *buf_take(struct buf *b);

#endif
