#include "blocks/palette.h"

#include <stdbool.h>

#include "blocks/symbols.h"
#include "term/color.h"

/* A shade's dots are finer than samples, and seen less than their contrast
 * says: by this share of the squared error. */
#define GRAIN 0.10f

static int32_t to_byte(float v)
{
    return v <= 0.0f ? 0 : v >= 255.0f ? 255 : (int32_t)(v + 0.5f);
}

static struct ink ink_of(int32_t code, int colors)
{
    int32_t rgb = colors < 1 << 24 ? color_value(code, colors) : code;
    return (struct ink){ code,
                         { (float)(rgb >> 16), (float)(rgb >> 8 & 255), (float)(rgb & 255) } };
}

void palette_mix(const float *a, const float *b, float share, float *rgb)
{
    for (int c = 0; c < 3; c++) {
        rgb[c] = b[c] + share * (a[c] - b[c]);
    }
}

float palette_grain(const float *a, const float *b, float share)
{
    return GRAIN * share * (1.0f - share) * square_distance(a, b);
}

static void add_mix(struct palette *palette, int a, int b, int shade)
{
    struct mix *mix = &palette->mixes[palette->mix_count++];
    float share = block_shades[shade].share;
    const float *x = palette->inks[a].rgb;
    const float *y = palette->inks[b].rgb;
    mix->a = (uint8_t)a;
    mix->b = (uint8_t)b;
    mix->shade = (uint8_t)shade;
    mix->grain = palette_grain(x, y, share);
    palette_mix(x, y, share, mix->rgb);
}

void palette_init(struct palette *palette, int colors)
{
    palette->colors = colors;
    palette->mix_count = 0;
    for (int i = 0; colors == FEW_INKS && i < FEW_INKS; i++) {
        palette->inks[i] = ink_of(i, colors);
        for (int k = 0; k < i; k++) {
            add_mix(palette, i, k, SHADE_QUARTER);
            add_mix(palette, k, i, SHADE_QUARTER);
            add_mix(palette, i, k, SHADE_HALF);
        }
    }
}

struct ink palette_nearest(const struct palette *palette, const float *rgb)
{
    if (palette->colors != FEW_INKS) {
        int32_t color = to_byte(rgb[0]) << 16 | to_byte(rgb[1]) << 8 | to_byte(rgb[2]);
        bool any = palette->colors >= 1 << 24;
        return ink_of(any ? color : color_nearest(color, palette->colors), palette->colors);
    }
    const struct ink *best = palette->inks;
    float least = square_distance(rgb, best->rgb);
    for (int i = 1; i < FEW_INKS; i++) {
        float d = square_distance(rgb, palette->inks[i].rgb);
        if (d < least) {
            least = d;
            best = &palette->inks[i];
        }
    }
    return *best;
}
