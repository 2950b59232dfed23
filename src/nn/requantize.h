/* The one place where an accumulator becomes an 8-bit value, as XNNPACK does it:
 *
 *     q = clamp(rint((float)acc * scale) + zero_point)
 *
 * in single precision, rint to nearest, ties to even. Every kernel of every instruction
 * set gives exactly these bits. The value is clamped before it becomes an integer; that
 * gives the same result and cannot overflow at any scale.
 *
 * ADD alone is in fixed point, its two scales as 21-bit multipliers:
 *
 *     q = clamp(((a * ma + b * mb + bias) >> shift) + zero_point)
 *
 * with ties upwards. The larger multiplier is at least 2^20. */
#ifndef NN_REQUANTIZE_H
#define NN_REQUANTIZE_H

#include <math.h>
#include <stdint.h>

#include "graph.h"

/* Scales are checked at load: finite, >= 0 and below this. */
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

/* The larger of ADD's two factors lies between these. */
#define NN_ADD_FACTOR_MIN 0x1p-10f
#define NN_ADD_FACTOR_MAX 0x1p8f

/* acc: a * ma + b * mb + bias; at most 1.7e9, whatever a and b. */
static inline int8_t nn_add_requantize(int32_t acc, int shift, struct nn_output_range range)
{
    int32_t q = (acc >> shift) + range.zero_point; /* arithmetic, in gcc and clang */
    q = q < range.low ? range.low : q;
    return (int8_t)(q > range.high ? range.high : q);
}

#endif
