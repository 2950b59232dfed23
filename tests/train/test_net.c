/* Gradients of every layer against differences of the loss. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/train/layers.h"
#include "../../src/train/loss.h"
#include "../../src/train/net.h"
#include "base/random.h"

#define BATCH 4
#define CLASSES 3
#define FEATURES 5

struct fixture {
    struct net net;
    struct slice *slice;
    float *parameters, *moments, *grads, *input, *direction;
    int side;
    enum norm_mode mode;
};

static size_t input_count(const struct fixture *f)
{
    return (size_t)BATCH * (size_t)f->side * (size_t)f->side * (size_t)f->net.tensors[0].channels;
}

static void start(struct fixture *f, int side, enum norm_mode mode)
{
    struct random random = random_start(7, 0);
    f->side = side;
    f->mode = mode;
    f->slice = slice_new(&f->net, BATCH, side, false, NULL);
    assert_non_null(f->slice);
    f->parameters = calloc(f->net.parameter_count, sizeof(float));
    f->grads = calloc(f->net.parameter_count, sizeof(float));
    f->direction = calloc(f->net.parameter_count, sizeof(float));
    f->moments = calloc(f->net.moment_count + 1, sizeof(float));
    f->input = calloc(input_count(f), sizeof(float));
    net_start(&f->net, 3, f->parameters, f->moments);
    for (size_t i = 0; i < f->net.parameter_count; i++) {
        /* Gammas of 0 would hide what lies behind them. */
        f->parameters[i] += 0.3f * random_normal(&random);
    }
    for (size_t i = 0; i < f->net.moment_count; i++) {
        f->moments[i] += 0.2f * random_unit(&random);
    }
    for (size_t i = 0; i < input_count(f); i++) {
        f->input[i] = random_normal(&random);
    }
}

static void stop(struct fixture *f)
{
    slice_free(f->slice);
    free(f->parameters);
    free(f->grads);
    free(f->direction);
    free(f->moments);
    free(f->input);
}

/* The error of a projection to targets of our own. */
static double projection_loss(const struct fixture *f, size_t tensor)
{
    static const float weights[NET_PARTS] = { 1, 0.5f, 2, 0, 0.25f };
    static float targets[BATCH * NET_PARTS * FEATURES];
    for (size_t i = 0; i < BATCH * NET_PARTS * FEATURES; i++) {
        targets[i] = (float)(i % 7) / 3 - 1;
    }
    struct loss_parts shape = { BATCH, (size_t)f->net.tensors[tensor].parts, FEATURES, 1, weights };
    return loss_parts(&shape, slice_tensor(f->slice, tensor), targets,
                      slice_tensor_grad(f->slice, tensor));
}

static double loss_of(struct fixture *f, bool backward)
{
    bool projects = f->net.projection != NET_NO_TENSOR;
    size_t labels[BATCH] = { 0, 2, projects ? LOSS_NO_LABEL : 1, 2 };
    static const float weights[CLASSES] = { 1, 0.5f, 2 };
    struct loss_shape shape = {
        .batch = BATCH, .classes = CLASSES, .smoothing = 0.1f, .class_weights = weights, .scale = 1
    };
    memcpy(slice_input(f->slice), f->input, input_count(f) * sizeof(float));
    slice_forward(f->slice, BATCH, f->side, f->parameters, f->moments, f->mode);
    double loss =
        loss_softmax(&shape, slice_logits(f->slice), labels, slice_logits_grad(f->slice)).sum;
    if (projects) {
        loss += projection_loss(f, f->net.projection);
    }
    if (f->net.fine_projection != NET_NO_TENSOR) {
        loss += projection_loss(f, f->net.fine_projection);
    }
    if (backward) {
        memset(f->grads, 0, f->net.parameter_count * sizeof(float));
        slice_backward(f->slice, f->parameters, f->grads);
    }
    return loss;
}

static void move(struct fixture *f, size_t first, size_t count, double step)
{
    for (size_t i = first; i < first + count; i++) {
        f->parameters[i] += (float)(step * (double)f->direction[i]);
    }
}

/* The slope along the gradient's own direction is its length. Other directions
 * (each sign turned at random) must agree as well. */
static void check_range(struct fixture *f, size_t first, size_t count, const char *what)
{
    struct random random = random_start(11, first);
    for (int round = 0; round < 3; round++) {
        double length = 0;
        double expected = 0;
        for (size_t i = first; i < first + count; i++) {
            float sign = round && random_bits(&random) >> 63 ? -1.0f : 1.0f;
            float spread = round ? 0.5f + random_unit(&random) : 1.0f;
            f->direction[i] = f->grads[i] * sign * spread;
            length += (double)f->direction[i] * (double)f->direction[i];
            expected += (double)f->direction[i] * (double)f->grads[i];
        }
        assert_true(length > 1e-8);
        double step = 4e-4 / sqrt(length);
        move(f, first, count, step);
        double up = loss_of(f, false);
        move(f, first, count, -2 * step);
        double down = loss_of(f, false);
        move(f, first, count, step);
        double slope = (up - down) / (2 * step);
        double scale = length > fabs(expected) ? length : fabs(expected);
        if (fabs(slope - expected) > 0.03 * scale) {
            fail_msg("%s, direction %d: slope %g, gradient says %g", what, round, slope, expected);
        }
    }
}

