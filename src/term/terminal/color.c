#include "term/color.h"

#include <limits.h>

static const int32_t xterm16[16] = {
    0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5,
    0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
};

static int distance(int32_t a, int32_t b)
{
    int r = (a >> 16 & 255) - (b >> 16 & 255);
    int g = (a >> 8 & 255) - (b >> 8 & 255);
    int c = (a & 255) - (b & 255);
    return r * r + g * g + c * c;
}

/* The cube's levels are 0, 95, 135, 175, 215, 255. */
static int cube_level(int v)
{
    return v < 48 ? 0 : v < 115 ? 1 : (v - 35) / 40;
}

static int cube_value(int level)
{
    return level ? 55 + 40 * level : 0;
}

static int nearest_256(int32_t rgb)
{
    int r = rgb >> 16 & 255;
    int g = rgb >> 8 & 255;
    int b = rgb & 255;
    int lr = cube_level(r);
    int lg = cube_level(g);
    int lb = cube_level(b);
    int32_t cube = cube_value(lr) << 16 | cube_value(lg) << 8 | cube_value(lb);
    int grey = ((r + g + b) / 3 - 3) / 10; /* levels 8, 18, … 238 */
    grey = grey < 0 ? 0 : grey > 23 ? 23 : grey;
    int level = 8 + 10 * grey;
    if (distance(rgb, level << 16 | level << 8 | level) < distance(rgb, cube)) {
        return 232 + grey;
    }
    return 16 + 36 * lr + 6 * lg + lb;
}

int color_nearest(int32_t rgb, int colors)
{
    if (colors >= 256) {
        return nearest_256(rgb);
    }
    int best = 0;
    int best_distance = INT_MAX;
    for (int i = 0; i < 16; i++) {
        int d = distance(rgb, xterm16[i]);
        if (d < best_distance) {
            best = i;
            best_distance = d;
        }
    }
    return best;
}

int32_t color_value(int index, int colors)
{
    if (colors < 256 || index < 16) {
        return xterm16[index & 15];
    }
    if (index >= 232) {
        int level = 8 + 10 * (index - 232);
        return level << 16 | level << 8 | level;
    }
    index -= 16;
    return cube_value(index / 36) << 16 | cube_value(index / 6 % 6) << 8 | cube_value(index % 6);
}
