#include "operators.h"

#include "base/mem.h"
#include "reference/reference.h"

static const struct nn_operator operators[] = {
    /* name, code, fewest and most operands, check, kernel */
    { "ADD", 0, 2, 2, nn_prepare_add, nn_reference_add },
    { "AVERAGE_POOL_2D", 1, 1, 1, nn_prepare_average_pool, nn_reference_average_pool },
    { "CONCATENATION", 2, 1, NN_MAX_OPERANDS, nn_prepare_concat, nn_reference_concat },
    { "CONV_2D", 3, 2, 3, nn_prepare_conv, nn_reference_conv },
    { "DEPTHWISE_CONV_2D", 4, 2, 3, nn_prepare_depthwise, nn_reference_depthwise },
    { "DEQUANTIZE", 6, 1, 1, nn_prepare_dequantize, nn_reference_dequantize },
    { "FULLY_CONNECTED", 9, 2, 3, nn_prepare_fully_connected, nn_reference_fully_connected },
    { "MAX_POOL_2D", 17, 1, 1, nn_prepare_max_pool, nn_reference_max_pool },
    { "RESHAPE", 22, 1, 2, nn_prepare_reshape, nn_reference_reshape },
    { "SOFTMAX", 25, 1, 1, nn_prepare_softmax, nn_reference_softmax },
    { "PAD", 34, 2, 2, nn_prepare_pad, nn_reference_pad },
    { "TRANSPOSE", 39, 2, 2, nn_prepare_transpose, nn_reference_transpose },
    { "MEAN", 40, 2, 2, nn_prepare_mean, nn_reference_mean },
    { "QUANTIZE", 114, 1, 1, nn_prepare_quantize, nn_reference_quantize },
};

/* Names of operators that are not supported, for messages. */
static const struct {
    int32_t code;
    const char *name;
} others[] = {
    { 5, "DEPTH_TO_SPACE" },
    { 8, "FLOOR" },
    { 11, "L2_NORMALIZATION" },
    { 13, "LOCAL_RESPONSE_NORMALIZATION" },
    { 14, "LOGISTIC" },
    { 16, "LSTM" },
    { 18, "MUL" },
    { 19, "RELU" },
    { 20, "RELU_N1_TO_1" },
    { 21, "RELU6" },
    { 23, "RESIZE_BILINEAR" },
    { 26, "SPACE_TO_DEPTH" },
    { 27, "SVDF" },
    { 28, "TANH" },
    { 32, "CUSTOM" },
    { 36, "GATHER" },
    { 37, "BATCH_TO_SPACE_ND" },
    { 38, "SPACE_TO_BATCH_ND" },
    { 41, "SUB" },
    { 42, "DIV" },
    { 43, "SQUEEZE" },
    { 45, "STRIDED_SLICE" },
    { 47, "EXP" },
    { 49, "SPLIT" },
    { 50, "LOG_SOFTMAX" },
    { 53, "CAST" },
    { 54, "PRELU" },
    { 55, "MAXIMUM" },
    { 56, "ARG_MAX" },
    { 57, "MINIMUM" },
    { 60, "PADV2" },
    { 65, "SLICE" },
    { 67, "TRANSPOSE_CONV" },
    { 69, "TILE" },
    { 70, "EXPAND_DIMS" },
    { 74, "SUM" },
    { 77, "SHAPE" },
    { 82, "REDUCE_MAX" },
    { 83, "PACK" },
    { 88, "UNPACK" },
    { 97, "RESIZE_NEAREST_NEIGHBOR" },
    { 98, "LEAKY_RELU" },
    { 99, "SQUARED_DIFFERENCE" },
    { 100, "MIRROR_PAD" },
    { 111, "ELU" },
    { 117, "HARD_SWISH" },
    { 126, "BATCH_MATMUL" },
    { 130, "BROADCAST_TO" },
    { 150, "GELU" },
};

const struct nn_operator *nn_operator_find(int32_t code)
{
    for (size_t i = 0; i < ARRAY_LEN(operators); i++) {
        if (operators[i].code == code) {
            return &operators[i];
        }
    }
    return NULL;
}

const char *nn_operator_name(int32_t code)
{
    const struct nn_operator *known = nn_operator_find(code);
    if (known) {
        return known->name;
    }
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        if (others[i].code == code) {
            return others[i].name;
        }
    }
    return NULL;
}
