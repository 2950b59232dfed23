/* Wraps iniparser: passes every key of an ini file, in order, to a function. */
#ifndef CONFIG_INI_H
#define CONFIG_INI_H

#include <stdbool.h>

#include "base/error.h"

/* Receives one `key = value` of a section. Section and key are as written, to
 * be compared without regard to case; `where` is "FILE:LINE". False stops the
 * reading. */
typedef bool ini_fn(void *context, const char *section, const char *key, const char *value,
                    const char *where, struct error *err);

/* Reads path. A value with ';' or '#' must be quoted, as these begin a comment. ERROR_DATA
 * with the line for anything else than a plain ini: a syntax error, a key set twice, a
 * key before the first section, an open quote, UTF-16, a NUL byte, a line over 1000
 * bytes. A byte order mark of UTF-8 is skipped. A missing file is no error when
 * `optional`. */
bool ini_each(const char *path, bool optional, ini_fn *fn, void *context, struct error *err);

#endif
