#include "augment.h"

#include <math.h>

#define SIDE_MAX 1024
#define ASPECT_MAX (4.0f / 3.0f)
#define GREY_SHARE 0.1f
#define ERASE_AREA_MIN 0.02f
#define ERASE_AREA_MAX 0.2f

struct box {
    float x, y, width, height;
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

/* A place between two pixels of a row or column. */
struct between {
    int first, second;
    float share; /* of the second */
};

static void places(float start, float length, int side, int out_side, bool flip,
                   struct between *out)
{
    for (int i = 0; i < out_side; i++) {
        float at = start + length * ((float)i + 0.5f) / (float)out_side - 0.5f;
        at = fminf(fmaxf(at, 0), (float)(side - 1));
        int first = (int)at;
        out[flip ? out_side - 1 - i : i] =
            (struct between){ first, first + 1 < side ? first + 1 : first, at - (float)first };
    }
}

static void resample(const uint8_t *in, int side, struct box box, bool flip, float *out,
                     int out_side)
{
    struct between across[SIDE_MAX], down[SIDE_MAX];
    places(box.x, box.width, side, out_side, flip, across);
    places(box.y, box.height, side, out_side, false, down);
    for (int y = 0; y < out_side; y++) {
        const uint8_t *upper = in + (size_t)down[y].first * (size_t)side * 3;
        const uint8_t *lower = in + (size_t)down[y].second * (size_t)side * 3;
        for (int x = 0; x < out_side; x++) {
            const struct between *b = &across[x];
            for (int c = 0; c < 3; c++, out++) {
                float left = (float)upper[b->first * 3 + c];
                float right = (float)upper[b->second * 3 + c];
                float top = left + (right - left) * b->share;
                left = (float)lower[b->first * 3 + c];
                right = (float)lower[b->second * 3 + c];
                float bottom = left + (right - left) * b->share;
                *out = top + (bottom - top) * down[y].share;
            }
        }
    }
}

/* All three as one affine map of the channels and their luma. */
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

void augment_picture(const uint8_t *in, int side, const struct augment *augment,
                     struct random *random, float *out, int out_side)
{
    int count = out_side * out_side;
    struct box box = whole(side);
    bool flip = false;
    if (augment && random) {
        if (augment->crop_min < 1) {
            box = random_box(side, augment->crop_min, 1, random);
        }
        flip = augment->flip && random_bits(random) >> 63;
    }
    resample(in, side, box, flip, out, out_side);
    if (augment && random) {
        if (augment->color > 0) {
            recolor(out, count, augment->color, random);
        }
        if (random_unit(random) < augment->erase) {
            erase(out, out_side, random);
        }
    }
    for (int i = 0; i < count * 3; i++) {
        out[i] = (out[i] - AUGMENT_MID) * (1.0f / AUGMENT_SPREAD);
    }
}
