/* The names of a model's classes, as a labels.txt beside it lists them: one a
 * line, line n (from 0) for output n. UTF-8 with or without a byte order mark,
 * LF or CRLF, spaces and tabs at the ends of a line dropped. */
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

void nn_labels_release(struct nn_labels *labels);

#endif
