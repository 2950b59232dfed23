/* Colour quantisation and dithering: see quantize.h. */
#include "sixel/quantize.h"

#include <stdlib.h>
#include <string.h>

#include "base/clones.h"
#include "base/mem.h"

#define SAMPLES_MAX (1 << 16) /* about as many pixels are sampled to choose the colours */
#define SAMPLES_ALL (1 << 13) /* up to this many pixels, all are used */
#define BITS 5                /* of a channel in the histogram */
#define SIDE ((1 << BITS) + 1)
#define CELLS (SIDE * SIDE * SIDE)
#define LOOKUP_BITS 5
#define ERROR_ROWS 4 /* rows of diffused errors: the ROWS in progress and one below */
#define LOOKUP_SIZE (1 << 3 * LOOKUP_BITS)

/* ---------------------------------------------------------------- colours */

/* Of a set of pixels: their number, and the sums of red, green and blue. */
typedef int32_t moment __attribute__((vector_size(16)));

/* A box of cells of the cumulative histogram: low < index <= high for each channel. */
struct box {
    int low[3], high[3];
    double gain; /* reduction of the squared error by the best cut */
    int axis, cut;
};

static size_t cell(int r, int g, int b)
{
    return ((size_t)r * SIDE + (size_t)g) * SIDE + (size_t)b;
}

/* Counts all pixels of a small picture, or else a sample at irregular distances, so that no
 * regular pattern escapes it. Returns the sum of the squared channels. */
static double count_pixels(const struct image *picture, moment *sums)
{
    size_t count = (size_t)picture->width * (size_t)picture->height;
    size_t step = count > SAMPLES_ALL ? count / SAMPLES_MAX + 3 : 1;
    uint32_t spread = 1;
    uint64_t squares = 0;
    for (size_t i = 0; i < count;) {
        const uint8_t *p = picture->pixels + 3 * i;
        sums[cell((p[0] >> (8 - BITS)) + 1, (p[1] >> (8 - BITS)) + 1, (p[2] >> (8 - BITS)) + 1)] +=
            (moment){ 1, p[0], p[1], p[2] };
        squares += (unsigned)(p[0] * p[0] + p[1] * p[1] + p[2] * p[2]);
        spread = spread * 1664525u + 1013904223u;
        i += 1 + (size_t)((uint64_t)spread * (2 * step - 1) >> 32);
    }
    return (double)squares;
}

/* Replaces each cell by the sum of all cells up to it. */
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

/* The sums over the part of a box with index <= `at` on `axis`. */
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

/* |sum|^2 / n: the share of the sum of squares that the mean explains. */
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

/* Cuts the box with the largest gain until there are `most` boxes or no gain is left.
 * Returns their number. */
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

/* Wu's quantiser. *lost: the mean squared error of the pixels in the colours of their
 * boxes. */
static bool choose_colors(const struct image *picture, const struct quantize_options *options,
                          struct palette *palette, double *lost, struct error *err)
{
    struct box boxes[256];
    moment *sums = mem_array(CELLS, sizeof *sums);
    if (!sums) {
        return error_nomem(err, CELLS * sizeof *sums, "the colours of a picture");
    }
    double squares = count_pixels(picture, sums);
    double pixels = 0.0;
    accumulate(sums);
    int count = cut_boxes(sums, boxes, options->colors);
    palette->count = 0;
    for (int i = 0; i < count; i++) {
        moment part = part_of(sums, &boxes[i], 0, boxes[i].high[0]);
        add_color(palette, part, options->percent);
        squares -= explained(part);
        pixels += part[0];
    }
    *lost = squares / pixels;
    free(sums);
    return true;
}

/* ----------------------------------------------------------------- pixels */

/* Red, green, blue and a zero. Palette colours are whole numbers, so that sums of their
 * squared distances are exact. */
typedef float vec4 __attribute__((vector_size(16)));
typedef int32_t ivec4 __attribute__((vector_size(16)));

