/* Output of `thumbtag train`: a progress line, and the result. */
#ifndef CLI_TRAIN_REPORT_H
#define CLI_TRAIN_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "example_set.h"
#include "train/train.h"

struct train_line {
    bool terminal;   /* stderr is one: the line is overwritten in place; else a line per
                        epoch, and every half minute of a longer one */
    int64_t told_ns; /* time of the last line; 0: none yet */
};

void train_line_init(struct train_line *line);
void train_line_show(struct train_line *line, const struct train_progress *progress);
/* Ends the progress line, if any; call it before other output. */
void train_line_end(struct train_line *line);

/* Prints to stdout the model written and its accuracy on the pictures held back, in total
 * and by class; to stderr the pictures left out and what to do next. teacher:
 * NULL for none. quantized: accuracy of the int8 model, 0 to 1; < 0: nothing with a class
 * was held back. */
bool train_report_result(const struct trained *trained, const struct examples *examples,
                         const struct train_teacher *teacher, const char *output,
                         size_t model_bytes, float quantized, struct error *err);

#endif
