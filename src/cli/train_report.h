/* What `thumbtag train` tells: one line while it works, and the result. */
#ifndef CLI_TRAIN_REPORT_H
#define CLI_TRAIN_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "examples.h"
#include "train/train.h"

struct train_line {
    bool terminal; /* stderr is one: one line, written over again and again; else a line
                      an epoch, or each half minute of a longer one */
    int64_t told_ns;
};

void train_line_init(struct train_line *line);
void train_line_show(struct train_line *line, const struct train_progress *progress);
/* Ends the line that stands there, if any, before something else is written. */
void train_line_end(struct train_line *line);

/* The model that was written, its accuracy on the pictures held back, as a whole and by
 * class, to stdout; pictures left out, and what to do next, to stderr. `quantized` is
 * the accuracy of the int8 model, < 0: nothing was held back. */
bool train_report_result(const struct trained *trained, const struct examples *examples,
                         const char *output, size_t model_bytes, float quantized,
                         struct error *err);

#endif
