/* The inner loops of image_scale(), one set for each instruction set: all give
 * the same bits. Private to image. */
#ifndef IMAGE_SCALE_PASSES_H
#define IMAGE_SCALE_PASSES_H

#include <stddef.h>
#include <stdint.h>

#define SCALE_BLOCK 64 /* the pass down takes a multiple of so many floats */
#define SCALE_PAIR 8   /* floats of the weights of two pixels */
#define SCALE_SLACK 8  /* floats behind a row that the pass across may read or write */
#define SCALE_GROUP 8  /* rows that the pass across takes at a time */

/* Which pixels of a row count for each of the result, and how much. */
struct scale_across {
    int width;    /* of the result, pixels */
    int channels; /* 3 or 4 */
    const int *first, *count;
    /* For each pixel of the result and each pair of pixels that count for it
     * (the second of the last one may be beyond): the one's weight for each of
     * its samples, then the other's, then 0. */
    float *weights;
    int pairs;    /* for which there is room */
    size_t pitch; /* floats from a row of the result to the next */
};

struct scale_passes {
    const char *name;
    void (*load)(const uint8_t *from, size_t count, float *to);
    /* Of 4 channels: colours times alpha (0 to 1). */
    void (*load_alpha)(const uint8_t *from, size_t pixels, float *to);
    /* The weighted sum of `count` rows of `length` floats, added in their order. */
    void (*down)(const float *const *rows, const float *weights, int count, size_t length,
                 float *to);
    /* SCALE_GROUP rows, `pitch` floats apart. Pixels with even and with odd
     * numbers are added up in their order, then both sums. */
    void (*across)(const struct scale_across *a, const float *from, size_t pitch, float *to);
    /* Rounded, and cut at 0 and 255. */
    void (*store)(const float *from, size_t count, uint8_t *to);
    /* Of 4 channels: colours no longer times alpha. */
    void (*store_alpha)(const float *from, size_t pixels, uint8_t *to);
};

extern const struct scale_passes scale_passes_generic;
#ifdef __x86_64__
extern const struct scale_passes scale_passes_avx2;
#endif

/* Number `index` of those that this processor can run, the fastest first;
 * NULL behind the last. */
const struct scale_passes *scale_passes_at(size_t index);

static inline const struct scale_passes *scale_passes_best(void)
{
    return scale_passes_at(0);
}

#endif
