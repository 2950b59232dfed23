/* Shared by the parts of the Winograd path. 4 x 4 pixels of the output of a 3 x 3 filter, a tile,
 * need 6 x 6 of the input; all of these are transformed to 36 points. */
#ifndef TRAIN_CONV_WINOGRAD_H
#define TRAIN_CONV_WINOGRAD_H

#include <stdbool.h>
#include <stddef.h>

#define TILE 4
#define SPAN 6
#define POINTS (SPAN * SPAN)
#define TAPS 9
#define GROUP 16 /* channels that lie side by side: a cache line */

/* A matrix for each point, by groups of its columns: [point][group][row][GROUP]. */
struct points {
    float *values;
    size_t groups, rows;
    size_t pitch; /* floats from one point to the next */
};

/* The inner loops, one set per instruction set. */
struct winograd_loops {
    bool (*detect)(void); /* whether this processor can run them */

    /* Row `row` of all points, from the 6 x 6 pixels of the input under a tile. */
    void (*from_input)(const float *const *pixels, const struct points *to, size_t row);
    /* The same from the gradients of a tile's 4 x 4 pixels. */
    void (*from_gradient)(const float *const *pixels, const struct points *to, size_t row);
    /* A tile's 4 x 4 pixels, = or +=, without those that are NULL. */
    void (*to_output)(const struct points *from, size_t row, float *const *pixels, bool add);

    /* From a filter, outs x 3 x 3 x ins: rows are ins, columns outs. */
    void (*from_filter)(const float *filter, const struct points *to);
    /* From the filter turned by 180 degrees: rows are outs, columns ins. */
    void (*from_turned_filter)(const float *filter, const struct points *to);
    /* Adds to a filter; rows are outs, columns ins. */
    void (*to_filter)(const struct points *from, float *filter);

    /* c = a b */
    void (*product)(const struct points *a, const struct points *b, const struct points *c);
    /* c = or += a^T b */
    void (*product_over_rows)(const struct points *a, const struct points *b,
                              const struct points *c, bool add);
};

extern const struct winograd_loops winograd_avx2;

#endif
