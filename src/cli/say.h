/* Output of the commands. Names and contents of files are untrusted: on a terminal, unsafe
 * characters are escaped by text_printable(); a file or pipe gets them unchanged. */
#ifndef CLI_SAY_H
#define CLI_SAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Like fprintf(). Line feeds are kept. */
__attribute__((format(printf, 2, 3))) void say(FILE *out, const char *format, ...);

/* Like fwrite(); false, with errno set, on failure. */
bool say_bytes(FILE *out, const void *bytes, size_t len);

#endif
