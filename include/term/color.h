/* 24-bit colours to the nearest of a terminal's palette. */
#ifndef TERM_COLOR_H
#define TERM_COLOR_H

#include <stdint.h>

/* Nearest entry to 0xRRGGBB by squared distance in sRGB. colors is 256 (the
 * 6x6x6 cube and the grey ramp, 16 to 255; the first 16 differ by terminal) or
 * 16 (as xterm has them by default). */
int color_nearest(int32_t rgb, int colors);

/* 0xRRGGBB of an entry of such a palette. */
int32_t color_value(int index, int colors);

#endif
