/* Labels that a command only reads. */
#ifndef CLI_LABELS_EXISTING_H
#define CLI_LABELS_EXISTING_H

#include "base/error.h"
#include "store/labels.h"

/* As labels_open(), read-only, but a file that does not exist is ERROR_IO; and rows that a
 * crash has left incomplete, and that are not read, are told on stderr. */
struct labels *labels_open_existing(const char *csv, enum labels_mode mode, struct error *err);

#endif
