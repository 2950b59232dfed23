/* How a function says that it failed.
 *
 * A function that can fail returns false (or NULL) and fills the caller's
 * struct error with a message that names the file, the place, the value and
 * the limit. Library code never prints and never exits; cli turns the kind
 * into an exit code. A caller that does not want the message passes NULL. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>

enum error_kind {
    ERROR_NONE = 0,
    ERROR_USAGE,       /* the command line, the ini file or a call is wrong */
    ERROR_IO,          /* the system refused: open, read, write, sync, memory */
    ERROR_DATA,        /* a file is not valid, or is not to be trusted */
    ERROR_UNSUPPORTED, /* the content is valid, but this build cannot handle it */
    ERROR_BUSY,        /* another process uses or has changed it */
};

struct error {
    enum error_kind kind;
    char message[512]; /* one line of UTF-8, no newline, safe to print */
};

/* Fills *err (which may be NULL) and returns false, so that a failing
 * function can end with `return error_set(err, ...)`. The message is made
 * safe to print: control characters and invalid UTF-8 are replaced. */
__attribute__((format(printf, 3, 4))) bool error_set(struct error *err, enum error_kind kind,
                                                     const char *format, ...);

/* As error_set(), followed by ": " and strerror(errnum). */
__attribute__((format(printf, 4, 5))) bool error_errno(struct error *err, enum error_kind kind,
                                                       int errnum, const char *format, ...);

/* "out of memory (N bytes for WHAT)" as ERROR_IO; returns false. */
bool error_nomem(struct error *err, unsigned long long bytes, const char *what);

#endif
