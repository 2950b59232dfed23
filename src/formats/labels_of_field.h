/* Several labels in one field of a table. */
#ifndef FORMATS_LABELS_OF_FIELD_H
#define FORMATS_LABELS_OF_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Replaces the label by one with '|' between its classes, made in *space, if it is a list as
 * JSON or Python write it (["cat", "dog"]), or has that separator ('\0': none). False if it
 * stays as it is, or if space->failed. */
bool labels_of_field(const char **label, size_t *len, char separator, struct buf *space);

#endif
