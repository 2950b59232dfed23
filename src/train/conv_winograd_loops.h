/* The loops of conv_winograd.h on vectors of WIDTH floats, by the vector extensions of gcc and
 * clang. Included by each file that defines WIDTH.
 *
 * Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2016), F(4x4, 3x3):
 *
 *     Y = A^T [ (G g G^T) . (B^T d B) ] A
 *
 * for a filter g, 6 x 6 input pixels d and 4 x 4 output pixels Y; the dot multiplies the values
 * at the 36 points one by one. It is the product of polynomials by Toom and Cook, transposed, at
 * the points 0, a, -a, b, -b and infinity:
 *
 *     row of B^T: the coefficients of the product of (x - q) over all other points q
 *     row of G:   1, p, p^2, divided by the product of (p - q) over all other points q
 *     row of A^T: the powers p^i
 *
 * (infinity: x times all of them; 0, 0, 1; 0, 0, 0, 1). With Lavin and Gray a = 1 and b = 2; the
 * roots of 1/2 and of 2 take as many operations, and round less. The gradient of g is the
 * transpose of that linear map, summed over all tiles before the last step:
 *
 *     G^T [ (A y A^T) . (B^T d B) ] G
 *
 * for the gradients y of 4 x 4 output pixels. */
#include "conv_winograd.h"

#define PARTS (GROUP / WIDTH)

/* Only unrolled loops keep arrays of vectors in registers. */
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif
#define INLINE static inline __attribute__((always_inline))

typedef float vec __attribute__((vector_size(4 * WIDTH), aligned(4)));

INLINE vec load(const float *from)
{
    return *(const vec *)(const void *)from;
}

INLINE void store(float *to, vec v)
{
    *(vec *)(void *)to = v;
}

#define A 0.70710678118654752440f
#define B 1.41421356237309504880f
#define A2 0.5f
#define B2 2.0f

/* 1 / the product of (p - q), for the points 0, a or -a, b or -b. */
#define SCALE_0 (1.0f / (A2 * B2))
#define SCALE_A (1.0f / (2.0f * A2 * (A2 - B2)))
#define SCALE_B (1.0f / (2.0f * B2 * (B2 - A2)))

/* ------------------------------------------------ one row or column of each */

/* B^T d, of values `step` vectors apart. */
INLINE void input_points(const vec *d, size_t step, vec *to, size_t to_step)
{
    vec d1 = d[step], d2 = d[2 * step], d3 = d[3 * step], d4 = d[4 * step];
    vec even_a = d4 - B2 * d2, odd_a = d3 - B2 * d1;
    vec even_b = d4 - A2 * d2, odd_b = d3 - A2 * d1;
    to[0] = (d[0] + d4) - (A2 + B2) * d2;
    to[to_step] = even_a + A * odd_a;
    to[2 * to_step] = even_a - A * odd_a;
    to[3 * to_step] = even_b + B * odd_b;
    to[4 * to_step] = even_b - B * odd_b;
    to[5 * to_step] = (d1 + d[5 * step]) - (A2 + B2) * d3;
}

/* A^T m */
INLINE void output_values(const vec *m, size_t step, vec *to, size_t to_step)
{
    vec sum_a = m[step] + m[2 * step], difference_a = m[step] - m[2 * step];
    vec sum_b = m[3 * step] + m[4 * step], difference_b = m[3 * step] - m[4 * step];
    to[0] = (m[0] + sum_a) + sum_b;
    to[to_step] = A * difference_a + B * difference_b;
    to[2 * to_step] = A2 * sum_a + B2 * sum_b;
    to[3 * to_step] = (A * A2) * difference_a + ((B * B2) * difference_b + m[5 * step]);
}

/* A y */
INLINE void gradient_points(const vec *y, size_t step, vec *to, size_t to_step)
{
    vec y0 = y[0], y1 = y[step], y2 = y[2 * step], y3 = y[3 * step];
    vec even_a = y0 + A2 * y2, odd_a = y1 + A2 * y3;
    vec even_b = y0 + B2 * y2, odd_b = y1 + B2 * y3;
    to[0] = y0;
    to[to_step] = even_a + A * odd_a;
    to[2 * to_step] = even_a - A * odd_a;
    to[3 * to_step] = even_b + B * odd_b;
    to[4 * to_step] = even_b - B * odd_b;
    to[5 * to_step] = y3;
}

