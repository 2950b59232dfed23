#include "quantize.h"

#include <stdlib.h>
#include <string.h>

#include "base/clones.h"
#include "base/mem.h"

#define SAMPLES_MAX (1 << 16) /* pixels that the colours are chosen from, about */
#define SAMPLES_ALL (1 << 13)
#define BITS 5                /* of a channel in the histogram */
#define SIDE ((1 << BITS) + 1)
#define CELLS (SIDE * SIDE * SIDE)
#define LOOKUP_BITS 5
#define LOOKUP_SIZE (1 << 3 * LOOKUP_BITS)

/* ---------------------------------------------------------------- colours */

/* Of the pixels in a box: number, and sums of red, green and blue. */
typedef int32_t moment __attribute__((vector_size(16)));

/* Cells r0 < r <= r1 and so on, of the cumulative histogram. */
struct box {
    int low[3], high[3];
    double gain; /* what the best cut takes off the squared error */
    int axis, cut;
};

static size_t cell(int r, int g, int b)
{
    return ((size_t)r * SIDE + (size_t)g) * SIDE + (size_t)b;
}

/* All pixels of a small picture, else some at uneven distances, lest a pattern
 * hides colours from them. */
static void count_pixels(const struct image *picture, moment *sums)
{
    size_t count = (size_t)picture->width * (size_t)picture->height;
    size_t step = count > SAMPLES_ALL ? count / SAMPLES_MAX + 3 : 1;
    uint32_t spread = 1;
    for (size_t i = 0; i < count;) {
        const uint8_t *p = picture->pixels + 3 * i;
        sums[cell((p[0] >> (8 - BITS)) + 1, (p[1] >> (8 - BITS)) + 1, (p[2] >> (8 - BITS)) + 1)] +=
            (moment){ 1, p[0], p[1], p[2] };
        spread = spread * 1664525u + 1013904223u;
        i += 1 + (size_t)((uint64_t)spread * (2 * step - 1) >> 32);
    }
}

/* Each cell becomes the sum of all cells up to it. */
static void accumulate(moment *sums)
{
    for (int r = 1; r < SIDE; r++) {
        moment area[SIDE] = { { 0 } };
        for (int g = 1; g < SIDE; g++) {
            moment line = { 0 };
            for (int b = 1; b < SIDE; b++) {
                size_t at = cell(r, g, b);
                line += sums[at];
                area[b] += line;
                sums[at] = sums[at - (size_t)SIDE * SIDE] + area[b];
            }
        }
    }
}

/* The part of a box with axis <= `at`, with its lower side at low. */
static moment part_of(const moment *sums, const struct box *box, int axis, int at)
{
    int h[3] = { box->high[0], box->high[1], box->high[2] };
    const int *l = box->low;
    h[axis] = at;
    return sums[cell(h[0], h[1], h[2])] - sums[cell(h[0], h[1], l[2])] -
           sums[cell(h[0], l[1], h[2])] + sums[cell(h[0], l[1], l[2])] -
           sums[cell(l[0], h[1], h[2])] + sums[cell(l[0], h[1], l[2])] +
           sums[cell(l[0], l[1], h[2])] - sums[cell(l[0], l[1], l[2])];
}

/* |sum|^2 / n: what the mean explains of the squares. */
static double explained(moment m)
{
    double r = m[1], g = m[2], b = m[3];
    return (r * r + g * g + b * b) / m[0];
}

static void find_cut(const moment *sums, struct box *box)
{
    moment whole = part_of(sums, box, 0, box->high[0]);
    double base = whole[0] ? explained(whole) : 0.0;
    box->gain = 0.0;
    for (int axis = 0; axis < 3; axis++) {
        for (int at = box->low[axis] + 1; at < box->high[axis]; at++) {
            moment part = part_of(sums, box, axis, at);
            moment rest = whole - part;
            if (!part[0] || !rest[0]) {
                continue;
            }
            double gain = explained(part) + explained(rest) - base;
            if (gain > box->gain) {
                box->gain = gain;
                box->axis = axis;
                box->cut = at;
            }
        }
    }
}

/* Cuts the box where it helps most, until there are enough. Returns their number. */
static int cut_boxes(const moment *sums, struct box *boxes, int most)
{
    int count = 1;
    boxes[0] = (struct box){ .high = { SIDE - 1, SIDE - 1, SIDE - 1 } };
    find_cut(sums, &boxes[0]);
    while (count < most) {
        struct box *best = &boxes[0];
        for (int i = 1; i < count; i++) {
            if (boxes[i].gain > best->gain) {
                best = &boxes[i];
            }
        }
        if (best->gain <= 0.0) {
            break;
        }
        struct box *other = &boxes[count++];
        *other = *best;
        other->low[best->axis] = best->cut;
        best->high[best->axis] = best->cut;
        find_cut(sums, best);
        find_cut(sums, other);
    }
    return count;
}

