/* From the file to tensors and operators, each checked by itself. Operators
 * get their options, not yet their parameters: that is plan.c's part. */
#ifndef NN_TFLITE_H
#define NN_TFLITE_H

#include "graph.h"

bool nn_tflite_read(struct nn_model *model, struct error *err);

#endif
