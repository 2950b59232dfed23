#include "blocks/painter.h"

#include <float.h>
#include <stddef.h>
#include <string.h>

#define SYMBOL_BYTES 3.0f /* in UTF-8 */

struct search {
    const struct palette *palette;
    const struct pen *pen;
    float byte; /* squared error that a byte is worth */
    struct stroke *best;
    float mean[3]; /* of the cell */
    float spread;  /* squared error of the cell in its mean colour */
};

static void search_init(struct search *s, const struct cell *cell, const float *owed,
                        struct stroke *best)
{
    memset(s, 0, sizeof *s);
    s->best = best;
    best->cost = FLT_MAX;
    s->spread = cell->squares;
    for (int c = 0; c < 3; c++) {
        float mean = cell->all[c] / BLOCK_SAMPLES;
        s->spread -= cell->all[c] * mean;
        s->mean[c] = mean + owed[c];
    }
}

/* Keeps the stroke if it is the best so far. fg or bg NULL: the symbol does not show that
 * colour. cover: share of the cell in fg, 0 to 1. */
static void keep(struct search *s, const char *symbol, const struct ink *fg, const struct ink *bg,
                 float cover, float cost)
{
    struct stroke *best = s->best;
    cost += s->byte * (float)strlen(symbol);
    if (cost >= best->cost) {
        return;
    }
    best->cost = cost;
    best->symbol = symbol;
    best->has_fg = fg != NULL;
    best->has_bg = bg != NULL;
    if (fg) {
        best->fg = *fg;
    }
    if (bg) {
        best->bg = *bg;
    }
    palette_mix((fg ? fg : bg)->rgb, (bg ? bg : fg)->rgb, cover, best->mean);
}

/* The squared error that remains when each part of a split has its mean colour; also
 * computes these means. */
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

/* ------------------------------------------------------------- one or two parts */

static float change(const struct search *s, const struct ink *ink, const struct ink *standing)
{
    return ink->code == standing->code ? 0.0f : s->byte * (float)pen_cost(s->pen, ink);
}

/* The cheaper of a new ink and the current one, for `samples` samples of that mean; adds
 * its cost to *cost. */
static const struct ink *new_or_standing(const struct search *s, const struct ink *ink,
                                         const struct ink *standing, const float *mean,
                                         float samples, float *cost)
{
    float fresh = samples * square_distance(mean, ink->rgb) + change(s, ink, standing);
    float old =
        standing->code == INK_OWN ? FLT_MAX : samples * square_distance(mean, standing->rgb);
    *cost += old <= fresh ? old : fresh;
    return old <= fresh ? standing : ink;
}

static void try_plain(struct search *s, const struct ink *near)
{
    float cost = s->spread;
    const struct ink *bg = new_or_standing(s, near, &s->pen->bg, s->mean, BLOCK_SAMPLES, &cost);
    keep(s, BLOCK_EMPTY, NULL, bg, 0.0f, cost);
    if (s->pen->fg.code != INK_OWN) {
        cost = s->spread + BLOCK_SAMPLES * square_distance(s->mean, s->pen->fg.rgb);
        keep(s, BLOCK_FULL, &s->pen->fg, NULL, 1.0f, cost);
    }
}

/* One of the two parts of a split, and the ink for it. */
struct part {
    const float *mean;
    const struct ink *ink;
    float samples;
};

static void try_parts(struct search *s, const char *symbol, const struct part *fg,
                      const struct part *bg, float spread)
{
    if (symbol) {
        float cost = spread;
        const struct ink *front =
            new_or_standing(s, fg->ink, &s->pen->fg, fg->mean, fg->samples, &cost);
        const struct ink *back =
            new_or_standing(s, bg->ink, &s->pen->bg, bg->mean, bg->samples, &cost);
        keep(s, symbol, front, back, fg->samples / BLOCK_SAMPLES, cost);
    }
}

static void try_split(struct search *s, const struct block_symbol *symbol, const float means[2][3],
                      float spread)
{
    struct ink inks[2];
    float na = symbol->share * BLOCK_SAMPLES;
    inks[0] = palette_nearest(s->palette, means[0]);
    float least = spread + na * square_distance(means[0], inks[0].rgb);
    if (least + s->byte * SYMBOL_BYTES >= s->best->cost) {
        return;
    }
    inks[1] = palette_nearest(s->palette, means[1]);
    struct part a = { means[0], &inks[0], na };
    struct part b = { means[1], &inks[1], BLOCK_SAMPLES - na };
    if (inks[0].code != inks[1].code) { /* else try_plain() covers it */
        try_parts(s, symbol->a, &a, &b, spread);
        try_parts(s, symbol->b, &b, &a, spread);
    }
}

static void try_splits(struct search *s, const struct cell *cell, const float *owed)
{
    float means[SPLITS][2][3];
    float spread[SPLITS];
    int first = 0;
    for (int i = 0; i < SPLITS; i++) {
        spread[i] = split_spread(s, cell, owed, i, means[i]);
        first = spread[i] < spread[first] ? i : first;
    }
    /* The most promising split first, so that the bound rejects most of the others. */
    try_split(s, &block_splits[first], (const float(*)[3])means[first], spread[first]);
    for (int i = 0; i < SPLITS; i++) {
        if (i != first && spread[i] + s->byte * SYMBOL_BYTES < s->best->cost) {
            try_split(s, &block_splits[i], (const float(*)[3])means[i], spread[i]);
        }
    }
}

