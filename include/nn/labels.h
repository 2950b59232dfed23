/* The names of a model's classes, one a line, line n (from 0) for output n.
 * UTF-8 with or without a byte order mark, LF or CRLF, spaces and tabs at the
 * ends of a line dropped, and so are numbers that exporters write in front
 * ("0 cat", "1 dog"; base/name_index.h). They are in a file of their own, or within the model
 * as TensorFlow Lite Metadata describes: a FlatBuffer in the model names the
 * file with the output's labels, which is in a ZIP archive behind the model. */
#ifndef NN_LABELS_H
#define NN_LABELS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define NN_LABELS_MAX_BYTES ((size_t)1 << 20)
#define NN_LABELS_MAX_COUNT 65536
#define NN_LABEL_MAX_BYTES 255

struct nn_labels {
    char **names;
    size_t count;
};

/* Reads the file into *labels, to be given to nn_labels_release(). Fails on an
 * empty line other than at the end, invalid UTF-8, control characters, no line
 * at all, or a limit; *labels is then empty. */
bool nn_labels_load(struct nn_labels *labels, const char *path, struct error *err);

/* Reads the names within a model, here or in a file; labels->count is 0 when
 * there are none. Fails as above, on a damaged archive, and with
 * ERROR_UNSUPPORTED on a compressed one. */
bool nn_labels_parse_model(struct nn_labels *labels, const void *bytes, size_t len,
                           const char *name, struct error *err);
bool nn_labels_load_model(struct nn_labels *labels, const char *path, struct error *err);

void nn_labels_release(struct nn_labels *labels);

#endif