/* G g */
INLINE void filter_points(const vec *g, size_t step, vec *to, size_t to_step)
{
    vec g0 = g[0], g1 = g[step], g2 = g[2 * step];
    vec even_a = SCALE_A * g0 + (SCALE_A * A2) * g2;
    vec even_b = SCALE_B * g0 + (SCALE_B * B2) * g2;
    to[0] = SCALE_0 * g0;
    to[to_step] = even_a + (SCALE_A * A) * g1;
    to[2 * to_step] = even_a - (SCALE_A * A) * g1;
    to[3 * to_step] = even_b + (SCALE_B * B) * g1;
    to[4 * to_step] = even_b - (SCALE_B * B) * g1;
    to[5 * to_step] = g2;
}

/* G^T u */
INLINE void filter_values(const vec *u, size_t step, vec *to, size_t to_step)
{
    vec sum_a = u[step] + u[2 * step], difference_a = u[step] - u[2 * step];
    vec sum_b = u[3 * step] + u[4 * step], difference_b = u[3 * step] - u[4 * step];
    to[0] = SCALE_0 * u[0] + (SCALE_A * sum_a + SCALE_B * sum_b);
    to[to_step] = (SCALE_A * A) * difference_a + (SCALE_B * B) * difference_b;
    to[2 * to_step] = (SCALE_A * A2) * sum_a + ((SCALE_B * B2) * sum_b + u[5 * step]);
}

/* ------------------------------------------------------------------ of tiles */

/* Vector i of a row, at the first point. */
INLINE float *at_row(const struct points *p, size_t row, size_t i)
{
    return p->values + (i / PARTS * p->rows + row) * GROUP + i % PARTS * WIDTH;
}

/* Tiles are worked on from left to right: fetches the same pixel of the next one. */
INLINE void fetch_next(const float *pixel, const struct points *p, size_t i)
{
    if (i % PARTS == 0) {
        __builtin_prefetch(pixel + (i * WIDTH + TILE * p->groups * GROUP));
    }
}

static void from_input(const float *const *pixels, const struct points *to, size_t row)
{
    for (size_t i = 0; i < to->groups * PARTS; i++) {
        vec d[SPAN], half[POINTS], points[SPAN];
        UNROLL
        for (size_t x = 0; x < SPAN; x++) {
            UNROLL
            for (size_t y = 0; y < SPAN; y++) {
                d[y] = load(pixels[y * SPAN + x] + i * WIDTH);
                if (x >= SPAN - TILE && y >= SPAN - TILE) {
                    fetch_next(pixels[y * SPAN + x], to, i);
                }
            }
            input_points(d, 1, half + x, SPAN);
        }
        float *line = at_row(to, row, i);
        UNROLL
        for (size_t y = 0; y < SPAN; y++) {
            input_points(half + y * SPAN, 1, points, 1);
            UNROLL
            for (size_t x = 0; x < SPAN; x++, line += to->pitch) {
                store(line, points[x]);
            }
        }
    }
}

static void from_gradient(const float *const *pixels, const struct points *to, size_t row)
{
    for (size_t i = 0; i < to->groups * PARTS; i++) {
        vec gradients[TILE], half[SPAN * TILE], points[SPAN];
        UNROLL
        for (size_t x = 0; x < TILE; x++) {
            UNROLL
            for (size_t y = 0; y < TILE; y++) {
                gradients[y] = load(pixels[y * TILE + x] + i * WIDTH);
                fetch_next(pixels[y * TILE + x], to, i);
            }
            gradient_points(gradients, 1, half + x, TILE);
        }
        float *line = at_row(to, row, i);
        UNROLL
        for (size_t y = 0; y < SPAN; y++) {
            gradient_points(half + y * TILE, 1, points, 1);
            UNROLL
            for (size_t x = 0; x < SPAN; x++, line += to->pitch) {
                store(line, points[x]);
            }
        }
    }
}

