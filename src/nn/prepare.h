/* Helpers of the checks in prepare/. A prepare function gets one operator whose operands
 * exist and are ready; it reads the options, refuses what the kernels cannot do, checks
 * the declared output shape, and fills in op->p. */
#ifndef NN_PREPARE_H
#define NN_PREPARE_H

#include <stdbool.h>
#include <stdint.h>

#include "graph.h"

struct nn_prepare {
    struct nn_model *model;
    struct nn_op *op;
    struct error *err;
};

bool nn_prepare_conv(struct nn_prepare *p);
bool nn_prepare_depthwise(struct nn_prepare *p);
bool nn_prepare_fully_connected(struct nn_prepare *p);
bool nn_prepare_average_pool(struct nn_prepare *p);
bool nn_prepare_max_pool(struct nn_prepare *p);
bool nn_prepare_mean(struct nn_prepare *p);
bool nn_prepare_add(struct nn_prepare *p);
bool nn_prepare_concat(struct nn_prepare *p);
bool nn_prepare_quantize(struct nn_prepare *p);
bool nn_prepare_dequantize(struct nn_prepare *p);
bool nn_prepare_softmax(struct nn_prepare *p);
bool nn_prepare_pad(struct nn_prepare *p);
bool nn_prepare_transpose(struct nn_prepare *p);
bool nn_prepare_reshape(struct nn_prepare *p);

/* Fails with "MODEL: operator 3 (CONV_2D): ..."; returns false. */
__attribute__((format(printf, 3, 4))) bool nn_refuse(const struct nn_prepare *p,
                                                     enum error_kind kind, const char *format, ...);

/* Checks that the tensor exists, has that type and, with 8 bits, one scale. `what` names
 * it in messages: "input". */
bool nn_need_type(const struct nn_prepare *p, const struct nn_tensor *tensor, enum nn_type type,
                  const char *what);

/* Checks that input 0 and the output are int8. */
bool nn_need_int8(const struct nn_prepare *p);
bool nn_need_int8_weights(const struct nn_prepare *p, const struct nn_tensor *weights);

/* Checks that the output is quantised like the input. */
bool nn_need_same_quantisation(const struct nn_prepare *p);

/* Checks that the output is declared with exactly these dimensions. */
bool nn_need_output_dims(const struct nn_prepare *p, int rank, const int32_t *dims);

/* Checks that the tensor is 1×H×W×C; `what` as above. */
bool nn_need_picture(const struct nn_prepare *p, const struct nn_tensor *tensor, const char *what);

/* Checks that a ratio of scales is finite and within the limits of the kernels. */
bool nn_need_scale(const struct nn_prepare *p, float scale);

/* Reads a constant int32 or int64 operand of `count` values, each of which
 * fits an int32. */
bool nn_read_constant(const struct nn_prepare *p, size_t operand, size_t count, int32_t *values);

/* The output's range under ActivationFunctionType `activation`, which is stored in
 * op->activation. */
bool nn_need_activation(const struct nn_prepare *p, uint8_t activation,
                        struct nn_output_range *range);

#endif
