/* From float to 8 bits: what the observers choose, and that the engine's answers
 * stay those of the float net. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/train/observer.h"
#include "../../src/train/tflite_writer.h"
#include "base/mem.h"
#include "nn/preprocess.h"
#include "nn/run.h"
#include "small_net.h"

#define CALIBRATION 64
#define PICTURES 200

static const char *const classes[SMALL_CLASSES] = { "a", "b", "c", "d", "e", "f", "g" };

/* ---------------------------------------------------------------- observers */

static void an_outlier_is_cut_off_when_that_pays(void **state)
{
    struct observer o;
    struct random random = random_start(1, 0);
    (void)state;
    assert_true(observer_init(&o, 1));
    for (int i = 0; i < 400000; i++) {
        float v = fabsf(random_normal(&random));
        observer_add(&o, &v, 1);
    }
    struct range before = observer_best_range(&o);
    struct range all = observer_extremes(&o);
    assert_true(before.low == 0 && before.high > 3 && before.high <= all.high);
    observer_add(&o, &(float){ 40 }, 1);
    assert_true(observer_extremes(&o).high == 40);
    struct range best = observer_best_range(&o);
    assert_true(best.high > 5 && best.high < 35);
    /* the more of them, the less is cut off */
    for (int i = 0; i < 100000; i++) {
        observer_add(&o, &(float){ 40 }, 1);
    }
    assert_true(observer_best_range(&o).high > 39);
    observer_release(&o);
}

static void zeros_cost_nothing(void **state)
{
    struct observer o;
    struct random random = random_start(2, 0);
    float mean[2];
    (void)state;
    assert_true(observer_init(&o, 2));
    for (int i = 0; i < 10000; i++) {
        float v[2] = { -fabsf(random_normal(&random)), 0 };
        observer_add(&o, v, 1);
    }
    observer_add(&o, (float[4]){ -12, 0, 0, 0 }, 2);
    struct range best = observer_best_range(&o);
    for (int i = 0; i < 200000; i++) {
        observer_add(&o, (float[2]){ 0, 0 }, 1);
    }
    struct range same = observer_best_range(&o);
    assert_true(best.low == same.low && best.high == 0 && same.high == 0);
    observer_mean(&o, mean);
    assert_true(mean[0] < 0 && mean[1] == 0);
    observer_release(&o);
}

static void what_is_not_finite_is_noticed(void **state)
{
    static const float bad[] = { INFINITY, -INFINITY, NAN };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct observer o;
        assert_true(observer_init(&o, 1));
        observer_add(&o, &(float){ -3e38f }, 1);
        assert_true(observer_finite(&o));
        observer_add(&o, &bad[i], 1);
        assert_false(observer_finite(&o));
        observer_release(&o);
    }
}

/* ------------------------------------------------------- against the engine */

struct comparison {
    double cosine, agreement;
    double bias; /* largest mean error of a class, in steps of the logits */
};

static size_t top_of(const float *values, size_t count)
{
    size_t best = 0;
    for (size_t i = 1; i < count; i++) {
        best = values[i] > values[best] ? i : best;
    }
    return best;
}

static void run_engine(struct nn_context *context, const struct nn_model *model,
                       const uint8_t *picture, float *logits)
{
    int8_t input[SMALL_HEIGHT * SMALL_WIDTH * 3];
    assert_int_equal(nn_model_input(model)->bytes, sizeof input);
    assert_true(nn_input_from_rgb(model, NULL, picture, (size_t)SMALL_WIDTH * 3, input, NULL));
    nn_run(context, input, NULL);
    nn_logits(context, logits);
}

