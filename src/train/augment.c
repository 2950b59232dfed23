#include "augment.h"

#include <math.h>
#include <string.h>

#include "base/clones.h"

#define SIDE_MAX 512
#define ASPECT_MAX (4.0f / 3.0f)
#define GREY_SHARE 0.1f
#define COARSE_MIN 0.4f
#define ERASE_AREA_MIN 0.02f
#define ERASE_AREA_MAX 0.2f

struct box {
    float x, y, width, height;
};

/* One dimension of a box within `side` pixels. */
struct stretch {
    float start, length;
    int side;
};

/* Which part of a picture is used, and how. */
struct view {
    struct box box;
    bool flip;
    int coarse; /* side of the intermediate picture, in pixels */
};

static struct box whole(int side)
{
    return (struct box){ 0, 0, (float)side, (float)side };
}

static struct box random_box(int side, float area_min, float area_max, struct random *random)
{
    float area = random_between(random, area_min, area_max) * (float)side * (float)side;
    float aspect = expf(random_between(random, -logf(ASPECT_MAX), logf(ASPECT_MAX)));
    struct box b = { 0, 0, sqrtf(area * aspect), sqrtf(area / aspect) };
    b.width = fminf(b.width, (float)side);
    b.height = fminf(b.height, (float)side);
    b.x = random_unit(random) * ((float)side - b.width);
    b.y = random_unit(random) * ((float)side - b.height);
    return b;
}

/* An output value of a row or column: a weighted sum of up to TAPS input values. */
#define TAPS 8

struct blend {
    int count;
    int at[TAPS];
    float weights[TAPS];
};

/* Adds taps for a position between two pixels (linear interpolation). */
static void add_place(struct blend *b, float at, int side, float weight)
{
    at = fminf(fmaxf(at, 0), (float)(side - 1));
    int first = (int)at;
    float share = at - (float)first;
    b->at[b->count] = first;
    b->weights[b->count++] = weight * (1 - share);
    if (share > 0) {
        b->at[b->count] = first + 1;
        b->weights[b->count++] = weight * share;
    }
}

/* Resamples `side` pixels to out_side ones with linear interpolation; if coarse < out_side,
 * through that many intermediate ones, each the mean of two positions. */
static void blends(const struct stretch *s, int out_side, bool flip, int coarse, struct blend *out)
{
    float step = s->length / (float)coarse;
    for (int i = 0; i < out_side; i++) {
        struct blend *b = &out[flip ? out_side - 1 - i : i];
        b->count = 0;
        float at = ((float)i + 0.5f) / (float)out_side;
        if (coarse == out_side) {
            add_place(b, s->start + s->length * at - 0.5f, s->side, 1);
            continue;
        }
        float between = fminf(fmaxf(at * (float)coarse - 0.5f, 0), (float)(coarse - 1));
        float share = between - floorf(between);
        for (int k = 0; k < 2; k++) {
            float middle = s->start + step * (floorf(between) + (float)k + 0.5f) - 0.5f;
            float weight = 0.5f * (k ? share : 1 - share);
            add_place(b, middle - 0.25f * step, s->side, weight);
            add_place(b, middle + 0.25f * step, s->side, weight);
        }
    }
}

CLONES static void add_row(const uint8_t *restrict in, float weight, int count, float *restrict out)
{
    for (int i = 0; i < count; i++) {
        out[i] += weight * (float)in[i];
    }
}

static void resample(const uint8_t *in, int side, const struct view *view, float *out, int out_side)
{
    struct blend across[SIDE_MAX], down[SIDE_MAX];
    float row[SIDE_MAX * 3];
    const struct box *box = &view->box;
    blends(&(struct stretch){ box->x, box->width, side }, out_side, view->flip, view->coarse,
           across);
    blends(&(struct stretch){ box->y, box->height, side }, out_side, false, view->coarse, down);
    for (int y = 0; y < out_side; y++) {
        memset(row, 0, (size_t)side * 3 * sizeof *row);
        for (int k = 0; k < down[y].count; k++) {
            add_row(in + (size_t)down[y].at[k] * (size_t)side * 3, down[y].weights[k], side * 3,
                    row);
        }
        for (int x = 0; x < out_side; x++, out += 3) {
            const struct blend *b = &across[x];
            out[0] = out[1] = out[2] = 0;
            for (int k = 0; k < b->count; k++) {
                const float *from = row + b->at[k] * 3;
                out[0] += b->weights[k] * from[0];
                out[1] += b->weights[k] * from[1];
                out[2] += b->weights[k] * from[2];
            }
        }
    }
}

/* Brightness, contrast and saturation as one affine map of the channels and their luma. */
static void recolor(float *pixels, int count, float amount, struct random *random)
{
    float gain = random_between(random, 1 - amount, 1 + amount);
    float contrast = random_between(random, 1 - amount, 1 + amount);
    float saturation = random_between(random, 1 - amount, 1 + amount);
    if (random_unit(random) < GREY_SHARE) {
        saturation = 0;
    }
    float lift = AUGMENT_MID * (1 - contrast);
    gain *= contrast;
    for (int i = 0; i < count; i++, pixels += 3) {
        float luma = 0.299f * pixels[0] + 0.587f * pixels[1] + 0.114f * pixels[2];
        for (int c = 0; c < 3; c++) {
            float v = (luma + (pixels[c] - luma) * saturation) * gain + lift;
            pixels[c] = fminf(fmaxf(v, 0), 255);
        }
    }
}

static void erase(float *pixels, int side, struct random *random)
{
    struct box b = random_box(side, ERASE_AREA_MIN, ERASE_AREA_MAX, random);
    float color[3];
    for (int c = 0; c < 3; c++) {
        color[c] = random_between(random, 0, 255);
    }
    for (int y = (int)b.y; y < (int)(b.y + b.height); y++) {
        for (int x = (int)b.x; x < (int)(b.x + b.width); x++) {
            for (int c = 0; c < 3; c++) {
                pixels[(y * side + x) * 3 + c] = color[c];
            }
        }
    }
}

static struct view random_view(const struct augment *a, int side, int out_side,
                               struct random *random)
{
    struct view view = { whole(side), false, out_side };
    if (a->crop_min < 1) {
        view.box = random_box(side, a->crop_min, 1, random);
    }
    view.flip = a->flip && random_bits(random) >> 63;
    if (a->coarse > 0 && random_unit(random) < a->coarse) {
        view.coarse = (int)((float)out_side * random_between(random, COARSE_MIN, 1));
    }
    return view;
}

void augment_picture(const uint8_t *in, int side, const struct augment *augment,
                     struct random *random, float *out, int out_side)
{
    int count = out_side * out_side;
    bool varied = augment && random;
    struct view view = { whole(side), false, out_side };
    if (varied) {
        view = random_view(augment, side, out_side, random);
    }
    resample(in, side, &view, out, out_side);
    if (varied && augment->color > 0) {
        recolor(out, count, augment->color, random);
    }
    if (varied && random_unit(random) < augment->erase) {
        erase(out, out_side, random);
    }
    for (int i = 0; i < count * 3; i++) {
        out[i] = (out[i] - AUGMENT_MID) * (1.0f / AUGMENT_SPREAD);
    }
}
