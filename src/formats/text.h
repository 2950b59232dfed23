/* The text of a file of another program, as UTF-8. */
#ifndef FORMATS_TEXT_H
#define FORMATS_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"

/* Replaces the bytes of a file by UTF-8 without a byte order mark. *was is "" or the encoding
 * that they had: "UTF-16", or "Windows-1252 (Latin-1)" for what is not UTF-8. ERROR_DATA for
 * bytes that are no text. */
bool text_to_utf8(const char *path, struct buf *text, const char **was, struct error *err);

#endif
