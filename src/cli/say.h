/* All that the commands print goes through here. Names and contents of files are what
 * somebody else chose: where the stream is a terminal, control characters and what else
 * must not reach it are shown as text_printable() has them; into a file or a pipe they
 * go unchanged. */
#ifndef CLI_SAY_H
#define CLI_SAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* As fprintf(). Line feeds are kept. */
__attribute__((format(printf, 2, 3))) void say(FILE *out, const char *format, ...);

/* As fwrite(); false, with errno, when it could not be written. */
bool say_bytes(FILE *out, const void *bytes, size_t len);

#endif