static void to_output(const struct points *from, size_t row, float *const *pixels, bool add)
{
    for (size_t i = 0; i < from->groups * PARTS; i++) {
        vec points[SPAN], half[TILE * SPAN], values[TILE];
        const float *line = at_row(from, row, i);
        UNROLL
        for (size_t x = 0; x < SPAN; x++, line += from->pitch) {
            UNROLL
            for (size_t y = 0; y < SPAN; y++) {
                points[y] = load(line + y * SPAN * from->pitch);
            }
            output_values(points, 1, half + x, SPAN);
        }
        UNROLL
        for (size_t y = 0; y < TILE; y++) {
            output_values(half + y * SPAN, 1, values, 1);
            UNROLL
            for (size_t x = 0; x < TILE; x++) {
                float *pixel = pixels[y * TILE + x];
                if (pixel) {
                    fetch_next(pixel, from, i);
                    pixel += i * WIDTH;
                    store(pixel, add ? load(pixel) + values[x] : values[x]);
                }
            }
        }
    }
}

/* ---------------------------------------------------------------- of filters */

INLINE void taps_to_points(const vec *taps, float *to, size_t pitch)
{
    vec half[SPAN * 3], points[SPAN];
    UNROLL
    for (size_t x = 0; x < 3; x++) {
        filter_points(taps + x, 3, half + x, 3);
    }
    UNROLL
    for (size_t y = 0; y < SPAN; y++) {
        filter_points(half + y * 3, 1, points, 1);
        UNROLL
        for (size_t x = 0; x < SPAN; x++, to += pitch) {
            store(to, points[x]);
        }
    }
}

/* GROUP outs and GROUP ins of a filter, transposed. */
INLINE void transpose_taps(const float *filter, size_t ins, float to[TAPS][GROUP][GROUP])
{
    for (size_t k = 0; k < GROUP * TAPS; k++, filter += ins) {
        UNROLL
        for (size_t i = 0; i < GROUP; i++) {
            to[k % TAPS][i][k / TAPS] = filter[i];
        }
    }
}

static void from_filter(const float *filter, const struct points *to)
{
    size_t ins = to->rows;
    float transposed[TAPS][GROUP][GROUP];
    for (size_t o = 0; o < to->groups; o++) {
        for (size_t i = 0; i < ins; i += GROUP) {
            transpose_taps(filter + o * GROUP * TAPS * ins + i, ins, transposed);
            for (size_t k = 0; k < GROUP * PARTS; k++) {
                vec taps[TAPS];
                UNROLL
                for (size_t tap = 0; tap < TAPS; tap++) {
                    taps[tap] = load(transposed[tap][k / PARTS] + k % PARTS * WIDTH);
                }
                taps_to_points(taps, at_row(to, i + k / PARTS, o * PARTS + k % PARTS), to->pitch);
            }
        }
    }
}

static void from_turned_filter(const float *filter, const struct points *to)
{
    size_t ins = to->groups * GROUP;
    for (size_t o = 0; o < to->rows; o++, filter += TAPS * ins) {
        for (size_t i = 0; i < to->groups * PARTS; i++) {
            vec taps[TAPS];
            UNROLL
            for (size_t tap = 0; tap < TAPS; tap++) {
                taps[tap] = load(filter + (TAPS - 1 - tap) * ins + i * WIDTH);
            }
            taps_to_points(taps, at_row(to, o, i), to->pitch);
        }
    }
}

static void to_filter(const struct points *from, float *filter)
{
    size_t ins = from->groups * GROUP;
    for (size_t o = 0; o < from->rows; o++, filter += TAPS * ins) {
        for (size_t i = 0; i < from->groups * PARTS; i++) {
            const float *line = at_row(from, o, i);
            vec points[SPAN], half[3 * SPAN], taps[3];
            UNROLL
            for (size_t x = 0; x < SPAN; x++, line += from->pitch) {
                UNROLL
                for (size_t y = 0; y < SPAN; y++) {
                    points[y] = load(line + y * SPAN * from->pitch);
                }
                filter_values(points, 1, half + x, SPAN);
            }
            UNROLL
            for (size_t y = 0; y < 3; y++) {
                filter_values(half + y * SPAN, 1, taps, 1);
                UNROLL
                for (size_t x = 0; x < 3; x++) {
                    float *to = filter + (y * 3 + x) * ins + i * WIDTH;
                    store(to, load(to) + taps[x]);
                }
            }
        }
    }
}

/* ------------------------------------------------------------------ products */

/* Rows whose sums with a group of columns stay in the registers: 12 of 16 with AVX2. */
#define ROWS 6

