#include "blocks/painter.h"

#include <float.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "term/color.h"

/* A shade's dots are finer than samples, and seen less than their contrast
 * says: this share of the squared error. */
#define GRAIN 0.10f

static float square_distance(const float *a, const float *b)
{
    float r = a[0] - b[0];
    float g = a[1] - b[1];
    float c = a[2] - b[2];
    return r * r + g * g + c * c;
}

static int32_t to_byte(float v)
{
    return v <= 0.0f ? 0 : v >= 255.0f ? 255 : (int32_t)(v + 0.5f);
}

static struct ink ink_of(int32_t code, int colors)
{
    int32_t rgb = colors < 1 << 24 ? color_value(code, colors) : code;
    struct ink ink = { code, { (float)(rgb >> 16), (float)(rgb >> 8 & 255), (float)(rgb & 255) } };
    return ink;
}

static struct ink nearest(const struct painter *painter, const float *rgb)
{
    if (painter->colors <= PALETTE_MAX) {
        const struct ink *best = painter->inks;
        float least = square_distance(rgb, best->rgb);
        for (int i = 1; i < PALETTE_MAX; i++) {
            float d = square_distance(rgb, painter->inks[i].rgb);
            if (d < least) {
                least = d;
                best = &painter->inks[i];
            }
        }
        return *best;
    }
    int32_t color = to_byte(rgb[0]) << 16 | to_byte(rgb[1]) << 8 | to_byte(rgb[2]);
    int32_t code = painter->colors >= 1 << 24 ? color : color_nearest(color, painter->colors);
    return ink_of(code, painter->colors);
}

/* ------------------------------------------------------------------- mixing */

static void mix_rgb(const float *a, const float *b, float share, float *rgb)
{
    for (int c = 0; c < 3; c++) {
        rgb[c] = b[c] + share * (a[c] - b[c]);
    }
}

static float grain_of(const float *a, const float *b, float share)
{
    return GRAIN * share * (1.0f - share) * square_distance(a, b);
}

static void add_mix(struct painter *painter, int a, int b, int shade)
{
    struct mix *mix = &painter->mixes[painter->mix_count++];
    float share = block_shades[shade].share;
    const float *x = painter->inks[a].rgb;
    const float *y = painter->inks[b].rgb;
    mix->a = (uint8_t)a;
    mix->b = (uint8_t)b;
    mix->shade = (uint8_t)shade;
    mix->grain = grain_of(x, y, share);
    mix_rgb(x, y, share, mix->rgb);
}

void painter_init(struct painter *painter, int colors, float byte)
{
    painter->colors = colors;
    painter->byte = byte;
    painter->mix_count = 0;
    if (colors == 1) {
        painter->inks[0] = ink_of(0x000000, 1 << 24);
        painter->inks[1] = ink_of(0xFFFFFF, 1 << 24);
    }
    for (int i = 0; colors == PALETTE_MAX && i < PALETTE_MAX; i++) {
        painter->inks[i] = ink_of(i, colors);
        for (int k = 0; k < i; k++) {
            add_mix(painter, i, k, 0);
            add_mix(painter, k, i, 0);
            add_mix(painter, i, k, 1);
        }
    }
}

/* ----------------------------------------------------------------- choosing */

struct search {
    const struct painter *painter;
    const struct pen *pen;
    struct stroke *best;
    float mean[3]; /* of the cell */
    float spread;  /* squared error of the cell in its mean colour */
};

static void keep(struct search *s, const char *symbol, const struct ink *fg, const struct ink *bg,
                 float cover, float cost)
{
    struct stroke *best = s->best;
    cost += s->painter->byte * (float)strlen(symbol);
    if (cost >= best->cost) {
        return;
    }
    best->cost = cost;
    best->symbol = symbol;
    best->uses_fg = fg != NULL;
    best->uses_bg = bg != NULL;
    if (fg) {
        best->fg = *fg;
    }
    if (bg) {
        best->bg = *bg;
    }
    mix_rgb(fg ? fg->rgb : bg->rgb, bg ? bg->rgb : fg->rgb, cover, best->mean);
}

/* The better of a new ink and the one that stands for `samples` of that mean;
 * adds its cost. */
