/* A quantised network as a TensorFlow Lite file (FlatBuffers, identifier "TFL3",
 * schema version 3) that any TensorFlow Lite runtime loads: int8 in, that is
 * pixel - 128 at scale 1, a SOFTMAX behind the logits, int8 probabilities out.
 *
 * The class names go into the file as TensorFlow Lite Metadata asks for: a
 * Metadata entry "TFLITE_METADATA" (FlatBuffers, identifier "M001") names
 * labels.txt as the output's labels, and that file is in a ZIP archive behind
 * the rest. The metadata also say that the picture's values less 128 are the
 * input's real values. */
#ifndef TRAIN_TFLITE_WRITER_H
#define TRAIN_TFLITE_WRITER_H

#include "base/buf.h"

#include "quantize.h"

/* Appends the file to `out`, which is empty. classes: as many names as there are
 * logits, read back with the file: ERROR_DATA when one of them does not come
 * back as it is (nn/labels.h). ERROR_UNSUPPORTED when the net does not end in a
 * DENSE, or its picture goes into anything but a CONV, DEPTHWISE or DENSE. */
bool tflite_write_net(const struct quantized_net *q, const char *const *classes, struct buf *out,
                      struct error *err);

#endif