/* `rows` is constant where these are inlined. */
INLINE void sums_add(size_t rows, const float *a, size_t step, const float *b,
                     vec sums[ROWS][PARTS])
{
    vec columns[PARTS];
    UNROLL
    for (size_t p = 0; p < PARTS; p++) {
        columns[p] = load(b + p * WIDTH);
    }
    UNROLL
    for (size_t r = 0; r < rows; r++) {
        UNROLL
        for (size_t p = 0; p < PARTS; p++) {
            sums[r][p] += a[r * step] * columns[p];
        }
    }
}

INLINE void sums_store(size_t rows, vec sums[ROWS][PARTS], float *c)
{
    UNROLL
    for (size_t r = 0; r < rows; r++) {
        UNROLL
        for (size_t p = 0; p < PARTS; p++) {
            store(c + r * GROUP + p * WIDTH, sums[r][p]);
        }
    }
}

/* Rows of a, `groups` groups `step` floats apart, by a group of columns of b. */
INLINE void block(size_t rows, const float *a, size_t groups, size_t step, const float *b, float *c)
{
    vec sums[ROWS][PARTS];
    UNROLL
    for (size_t r = 0; r < rows; r++) {
        UNROLL
        for (size_t p = 0; p < PARTS; p++) {
            sums[r][p] = (vec){ 0 };
        }
    }
    for (size_t g = 0; g < groups; g++, a += step) {
        for (size_t k = 0; k < GROUP; k++, b += GROUP) {
            sums_add(rows, a + k, GROUP, b, sums);
        }
    }
    sums_store(rows, sums, c);
}

static void some_rows(size_t rows, const float *a, size_t groups, size_t step, const float *b,
                      float *c)
{
    switch (rows) {
    case 6:
        block(6, a, groups, step, b, c);
        break;
    case 5:
        block(5, a, groups, step, b, c);
        break;
    case 4:
        block(4, a, groups, step, b, c);
        break;
    case 3:
        block(3, a, groups, step, b, c);
        break;
    case 2:
        block(2, a, groups, step, b, c);
        break;
    default:
        block(1, a, groups, step, b, c);
        break;
    }
}

static void product(const struct points *a, const struct points *b, const struct points *c)
{
    size_t blocks = (c->rows + ROWS - 1) / ROWS;
    for (size_t point = 0; point < POINTS; point++) {
        const float *rows = a->values + point * a->pitch, *columns = b->values + point * b->pitch;
        float *sums = c->values + point * c->pitch;
        for (size_t g = 0; g < c->groups;
             g++, columns += b->rows * GROUP, sums += c->rows * GROUP) {
            for (size_t n = 0; n < blocks; n++) { /* of as equal size as possible */
                size_t first = n * c->rows / blocks, end = (n + 1) * c->rows / blocks;
                some_rows(end - first, rows + first * GROUP, a->groups, a->rows * GROUP, columns,
                          sums + first * GROUP);
            }
        }
    }
}

/* `columns` columns of a by a group of columns of b. */
INLINE void block_over_rows(size_t columns, const float *a, const float *b, size_t rows, float *c,
                            bool add)
{
    vec sums[ROWS][PARTS];
    UNROLL
    for (size_t r = 0; r < columns; r++) {
        UNROLL
        for (size_t p = 0; p < PARTS; p++) {
            sums[r][p] = add ? load(c + r * GROUP + p * WIDTH) : (vec){ 0 };
        }
    }
    for (size_t k = 0; k < rows; k++) {
        sums_add(columns, a + k * GROUP, 1, b + k * GROUP, sums);
    }
    sums_store(columns, sums, c);
}

static void product_over_rows(const struct points *a, const struct points *b,
                              const struct points *c, bool add)
{
    size_t step = b->rows * GROUP;
    for (size_t point = 0; point < POINTS; point++) {
        float *sums = c->values + point * c->pitch;
        for (size_t i = 0; i < b->groups; i++) {
            const float *columns = b->values + point * b->pitch + i * step;
            const float *rows = a->values + point * a->pitch;
            for (size_t g = 0; g < a->groups; g++, rows += step, sums += GROUP * GROUP) {
                block_over_rows(6, rows, columns, b->rows, sums, add);
                block_over_rows(5, rows + 6, columns, b->rows, sums + 6 * GROUP, add);
                block_over_rows(5, rows + 11, columns, b->rows, sums + 11 * GROUP, add);
            }
        }
    }
}
