/* A growing byte buffer. A failed allocation sets `failed`, and later appends are
 * dropped, so that a series of appends needs one check at its end. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *data; /* NUL-terminated once anything was added */
    size_t len;
    size_t cap;
    bool failed;
};

#define BUF_INIT                                                                                   \
    {                                                                                              \
        NULL, 0, 0, false                                                                          \
    }

void buf_init(struct buf *b);
void buf_release(struct buf *b); /* frees the bytes; b is as after buf_init */
void buf_clear(struct buf *b);   /* empties it and resets `failed`; keeps the memory */

/* Makes room for `more` further bytes; false when out of memory. */
bool buf_reserve(struct buf *b, size_t more);

void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_adds(struct buf *b, const char *string);
void buf_addc(struct buf *b, char c);
__attribute__((format(printf, 2, 3))) void buf_addf(struct buf *b, const char *format, ...);

/* The text so far as a C string, "" when empty or failed. Owned by b. */
const char *buf_text(const struct buf *b);

/* Hands the bytes (NUL-terminated) to the caller, who frees them; b is empty
 * afterwards. NULL when an allocation has failed. */
char *buf_take(struct buf *b);

#endif