static void check_net(struct fixture *f, int side, enum norm_mode mode)
{
    start(f, side, mode);
    loss_of(f, true);
    for (size_t l = 0; l < f->net.layer_count; l++) {
        const struct layer *layer = &f->net.layers[l];
        size_t filter;
        size_t count = layer_parameters(&f->net, layer, &filter);
        char what[64];
        snprintf(what, sizeof what, "layer %zu of kind %d, side %d, mode %d", l, (int)layer->kind,
                 side, (int)mode);
        if (filter) {
            check_range(f, layer->parameters, filter, what);
        }
        if (layer->kind == LAYER_NORM) { /* gammas and betas apart */
            check_range(f, layer->parameters, count / 2, what);
            check_range(f, layer->parameters + count / 2, count / 2, what);
        } else if (count > filter) {
            check_range(f, layer->parameters + filter, count - filter, what);
        }
    }
    stop(f);
}

static void build_plain(struct net *net)
{
    net_init(net, 3);
    size_t x = net_norm(net, net_conv(net, 0, 3, 2, 8), NET_NO_TENSOR, true);
    x = net_norm(net, net_conv(net, x, 5, 1, 6), NET_NO_TENSOR, true);
    net_dense(net, net_mean(net, x), CLASSES);
}

static void build_residual(struct net *net)
{
    net_init(net, 3);
    size_t x = net_norm(net, net_conv(net, 0, 3, 1, 8), NET_NO_TENSOR, true);
    size_t y = net_norm(net, net_conv(net, x, 3, 1, 8), NET_NO_TENSOR, true);
    x = net_norm(net, net_conv(net, y, 3, 1, 8), x, true);
    size_t shortcut = net_norm(net, net_conv(net, x, 1, 2, 12), NET_NO_TENSOR, false);
    y = net_norm(net, net_conv(net, x, 3, 2, 12), NET_NO_TENSOR, true);
    x = net_norm(net, net_conv(net, y, 3, 1, 12), shortcut, true);
    x = net_norm(net, net_conv(net, x, 1, 1, 12), shortcut, false);
    net_dense(net, net_mean(net, x), CLASSES);
}

static void build_separable(struct net *net)
{
    net_init(net, 3);
    size_t x = net_norm(net, net_conv(net, 0, 3, 2, 8), NET_NO_TENSOR, true);
    size_t y = net_norm(net, net_depthwise(net, x, 3, 1), NET_NO_TENSOR, true);
    x = net_norm(net, net_conv(net, y, 1, 1, 8), x, true);
    y = net_norm(net, net_depthwise(net, x, 3, 2), NET_NO_TENSOR, true);
    x = net_norm(net, net_conv(net, y, 1, 1, 12), NET_NO_TENSOR, true);
    net_dense(net, net_mean(net, x), CLASSES);
}

static void test_gradients(void **state)
{
    (void)state;
    static void (*const builds[])(struct net *) = { build_plain, build_residual, build_separable };
    static const int sides[] = { 8, 11 };
    for (size_t b = 0; b < 3; b++) {
        for (size_t s = 0; s < 2; s++) {
            for (int mode = NORM_BATCH; mode <= NORM_FROZEN; mode++) {
                struct fixture f;
                builds[b](&f.net);
                check_net(&f, sides[s], (enum norm_mode)mode);
            }
        }
    }
}

/* Two dense layers read the same tensor or map, or a finer map too, and a picture has no label. */
static void test_gradients_with_projections(void **state)
{
    (void)state;
    static void (*const builds[])(struct net *) = { build_residual, build_separable };
    enum { MEAN, PARTS, FINE, KINDS };
    for (int i = 0; i < 2 * 2 * KINDS; i++) {
        int kind = i / 4;
        int side = i % 2 ? 8 : 11; /* of an odd one the middle row belongs to two quarters */
        struct fixture f;
        builds[i / 2 % 2](&f.net);
        size_t parameters = f.net.parameter_count;
        double macs = net_macs(&f.net, side);
        assert_true(net_has_finer(&f.net));
        net_project(&f.net, FEATURES, kind != MEAN);
        if (kind == FINE) {
            net_project_fine(&f.net, FEATURES);
        }
        assert_int_equal(net_kept_parameters(&f.net), parameters);
        assert_true(net_macs(&f.net, side) == macs);
        check_net(&f, side, kind == MEAN && side == 8 ? NORM_BATCH : NORM_FROZEN);
    }
    struct net plain;
    build_plain(&plain);
    assert_false(net_has_finer(&plain));
}

