/* Reads the TensorFlow Lite Metadata of a model. */
#ifndef NN_METADATA_H
#define NN_METADATA_H

#include "zip.h"

#define NN_METADATA_MAX_NAME 255

/* The name, within `bytes`, of the file that labels the axis of the first
 * output; empty when there is none, or the bytes are not a model. `name` is the source
 * in messages; ERROR_DATA on damage. */
bool nn_metadata_labels(const void *bytes, size_t len, struct nn_span *file, const char *name,
                        struct error *err);

#endif
