/* The inner loops of image_scale(), one set per instruction set; all give bit-identical
 * results. Private to image. */
#ifndef IMAGE_SCALE_PASSES_H
#define IMAGE_SCALE_PASSES_H

#include <stddef.h>
#include <stdint.h>

#define SCALE_BLOCK 64 /* the vertical pass works on multiples of this many floats */
#define SCALE_PAIR 8   /* floats that store the weights of two pixels */
#define SCALE_SLACK 8  /* floats after a row that the horizontal pass may read or write */
#define SCALE_GROUP 8  /* rows that the horizontal pass works on at a time */

/* The horizontal filter: for each result pixel, its source pixels and their weights. */
struct scale_across {
    int width;    /* of the result, pixels */
    int channels; /* 3 or 4 */
    const int *first, *count;
    /* SCALE_PAIR floats for each result pixel and each pair of its source pixels (the
     * last pair may be half beyond): the weight of the first pixel repeated for each
     * channel, then that of the second, then zeros. */
    float *weights;
    int pairs;    /* allocated per result pixel */
    size_t pitch; /* floats from one result row to the next */
};

struct scale_passes {
    const char *name;
    void (*load)(const uint8_t *from, size_t count, float *to);
    /* For 4 channels: premultiplies colours by alpha (0 to 1). */
    void (*load_alpha)(const uint8_t *from, size_t pixels, float *to);
    /* The weighted sum of `count` rows of `length` floats, added in order. */
    void (*down)(const float *const *rows, const float *weights, int count, size_t length,
                 float *to);
    /* On SCALE_GROUP rows, `pitch` floats apart. Even and odd source pixels are summed
     * separately, each in order, then both sums are added: fixed, for identical bits. */
    void (*across)(const struct scale_across *a, const float *from, size_t pitch, float *to);
    /* Rounds, and clamps to 0 to 255. */
    void (*store)(const float *from, size_t count, uint8_t *to);
    /* For 4 channels: undoes the premultiplication. */
    void (*store_alpha)(const float *from, size_t pixels, uint8_t *to);
};

extern const struct scale_passes scale_passes_generic;
#ifdef __x86_64__
extern const struct scale_passes scale_passes_avx2;
#endif

/* The loops that this processor can run, the fastest first; NULL past the last. */
const struct scale_passes *scale_passes_at(size_t index);

static inline const struct scale_passes *scale_passes_best(void)
{
    return scale_passes_at(0);
}

#endif
