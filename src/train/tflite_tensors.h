/* The tensors of a TensorFlow Lite file: those of a quantised net, the
 * probabilities, then the operators' constants. */
#ifndef TRAIN_TFLITE_TENSORS_H
#define TRAIN_TFLITE_TENSORS_H

#include "quantize.h"

/* TensorType of the schema. */
enum { TFLITE_TYPE_INT32 = 2, TFLITE_TYPE_INT8 = 9 };

struct tflite_tensor_entry {
    char name[32];
    int type;
    int rank;
    int32_t dims[4];
    float *scales; /* NULL: not quantised */
    size_t scale_count;
    int32_t zero_point;
    int axis;         /* dimension of the scales */
    const void *data; /* bytes of a constant, borrowed from the net; NULL: an activation */
    size_t bytes;
    uint32_t buffer; /* of a constant: from 1; 0: none */
};

struct tflite_tensors {
    struct tflite_tensor_entry *entries; /* the first ones are the net's tensors */
    size_t count;
    size_t probabilities; /* index of the SOFTMAX's output */
    size_t *constants;    /* of each operator: its filter, then its bias; or MEAN's axes */
    uint32_t buffers;     /* number of buffers: the constants, and the empty number 0 */
};

bool tflite_tensors_init(struct tflite_tensors *t, const struct quantized_net *q,
                         struct error *err);
void tflite_tensors_release(struct tflite_tensors *t); /* fine after a failed init */

#endif
