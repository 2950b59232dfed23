/* Maps 24-bit colours to a terminal's palette. */
#ifndef TERM_COLOR_H
#define TERM_COLOR_H

#include <stdbool.h>
#include <stdint.h>

/* Index of the entry nearest to 0xRRGGBB by squared distance in sRGB. colors is 256
 * (returns 16 to 255, the 6x6x6 cube and the grey ramp, as the first 16 differ between
 * terminals) or 16 (xterm's default palette). */
int color_nearest(int32_t rgb, int colors);

/* 0xRRGGBB of an entry of such a palette. */
int32_t color_value(int index, int colors);

/* Contrast ratio of two colours by WCAG 2, 1 to 21. */
double color_contrast(int32_t a, int32_t b);

/* True when black text on this colour has more contrast than white text. */
bool color_is_light(int32_t rgb);

/* Text colours after mapping to a palette. */
struct color_text {
    int fg, bg; /* entries of the palette, or 0xRRGGBB */
    bool bold;
};

/* Maps text of fg on bg to a terminal with `colors` colours: 8 or 16 (xterm's palette),
 * 256, or 1 << 24. The entries are the nearest ones, except with 8 or 16 colours: there
 * fg is chosen so that readable text stays readable, even where the terminal draws bold
 * as bright. given: bg is the terminal's own background, and the result's bg is -1. */
struct color_text color_text(int32_t fg, int32_t bg, bool given, bool bold, int colors);

#define COLOR_READABLE 4.5 /* least contrast of text, by WCAG 2 */

#endif