static uint8_t to_percent(int v)
{
    int percent = (v * 100 + 127) / 255;
    return (uint8_t)((percent * 255 + 50) / 100);
}

static void add_color(struct palette *palette, moment m, bool percent)
{
    uint8_t rgb[3];
    for (int c = 0; c < 3; c++) {
        int v = (m[c + 1] + m[0] / 2) / m[0];
        rgb[c] = percent ? to_percent(v) : (uint8_t)v;
    }
    for (int i = 0; i < palette->count; i++) {
        if (memcmp(palette->rgb[i], rgb, 3) == 0) {
            return;
        }
    }
    memcpy(palette->rgb[palette->count++], rgb, 3);
}

static bool choose_colors(const struct image *picture, const struct quantize_options *options,
                          struct palette *palette, struct error *err)
{
    struct box boxes[256];
    moment *sums = mem_array(CELLS, sizeof *sums);
    if (!sums) {
        return error_nomem(err, CELLS * sizeof *sums, "the colours of a picture");
    }
    count_pixels(picture, sums);
    accumulate(sums);
    int count = cut_boxes(sums, boxes, options->colors);
    palette->count = 0;
    for (int i = 0; i < count; i++) {
        add_color(palette, part_of(sums, &boxes[i], 0, boxes[i].high[0]), options->percent);
    }
    free(sums);
    return true;
}

/* ----------------------------------------------------------------- pixels */

struct mapper {
    int32_t r[256], g[256], b[256]; /* far away where there is no colour */
    int32_t rgb[256][3];            /* the same, by colour */
    uint16_t *lookup; /* by 5 bits a channel: index + 1, or 0: not looked up yet */
    uint8_t *none;    /* zeros: the row above the first one */
};

/* Squared distance and index in one number, so that the least of them is found
 * without branches. */
CLONES static unsigned nearest(const struct mapper *m, int r, int g, int b)
{
    uint32_t best = UINT32_MAX;
    for (uint32_t i = 0; i < 256; i++) {
        int dr = m->r[i] - r;
        int dg = m->g[i] - g;
        int db = m->b[i] - b;
        uint32_t key = (uint32_t)(dr * dr + dg * dg + db * db) << 8 | i;
        best = key < best ? key : best;
    }
    return best & 255;
}

static inline unsigned look_up(struct mapper *m, int r, int g, int b)
{
    enum { DROP = 8 - LOOKUP_BITS, HALF = 1 << (DROP - 1) };
    size_t at = (size_t)(r >> DROP) << 2 * LOOKUP_BITS | (size_t)(g >> DROP) << LOOKUP_BITS |
                (size_t)(b >> DROP);
    if (__builtin_expect(!m->lookup[at], 0)) {
        unsigned index = nearest(m, r >> DROP << DROP | HALF, g >> DROP << DROP | HALF,
                                 b >> DROP << DROP | HALF);
        m->lookup[at] = (uint16_t)(index + 1);
    }
    return m->lookup[at] - 1u;
}

static int clamp(int v)
{
    return v < 0 ? 0 : v > 255 ? 255 : v;
}

/* A pixel's colour is the one for which the squared distance and what it costs
 * in bytes are least together. In the band, a colour that stands above takes no
 * byte more, one to the left or across about two or three, and one from
 * elsewhere must be named. */
enum { COST_UP = 0, COST_LEFT = 2, COST_ACROSS = 3, COST_NAMED = 8, BAND = 6 };
#define COST_NEVER (1 << 20)

/* Sixteenths of what is diffused. */
struct lost {
    int r, g, b;
};

/* A row on its way from left to right. */
struct walk {
    const uint8_t *from;
    const uint8_t *above; /* indices of the row above, and one more that may be read */
    uint8_t *to;
    const struct lost *errors;   /* from the row above, by pixel */
    struct lost *below;          /* to the row below */
    int up, left, across, named; /* costs */
    struct lost right, under, next; /* errors for this pixel's right, and below: here and next */
    unsigned left_index, up_index;
};

static inline unsigned key_of(const struct mapper *m, unsigned index, int r, int g, int b, int cost)
{
    int dr = m->rgb[index][0] - r;
    int dg = m->rgb[index][1] - g;
    int db = m->rgb[index][2] - b;
    return (unsigned)(dr * dr + dg * dg + db * db + cost) << 8 | index;
}

static inline unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static inline int corrected(int value, int error, int diffusion)
{
    return clamp(value + ((error * diffusion + 2048) >> 12));
}

/* Without branches but for a colour that is looked up first: which candidate is
 * taken is as good as random. */
