/* 24-bit colours to the nearest of a terminal's palette. */
#ifndef TERM_COLOR_H
#define TERM_COLOR_H

#include <stdbool.h>
#include <stdint.h>

/* Nearest entry to 0xRRGGBB by squared distance in sRGB. colors is 256 (the
 * 6x6x6 cube and the grey ramp, 16 to 255; the first 16 differ by terminal) or
 * 16 (as xterm has them by default). */
int color_nearest(int32_t rgb, int colors);

/* 0xRRGGBB of an entry of such a palette. */
int32_t color_value(int index, int colors);

/* How well one is told from the other, 1 to 21, as WCAG 2 has it. */
double color_contrast(int32_t a, int32_t b);

/* Black letters on it are easier to read than white ones. */
bool color_is_light(int32_t rgb);

/* What a text of fg on bg becomes where there are only so many colours: 8 or 16 as
 * xterm has them, 256, or 1 << 24. */
struct color_text {
    int fg, bg; /* entries of the palette, or 0xRRGGBB */
    bool bold;
};

/* Nearest entries, but of few colours such as can be read: where fg on bg is readable,
 * so is the result, though bold be drawn as bright. `given`: the terminal's own
 * background, bg as it is, and then there is no entry for it (-1). */
struct color_text color_text(int32_t fg, int32_t bg, bool given, bool bold, int colors);

#define COLOR_READABLE 4.5 /* contrast of text, by WCAG 2 */

#endif
