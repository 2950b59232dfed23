/* Turns checked tensors and operators into an executable model: the order of operators,
 * their parameters, and one arena in which activations that are never needed at the same
 * time share memory. */
#ifndef NN_PLAN_H
#define NN_PLAN_H

#include "graph.h"

bool nn_plan(struct nn_model *model, struct error *err);

#endif
