#include "blocks/palette.h"

#include <stdbool.h>

#include "blocks/symbols.h"
#include "term/color.h"

/* A shade's dots are finer than samples and less visible than their contrast suggests:
 * this share of the squared error counts. */
#define GRAIN 0.05f

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

static void set_mix(struct palette *palette, int at, int a, int b, int shade)
{
    float share = block_shades[shade].share;
    const float *x = palette->inks[a].rgb;
    const float *y = palette->inks[b].rgb;
    float rgb[3];
    palette_mix(x, y, share, rgb);
    for (int c = 0; c < 3; c++) {
        palette->mix_rgb[c][at] = rgb[c];
    }
    palette->mix_grain[at] = palette_grain(x, y, share);
    palette->mixes[at] = (struct mix){ (uint8_t)a, (uint8_t)b, (uint8_t)shade };
}

void palette_init(struct palette *palette, int colors)
{
    palette->colors = colors;
    int at = 0;
    for (int i = 0; colors == FEW_INKS && i < FEW_INKS; i++) {
        palette->inks[i] = ink_of(i, colors);
        for (int c = 0; c < 3; c++) {
            palette->ink_rgb[c][i] = palette->inks[i].rgb[c];
        }
        for (int k = 0; k < i; k++) {
            set_mix(palette, at++, i, k, SHADE_QUARTER);
            set_mix(palette, at++, k, i, SHADE_QUARTER);
            set_mix(palette, at++, i, k, SHADE_HALF);
        }
    }
}

static int index_of_least(const float *values, int count)
{
    int best = 0;
    float least = values[0];
    for (int i = 1; i < count; i++) {
        if (values[i] < least) {
            least = values[i];
            best = i;
        }
    }
    return best;
}

const struct mix *palette_nearest_mix(const struct palette *palette, const float *rgb)
{
    float off[MIXES];
    for (int i = 0; i < MIXES; i++) {
        float r = palette->mix_rgb[0][i] - rgb[0];
        float g = palette->mix_rgb[1][i] - rgb[1];
        float b = palette->mix_rgb[2][i] - rgb[2];
        off[i] = r * r + g * g + b * b + palette->mix_grain[i];
    }
    return &palette->mixes[index_of_least(off, MIXES)];
}

static struct ink nearest_of_few(const struct palette *palette, const float *rgb)
{
    float off[FEW_INKS];
    for (int i = 0; i < FEW_INKS; i++) {
        float r = palette->ink_rgb[0][i] - rgb[0];
        float g = palette->ink_rgb[1][i] - rgb[1];
        float b = palette->ink_rgb[2][i] - rgb[2];
        off[i] = r * r + g * g + b * b;
    }
    return palette->inks[index_of_least(off, FEW_INKS)];
}

struct ink palette_nearest(const struct palette *palette, const float *rgb)
{
    if (palette->colors == FEW_INKS) {
        return nearest_of_few(palette, rgb);
    }
    int32_t color = to_byte(rgb[0]) << 16 | to_byte(rgb[1]) << 8 | to_byte(rgb[2]);
    bool any = palette->colors >= 1 << 24;
    return ink_of(any ? color : color_nearest(color, palette->colors), palette->colors);
}
