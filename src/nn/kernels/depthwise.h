/* DEPTHWISE_CONV_2D as dot products over the rows of the kernel: the driver in
 * depthwise.c is the same for all instruction sets.
 *
 * A row of the picture is taken as one flat array of columns × channels, in
 * which neighbouring outputs read neighbouring inputs, whatever the number of
 * channels; weights, bias and scales repeat along it with the period
 * lcm(channels, unit). With a stride of s the vectors of a block each jump to
 * their own place when a pixel is a whole number of them; else a row is split
 * into s phases (columns 0, s, 2s ... and so on), which makes neighbours of them
 * again. A multiplier repeats the channels; large ones do not come here (regroup.h).
 * `row` converts such an array to the instruction set's form.
 *
 * `interleave` makes groups of one value each of some kernel rows: 4 bytes that
 * one dot product takes. For each column of the kernel one such group goes into
 * an output. Where the groups have room for one more row than the kernel, they serve
 * two rows of outputs. Where the kernel moves down by whole groups, those that the
 * next rows of outputs need again are kept. */
#ifndef NN_KERNELS_DEPTHWISE_H
#define NN_KERNELS_DEPTHWISE_H

#include "kernels/isa.h"

/* A padded row: `before` times the zero point, `count` values from `in`, then the zero point
 * up to `total` and to the end of that block. */
struct nn_stretch {
    const int8_t *in;
    size_t before, count, total;
    int32_t zero_point;
};

/* `count` outputs of a row, from the beginning of a block on. */
struct nn_depthwise_dots {
    const unsigned char *const *taps; /* groups of the first output */
    size_t tap_count;
    const unsigned char *weights; /* [pattern][tap][unit] groups */
    const int32_t *bias;          /* [pattern][unit] */
    const float *scales;
    size_t pattern, patterns; /* of the first unit, and how many there are */
    const uint32_t *jumps;    /* groups from `taps` to each vector's; NULL: side by side */
    uint32_t first_jump;      /* to be subtracted from each jump */
    int8_t *out;
    /* The next row of outputs, from the same groups; NULL: none. */
    int8_t *below;
    const unsigned char *below_weights;
    size_t count;
    struct nn_output_range range;
};

/* Copies `count` pixels of `bytes` bytes, `step` apart, to lie side by side; may
 * write up to 63 bytes after the last one. */
typedef void (*nn_gather_fn)(int8_t *out, const int8_t *in, size_t count, size_t bytes,
                             size_t step);

/* Writes each of `count` values `times` times, 2 or more; may write up to 63 bytes after
 * the last one. */
typedef void (*nn_repeat_fn)(int8_t *out, const int8_t *in, size_t count, size_t times);

struct nn_depthwise_isa {
    size_t vector; /* outputs in a vector of sums */
    size_t unit;   /* outputs that share a pattern of weights */
    size_t block;  /* outputs whose groups are made together: some units */
    size_t group;  /* kernel rows in a group: 4 of a byte, or 2 of 16 bits */
    int offset;    /* added to the activations */
    nn_gather_fn gather;
    nn_repeat_fn repeat;
    void (*row)(void *out, const struct nn_stretch *stretch); /* a byte a value */
    void (*interleave)(void *out, const unsigned char *const *rows, size_t blocks);
    void (*dots)(const struct nn_depthwise_dots *dots);
};

/* For instruction sets that make one row of outputs at a time: this row, then the next. */
static inline void nn_depthwise_each_row(const struct nn_depthwise_dots *d,
                                         void (*row)(const struct nn_depthwise_dots *))
{
    row(d);
    if (d->below) {
        struct nn_depthwise_dots next = *d;
        next.weights = d->below_weights;
        next.out = d->below;
        row(&next);
    }
}

/* An nn_pack_fn (isa.h), with the instruction set as another argument. */
bool nn_depthwise_pack(struct nn_model *model, struct nn_op *op, const struct nn_depthwise_isa *isa,
                       struct error *err);

#endif
