/* A small flat net with every kind of operator, of random weights, and pictures
 * for it: blots of colour, so that they differ in more than noise. */
#ifndef TESTS_TRAIN_SMALL_NET_H
#define TESTS_TRAIN_SMALL_NET_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/train/flat.h"
#include "base/mem.h"
#include "base/random.h"

#define SMALL_HEIGHT 25
#define SMALL_WIDTH 22
#define SMALL_CLASSES 7
#define SMALL_OPS 8

static inline size_t small_add(struct flat_net *net, struct flat_op op, int channels,
                               struct random *random)
{
    struct flat_op *o = flat_net_add(net, &op, channels, NULL);
    assert_non_null(o);
    size_t count = flat_filter_count(net, o);
    size_t out = (size_t)net->tensors[o->out].channels;
    float spread = count ? sqrtf(2.0f * (float)out / (float)count) : 0;
    for (size_t i = 0; i < count; i++) {
        o->filter[i] = spread * random_normal(random);
    }
    for (size_t i = 0; o->bias && i < out; i++) {
        o->bias[i] = 0.1f * random_normal(random);
    }
    return o->out;
}

/* count pictures, to be freed. */
static inline uint8_t *small_pictures(size_t count, uint64_t seed)
{
    size_t each = (size_t)SMALL_HEIGHT * SMALL_WIDTH * 3;
    uint8_t *pixels = mem_array(count, each);
    assert_non_null(pixels);
    for (size_t n = 0; n < count; n++) {
        struct random random = random_start(seed, n);
        float blots[4][6]; /* y, x, width, and what it adds to each channel */
        for (int b = 0; b < 4; b++) {
            blots[b][0] = SMALL_HEIGHT * random_unit(&random);
            blots[b][1] = SMALL_WIDTH * random_unit(&random);
            blots[b][2] = 3 + 6 * random_unit(&random);
            for (int c = 0; c < 3; c++) {
                blots[b][3 + c] = 90 * random_normal(&random);
            }
        }
        for (size_t i = 0; i < each; i++) {
            float y = (float)(i / 3 / SMALL_WIDTH), x = (float)(i / 3 % SMALL_WIDTH);
            float v = 128 + 6 * random_normal(&random);
            for (int b = 0; b < 4; b++) {
                float dy = (y - blots[b][0]) / blots[b][2], dx = (x - blots[b][1]) / blots[b][2];
                v += blots[b][3 + i % 3] * expf(-dy * dy - dx * dx);
            }
            pixels[n * each + i] = (uint8_t)fminf(fmaxf(v, 0), 255);
        }
    }
    return pixels;
}

/* Takes each class's mean off, so that no class always wins. */
static inline void small_center(struct flat_net *net, struct flat_op *dense)
{
    enum { COUNT = 32 };
    uint8_t *pixels = small_pictures(COUNT, 99);
    struct flat_runner *runner = flat_runner_new(net, COUNT, NULL);
    assert_non_null(runner);
    const float *logits = flat_run(runner, pixels, COUNT);
    for (size_t i = 0; i < (size_t)COUNT * SMALL_CLASSES; i++) {
        dense->bias[i % SMALL_CLASSES] -= logits[i] / COUNT;
    }
    flat_runner_free(runner);
    free(pixels);
}

/* A convolution of stride 2, a residual block, a depthwise-separable block, the
 * mean, the logits. */
static inline void small_net(struct flat_net *net, uint64_t seed)
{
    struct random random = random_start(seed, 0);
    assert_true(flat_net_init(net, SMALL_HEIGHT, SMALL_WIDTH, 3, NULL));
    struct flat_op conv = { .kind = FLAT_CONV, .kernel = 3, .stride = 2, .relu = true };
    size_t stem = small_add(net, conv, 12, &random);
    conv.stride = 1;
    conv.in[0] = stem;
    size_t x = small_add(net, conv, 12, &random);
    conv.in[0] = x;
    conv.relu = false;
    x = small_add(net, conv, 12, &random);
    struct flat_op add = { .kind = FLAT_ADD, .in = { stem, x }, .relu = true };
    x = small_add(net, add, 0, &random);
    struct flat_op depthwise = {
        .kind = FLAT_DEPTHWISE, .in = { x, 0 }, .kernel = 5, .stride = 2, .relu = true
    };
    x = small_add(net, depthwise, 0, &random);
    struct flat_op pointwise = {
        .kind = FLAT_CONV, .in = { x, 0 }, .kernel = 1, .stride = 1, .relu = true
    };
    x = small_add(net, pointwise, 20, &random);
    x = small_add(net, (struct flat_op){ .kind = FLAT_MEAN, .in = { x, 0 } }, 0, &random);
    small_add(net, (struct flat_op){ .kind = FLAT_DENSE, .in = { x, 0 } }, SMALL_CLASSES, &random);
    small_center(net, &net->ops[net->op_count - 1]);
    assert_int_equal(net->op_count, SMALL_OPS);
}

#endif