/* The whole map and its quarters, of an even and of an odd side. */
static void test_parts_of_a_map(void **state)
{
    (void)state;
    enum { CHANNELS = 2, SIDE_MAX = 5 };
    static const int sides[] = { 1, 4, SIDE_MAX };
    for (size_t s = 0; s < 3; s++) {
        int side = sides[s], half = (side + 1) / 2;
        float map[SIDE_MAX * SIDE_MAX * CHANNELS], parts[NET_PARTS * CHANNELS];
        double sums[NET_PARTS * CHANNELS] = { 0 };
        for (int i = 0; i < side * side * CHANNELS; i++) {
            int y = i / CHANNELS / side, x = i / CHANNELS % side, c = i % CHANNELS;
            map[i] = (float)(i * i % 11);
            sums[c] += (double)map[i] / (side * side);
            for (int q = 0; q < 4; q++) {
                bool in =
                    (q / 2 ? y >= side - half : y < half) && (q % 2 ? x >= side - half : x < half);
                sums[(q + 1) * CHANNELS + c] += in ? (double)map[i] / (half * half) : 0;
            }
        }
        parts_forward(1, (size_t)side, CHANNELS, map, parts);
        for (int i = 0; i < NET_PARTS * CHANNELS; i++) {
            assert_true(fabs((double)parts[i] - sums[i]) < 1e-5);
        }
    }
}

static void test_norm_of_a_batch(void **state)
{
    (void)state;
    struct fixture f;
    net_init(&f.net, 2);
    net_dense(&f.net, net_mean(&f.net, net_norm(&f.net, 0, NET_NO_TENSOR, false)), CLASSES);
    start(&f, 5, NORM_BATCH);
    net_start(&f.net, 1, f.parameters, f.moments);
    for (size_t i = 0; i < input_count(&f); i++) {
        f.input[i] = f.input[i] * 3 + (i % 2 ? 5.0f : -1.0f);
    }
    loss_of(&f, false);
    const float *out = slice_tensor(f.slice, 1);
    for (size_t c = 0; c < 2; c++) {
        double sum = 0;
        double squares = 0;
        for (size_t i = c; i < input_count(&f); i += 2) {
            sum += (double)out[i];
            squares += (double)out[i] * (double)out[i];
        }
        double n = (double)input_count(&f) / 2;
        assert_true(fabs(sum / n) < 1e-4);
        assert_true(fabs(squares / n - 1) < 1e-3);
        assert_true(fabs((double)slice_moments(f.slice)[c] - (c ? 5 : -1)) < 1);
    }
    stop(&f);
}

/* The losses alone, value by value, and what their sums say. */
static void test_losses(void **state)
{
    (void)state;
    enum { COUNT = 2 * CLASSES };
    float logits[COUNT] = { 1, -2, 0.5f, 3, 1, -1 }, teacher[COUNT] = { 0, 1, 2, 4, -1, 0.5f };
    float grad[COUNT];
    struct loss_shape shape = { .batch = 2, .classes = CLASSES, .scale = 1 };
    struct loss loss = loss_soft(&shape, logits, teacher, grad);
    assert_int_equal(loss.right, 1);
    assert_int_equal(loss.judged, 2);
    assert_true(loss.sum > 0);
    for (size_t i = 0; i < COUNT; i++) {
        float was = logits[i];
        logits[i] = was + 1e-2f;
        double up = loss_soft(&shape, logits, teacher, NULL).sum;
        logits[i] = was - 1e-2f;
        double down = loss_soft(&shape, logits, teacher, NULL).sum;
        logits[i] = was;
        assert_true(fabs((up - down) / 2e-2 - (double)grad[i]) < 1e-3);
    }
    assert_true(fabs(loss_soft(&shape, teacher, teacher, grad).sum) < 1e-6);

    double squares = loss_squares(2, CLASSES, 0.5f, logits, teacher, grad);
    assert_true(fabs(squares - (1 + 9 + 2.25 + 1 + 4 + 2.25) / CLASSES) < 1e-6);
    assert_true(fabs((double)grad[1] - 0.5 * 2 * -3 / CLASSES) < 1e-6);

    static const float weights[2] = { 1, 0.25f };
    struct loss_parts parts = { 1, 2, CLASSES, 0.5f, weights };
    squares = loss_parts(&parts, logits, teacher, grad);
    assert_true(fabs(squares - (1 + 9 + 2.25 + 0.25 * (1 + 4 + 2.25)) / CLASSES) < 1e-6);
    assert_true(fabs((double)grad[CLASSES] - 0.25 * 0.5 * 2 * -1 / CLASSES) < 1e-6);

    size_t labels[2] = { LOSS_NO_LABEL, 0 };
    loss = loss_softmax(&shape, logits, labels, grad);
    assert_int_equal(loss.judged, 1);
    assert_int_equal(loss.right, 1);
    assert_true(grad[0] == 0 && grad[1] == 0 && grad[2] == 0);
    assert_true(grad[3] < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradients),       cmocka_unit_test(test_gradients_with_projections),
        cmocka_unit_test(test_parts_of_a_map),  cmocka_unit_test(test_losses),
        cmocka_unit_test(test_norm_of_a_batch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
