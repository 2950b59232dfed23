/* Writes small TensorFlow Lite files for tests: one graph, one output an
 * operator, everything in fixed-size tables. What it writes is valid FlatBuffers
 * whatever nonsense the tensors and operators say. */
#ifndef SUPPORT_TFLITE_WRITER_H
#define SUPPORT_TFLITE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum { TFLITE_FLOAT32 = 0, TFLITE_INT32 = 2, TFLITE_UINT8 = 3, TFLITE_INT16 = 7, TFLITE_INT8 = 9 };

enum {
    TFLITE_ADD = 0,
    TFLITE_AVERAGE_POOL = 1,
    TFLITE_CONCATENATION = 2,
    TFLITE_CONV = 3,
    TFLITE_DEPTHWISE = 4,
    TFLITE_DEQUANTIZE = 6,
    TFLITE_FULLY_CONNECTED = 9,
    TFLITE_LOGISTIC = 14,
    TFLITE_MAX_POOL = 17,
    TFLITE_RESHAPE = 22,
    TFLITE_SOFTMAX = 25,
    TFLITE_PAD = 34,
    TFLITE_TRANSPOSE = 39,
    TFLITE_MEAN = 40,
    TFLITE_QUANTIZE = 114,
};

struct tflite_tensor {
    uint8_t type;
    int rank;
    int32_t dims[6];
    float scale; /* one scale; 0: those in `scales`, or none */
    int64_t zero_point;
    const float *scales; /* per channel */
    size_t scale_count;
    int32_t axis;
    const void *data; /* NULL: an activation; lives until tflite_write() */
    size_t bytes;
};

enum tflite_kind { TFLITE_OPTION_NONE, TFLITE_OPTION_BYTE, TFLITE_OPTION_INT, TFLITE_OPTION_FLOAT };

/* The field of an operator's option table at this index of the array. */
struct tflite_option {
    enum tflite_kind kind;
    int32_t value;
    float real;
};

#define TFLITE_BYTE(v)                                                                             \
    {                                                                                              \
        TFLITE_OPTION_BYTE, (v), 0                                                                 \
    }
#define TFLITE_INT(v)                                                                              \
    {                                                                                              \
        TFLITE_OPTION_INT, (v), 0                                                                  \
    }
#define TFLITE_FLOAT(v)                                                                            \
    {                                                                                              \
        TFLITE_OPTION_FLOAT, 0, (v)                                                                \
    }

struct tflite_op {
    int32_t code;
    int32_t inputs[4]; /* -1: left out */
    int input_count;
    int32_t output;
    struct tflite_option options[8];
};

struct tflite_model {
    struct tflite_tensor tensors[24];
    int tensor_count;
    struct tflite_op ops[12];
    int op_count;
    int32_t input;
    int32_t output;
    bool old_codes;    /* operator codes as the byte of old files only */
    bool data_outside; /* constants behind the FlatBuffer, as in files over 2 GiB */
};

/* Index of the new tensor. */
int32_t tflite_add_tensor(struct tflite_model *model, struct tflite_tensor tensor);
void tflite_add_op(struct tflite_model *model, struct tflite_op op);

/* out: initialised by the caller, who releases it. */
void tflite_write(const struct tflite_model *model, struct buf *out);

#endif
