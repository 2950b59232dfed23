/* How commands end. */
#ifndef CLI_FAIL_H
#define CLI_FAIL_H

#include "base/error.h"

enum exit_code {
    EXIT_DONE = 0,
    EXIT_FINDINGS = 1,
    EXIT_USAGE = 2,
    EXIT_IO = 3,
    EXIT_DATA = 4,
};

/* Prints "thumbtag: MESSAGE" to stderr; returns the exit code for err->kind. */
int fail(const struct error *err);

/* The same for running out of memory while allocating `what`. */
int fail_nomem(const char *what);

#endif
