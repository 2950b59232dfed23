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
    nn_run_embedding(context, input, with, &(struct nn_embedding){ .mean = mean, .grid = grid });
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
    nn_run_embedding(context, input, NULL, &(struct nn_embedding){ .mean = mean });
    assert_float_equal(mean[0], 25.0f * scale, 1e-6f);
    nn_context_free(context);
    nn_model_free(model);
}

/* What a watcher sees of the finer map: the mean of channel 0 over the upper
 * left quarter of the last map that is so large. */
struct fine {
    const struct nn_model *model;
    int least;
    float mean;
};

static void see(void *user, size_t op, void *output)
{
    struct fine *f = user;
    const struct nn_tensor_info *t = &nn_model_op(f->model, op)->output;
    if (t->rank != 4 || t->dims[1] < f->least || t->dims[2] < f->least) {
        return;
    }
    const int8_t *map = output;
    int height = (t->dims[1] + 1) / 2;
    int width = (t->dims[2] + 1) / 2;
    int64_t sum = 0;
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            sum += map[(y * t->dims[2] + x) * t->dims[3]] - t->zero_point;
        }
    }
    f->mean = (float)sum * t->scale / (float)(height * width);
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
        size_t fine_channels;
    } cases[] = { { "resnet8", 64, 8, 32 },
                  { "vww", 256, 3, 128 },
                  { "mobilenet_v2", 1280, 7, 576 } };
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
            assert_int_equal(info.fine_channels, cases[i].fine_channels);
            size_t count = 5 * info.channels + 4 * info.fine_channels;
            float *features = calloc(count, sizeof *features);
            struct nn_embedding to = { features, features + info.channels,
                                       features + 5 * info.channels };
            struct fine fine = { .model = model, .least = 2 * info.height };
            nn_context_watch(context, see, &fine);
            nn_run_embedding(context, input, NULL, &to);
            assert_float_equal(to.fine_grid[0], fine.mean, 1e-5f);
            if (!first) {
                first = features;
            } else {
                assert_memory_equal(first, features, count * sizeof *features);
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
