/* The table of supported operators: a row each. prepare/ checks an operator once at load
 * and fills in its parameters; reference/ runs it. */
#ifndef NN_OPERATORS_H
#define NN_OPERATORS_H

#include <stdbool.h>
#include <stdint.h>

#include "prepare.h"

/* Codes that the plan and the instruction sets look for. */
enum {
    NN_ADD = 0,
    NN_AVERAGE_POOL = 1,
    NN_CONV = 3,
    NN_DEPTHWISE = 4,
    NN_DEQUANTIZE = 6,
    NN_FULLY_CONNECTED = 9,
    NN_MAX_POOL = 17,
    NN_RESHAPE = 22,
    NN_SOFTMAX = 25,
    NN_PAD = 34,
    NN_TRANSPOSE = 39,
    NN_MEAN = 40,
    NN_QUANTIZE = 114,
};

struct nn_operator {
    const char *name;
    int32_t code; /* BuiltinOperator of the TensorFlow Lite schema */
    int min_operands;
    int max_operands;
    bool (*prepare)(struct nn_prepare *p);
    nn_kernel run;
};

/* The row of an operator code, or NULL when it is not supported. */
const struct nn_operator *nn_operator_find(int32_t code);

/* Name of any operator of the schema that image models use; NULL for others. */
const char *nn_operator_name(int32_t code);

#endif
