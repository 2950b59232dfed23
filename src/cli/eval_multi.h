#ifndef CLI_EVAL_MULTI_H
#define CLI_EVAL_MULTI_H

#include <stdbool.h>

/* Whether the labels in that file or folder have several classes a picture. */
bool eval_is_multi(const char *path);

/* Prints what is known about their predictions; returns the exit code. */
int eval_multi(const char *path);

#endif
