#include "frames/outline.h"

#include <string.h>

#define FINE_LINE 2 /* samples */

/* Of a line of coarse samples, which text blocks show half a cell at a time. */
#define COARSE_LINE 4 /* samples */
#define DASH 8

/* Samples of a side, both included, and whether its two ends are in sight. */
struct span {
    int from, to;
    bool from_seen, to_seen;
};

static int within(int n, int least, int most)
{
    return n < least ? least : n > most ? most : n;
}

/* The samples just outside the region's side, but so that a line of `width` samples that
 * grows outwards from there stays in the picture. */
static struct span side_of(int start, int length, int shown, int shown_length, int samples,
                           int width)
{
    double scale = (double)samples / (double)shown_length;
    struct span s = { .from_seen = start >= shown,
                      .to_seen = start + length <= shown + shown_length };
    s.from = (int)((double)(start - shown) * scale + 0.5) - 1;
    s.to = (int)((double)(start + length - shown) * scale + 0.5);
    s.from = s.from_seen && s.from < width - 1 ? width - 1 : s.from;
    s.to = s.to_seen && s.to > samples - width ? samples - width : s.to;
    return s;
}

static struct span at_distance(struct span s, int by, int samples)
{
    s.from = within(s.from - by, 0, samples - 1);
    s.to = within(s.to + by, 0, samples - 1);
    return s;
}

static void put(struct image *scaled, int x, int y, uint8_t tone)
{
    memset(image_at(scaled, x, y), tone, 3);
}

/* tones: of the samples in turn, DASH of each. */
static void ring(struct image *scaled, struct span x, struct span y, const uint8_t tones[2])
{
    for (int at = x.from; at <= x.to; at++) {
        uint8_t tone = tones[at / DASH % 2];
        if (y.from_seen) {
            put(scaled, at, y.from, tone);
        }
        if (y.to_seen) {
            put(scaled, at, y.to, tone);
        }
    }
    for (int at = y.from; at <= y.to; at++) {
        uint8_t tone = tones[at / DASH % 2];
        if (x.from_seen) {
            put(scaled, x.from, at, tone);
        }
        if (x.to_seen) {
            put(scaled, x.to, at, tone);
        }
    }
}

void outline_draw(struct image *scaled, struct image_rect region, struct image_rect shown,
                  bool fine)
{
    static const uint8_t light[2] = { 255, 255 };
    static const uint8_t dark[2] = { 0, 0 };
    static const uint8_t dashes[2] = { 255, 0 };
    int width = fine ? FINE_LINE : COARSE_LINE;
    struct span x = side_of(region.x, region.width, shown.x, shown.width, scaled->width, width);
    struct span y = side_of(region.y, region.height, shown.y, shown.height, scaled->height, width);
    if (region.x + region.width < shown.x || region.x > shown.x + shown.width ||
        region.y + region.height < shown.y || region.y > shown.y + shown.height) {
        return;
    }
    for (int i = width; i-- > 0;) { /* the inner lines on top */
        ring(scaled, at_distance(x, i, scaled->width), at_distance(y, i, scaled->height),
             !fine ? dashes
             : i   ? dark
                   : light);
    }
}