static const struct ink *new_or_standing(const struct search *s, const struct ink *ink,
                                         const struct ink *standing, const float *mean,
                                         float samples, float *cost)
{
    float fresh = samples * square_distance(mean, ink->rgb);
    if (standing->code == INK_DEFAULT) {
        *cost += fresh + s->painter->byte * (float)pen_cost(s->pen, ink);
        return ink;
    }
    if (standing->code != ink->code) {
        fresh += s->painter->byte * (float)pen_cost(s->pen, ink);
    }
    float old = samples * square_distance(mean, standing->rgb);
    if (old <= fresh) {
        *cost += old;
        return standing;
    }
    *cost += fresh;
    return ink;
}

static void try_plain(struct search *s)
{
    struct ink ink = nearest(s->painter, s->mean);
    float cost = s->spread;
    const struct ink *bg = new_or_standing(s, &ink, &s->pen->bg, s->mean, BLOCK_SAMPLES, &cost);
    keep(s, BLOCK_EMPTY, NULL, bg, 0.0f, cost);
    if (s->pen->fg.code != INK_DEFAULT) {
        cost = s->spread + BLOCK_SAMPLES * square_distance(s->mean, s->pen->fg.rgb);
        keep(s, BLOCK_FULL, &s->pen->fg, NULL, 1.0f, cost);
    }
}

/* fg covers `samples`. spread: within both parts. */
static void try_split(struct search *s, const char *symbol, const struct ink *inks,
                      const float (*means)[3], float samples, float spread)
{
    float cost = spread;
    const struct ink *fg = new_or_standing(s, &inks[0], &s->pen->fg, means[0], samples, &cost);
    const struct ink *bg =
        new_or_standing(s, &inks[1], &s->pen->bg, means[1], BLOCK_SAMPLES - samples, &cost);
    keep(s, symbol, fg, bg, samples / BLOCK_SAMPLES, cost);
}

/* What a split leaves of the squared error, and the means of its parts. */
static float split_spread(const struct search *s, const struct cell *cell, const float *owed,
                          int split, float means[2][3])
{
    float na = block_splits[split].share * BLOCK_SAMPLES;
    float nb = BLOCK_SAMPLES - na;
    for (int c = 0; c < 3; c++) {
        means[0][c] = cell->a[split][c] / na + owed[c];
        means[1][c] = (cell->all[c] - cell->a[split][c]) / nb + owed[c];
    }
    return s->spread - na * nb / BLOCK_SAMPLES * square_distance(means[0], means[1]);
}

static void try_splits(struct search *s, const struct cell *cell, const float *owed)
{
    float means[SPLITS][3][3]; /* of A, of B, of A again */
    float spread[SPLITS];
    int first = 0;
    for (int i = 0; i < SPLITS; i++) {
        spread[i] = split_spread(s, cell, owed, i, means[i]);
        memcpy(means[i][2], means[i][0], sizeof means[i][2]);
        first = spread[i] < spread[first] ? i : first;
    }
    for (int k = 0; k < SPLITS; k++) {
        /* the most promising one first, so that few others are looked at */
        int i = k == 0 ? first : k == first ? 0 : k;
        const struct block_symbol *symbol = &block_splits[i];
        float na = symbol->share * BLOCK_SAMPLES;
        if (spread[i] + 3.0f * s->painter->byte >= s->best->cost) {
            continue;
        }
        struct ink inks[3];
        if (s->painter->colors == 1) {
            float cost =
                spread[i] + na * square_distance(means[i][0], s->painter->inks[1].rgb) +
                (BLOCK_SAMPLES - na) * square_distance(means[i][1], s->painter->inks[0].rgb);
            if (symbol->a) {
                keep(s, symbol->a, &s->painter->inks[1], &s->painter->inks[0], symbol->share, cost);
            }
            cost = spread[i] + na * square_distance(means[i][0], s->painter->inks[0].rgb) +
                   (BLOCK_SAMPLES - na) * square_distance(means[i][1], s->painter->inks[1].rgb);
            if (symbol->b) {
                keep(s, symbol->b, &s->painter->inks[1], &s->painter->inks[0], 1.0f - symbol->share,
                     cost);
            }
            continue;
        }
        inks[0] = nearest(s->painter, means[i][0]);
        inks[1] = nearest(s->painter, means[i][1]);
        inks[2] = inks[0];
        if (inks[0].code == inks[1].code) {
            continue; /* plain does it */
        }
        if (symbol->a) {
            try_split(s, symbol->a, inks, (const float(*)[3])means[i], na, spread[i]);
        }
        if (symbol->b) {
            try_split(s, symbol->b, inks + 1, (const float(*)[3])(means[i] + 1), BLOCK_SAMPLES - na,
                      spread[i]);
        }
    }
}

