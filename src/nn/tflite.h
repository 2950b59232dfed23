/* Reads the file into tensors and operators, and checks each on its own. Operators get
 * their options here; plan.c fills in their parameters. */
#ifndef NN_TFLITE_H
#define NN_TFLITE_H

#include "graph.h"

bool nn_tflite_read(struct nn_model *model, struct error *err);

#endif