/* A pixel gets the colour with the least sum of squared distance and price in bytes.
 * Within a band the colour of the pixel above costs no further byte, the one to the left
 * or diagonally above about two or three, and any other must be selected first. */
enum { COST_UP = 0, COST_LEFT = 2, COST_ACROSS = 3, COST_NAMED = 8, BAND = 6 };
#define COST_NEVER (1 << 20)

struct mapper {
    vec4 colors[256];               /* unused ones are far outside the range */
    int32_t r[256], g[256], b[256]; /* the same, by channel */
    uint16_t *lookup;               /* by 5 bits of each channel: index + 1; 0: not known yet */
    uint8_t *none;                  /* zeros: stands for the row above the first one */
    float byte;                     /* price of a byte in the current rows */
    float diffusion;                /* factor on errors, which are in sixteenths */
};

/* Combines squared distance and index in one number, so that the least is found without
 * branches. */
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

/* The palette index nearest to a colour (0 to 255), to 5 bits a channel. */
static inline unsigned look_up(struct mapper *m, vec4 color)
{
    enum { DROP = 8 - LOOKUP_BITS, HALF = 1 << (DROP - 1) };
    ivec4 c = __builtin_convertvector(color, ivec4) >> DROP;
    unsigned at = (unsigned)(c[0] << 2 * LOOKUP_BITS | c[1] << LOOKUP_BITS | c[2]);
    if (__builtin_expect(!m->lookup[at], 0)) {
        ivec4 middle = (c << DROP) + HALF;
        m->lookup[at] = (uint16_t)(nearest(m, middle[0], middle[1], middle[2]) + 1);
    }
    return m->lookup[at] - 1u;
}

/* The state of a row that is mapped from left to right. The four neighbours are: left,
 * above, above right, above left. */
struct walk {
    unsigned named_pixels; /* pixels so far with a colour of none of the neighbours */
    const uint8_t *from;
    const uint8_t *above; /* indices of the row above; one more may be read */
    uint8_t *to;
    const vec4 *errors;      /* from the row above, in sixteenths, by pixel */
    vec4 *below;             /* for the row below, by the pixel on the right */
    vec4 costs;              /* prices of the four neighbours' colours */
    int named;               /* price of any other colour */
    vec4 right, under, next; /* errors for the pixel on the right, below, below right */
    unsigned indices;        /* of the four neighbours, a byte each from the lowest */
    vec4 left, up, before;   /* colours: left, above, above left */
};

static inline vec4 clamp(vec4 v)
{
    const vec4 most = { 255.0f, 255.0f, 255.0f, 0.0f };
    ivec4 over = v > most;
    v = (vec4)(((ivec4)v & ~over) | ((ivec4)most & over));
    return (vec4)((ivec4)v & (v > 0.0f));
}

static inline ivec4 lesser(ivec4 a, ivec4 b)
{
    ivec4 less = a < b;
    return (a & less) | (b & ~less);
}

/* The best of the four neighbours' colours: its number in the lowest two bits, its cost
 * above them. */
static inline int best_of_four(const struct walk *w, vec4 color, vec4 side)
{
    vec4 a = w->left - color, b = w->up - color, c = side - color, d = w->before - color;
    a *= a;
    b *= b;
    c *= c;
    d *= d;
    vec4 ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    vec4 cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    vec4 ab2 = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    vec4 cd2 = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    vec4 sum = __builtin_shufflevector(ab, cd, 0, 1, 4, 5) +
               __builtin_shufflevector(ab, cd, 2, 3, 6, 7) +
               __builtin_shufflevector(ab2, cd2, 0, 1, 4, 5) + w->costs;
    ivec4 key = __builtin_convertvector(sum, ivec4) << 2 | (ivec4){ 0, 1, 2, 3 };
    key = lesser(key, __builtin_shufflevector(key, key, 2, 3, 0, 1));
    key = lesser(key, __builtin_shufflevector(key, key, 1, 0, 3, 2));
    return key[0];
}

