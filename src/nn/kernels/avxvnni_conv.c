/* Tiles of CONV_2D and FULLY_CONNECTED: vpdpbusd of groups raised by 128 to be
 * unsigned. */
#include "kernels/avxvnni.h"

#include "kernels/avx2_conv.h"
#include "kernels/avxvnni_common.h"

#define MOST_1 12 /* pixels of a tile of one panel: 10 sums or more hide the latency */
#define MOST_2 6  /* of two: 12 sums, 2 weights and a group in 16 registers */

static void convert(void *out, const int8_t *in, size_t count)
{
    raise256(out, in, count);
}

#define TILE(panels, pixels)                                                                       \
    static void tile_##panels##_##pixels(const struct nn_tile *t)                                  \
    {                                                                                              \
        tile256_##panels(t, pixels, dot_bytes256);                                                 \
    }

TILE(1, 1)
TILE(1, 2)
TILE(1, 3)
TILE(1, 4)
TILE(1, 5)
TILE(1, 6)
TILE(1, 7)
TILE(1, 8)
TILE(1, 9)
TILE(1, 10)
TILE(1, 11)
TILE(1, 12)
TILE(2, 1)
TILE(2, 2)
TILE(2, 3)
TILE(2, 4)
TILE(2, 5)
TILE(2, 6)

static const nn_tile_fn tiles_1[MOST_1] = { tile_1_1, tile_1_2,  tile_1_3,  tile_1_4,
                                            tile_1_5, tile_1_6,  tile_1_7,  tile_1_8,
                                            tile_1_9, tile_1_10, tile_1_11, tile_1_12 };
static const nn_tile_fn tiles_2[MOST_2] = { tile_2_1, tile_2_2, tile_2_3,
                                            tile_2_4, tile_2_5, tile_2_6 };

static const struct nn_conv_isa isa = {
    .lanes = 8,
    .group = 4,
    .offset = 128,
    .convert = convert,
    .channel = channel256,
    .most = { MOST_1, MOST_2 },
    .tiles = { tiles_1, tiles_2 },
};

bool nn_avxvnni_conv(struct nn_model *model, struct nn_op *op, struct error *err)
{
    return nn_conv_pack(model, op, &isa, err);
}
