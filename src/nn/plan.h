/* From checked pieces to something that runs: the order of operators, their
 * parameters, and one arena in which activations that are never needed at the
 * same time share their place. */
#ifndef NN_PLAN_H
#define NN_PLAN_H

#include "graph.h"

bool nn_plan(struct nn_model *model, struct error *err);

#endif
