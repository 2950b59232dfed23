/* CONV_2D and FULLY_CONNECTED as tiles of pixels times output channels. The
 * driver in conv.c is the same for all instruction sets; each of
 * them provides the tiles.
 *
 * K, the sum over kernel_h * kernel_w * in_c, is walked in runs: stretches that
 * lie side by side in a row of the input, that is, a whole kernel row or, when
 * dilated, one tap. A run is walked in groups of 4 bytes; what the last group
 * reads beyond the run is multiplied by zeros. A tile takes one step a group;
 * each step has its own pointer, so that there is one loop whatever the kernel.
 *
 * Where a kernel three columns wide moves by one pixel, a step takes the three
 * columns of a group together, and the tile reads each pixel once for the three
 * outputs that it goes into.
 *
 * Where a panel has lanes for all output channels of two pixels, the two are
 * taken as one, with a run as long as both need: the second one's weights lie as
 * far into it as the pixels are apart.
 *
 * Rows come in through `convert` into a ring of padded rows in scratch, so that
 * tiles never see a border at the left or right. Kernel rows above and below the
 * picture are left out of K, and out of the bias. */
#ifndef NN_KERNELS_CONV_H
#define NN_KERNELS_CONV_H

#include "graph.h"

struct nn_tile {
    const unsigned char *const *steps; /* the bytes that the row's first pixel reads... */
    ptrdiff_t offset;                  /* ... and the distance to those of the tile's first */
    size_t step_count;
    size_t run_steps;    /* of each run */
    ptrdiff_t pixel;     /* bytes from pixel to pixel */
    const void *weights; /* [step][column][panel][lane][group's values] */
    const int32_t *bias; /* [panel][lane] */
    const float *scales; /* [panel][lane] */
    int8_t *out;
    ptrdiff_t out_step;
    int pixels;
    int channels; /* to write, at most panels * lanes */
    struct nn_output_range range;
};

typedef void (*nn_tile_fn)(const struct nn_tile *tile);

#define NN_CONV_PANELS 2 /* of the widest tile */

struct nn_conv_isa {
    /* Called before and after the tiles of an operator; may be NULL. */
    void (*begin)(size_t run_steps);
    void (*end)(void);
    size_t overread; /* pixels after a row's last one that tiles may read */
    int lanes;       /* output channels in a panel */
    int group;       /* values in a group: 4 of a byte, or 2 of 16 bits */
    int offset;      /* added to the activations */
    void (*convert)(void *out, const int8_t *in, size_t count); /* writes exactly `count` values */
    /* The output channel, within a tile, of a lane of a panel. */
    int (*channel)(int panels, int panel, int lane);
    int most[NN_CONV_PANELS];                /* pixels of the largest tile of n + 1 panels */
    const nn_tile_fn *tiles[NN_CONV_PANELS]; /* of n + 1 panels, by pixels - 1 */
    /* The same for steps of three columns. */
    int most_3[NN_CONV_PANELS];
    const nn_tile_fn *tiles_3[NN_CONV_PANELS];
};

/* An nn_pack_fn (isa.h), with the instruction set as another argument. */
bool nn_conv_pack(struct nn_model *model, struct nn_op *op, const struct nn_conv_isa *isa,
                  struct error *err);

#endif
