#include "reference/reference.h"

#include <math.h>

/* Double precision, rounded once: within 1 of any faithful 8-bit softmax. */
static void softmax_row(const struct nn_softmax *s, const int8_t *in, int8_t *out)
{
    int8_t most = in[0];
    for (size_t i = 1; i < s->columns; i++) {
        most = in[i] > most ? in[i] : most;
    }
    double factor = (double)s->beta * (double)s->input_scale;
    double sum = 0;
    for (size_t i = 0; i < s->columns; i++) {
        sum += exp(factor * (in[i] - most));
    }
    for (size_t i = 0; i < s->columns; i++) {
        double p = exp(factor * (in[i] - most)) / sum;
        double q = rint(p / (double)s->output_scale) + s->output_zero_point;
        out[i] = (int8_t)(q > 127 ? 127 : q);
    }
}

void nn_reference_softmax(const struct nn_op *op, const void *const *in, void *out)
{
    const struct nn_softmax *s = &op->p.softmax;
    for (size_t row = 0; row < s->rows; row++) {
        softmax_row(s, (const int8_t *)in[0] + row * s->columns, (int8_t *)out + row * s->columns);
    }
}
