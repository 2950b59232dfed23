/* The teacher of `thumbtag train --teacher`. */
#ifndef CLI_TEACHER_OPTIONS_H
#define CLI_TEACHER_OPTIONS_H

#include "base/buf.h"
#include "config/settings.h"
#include "example_set.h"
#include "train/train.h"

struct teacher_options {
    struct buf bytes; /* the file */
    struct train_teacher teacher;
};

/* Reads the model of --teacher and its options. Where no picture has a label, the examples'
 * classes become those of the model: as named in the file of --model-labels, in the model, or
 * in labels.txt beside it; else they are called "output 1" and so on, with a notice. Call
 * teacher_options_release() in any case. */
bool teacher_options_load(struct teacher_options *t, const struct settings *s, struct examples *e,
                          struct error *err);
void teacher_options_release(struct teacher_options *t);

#endif
