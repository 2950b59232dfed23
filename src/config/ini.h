/* iniparser, boxed: every key of an ini file, in order, to a function. */
#ifndef CONFIG_INI_H
#define CONFIG_INI_H

#include <stdbool.h>

#include "base/error.h"

/* Receives one `key = value` of a section (both in lower case, as iniparser
 * gives them; the value as written). False stops the reading. */
typedef bool ini_fn(void *context, const char *section, const char *key, const char *value,
                    const char *path, struct error *err);

/* Reads path. Syntax errors are ERROR_DATA with iniparser's line; a missing
 * file is fine when `optional`. */
bool ini_each(const char *path, bool optional, ini_fn *fn, void *context, struct error *err);

#endif
