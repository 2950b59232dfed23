/* The colours that a terminal has, and mixtures of two of them. */
#ifndef TERM_BLOCKS_PALETTE_H
#define TERM_BLOCKS_PALETTE_H

#include <stdint.h>

/* A colour that the terminal can draw. */
struct ink {
    int32_t code; /* 0xRRGGBB, or an index into the palette, or INK_OWN */
    float rgb[3]; /* 0 to 255 */
};

#define INK_OWN (-1) /* the terminal's default colour; its value is not known */

#define FEW_INKS 16
#define MIXES (FEW_INKS * (FEW_INKS - 1) / 2 * 3)

/* `shade` (of block_shades) of ink a on ink b. */
struct mix {
    uint8_t a, b, shade;
};

struct palette {
    int colors; /* 1, 16, 256 or 1 << 24 */

    /* Only for 16 colours: the inks and all their mixtures. Each channel has an array of
     * its own, so that compilers vectorise the search. */
    struct ink inks[FEW_INKS];
    float ink_rgb[3][FEW_INKS];
    struct mix mixes[MIXES];
    float mix_rgb[3][MIXES];
    float mix_grain[MIXES]; /* see palette_grain() */
};

void palette_init(struct palette *palette, int colors);

/* The ink nearest to a colour, which may be out of range. Not for 1 colour. */
struct ink palette_nearest(const struct palette *palette, const float *rgb);

/* The mixture of 16 colours that looks most like a colour. */
const struct mix *palette_nearest_mix(const struct palette *palette, const float *rgb);

/* rgb = share * a + (1 - share) * b. */
void palette_mix(const float *a, const float *b, float share, float *rgb);

/* How visible the dots of a shade of two colours are, as a squared error per sample. */
float palette_grain(const float *a, const float *b, float share);

static inline float square_distance(const float *a, const float *b)
{
    float r = a[0] - b[0];
    float g = a[1] - b[1];
    float c = a[2] - b[2];
    return r * r + g * g + c * c;
}

#endif
