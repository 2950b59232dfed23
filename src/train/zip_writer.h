/* Appends a ZIP archive with one uncompressed file to `out`: the way in which a TensorFlow
 * Lite model carries its associated files. Offsets in the archive count from the start of
 * `out`, so that any ZIP reader opens the whole. */
#ifndef TRAIN_ZIP_WRITER_H
#define TRAIN_ZIP_WRITER_H

#include <stddef.h>

#include "base/buf.h"

void zip_append(struct buf *out, const char *name, const void *bytes, size_t len);

#endif
