/* Colour distances and contrast, and the nearest colours of palettes. */
#include "term/color.h"

#include <limits.h>
#include <math.h>

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

/* Linear light of an sRGB channel (0 to 255), as defined by WCAG 2; 0 to 1. */
static double linear(int v)
{
    double share = v / 255.0;
    return share <= 0.03928 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4);
}

static double luminance(int32_t rgb)
{
    return 0.2126 * linear(rgb >> 16 & 255) + 0.7152 * linear(rgb >> 8 & 255) +
           0.0722 * linear(rgb & 255);
}

double color_contrast(int32_t a, int32_t b)
{
    double x = luminance(a) + 0.05;
    double y = luminance(b) + 0.05;
    return x > y ? x / y : y / x;
}

bool color_is_light(int32_t rgb)
{
    return color_contrast(rgb, 0x000000) > color_contrast(rgb, 0xFFFFFF);
}

static int nearest_of(int32_t rgb, int count)
{
    int best = 0;
    for (int i = 1; i < count; i++) {
        best = distance(rgb, xterm16[i]) < distance(rgb, xterm16[best]) ? i : best;
    }
    return best;
}

/* Contrast with the background `back`; with bold, the lower one of the colour and its
 * bright version, as terminals may draw either. */
static double contrast_of(int index, bool bold, int32_t back)
{
    double plain = color_contrast(xterm16[index], back);
    double bright = bold && index < 8 ? color_contrast(xterm16[index + 8], back) : plain;
    return plain < bright ? plain : bright;
}

/* The nearest of the first `count` colours with at least that contrast; -1: none. */
static int readable_of(int32_t rgb, int count, bool bold, int32_t back, double least)
{
    int best = -1;
    for (int i = 0; i < count; i++) {
        if (contrast_of(i, bold, back) >= least &&
            (best < 0 || distance(rgb, xterm16[i]) < distance(rgb, xterm16[best]))) {
            best = i;
        }
    }
    return best;
}

static int most_readable_of(int count, int32_t back)
{
    int best = 0;
    for (int i = 1; i < count; i++) {
        best = contrast_of(i, false, back) > contrast_of(best, false, back) ? i : best;
    }
    return best;
}

/* color_text() for 8 or 16 colours. */
static struct color_text few_colors(int32_t fg, int32_t bg, bool given, bool bold, int count)
{
    struct color_text t = { .bg = given ? -1 : nearest_of(bg, count), .bold = bold };
    int32_t back = given ? bg : xterm16[t.bg];
    double least = color_contrast(fg, bg);
    least = least < COLOR_READABLE ? least : COLOR_READABLE;
    t.fg = readable_of(fg, count, bold, back, least);
    if (t.fg < 0) {
        t.bold = false;
        t.fg = readable_of(fg, count, false, back, least);
    }
    if (t.fg < 0) {
        t.fg = most_readable_of(count, back);
    }
    return t;
}

struct color_text color_text(int32_t fg, int32_t bg, bool given, bool bold, int colors)
{
    if (colors < 256) {
        return few_colors(fg, bg, given, bold, colors < 16 ? 8 : 16);
    }
    bool all = colors >= 1 << 24;
    return (struct color_text){ .fg = all ? fg : color_nearest(fg, 256),
                                .bg = given ? -1
                                      : all ? bg
                                            : color_nearest(bg, 256),
                                .bold = bold };
}
