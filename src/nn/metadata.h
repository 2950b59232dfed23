/* What TensorFlow Lite Metadata says of a model. */
#ifndef NN_METADATA_H
#define NN_METADATA_H

#include "zip.h"

#define NN_METADATA_MAX_NAME 255

/* The name, within `bytes`, of the file that labels the axis of the first
 * output; empty when the model does not say, or the bytes are no model. `name`
 * stands in front of messages; ERROR_DATA on damage. */
bool nn_metadata_labels(const void *bytes, size_t len, struct nn_span *file, const char *name,
                        struct error *err);

#endif