static float ink_cost(const struct search *s, const struct ink *ink, const struct ink *standing)
{
    return ink->code == standing->code ? 0.0f : s->painter->byte * (float)pen_cost(s->pen, ink);
}

static void try_shade(struct search *s, const struct ink *a, const struct ink *b, int shade)
{
    const struct block_symbol *symbol = &block_shades[shade];
    float rgb[3];
    mix_rgb(a->rgb, b->rgb, symbol->share, rgb);
    float cost = s->spread + BLOCK_SAMPLES * (square_distance(s->mean, rgb) +
                                              grain_of(a->rgb, b->rgb, symbol->share));
    if (cost >= s->best->cost) {
        return;
    }
    keep(s, symbol->a, a, b, symbol->share,
         cost + ink_cost(s, a, &s->pen->fg) + ink_cost(s, b, &s->pen->bg));
    keep(s, symbol->b, b, a, 1.0f - symbol->share,
         cost + ink_cost(s, b, &s->pen->fg) + ink_cost(s, a, &s->pen->bg));
}

static void try_mixes(struct search *s)
{
    const struct painter *painter = s->painter;
    const struct mix *best = NULL;
    float least = FLT_MAX;
    for (int i = 0; i < painter->mix_count; i++) {
        const struct mix *mix = &painter->mixes[i];
        float d = square_distance(s->mean, mix->rgb) + mix->grain;
        if (d < least) {
            least = d;
            best = mix;
        }
    }
    if (best) {
        try_shade(s, &painter->inks[best->a], &painter->inks[best->b], best->shade);
    }
}

/* The nearest colour, mixed with that on the other side of the mean. */
static void try_neighbours(struct search *s)
{
    struct ink near = nearest(s->painter, s->mean);
    for (int shade = 0; shade < SHADES; shade++) {
        float share = block_shades[shade].share;
        float beyond[3];
        for (int c = 0; c < 3; c++) {
            beyond[c] = near.rgb[c] + (s->mean[c] - near.rgb[c]) / share;
        }
        struct ink other = nearest(s->painter, beyond);
        if (other.code != near.code) {
            try_shade(s, &other, &near, shade);
        }
    }
}

static void try_shades(struct search *s)
{
    const struct painter *painter = s->painter;
    if (painter->colors == 1) {
        for (int i = 0; i < SHADES; i++) {
            try_shade(s, &painter->inks[0], &painter->inks[1], i);
            try_shade(s, &painter->inks[1], &painter->inks[0], i);
        }
        return;
    }
    if (painter->colors <= PALETTE_MAX) {
        try_mixes(s);
    } else if (painter->colors < 1 << 24) {
        try_neighbours(s);
    }
    if (s->pen->fg.code != INK_DEFAULT && s->pen->bg.code != INK_DEFAULT) {
        for (int i = 0; i < SHADES; i++) {
            try_shade(s, &s->pen->fg, &s->pen->bg, i);
            try_shade(s, &s->pen->bg, &s->pen->fg, i);
        }
    }
}

static void try_mono_plain(struct search *s)
{
    const struct ink *inks = s->painter->inks;
    keep(s, BLOCK_EMPTY, NULL, &inks[0], 0.0f,
         s->spread + BLOCK_SAMPLES * square_distance(s->mean, inks[0].rgb));
    keep(s, BLOCK_FULL, &inks[1], NULL, 1.0f,
         s->spread + BLOCK_SAMPLES * square_distance(s->mean, inks[1].rgb));
}

void painter_choose(const struct painter *painter, const struct pen *pen, const struct cell *cell,
                    const float *owed, struct stroke *best)
{
    struct search s = { .painter = painter, .pen = pen, .best = best, .spread = cell->squares };
    best->cost = FLT_MAX;
    for (int c = 0; c < 3; c++) {
        s.mean[c] = cell->all[c] / BLOCK_SAMPLES;
        s.spread -= cell->all[c] * s.mean[c];
        s.mean[c] += owed[c];
    }
    if (painter->colors == 1) {
        try_mono_plain(&s);
    } else {
        try_plain(&s);
    }
    try_shades(&s);
    try_splits(&s, cell, owed);
}
