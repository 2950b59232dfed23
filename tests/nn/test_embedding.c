#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nn/embedding.h"

#define RGB_MODEL "tests/data/rgb/model.tflite" /* 8x8x3 -> global mean -> 3 classes */

/* A map whose quarters have a value each, in every channel another. */
static void fill(int8_t *input)
{
    for (int y = 0; y < 8; y++) {
        for (int x = 0; x < 8; x++) {
            int quarter = y / 4 * 2 + x / 4;
            for (int c = 0; c < 3; c++) {
                input[(y * 8 + x) * 3 + c] = (int8_t)(-128 + 10 * (quarter + 1) + c);
            }
        }
    }
}

static void quarters_and_mean(void **state)
{
    (void)state;
    struct error err;
    struct nn_embedding_info info;
    struct nn_model *model = nn_model_load(RGB_MODEL, &err);
    assert_non_null(model);
    struct nn_context *context = nn_context_new(model, &err);
    assert_non_null(context);
    assert_true(nn_model_embedding(model, &info));
    assert_int_equal(info.channels, 3);
    assert_int_equal(info.height, 8);
    assert_int_equal(info.width, 8);
    int8_t input[192], with[3], without[3];
    float mean[3], grid[12];
    fill(input);
    nn_run_embedding(context, input, with, mean, grid);
    nn_run(context, input, without);
    assert_memory_equal(with, without, sizeof with);
    float scale = nn_model_input(model)->scale;
    for (int c = 0; c < 3; c++) {
        assert_float_equal(mean[c], (25.0f + (float)c) * scale, 1e-6f);
        for (int quarter = 0; quarter < 4; quarter++) {
            float want = (float)(10 * (quarter + 1) + c) * scale;
            assert_float_equal(grid[quarter * 3 + c], want, 1e-6f);
        }
    }
    nn_run_embedding(context, input, NULL, mean, NULL);
    assert_float_equal(mean[0], 25.0f * scale, 1e-6f);
    nn_context_free(context);
    nn_model_free(model);
}

/* The real models: the float mean agrees with what the model's own pool gave,
 * and every instruction set sees the same map. */
static void real_models(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t channels;
        int side;
    } cases[] = { { "resnet8", 64, 8 }, { "vww", 256, 3 }, { "mobilenet_v2", 1280, 7 } };
    const char *shared = getenv("THUMBTAG_SHARED") ? getenv("THUMBTAG_SHARED") : "../shared";
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/nn/models/%s.tflite", shared, cases[i].name);
        float *first = NULL;
        for (size_t k = 0; k < nn_isa_count(); k++) {
            struct nn_model_options options = { .isa = nn_isa_at(k) };
            struct nn_embedding_info info;
            if (!nn_isa_available(options.isa)) {
                continue;
            }
            struct nn_model *model = nn_model_load_with(path, &options, NULL);
            if (!model) {
                skip(); /* no shared models */
            }
            assert_true(nn_model_embedding(model, &info));
            assert_int_equal(info.channels, cases[i].channels);
            assert_int_equal(info.height, cases[i].side);
            assert_int_equal(info.width, cases[i].side);
            struct nn_context *context = nn_context_new(model, NULL);
            int8_t *input = malloc(nn_model_input(model)->bytes);
            for (size_t b = 0; b < nn_model_input(model)->bytes; b++) {
                input[b] = (int8_t)(b * 37 % 251);
            }
            float *features = calloc(5 * info.channels, sizeof *features);
            nn_run_embedding(context, input, NULL, features, features + info.channels);
            if (!first) {
                first = features;
            } else {
                assert_memory_equal(first, features, 5 * info.channels * sizeof *features);
                free(features);
            }
            free(input);
            nn_context_free(context);
            nn_model_free(model);
        }
        free(first);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quarters_and_mean),
        cmocka_unit_test(real_models),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