static struct comparison compare(const struct flat_net *net, const struct nn_model *model)
{
    uint8_t *pixels = small_pictures(PICTURES, 7);
    struct flat_runner *runner = flat_runner_new(net, PICTURES, NULL);
    struct nn_context *context = nn_context_new(model, NULL);
    assert_true(runner && context);
    const float *want = flat_run(runner, pixels, PICTURES);
    double dot = 0, a = 0, b = 0, agreed = 0, errors[SMALL_CLASSES] = { 0 };
    for (size_t n = 0; n < PICTURES; n++) {
        float got[SMALL_CLASSES];
        const float *row = want + n * SMALL_CLASSES;
        run_engine(context, model, pixels + n * flat_elements(&net->tensors[0]), got);
        for (size_t c = 0; c < SMALL_CLASSES; c++) {
            dot += (double)got[c] * (double)row[c];
            a += (double)got[c] * (double)got[c];
            b += (double)row[c] * (double)row[c];
            errors[c] += (double)(got[c] - row[c]) / PICTURES;
        }
        agreed += top_of(got, SMALL_CLASSES) == top_of(row, SMALL_CLASSES);
    }
    struct comparison result = { dot / sqrt(a * b), agreed / PICTURES, 0 };
    for (size_t c = 0; c < SMALL_CLASSES; c++) {
        result.bias = fmax(result.bias, fabs(errors[c]) / (double)nn_model_logits(model)->scale);
    }
    nn_context_free(context);
    flat_runner_free(runner);
    free(pixels);
    return result;
}

/* The net as a file, and that loaded. */
static struct nn_model *load_quantized(const struct flat_net *net, const struct nn_isa *isa,
                                       struct buf *file)
{
    struct quantized_net q;
    struct error err = { ERROR_NONE, "" };
    uint8_t *pixels = small_pictures(CALIBRATION, 5);
    bool ok = quantize_net(&q, net, pixels, CALIBRATION, &err) &&
              tflite_write_net(&q, classes, file, &err);
    struct nn_model_options options = { .isa = isa };
    struct nn_model *model =
        ok ? nn_model_parse_with(file->data, file->len, "small", &options, &err) : NULL;
    assert_string_equal(err.message, "");
    assert_non_null(model);
    quantized_net_release(&q);
    free(pixels);
    return model;
}

static void the_engine_agrees_with_the_float_net(void **state)
{
    (void)state;
    for (uint64_t seed = 5; seed <= 8; seed++) {
        for (size_t i = 0; i < nn_isa_count(); i++) {
            const struct nn_isa *isa = nn_isa_at(i);
            bool plain = i + 1 == nn_isa_count();
            if (!nn_isa_available(isa) || (isa != nn_isa_best() && !(plain && seed == 5))) {
                continue;
            }
            struct flat_net net;
            struct buf file = BUF_INIT;
            small_net(&net, seed);
            struct nn_model *model = load_quantized(&net, isa, &file);
            struct comparison c = compare(&net, model);
            print_message("seed %d, %s: cosine %.5f, agreement %.3f, bias %.2f\n", (int)seed,
                          nn_isa_name(isa), c.cosine, c.agreement, c.bias);
            assert_true(c.cosine > 0.999);
            assert_true(c.agreement > 0.95);
            nn_model_free(model);
            buf_release(&file);
            flat_net_release(&net);
        }
    }
}

/* Rounding errors of one sign would shift all that follows. */
static void biases_take_the_rounding_of_filters_back(void **state)
{
    struct flat_net net;
    struct buf file = BUF_INIT;
    struct flat_op lift = { .kind = FLAT_DEPTHWISE, .kernel = 1, .stride = 1, .relu = true };
    struct flat_op conv = { .kind = FLAT_CONV, .in = { 1, 0 }, .kernel = 3, .stride = 1 };
    (void)state;
    assert_true(flat_net_init(&net, SMALL_HEIGHT, SMALL_WIDTH, 3, NULL));
    struct flat_op *op = flat_net_add(&net, &lift, 0, NULL);
    for (size_t c = 0; c < 3; c++) {
        op->filter[c] = op->bias[c] = 1;
    }
    op = flat_net_add(&net, &conv, SMALL_CLASSES, NULL);
    size_t each = 3 * 3 * 3;
    for (size_t i = 0; i < each * SMALL_CLASSES; i++) {
        op->filter[i] = i % each == 0 ? 1 : 1.4f / 127; /* 1 is 127, the others 1 */
    }
    assert_non_null(flat_net_add(&net, &(struct flat_op){ FLAT_MEAN, .in = { 2, 0 } }, 0, NULL));
    op = flat_net_add(&net, &(struct flat_op){ FLAT_DENSE, .in = { 3, 0 } }, SMALL_CLASSES, NULL);
    for (size_t c = 0; c < SMALL_CLASSES; c++) {
        op->filter[c * SMALL_CLASSES + c] = 1;
    }
    struct nn_model *model = load_quantized(&net, NULL, &file);
    struct comparison c = compare(&net, model);
    print_message("bias %.2f\n", c.bias);
    assert_true(c.bias < 0.6);
    nn_model_free(model);
    buf_release(&file);
    flat_net_release(&net);
}

