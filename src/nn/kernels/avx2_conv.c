/* Tiles of CONV_2D and FULLY_CONNECTED: vpmaddwd of pairs. */
#include "kernels/avx2.h"

#include "kernels/avx2_conv.h"

#define MOST_1 12 /* pixels of a tile of one panel */
#define MOST_2 6  /* of two: 12 sums, 2 weights and a group in 16 registers */

static void convert(void *out, const int8_t *in, size_t count)
{
    int16_t *to = out;
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(in + i));
        _mm256_storeu_si256((__m256i *)(void *)(to + i), _mm256_cvtepi8_epi16(bytes));
    }
    for (; i < count; i++) {
        to[i] = in[i];
    }
}

#define TILE(panels, pixels)                                                                       \
    static void tile_##panels##_##pixels(const struct nn_tile *t)                                  \
    {                                                                                              \
        tile256_##panels(t, pixels, dot_words256);                                                 \
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
    .group = 2,
    .convert = convert,
    .channel = channel256,
    .most = { MOST_1, MOST_2 },
    .tiles = { tiles_1, tiles_2 },
};

bool nn_avx2_conv(struct nn_model *model, struct nn_op *op, struct error *err)
{
    return nn_conv_pack(model, op, &isa, err);
}