static inline void map_pixel(struct mapper *m, struct walk *w, int x, int diffusion)
{
    const struct lost *e = &w->errors[x];
    int r = corrected(w->from[3 * x], w->right.r + e->r, diffusion);
    int g = corrected(w->from[3 * x + 1], w->right.g + e->g, diffusion);
    int b = corrected(w->from[3 * x + 2], w->right.b + e->b, diffusion);
    unsigned up = w->above[x];
    unsigned near = least(key_of(m, look_up(m, r, g, b), r, g, b, w->named),
                          key_of(m, w->left_index, r, g, b, x ? w->left : COST_NEVER));
    unsigned over = least(key_of(m, up, r, g, b, w->up),
                          key_of(m, w->above[x + 1], r, g, b, w->across));
    over = least(over, key_of(m, w->up_index, r, g, b, w->across));
    unsigned index = least(near, over) & 255;
    r -= m->rgb[index][0];
    g -= m->rgb[index][1];
    b -= m->rgb[index][2];
    w->right = (struct lost){ 7 * r, 7 * g, 7 * b };
    if (x) {
        w->below[x - 1] = (struct lost){ w->under.r + 3 * r, w->under.g + 3 * g,
                                         w->under.b + 3 * b };
    }
    w->under = (struct lost){ w->next.r + 5 * r, w->next.g + 5 * g, w->next.b + 5 * b };
    w->next = (struct lost){ r, g, b };
    w->to[x] = (uint8_t)index;
    w->left_index = index;
    w->up_index = up;
}

static struct walk start_row(const struct mapper *m, const struct image *picture, const struct quantize_options *options,
                             uint8_t *indices, int y, struct lost *rows)
{
    size_t width = (size_t)picture->width;
    int byte = options->byte;
    bool in_band = y % BAND > 0;
    struct walk w = { .from = image_at(picture, 0, y),
                      .to = indices + (size_t)y * width,
                      .errors = rows + (size_t)(y % 3) * width,
                      .below = rows + (size_t)((y + 1) % 3) * width,
                      .up = y ? in_band ? byte * COST_UP : byte * (COST_NAMED - 1) : COST_NEVER,
                      .left = byte * COST_LEFT,
                      .across = in_band ? byte * COST_ACROSS : COST_NEVER,
                      .named = byte * COST_NAMED };
    w.above = y ? w.to - width : m->none;
    w.up_index = w.above[0];
    return w;
}

static void end_row(struct walk *w, int width)
{
    w->below[width - 1] = w->under;
}

/* Two rows at a time, the lower one two pixels behind: each pixel waits for the
 * one before it, and so the processor has something to do meanwhile. */
static void map_pixels(struct mapper *m, const struct image *picture,
                       const struct quantize_options *options, struct lost *rows, uint8_t *indices)
{
    int width = picture->width;
    int diffusion = options->diffusion;
    for (int y = 0; y < picture->height; y += 2) {
        bool pair = y + 1 < picture->height;
        struct walk upper = start_row(m, picture, options, indices, y, rows);
        struct walk lower = pair ? start_row(m, picture, options, indices, y + 1, rows) : upper;
        map_pixel(m, &upper, 0, diffusion);
        lower.up_index = upper.to[0];
        if (width > 1) {
            map_pixel(m, &upper, 1, diffusion);
        }
        for (int x = 2; x < width; x++) {
            map_pixel(m, &upper, x, diffusion);
            if (pair) {
                map_pixel(m, &lower, x - 2, diffusion);
            }
        }
        end_row(&upper, width);
        if (pair) {
            for (int x = width > 2 ? width - 2 : 0; x < width; x++) {
                map_pixel(m, &lower, x, diffusion);
            }
            end_row(&lower, width);
        }
    }
}

static void set_colors(struct mapper *m, const struct palette *palette)
{
    for (int i = 0; i < 256; i++) {
        bool there = i < palette->count;
        m->rgb[i][0] = m->r[i] = there ? palette->rgb[i][0] : 1000;
        m->rgb[i][1] = m->g[i] = there ? palette->rgb[i][1] : 1000;
        m->rgb[i][2] = m->b[i] = there ? palette->rgb[i][2] : 1000;
    }
}

bool quantize_picture(const struct image *picture, const struct quantize_options *options,
              uint8_t *indices, struct palette *palette, struct error *err)
{
    struct mapper m;
    if (!choose_colors(picture, options, palette, err)) {
        return false;
    }
    set_colors(&m, palette);
    size_t width = (size_t)picture->width;
    m.lookup = mem_array(LOOKUP_SIZE, sizeof *m.lookup);
    m.none = mem_array(width + 1, 1);
    struct lost *rows = mem_array(3 * width, sizeof *rows);
    bool ok = m.lookup && m.none && rows;
    if (ok) {
        map_pixels(&m, picture, options, rows, indices);
    } else {
        error_nomem(err, LOOKUP_SIZE * sizeof *m.lookup, "the pixels of a picture");
    }
    free(m.lookup);
    free(m.none);
    free(rows);
    return ok;
}