/* Channels that are off, a bias beyond all weights, a sum that is always zero:
 * what training can leave behind must load. */
static void dead_channels_and_tensors_can_be_loaded(void **state)
{
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        struct flat_net net;
        struct buf file = BUF_INIT;
        small_net(&net, 3);
        struct flat_op *op = &net.ops[kind == 3 ? 4 : 1];
        size_t count = flat_filter_count(&net, op);
        if (kind == 0) { /* one channel of nothing, one of a bias alone */
            memset(op->filter, 0, count / 12 * 2 * sizeof *op->filter);
            op->bias[0] = 0;
            op->bias[1] = 3;
        } else if (kind == 1) { /* weights far below the bias */
            for (size_t i = 0; i < count / 12; i++) {
                op->filter[i] *= 1e-12f;
            }
        } else { /* relu lets nothing through */
            for (size_t c = 0; c < 12; c++) {
                op->bias[c] = -1e4f;
            }
        }
        struct nn_model *model = load_quantized(&net, NULL, &file);
        if (kind < 3) {
            struct comparison c = compare(&net, model);
            print_message("kind %d: cosine %.5f, agreement %.3f\n", kind, c.cosine, c.agreement);
            assert_true(c.cosine > 0.99);
        }
        nn_model_free(model);
        buf_release(&file);
        flat_net_release(&net);
    }
}

static void nothing_to_measure_is_refused(void **state)
{
    struct flat_net net;
    struct quantized_net q;
    struct error err;
    uint8_t *pixels = small_pictures(1, 1);
    (void)state;
    small_net(&net, 1);
    assert_false(quantize_net(&q, &net, pixels, 0, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    quantized_net_release(&q);
    net.ops[4].filter[3] = NAN;
    assert_false(quantize_net(&q, &net, pixels, 1, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_non_null(strstr(err.message, "operator 4"));
    quantized_net_release(&q);
    flat_net_release(&net);
    free(pixels);
}

/* ------------------------------------------------------------ building nets */

static void what_a_flat_net_cannot_be_is_refused(void **state)
{
    static const struct {
        struct flat_op op;
        int channels;
    } cases[] = {
        { { .kind = FLAT_CONV, .in = { 9, 0 }, .kernel = 3, .stride = 1 }, 4 },
        { { .kind = FLAT_CONV, .kernel = 0, .stride = 1 }, 4 },
        { { .kind = FLAT_CONV, .kernel = 3, .stride = 3 }, 4 },
        { { .kind = FLAT_CONV, .kernel = 3, .stride = 1 }, 0 },
        { { .kind = FLAT_CONV, .kernel = 3, .stride = 1 }, INT32_MAX },
        { { .kind = FLAT_CONV, .in = { 1, 0 }, .kernel = 1, .stride = 1 }, 4 },
        { { .kind = FLAT_MEAN, .in = { 1, 0 } }, 0 },
        { { .kind = FLAT_ADD, .in = { 0, 1 } }, 0 },
        { { .kind = FLAT_ADD, .in = { 0, 7 } }, 0 },
        { { .kind = FLAT_DENSE, .in = { 0, 0 } }, 1 << 20 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct flat_net net;
        struct error err = { ERROR_NONE, "" };
        assert_true(flat_net_init(&net, 8, 8, 3, &err));
        assert_non_null(flat_net_add(&net, &(struct flat_op){ .kind = FLAT_MEAN }, 0, &err));
        assert_null(flat_net_add(&net, &cases[i].op, cases[i].channels, &err));
        assert_int_equal(err.kind, ERROR_UNSUPPORTED);
        flat_net_release(&net);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_outlier_is_cut_off_when_that_pays),
        cmocka_unit_test(zeros_cost_nothing),
        cmocka_unit_test(what_is_not_finite_is_noticed),
        cmocka_unit_test(the_engine_agrees_with_the_float_net),
        cmocka_unit_test(biases_take_the_rounding_of_filters_back),
        cmocka_unit_test(dead_channels_and_tensors_can_be_loaded),
        cmocka_unit_test(nothing_to_measure_is_refused),
        cmocka_unit_test(what_a_flat_net_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
