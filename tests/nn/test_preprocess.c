/* From pixels to the input tensor. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "nn/preprocess.h"
#include "tflite_writer.h"

#define NEAR(a, b) (fabs((double)(a) - (double)(b)) < 1e-6)

struct input_case {
    const char *name;
    uint8_t type;
    float scale;
    int zero_point;
    struct nn_input_spec want;
};

#define EACH(v)                                                                                    \
    {                                                                                              \
        v, v, v                                                                                    \
    }
#define IMAGENET                                                                                   \
    {                                                                                              \
        { 0.485f, 0.456f, 0.406f },                                                                \
        {                                                                                          \
            0.229f, 0.224f, 0.225f                                                                 \
        }                                                                                          \
    }

static const struct input_case defaults[] = {
    { "raw", TFLITE_INT8, 1, -128, { EACH(0), EACH(1 / 255.0f) } },
    { "unit", TFLITE_INT8, 1 / 255.0f, -128, { EACH(0), EACH(1) } },
    { "signed", TFLITE_INT8, 1 / 127.5f, -1, { EACH(0.5f), EACH(0.5f) } },
    { "signed, other zero", TFLITE_INT8, 1 / 127.5f, 0, { EACH(0.5f), EACH(0.5f) } },
    { "imagenet", TFLITE_INT8, 0.0186311156f, -14, IMAGENET },
    { "imagenet, calibrated short", TFLITE_INT8, 0.0175f, -11, IMAGENET },
    { "centred", TFLITE_INT8, 1, 0, { EACH(128 / 255.0f), EACH(1 / 255.0f) } },
    { "raw bytes", TFLITE_UINT8, 1, 0, { EACH(0), EACH(1 / 255.0f) } },
    { "unit bytes", TFLITE_UINT8, 1 / 255.0f, 0, { EACH(0), EACH(1) } },
    { "signed bytes", TFLITE_UINT8, 1 / 128.0f, 128, { EACH(0.5f), EACH(0.5f) } },
};

/* A model that only quantises its input: dims as given, output float or int8. */
static struct nn_model *model_with(struct tflite_tensor input, struct buf *file)
{
    struct tflite_model m = { .tensor_count = 0 };
    struct error err = { 0 };
    struct tflite_tensor output = input;
    output.type = TFLITE_INT8;
    output.scale = input.type == TFLITE_FLOAT32 ? 0.0186311156f : input.scale;
    output.zero_point = input.type == TFLITE_FLOAT32 ? -14 : 0;
    m.input = tflite_add_tensor(&m, input);
    m.output = tflite_add_tensor(&m, output);
    tflite_add_op(&m, (struct tflite_op){ TFLITE_QUANTIZE, { m.input }, 1, m.output, { { 0 } } });
    tflite_write(&m, file);
    struct nn_model *model = nn_model_parse(file->data, file->len, "net", &err);
    if (!model) {
        fail_msg("%s", err.message);
    }
    return model;
}

static struct tflite_tensor picture(uint8_t type, int a, int b, int c, float scale, int zero_point)
{
    return (
        struct tflite_tensor){ type, 4, { 1, a, b, c }, scale, zero_point, NULL, 0, 0, NULL, 0 };
}

static void default_follows_the_quantisation(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(defaults); i++) {
        const struct input_case *t = &defaults[i];
        struct buf file = BUF_INIT;
        struct nn_input_spec spec;
        struct nn_model *model =
            model_with(picture(t->type, 2, 2, 3, t->scale, t->zero_point), &file);
        nn_input_spec_default(model, &spec);
        for (int c = 0; c < 3; c++) {
            if (!NEAR(spec.mean[c], t->want.mean[c]) || !NEAR(spec.std[c], t->want.std[c])) {
                fail_msg("%s: mean %g, std %g", t->name, (double)spec.mean[c], (double)spec.std[c]);
            }
        }
        nn_model_free(model);
        buf_release(&file);
    }
}

static void float_input_is_judged_by_its_quantize(void **state)
{
    struct buf file = BUF_INIT;
    struct nn_input_spec spec;
    uint8_t rgb[3] = { 255, 0, 128 };
    float out[3];
    (void)state;
    struct nn_model *model = model_with(picture(TFLITE_FLOAT32, 1, 1, 3, 0, 0), &file);
    nn_input_spec_default(model, &spec);
    assert_true(NEAR(spec.mean[1], 0.456));
    assert_true(nn_input_from_rgb(model, NULL, rgb, 3, out, NULL));
    assert_true(NEAR(out[0], (1 - 0.485) / 0.229));
    assert_true(NEAR(out[1], -0.456 / 0.224));
    assert_true(fabs((double)out[2] - (128 / 255.0 - 0.406) / 0.225) < 1e-5);
    nn_model_free(model);
    buf_release(&file);
}

