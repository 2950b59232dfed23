/* The TensorFlow Lite Metadata of a classifier; see tflite_writer.h. */
#ifndef TRAIN_TFLITE_METADATA_H
#define TRAIN_TFLITE_METADATA_H

#include "base/buf.h"

#define TFLITE_METADATA_NAME "TFLITE_METADATA"

/* Writes them into an empty buffer. labels_file: its name in the archive; grey: the picture
 * has one channel, else RGB. */
void tflite_metadata(struct buf *out, const char *description, const char *labels_file, bool grey);

#endif
