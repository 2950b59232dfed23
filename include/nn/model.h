/* An int8 model read from a TensorFlow Lite file (FlatBuffers, identifier
 * "TFL3"): checked whole at load, planned into one arena, read-only from then
 * on. Any number of threads may share a model, each with an nn_context of its
 * own (nn/run.h).
 *
 * Nothing in the file is trusted: offsets, counts, shapes, scales and types are
 * checked, and a model that loads cannot make nn_run() fail or overflow. What
 * is valid but not handled gives ERROR_UNSUPPORTED and names the operator, its
 * index and what is missing. */
#ifndef NN_MODEL_H
#define NN_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "nn/isa.h"

#define NN_MODEL_MAX_BYTES ((size_t)256 << 20) /* of a file */
#define NN_ARENA_MAX_BYTES ((size_t)1 << 30)   /* activations of one context */
#define NN_MAX_RANK 6

enum nn_type {
    NN_FLOAT32,
    NN_INT8,
    NN_UINT8,
    NN_INT32,
    NN_INT64,
    NN_OTHER, /* never that of an operator's input or output */
};

/* A real value is (q - zero_point) * scale. */
struct nn_tensor_info {
    enum nn_type type;
    int rank;                  /* 0 to NN_MAX_RANK */
    int32_t dims[NN_MAX_RANK]; /* each >= 1; C order, the last one runs fastest */
    size_t elements;
    size_t bytes;
    float scale;        /* > 0; 0 when not quantised or quantised per channel */
    int32_t zero_point; /* within the type's range */
};

struct nn_op_info {
    const char *name; /* as TensorFlow Lite spells it: "CONV_2D"; static */
    uint64_t macs;    /* multiply-accumulates; 0 for all but the convolutions and FULLY_CONNECTED */
    uint64_t bytes;   /* that it reads and writes: operands, constants too, and output */
    struct nn_tensor_info output;
};

/* How the input is a picture. */
struct nn_image_shape {
    int height;
    int width;
    int channels;        /* 1: grey, 3: RGB */
    bool channels_first; /* 1×C×H×W rather than 1×H×W×C */
};

struct nn_model;

/* How to load; zeros are the default. */
struct nn_model_options {
    const struct nn_isa *isa; /* one that this machine has; NULL: the best */
    bool unfolded; /* no operator fusion, so that a watcher sees every operator's output */
};

/* Reads a file of at most NN_MODEL_MAX_BYTES. */
struct nn_model *nn_model_load(const char *path, struct error *err);

/* Reads a model from memory, which the caller owns and keeps for as long as the model
 * lives. `name` begins error messages (and is copied). */
struct nn_model *nn_model_parse(const void *bytes, size_t len, const char *name, struct error *err);

/* The same with options; NULL: the default. */
struct nn_model *nn_model_load_with(const char *path, const struct nn_model_options *options,
                                    struct error *err);
struct nn_model *nn_model_parse_with(const void *bytes, size_t len, const char *name,
                                     const struct nn_model_options *options, struct error *err);

void nn_model_free(struct nn_model *model); /* NULL is fine */

const struct nn_tensor_info *nn_model_input(const struct nn_model *model);
const struct nn_tensor_info *nn_model_output(const struct nn_model *model);

/* What goes into the final SOFTMAX, or the output itself (before a final
 * DEQUANTIZE, QUANTIZE or RESHAPE) when there is none. As many elements as the
 * output. */
const struct nn_tensor_info *nn_model_logits(const struct nn_model *model);

/* False when the input is not one picture of 1 or 3 channels. */
bool nn_model_image(const struct nn_model *model, struct nn_image_shape *shape);

size_t nn_model_classes(const struct nn_model *model); /* elements of the output */
size_t nn_model_op_count(const struct nn_model *model);
const struct nn_op_info *nn_model_op(const struct nn_model *model, size_t index);
uint64_t nn_model_macs(const struct nn_model *model); /* of all operators */
const struct nn_isa *nn_model_isa(const struct nn_model *model);
size_t nn_model_arena_bytes(const struct nn_model *model);

#endif