/* Models that take q = pixel - 128 get just that, for every level. */
static void pixel_less_128(void **state)
{
    static const float scales[] = { 1, 1 / 255.0f, 0.00392156886f };
    uint8_t rgb[256 * 3];
    int8_t out[256 * 3];
    (void)state;
    for (int i = 0; i < 256 * 3; i++) {
        rgb[i] = (uint8_t)(i / 3 + i % 3 * 50);
    }
    for (size_t s = 0; s < ARRAY_LEN(scales); s++) {
        struct buf file = BUF_INIT;
        struct nn_model *model =
            model_with(picture(TFLITE_INT8, 16, 16, 3, scales[s], -128), &file);
        assert_true(nn_input_from_rgb(model, NULL, rgb, 48, out, NULL));
        for (int i = 0; i < 256 * 3; i++) {
            assert_int_equal(out[i], rgb[i] - 128);
        }
        nn_model_free(model);
        buf_release(&file);
    }
}

/* Planes, and rows with bytes between them. */
static void channels_first(void **state)
{
    enum { H = 2, W = 4, STRIDE = W * 3 + 5 };
    uint8_t rgb[H * STRIDE];
    int8_t out[3 * H * W];
    struct nn_input_spec spec;
    struct buf file = BUF_INIT;
    (void)state;
    for (size_t i = 0; i < sizeof(rgb); i++) {
        rgb[i] = (uint8_t)(i * 73);
    }
    struct nn_model *model = model_with(picture(TFLITE_INT8, 3, H, W, 0.0186311156f, -14), &file);
    nn_input_spec_default(model, &spec);
    assert_true(nn_input_from_rgb(model, NULL, rgb, STRIDE, out, NULL));
    for (int c = 0; c < 3; c++) {
        for (int y = 0; y < H; y++) {
            for (int x = 0; x < W; x++) {
                double share = rgb[y * STRIDE + x * 3 + c] / 255.0;
                double real = (share - (double)spec.mean[c]) / (double)spec.std[c];
                double q = nearbyint(real / (double)0.0186311156f) - 14;
                assert_int_equal(out[(c * H + y) * W + x], q > 127    ? 127
                                                           : q < -128 ? -128
                                                                      : (int)q);
            }
        }
    }
    nn_model_free(model);
    buf_release(&file);
}

static void grey_takes_the_luma(void **state)
{
    static const uint8_t rgb[] = {
        255, 255, 255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9
    };
    static const uint8_t luma[] = { 255, 0, 77, 149, 29, 9 };
    uint8_t out[6];
    struct buf file = BUF_INIT;
    (void)state;
    struct nn_model *model = model_with(picture(TFLITE_UINT8, 2, 3, 1, 1, 0), &file);
    assert_true(nn_input_from_rgb(model, NULL, rgb, 9, out, NULL));
    assert_memory_equal(out, luma, sizeof(luma));
    nn_model_free(model);
    buf_release(&file);
}

static void a_spec_wins(void **state)
{
    static const uint8_t rgb[] = { 0, 51, 255 };
    const struct nn_input_spec spec = { { 0.2f, 0.2f, 0.2f }, { 0.1f, 0.1f, 0.01f } };
    int8_t out[3];
    struct buf file = BUF_INIT;
    (void)state;
    struct nn_model *model = model_with(picture(TFLITE_INT8, 1, 1, 3, 0.5f, 3), &file);
    assert_true(nn_input_from_rgb(model, &spec, rgb, 3, out, NULL));
    assert_int_equal(out[0], 3 - 4);
    assert_int_equal(out[1], 3);
    assert_int_equal(out[2], 127); /* 80 / 0.5 is beyond the range */
    nn_model_free(model);
    buf_release(&file);
}

static void bad_specs_and_inputs_are_refused(void **state)
{
    static const struct nn_input_spec bad[] = {
        { { 0, 0, 0 }, { 1, 0, 1 } },
        { { 0, 0, 0 }, { 1, 1, -1 } },
        { { 0, (float)NAN, 0 }, { 1, 1, 1 } },
        { { 0, 0, 0 }, { (float)INFINITY, 1, 1 } },
    };
    uint8_t rgb[12] = { 0 };
    int8_t out[12];
    struct error err = { 0 };
    struct buf file = BUF_INIT;
    (void)state;
    struct nn_model *model = model_with(picture(TFLITE_INT8, 2, 2, 3, 1, -128), &file);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_false(nn_input_from_rgb(model, &bad[i], rgb, 6, out, &err));
        assert_int_equal(err.kind, ERROR_USAGE);
    }
    nn_model_free(model);
    buf_clear(&file);
    model = model_with(picture(TFLITE_INT8, 2, 2, 2, 1, -128), &file);
    assert_false(nn_input_from_rgb(model, NULL, rgb, 6, out, &err));
    assert_int_equal(err.kind, ERROR_UNSUPPORTED);
    nn_model_free(model);
    buf_release(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(default_follows_the_quantisation),
        cmocka_unit_test(float_input_is_judged_by_its_quantize),
        cmocka_unit_test(pixel_less_128),
        cmocka_unit_test(channels_first),
        cmocka_unit_test(grey_takes_the_luma),
        cmocka_unit_test(a_spec_wins),
        cmocka_unit_test(bad_specs_and_inputs_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
