/* The one place where an accumulator becomes an 8-bit value:
 *
 *     q = clamp(rint((float)acc * scale) + zero_point)
 *
 * in single precision, rint to the nearest and ties to even. Every kernel of
 * every instruction set gives just this. Clamping comes before the conversion
 * to an integer, which makes no difference to the result and keeps it in range
 * for any scale. */
#ifndef NN_REQUANTIZE_H
#define NN_REQUANTIZE_H

#include <math.h>
#include <stdint.h>

#include "graph.h"

/* Scales at load are finite, >= 0 and below this. */
#define NN_SCALE_MAX 65536.0f

/* value: real value / output scale; not a NaN. */
static inline int32_t nn_round_clamped(float value, struct nn_output_range range)
{
    float low = (float)(range.low - range.zero_point);
    float high = (float)(range.high - range.zero_point);
    value = value < low ? low : value;
    value = value > high ? high : value;
    return (int32_t)lrintf(value) + range.zero_point;
}

static inline int8_t nn_requantize(int32_t acc, float scale, struct nn_output_range range)
{
    return (int8_t)nn_round_clamped((float)acc * scale, range);
}

#endif
