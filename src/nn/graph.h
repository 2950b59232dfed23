/* The model in memory: tensors, operators with checked parameters, and where
 * each activation lies in the arena. Written at load (tflite.c, prepare/,
 * plan.c), read-only afterwards; the kernels read their operator from here. */
#ifndef NN_GRAPH_H
#define NN_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "flatbuffer.h"
#include "nn/model.h"

#define NN_MAX_TENSORS 8192
#define NN_MAX_OPERATORS 4096
#define NN_MAX_OPERANDS 64
#define NN_ARENA_ALIGN 64

struct nn_tensor {
    struct nn_tensor_info info;
    struct fb_vector scales; /* one per channel, or for the whole tensor (1), or none (0) */
    int32_t axis;            /* the dimension that the scales belong to */
    const uint8_t *data;     /* bytes of a constant, any alignment; NULL: an activation */
    bool ready;              /* a constant, the input, or written by an operator seen so far */
    size_t readers;          /* number of operands that are this tensor */
    size_t first;            /* the activation is needed from operator `first`... */
    size_t last;             /* ... to operator `last` */
    size_t offset;           /* of an activation, in the arena */
    struct nn_tensor *alias; /* the activation that it shares bytes with; NULL: none */
};

/* A window that slides over a 1×H×W×C picture. Taps that fall outside of the
 * picture count as the input's zero point, that is, they add nothing. */
struct nn_window {
    int in_h, in_w, in_c;
    int out_h, out_w, out_c;
    int kernel_h, kernel_w;
    int stride_h, stride_w;
    int dilation_h, dilation_w;
    int pad_top, pad_left;
};

/* How an output is quantised: its zero point, and the part of -128..127 that its fused
 * activation allows. */
struct nn_output_range {
    int32_t zero_point;
    int32_t low;
    int32_t high;
};

/* CONV_2D: weights out_c × kernel_h × kernel_w × (in_c / groups); the output channels are as
 * many groups, each of which reads its own part of the input channels.
 * DEPTHWISE_CONV_2D: weights kernel_h × kernel_w × out_c, output channel
 * c * multiplier + m reads input channel c.
 * FULLY_CONNECTED: weights out_c × in_c, over `rows` rows of the input. */
struct nn_conv {
    struct nn_window window;
    int groups;     /* of CONV_2D */
    int multiplier; /* of DEPTHWISE_CONV_2D */
    size_t rows;
    int32_t input_zero_point;
    struct nn_output_range range;
    const int8_t *weights; /* zero point 0 */
    const int32_t *bias;   /* out_c */
    const float *scales;   /* out_c: input scale * weight scale / output scale */
};

/* AVERAGE_POOL_2D, MAX_POOL_2D, and MEAN as one window over the picture. */
struct nn_pool {
    struct nn_window window;
    int32_t input_zero_point;
    float input_scale;
    float output_scale;
    struct nn_output_range range;
};

/* In fixed point, see nn_add_requantize() in requantize.h. */
struct nn_add {
    size_t elements;
    int32_t multipliers[2]; /* input scale / output scale * 2^shift, at most 2^21 */
    int32_t bias;           /* subtracts the inputs' zero points; plus half a step */
    int shift;              /* 13 to 30 */
    struct nn_output_range range;
};

/* PAD and TRANSPOSE, both on four dimensions (missing ones in front are 1). */
struct nn_pad {
    int32_t dims[4]; /* of the input */
    int32_t before[4];
    int32_t after[4];
    int8_t value;
};

struct nn_transpose {
    int32_t dims[4];   /* of the output */
    size_t strides[4]; /* in the input, of each dimension of the output */
};

struct nn_softmax {
    size_t rows;
    size_t columns;
    float beta;
    float input_scale;
    float output_scale;
    int32_t output_zero_point;
};

/* QUANTIZE, DEQUANTIZE, and one operand of CONCATENATION. */
struct nn_rescale {
    size_t elements;
    enum nn_type from, to;
    float scale; /* input scale / output scale; QUANTIZE of float: 1 / output scale */
    int32_t from_zero_point;
    int32_t to_zero_point;
};

struct nn_concat_part {
    size_t run; /* bytes that this operand adds to each row */
    bool same;  /* quantised like the output: a plain copy */
    struct nn_rescale rescale;
};

struct nn_concat {
    size_t rows;
    size_t row_bytes;
    const struct nn_concat_part *parts; /* one an operand */
};

struct nn_op;

/* Reads in[0..operand_count) and writes out; shapes and types are those of op's tensors. */
typedef void (*nn_kernel)(const struct nn_op *op, const void *const *in, void *out);

/* The same for an instruction set. scratch: the context's own nn_model.scratch_bytes,
 * aligned to NN_ARENA_ALIGN; nothing in it outlasts the call. */
typedef void (*nn_fast_kernel)(const struct nn_op *op, const void *const *in, void *out,
                               void *scratch);

struct nn_op {
    const struct nn_operator *kind; /* its row in the table */
    struct nn_op_info info;
    nn_kernel run;
    nn_fast_kernel fast; /* NULL: the reference kernel runs */
    const void *packed;  /* weights as `fast` laid them out at load */
    bool folded;         /* merged into another operator: not run */
    uint8_t activation;  /* fused: ActivationFunctionType */
    size_t index;
    size_t operand_count;
    struct nn_tensor **in; /* NULL: an optional operand left out */
    struct nn_tensor *out;
    struct fb_table options;
    union {
        struct nn_conv conv;
        struct nn_pool pool;
        struct nn_add add;
        struct nn_pad pad;
        struct nn_transpose transpose;
        struct nn_softmax softmax;
        struct nn_rescale rescale;
        struct nn_concat concat;
    } p;
};

struct nn_block; /* memory that is freed with the model */

struct nn_model {
    char *name;
    const struct nn_isa *isa;
    bool unfolded;
    struct buf file; /* the bytes, when the model owns them */
    struct fb fb;
    struct nn_block *blocks;
    size_t work; /* bytes of constants allocated or scanned so far */
    struct nn_tensor *tensors;
    size_t tensor_count;
    struct nn_op *ops;
    size_t op_count;
    struct nn_tensor *input;
    struct nn_tensor *output;
    struct nn_tensor *logits;
    float beta;                 /* of the final SOFTMAX, else 1 */
    struct nn_tensor *features; /* of nn/embedding.h; NULL: none */
    size_t features_reader;     /* the operator that reads them */
    struct nn_tensor *fine;     /* the finer map; NULL: none */
    size_t fine_writer;         /* the operator that writes it */
    uint64_t macs;
    size_t arena_bytes; /* activations, then scratch */
    size_t scratch_bytes;
    size_t scratch_offset;
};

/* Zeroed memory that is freed with the model; NULL with err filled. */
void *nn_model_alloc(struct nn_model *model, size_t count, size_t size, struct error *err);

/* The same, aligned to NN_ARENA_ALIGN. */
void *nn_model_alloc_aligned(struct nn_model *model, size_t bytes, struct error *err);

/* Counts `bytes` of constants towards the limit of one load, so that many operators that
 * share one large constant cannot make it take for ever. */
bool nn_model_charge(struct nn_model *model, size_t bytes, struct error *err);

/* Frees what nn_model_alloc() gave. */
void nn_model_release_blocks(struct nn_model *model);

/* Operators with more weights than this, laid out for vectors, run on the reference kernel. */
#define NN_PACKED_MAX_BYTES ((size_t)64 << 20)

/* Reserves `bytes` of scratch; false when that is more than a kernel may use, which must
 * then decline the operator. */
bool nn_need_scratch(struct nn_model *model, size_t bytes);

#endif
