/* thumbtag predict --labels: predictions of what nobody has answered, as rows of a labels.csv. */
#ifndef CLI_PREDICT_LABELS_H
#define CLI_PREDICT_LABELS_H

#include "command_line.h"

/* Runs the command; returns its exit code. */
int predict_labels(const struct command_line *line);

#endif
