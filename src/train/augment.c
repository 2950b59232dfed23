#include "augment.h"

#include <math.h>
#include <string.h>

#include "base/clones.h"

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
    float coarse; /* size of the intermediate picture, as a share of the view's; 1: none */
};

static struct box whole(int side)
{
    return (struct box){ 0, 0, (float)side, (float)side };
}

/* A part of a square picture that is width x height pixels. */
static struct box random_box(int width, int height, float area_min, float area_max,
                             struct random *random)
{
    float w = (float)width, h = (float)height;
    float area = random_between(random, area_min, area_max) * w * h;
    float aspect = expf(random_between(random, -logf(ASPECT_MAX), logf(ASPECT_MAX))) * (w / h);
    struct box b = { 0, 0, sqrtf(area * aspect), sqrtf(area / aspect) };
    b.width = fminf(b.width, w);
    b.height = fminf(b.height, h);
    b.x = random_unit(random) * (w - b.width);
    b.y = random_unit(random) * (h - b.height);
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

static int coarse_side(const struct view *view, int out_side)
{
    int coarse = (int)((float)out_side * view->coarse);
    return coarse < 1 ? 1 : coarse;
}

static void resample(const uint8_t *in, int side, const struct view *view, float *out, int width,
                     int height)
{
    struct blend across[AUGMENT_SIDE_MAX], down[AUGMENT_SIDE_MAX];
    float row[AUGMENT_SIDE_MAX * 3];
    const struct box *box = &view->box;
    blends(&(struct stretch){ box->x, box->width, side }, width, view->flip,
           coarse_side(view, width), across);
    blends(&(struct stretch){ box->y, box->height, side }, height, false, coarse_side(view, height),
           down);
    for (int y = 0; y < height; y++) {
        memset(row, 0, (size_t)side * 3 * sizeof *row);
        for (int k = 0; k < down[y].count; k++) {
            add_row(in + (size_t)down[y].at[k] * (size_t)side * 3, down[y].weights[k], side * 3,
                    row);
        }
        for (int x = 0; x < width; x++, out += 3) {
            const struct blend *b = &across[x];
            float sum[3] = { 0, 0, 0 };
            for (int k = 0; k < b->count; k++) {
                const float *from = row + b->at[k] * 3;
                sum[0] += b->weights[k] * from[0];
                sum[1] += b->weights[k] * from[1];
                sum[2] += b->weights[k] * from[2];
            }
            out[0] = sum[0];
            out[1] = sum[1];
            out[2] = sum[2];
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
            pixels[c] = v < 0 ? 0 : v > 255 ? 255 : v; /* fminf() is a call */
        }
    }
}

static void erase(float *pixels, int width, int height, struct random *random)
{
    struct box b = random_box(width, height, ERASE_AREA_MIN, ERASE_AREA_MAX, random);
    float color[3];
    for (int c = 0; c < 3; c++) {
        color[c] = random_between(random, 0, 255);
    }
    for (int y = (int)b.y; y < (int)(b.y + b.height); y++) {
        for (int x = (int)b.x; x < (int)(b.x + b.width); x++) {
            for (int c = 0; c < 3; c++) {
                pixels[(y * width + x) * 3 + c] = color[c];
            }
        }
    }
}

static struct view random_view(const struct augment *a, int side, struct random *random)
{
    struct view view = { whole(side), false, 1 };
    if (a->crop_min < 1) {
        view.box = random_box(side, side, a->crop_min, 1, random);
    }
    view.flip = a->flip && random_bits(random) >> 63;
    if (a->coarse > 0 && random_unit(random) < a->coarse) {
        view.coarse = random_between(random, COARSE_MIN, 1);
    }
    return view;
}

void augment_view(const uint8_t *in, int side, const struct augment *augment, struct random *random,
                  float *out, int width, int height)
{
    bool varied = augment && random;
    struct view view = { whole(side), false, 1 };
    if (varied) {
        view = random_view(augment, side, random);
    }
    resample(in, side, &view, out, width, height);
    if (varied && augment->color > 0) {
        recolor(out, width * height, augment->color, random);
    }
    if (varied && random_unit(random) < augment->erase) {
        erase(out, width, height, random);
    }
}

void augment_picture(const uint8_t *in, int side, const struct augment *augment,
                     struct random *random, float *out, int out_side)
{
    augment_view(in, side, augment, random, out, out_side, out_side);
    for (int i = 0; i < out_side * out_side * 3; i++) {
        out[i] = (out[i] - AUGMENT_MID) * (1.0f / AUGMENT_SPREAD);
    }
}