/* Free of branches, except when a colour is looked up for the first time: the choice among
 * the candidates is unpredictable. */
static inline void map_pixel(struct mapper *m, struct walk *w, int x)
{
    const uint8_t *p = w->from + 3 * x;
    vec4 color = { p[0], p[1], p[2], 0.0f };
    color = clamp(color + (w->right + w->errors[x]) * m->diffusion);
    unsigned near = look_up(m, color);
    vec4 lost = m->colors[near] - color;
    lost *= lost;
    int near_key = ((int)(lost[0] + lost[1] + lost[2]) + w->named) << 2;
    unsigned side = w->above[x + 1];
    vec4 side_color = m->colors[side];
    w->indices = (w->indices & 0xFFFF) | side << 16 | (w->indices & 0xFF000000u);
    int key = best_of_four(w, color, side_color);
    /* All ones if the nearest colour wins; by subtraction, which no compiler turns into a
     * branch. */
    unsigned is_near = (unsigned)((near_key - key) >> 31);
    unsigned index = (near & is_near) | (w->indices >> 8 * (key & 3) & 255 & ~is_near);
    w->to[x] = (uint8_t)index;
    w->named_pixels += is_near & 1;
    /* Move on to the next pixel: above right becomes above, and above becomes above left. */
    w->indices = index | side << 8 | (w->indices & 0xFF00) << 16;
    w->before = w->up;
    w->up = side_color;
    w->left = m->colors[index];
    lost = color - w->left;
    w->right = 7.0f * lost;
    /* The error below a pixel is complete only after the next pixel, which the last of a
     * row does not have: so it is written now, and again with the next pixel. */
    w->below[x] = w->under + 3.0f * lost;
    w->under = w->next + 5.0f * lost;
    w->next = lost;
    w->below[x + 1] = w->under;
}

static struct walk start_row(const struct mapper *m, const struct image *picture, uint8_t *indices,
                             int y, vec4 *errors)
{
    size_t width = (size_t)picture->width;
    size_t pitch = width + 1;
    float byte = m->byte;
    bool in_band = y % BAND > 0;
    float up = in_band ? byte * COST_UP : y ? byte * (COST_NAMED - 1) : COST_NEVER;
    float across = in_band ? byte * COST_ACROSS : COST_NEVER;
    struct walk w = { .from = image_at(picture, 0, y),
                      .to = indices + (size_t)y * width,
                      .errors = errors + (size_t)(y % ERROR_ROWS) * pitch + 1,
                      .below = errors + (size_t)((y + 1) % ERROR_ROWS) * pitch,
                      .costs = { COST_NEVER, up, across, across },
                      .named = (int)(byte * COST_NAMED) };
    w.above = y ? w.to - width : m->none;
    return w;
}

/* The first pixel has nothing to its left. */
static void map_first(struct mapper *m, struct walk *w)
{
    w->indices = (unsigned)w->above[0] << 8 | (unsigned)w->above[0] << 24;
    w->up = w->before = m->colors[w->above[0]];
    map_pixel(m, w, 0);
    w->costs[0] = m->byte * COST_LEFT;
}

/* Rows mapped in parallel, each two pixels behind the one above: each pixel depends on the
 * one before it, and so the processor can work on other rows meanwhile. */
#define ROWS 3
#define BEHIND 2

/* Maps the next pixel of each row, at the ends where not all rows have one. */
static void map_ends(struct mapper *m, struct walk *walks, int rows, int width, int at)
{
    for (int row = 0; row < rows; row++) {
        int x = at - BEHIND * row;
        if (x > 0 && x < width) {
            map_pixel(m, &walks[row], x);
        } else if (x == 0) {
            map_first(m, &walks[row]);
        }
    }
}