/* ------------------------------------------------------------------- shades */

static void try_shade(struct search *s, const struct ink *a, const struct ink *b, int shade)
{
    const struct block_symbol *symbol = &block_shades[shade];
    float rgb[3];
    palette_mix(a->rgb, b->rgb, symbol->share, rgb);
    float off = square_distance(s->mean, rgb) + palette_grain(a->rgb, b->rgb, symbol->share);
    float cost = s->spread + BLOCK_SAMPLES * off;
    if (cost < s->best->cost) {
        keep(s, symbol->a, a, b, symbol->share,
             cost + change(s, a, &s->pen->fg) + change(s, b, &s->pen->bg));
        keep(s, symbol->b, b, a, 1.0f - symbol->share,
             cost + change(s, b, &s->pen->fg) + change(s, a, &s->pen->bg));
    }
}

/* Shades of the nearest colour with the colour on the opposite side of the mean. */
static void try_neighbours(struct search *s, const struct ink *near)
{
    for (int shade = 0; shade < SHADES; shade++) {
        float beyond[3];
        for (int c = 0; c < 3; c++) {
            beyond[c] = near->rgb[c] + (s->mean[c] - near->rgb[c]) / block_shades[shade].share;
        }
        struct ink other = palette_nearest(s->palette, beyond);
        if (other.code != near->code) {
            try_shade(s, &other, near, shade);
        }
    }
}

static void try_shades(struct search *s, const struct ink *near)
{
    const struct pen *pen = s->pen;
    if (s->palette->colors == FEW_INKS) {
        const struct mix *mix = palette_nearest_mix(s->palette, s->mean);
        try_shade(s, &s->palette->inks[mix->a], &s->palette->inks[mix->b], mix->shade);
    } else if (s->palette->colors < 1 << 24) {
        try_neighbours(s, near);
    }
    if (pen->fg.code != INK_OWN && pen->bg.code != INK_OWN) {
        for (int i = 0; i < SHADES; i++) {
            try_shade(s, &pen->fg, &pen->bg, i);
            try_shade(s, &pen->bg, &pen->fg, i);
        }
    }
}

void painter_choose(const struct palette *palette, const struct pen *pen, float byte,
                    const struct cell *cell, const float *owed, struct stroke *best)
{
    struct search s;
    search_init(&s, cell, owed, best);
    s.palette = palette;
    s.pen = pen;
    s.byte = byte;
    struct ink near = palette_nearest(palette, s.mean);
    try_plain(&s, &near);
    try_shades(&s, &near);
    try_splits(&s, cell, owed);
}

/* --------------------------------------------------------------- light on dark */

/* As palette_grain(), but higher: otherwise shades would blur most edges. */
#define GRAIN 0.25f

static const struct ink dark = { 0, { 0.0f, 0.0f, 0.0f } };
static const struct ink light = { 1, { 255.0f, 255.0f, 255.0f } };

static void try_mono(struct search *s, const char *symbol, float cover, float cost)
{
    if (symbol) {
        keep(s, symbol, &light, &dark, cover, cost);
    }
}

static void try_mono_shade(struct search *s, const char *symbol, float cover)
{
    float rgb[3];
    palette_mix(light.rgb, dark.rgb, cover, rgb);
    float grain = GRAIN * cover * (1.0f - cover) * square_distance(light.rgb, dark.rgb);
    float off = square_distance(s->mean, rgb) + grain;
    try_mono(s, symbol, cover, s->spread + BLOCK_SAMPLES * off);
}

void painter_choose_mono(const struct cell *cell, const float *owed, struct stroke *best)
{
    struct search s;
    search_init(&s, cell, owed, best);
    try_mono_shade(&s, BLOCK_EMPTY, 0.0f);
    try_mono_shade(&s, BLOCK_FULL, 1.0f);
    for (int i = 0; i < SHADES; i++) {
        try_mono_shade(&s, block_shades[i].a, block_shades[i].share);
        try_mono_shade(&s, block_shades[i].b, 1.0f - block_shades[i].share);
    }
    for (int i = 0; i < SPLITS; i++) {
        const struct block_symbol *symbol = &block_splits[i];
        float means[2][3];
        float spread = split_spread(&s, cell, owed, i, means);
        float na = symbol->share * BLOCK_SAMPLES;
        float nb = BLOCK_SAMPLES - na;
        try_mono(&s, symbol->a, symbol->share,
                 spread + na * square_distance(means[0], light.rgb) +
                     nb * square_distance(means[1], dark.rgb));
        try_mono(&s, symbol->b, 1.0f - symbol->share,
                 spread + na * square_distance(means[0], dark.rgb) +
                     nb * square_distance(means[1], light.rgb));
    }
}
