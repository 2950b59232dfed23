/* Writes a quantised network as a TensorFlow Lite file (FlatBuffers, identifier "TFL3",
 * schema version 3) that any TensorFlow Lite runtime loads: an int8 input of pixel - 128
 * at scale 1, a SOFTMAX after the logits, int8 probabilities as output.
 *
 * The class names are stored as TensorFlow Lite Metadata: a
 * Metadata entry "TFLITE_METADATA" (FlatBuffers, identifier "M001") names
 * labels.txt as the output's labels, and that file is in a ZIP archive at the end of the
 * file. The metadata also say that the input's real values are the picture's values minus
 * 128. */
#ifndef TRAIN_TFLITE_WRITER_H
#define TRAIN_TFLITE_WRITER_H

#include "base/buf.h"
#include "quantize.h"

/* Writes the file to `out`, which must be empty. classes: one name for each logit.
 * ERROR_DATA when one of them could not be read back unchanged (nn/labels.h).
 * ERROR_UNSUPPORTED when the net does not end in a DENSE, or its input is read by anything
 * but a CONV, DEPTHWISE or DENSE. */
bool tflite_write_net(const struct quantized_net *q, const char *const *classes, struct buf *out,
                      struct error *err);

#endif