static inline void map_rows(struct mapper *m, struct walk *walks, int rows, int width)
{
    int lag = BEHIND * (rows - 1);
    int at = 0;
    for (; at < width + lag && at <= lag; at++) {
        map_ends(m, walks, rows, width, at);
    }
    for (; at < width; at++) { /* all rows are under way */
        for (int row = 0; row < rows; row++) {
            map_pixel(m, &walks[row], at - BEHIND * row);
        }
    }
    for (; at < width + lag; at++) {
        map_ends(m, walks, rows, width, at);
    }
}

/* Where many pixels need a new colour there is much detail, which takes many bytes and
 * hides errors. So the price of a byte adapts: it is options->byte at the usual share of
 * such pixels and grows with the square of the share. */
#define SHARE_USUAL 0.18f
#define SHARE_MEMORY 0.8f /* weight of the rows above */
#define PRICE_LEAST 0.6f
#define PRICE_MOST 5.0f

static float price(float byte, float share)
{
    float factor = share / SHARE_USUAL;
    factor *= factor;
    factor = factor < PRICE_LEAST ? PRICE_LEAST : factor > PRICE_MOST ? PRICE_MOST : factor;
    return byte * factor;
}

static float named_share(const struct walk *walks, int rows, int width)
{
    unsigned named = 0;
    for (int row = 0; row < rows; row++) {
        named += walks[row].named_pixels;
    }
    return (float)named / (float)(rows * width);
}

static void map_pixels(struct mapper *m, const struct image *picture, vec4 *errors,
                       uint8_t *indices)
{
    int width = picture->width;
    struct walk walks[ROWS];
    float byte = m->byte;
    float share = SHARE_USUAL;
    for (int y = 0; y < picture->height; y += ROWS) {
        int rows = picture->height - y < ROWS ? picture->height - y : ROWS;
        for (int row = 0; row < rows; row++) {
            walks[row] = start_row(m, picture, indices, y + row, errors);
        }
        if (rows == ROWS) {
            map_rows(m, walks, ROWS, width); /* the loop within unrolled */
        } else {
            map_rows(m, walks, rows, width);
        }
        share = SHARE_MEMORY * share + (1.0f - SHARE_MEMORY) * named_share(walks, rows, width);
        m->byte = price(byte, share);
    }
}

static void set_colors(struct mapper *m, const struct palette *palette)
{
    for (int i = 0; i < 256; i++) {
        bool there = i < palette->count;
        m->r[i] = there ? palette->rgb[i][0] : 1000;
        m->g[i] = there ? palette->rgb[i][1] : 1000;
        m->b[i] = there ? palette->rgb[i][2] : 1000;
        m->colors[i] = (vec4){ (float)m->r[i], (float)m->g[i], (float)m->b[i], 0.0f };
    }
}

bool quantize_picture(const struct image *picture, const struct quantize_options *options,
                      uint8_t *indices, struct palette *palette, struct error *err)
{
    struct mapper m;
    double lost = 0.0;
    if (!choose_colors(picture, options, palette, &lost, err)) {
        return false;
    }
    size_t width = (size_t)picture->width;
    set_colors(&m, palette);
    m.byte = (float)options->byte + (float)lost * (float)options->share / 100.0f;
    m.diffusion = (float)options->diffusion / (256.0f * 16.0f);
    m.lookup = mem_array(LOOKUP_SIZE, sizeof *m.lookup);
    m.none = mem_array(width + 1, 1);
    vec4 *errors = mem_array(ERROR_ROWS * (width + 1), sizeof *errors);
    bool ok = m.lookup && m.none && errors;
    if (ok) {
        map_pixels(&m, picture, errors, indices);
    } else {
        error_nomem(err, LOOKUP_SIZE * sizeof *m.lookup, "the pixels of a picture");
    }
    free(m.lookup);
    free(m.none);
    free(errors);
    return ok;
}
