#include "learn/embedder.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "picture.h"
#include "scratch.h"
#include "tflite_writer.h"

#define RGB_MODEL "tests/data/rgb/model.tflite" /* 8x8x3 -> global mean -> 3 classes */

/* A picture whose quarters are of one colour each. */
static const uint8_t quarter_colors[4][3] = {
    { 255, 0, 0 }, { 0, 255, 0 }, { 0, 0, 255 }, { 255, 255, 51 }
};

static void quarters(struct buf *out, int side)
{
    uint8_t *rgb = mem_array((size_t)(side * side), 3);

    for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++) {
            memcpy(rgb + 3 * (y * side + x), quarter_colors[2 * y / side * 2 + 2 * x / side], 3);
        }
    }
    picture_ppm(out, side, side, rgb);
    free(rgb);
}

static struct embedder *embedder(const char *path)
{
    struct error err = { ERROR_NONE, "" };
    struct embedder *e = embedder_new(path, NULL, &err);

    assert_string_equal(err.message, "");
    assert_non_null(e);
    return e;
}

static void test_blocks_and_values(void **state)
{
    struct buf file = BUF_INIT;
    struct head_parts parts;
    float values[15], logits[3];
    struct embedder *e = embedder(RGB_MODEL);
    struct embed_runner *r = embed_runner_new(e, NULL);

    (void)state;
    assert_int_equal(embedder_dims(e), 15);
    assert_int_equal(embedder_input(e).width, 8);
    assert_int_equal(embedder_input(e).height, 8);
    assert_int_equal(embedder_outputs(e), 3);
    assert_int_equal(embedder_block_count(e), 2);
    assert_string_equal(embedder_block(e, 0).name, "mean");
    assert_int_equal(embedder_block(e, 0).dims, 3);
    assert_string_equal(embedder_block(e, 1).name, "grid");
    assert_int_equal(embedder_block(e, 1).offset, 3);
    embedder_parts(e, &parts); /* both of the last map */
    assert_int_equal(parts.count, 1);
    assert_int_equal(parts.part[0].dims, 15);
    assert_int_equal(embedder_block(e, 1).dims, 12);
    quarters(&file, 64);
    assert_true(embed_run(r, file.data, file.len, NULL, values, logits, NULL));
    for (int c = 0; c < 3; c++) {
        float mean = 0.0f;
        for (int q = 0; q < 4; q++) {
            float want = quarter_colors[q][c] / 255.0f;
            mean += want / 4.0f;
            assert_float_equal(values[3 + 3 * q + c], want, 0.01f);
        }
        assert_float_equal(values[c], mean, 0.01f);
        assert_float_equal(logits[c], 20.0f * mean, 0.3f);
    }
    assert_true(embed_run(r, file.data, file.len, NULL, values, NULL, NULL));
    embed_runner_free(r);
    embedder_free(e);
    buf_release(&file);
}

static void test_what_is_no_picture(void **state)
{
    float values[15];
    struct error err;
    char *folder = scratch_new();
    char *path = scratch_path(folder, "a.ppm");
    struct embedder *e = embedder(RGB_MODEL);
    struct embed_runner *r = embed_runner_new(e, NULL);

    (void)state;
    assert_false(embed_run(r, "no picture", 10, NULL, values, NULL, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_false(embed_run_file(r, path, NULL, values, NULL, &err));
    assert_int_equal(err.kind, ERROR_IO);
    scratch_write(path, "no picture", 10);
    assert_false(embed_run_file(r, path, NULL, values, NULL, &err));
    assert_non_null(strstr(err.message, path));
    struct buf file = BUF_INIT;
    quarters(&file, 8);
    scratch_write(path, file.data, file.len);
    assert_true(
        embed_run_file(r, path, NULL, values, NULL, &err)); /* the runner is as good as new */
    assert_float_equal(values[3], 1.0f, 0.01f);
    buf_release(&file);
    embed_runner_free(r);
    embedder_free(e);
    free(path);
    scratch_remove(folder);
}

static void test_backbone(void **state)
{
    struct buf file = BUF_INIT;
    struct embedder *e = embedder(NULL);
    struct embed_runner *r = embed_runner_new(e, NULL);
    float *values = mem_array(embedder_dims(e), sizeof *values);

    (void)state;
    assert_int_equal(embedder_outputs(e), 0); /* its classes are nobody's */
    quarters(&file, 100);
    assert_true(embed_run(r, file.data, file.len, NULL, values, NULL, NULL));
    bool any = false;
    for (size_t i = 0; i < embedder_dims(e); i++) {
        assert_true(isfinite(values[i]));
        any |= values[i] != 0.0f;
    }
    assert_true(any);
    free(values);
    embed_runner_free(r);
    embedder_free(e);
    buf_release(&file);
}

static void test_ids(void **state)
{
    struct classifier_options stretch = { .fit = IMAGE_RESHAPE_STRETCH };
    struct classifier_options fed = { .input_given = true,
                                      .input = { { 0.5f, 0.5f, 0.5f }, { 1.0f, 1.0f, 1.0f } } };
    struct embedder *e[] = { embedder(RGB_MODEL), embedder(NULL),
                             embedder_new(RGB_MODEL, &stretch, NULL),
                             embedder_new(RGB_MODEL, &fed, NULL) };
    struct embedder *again = embedder(RGB_MODEL);

    (void)state;
    assert_string_equal(embedder_id(again), embedder_id(e[0]));
    for (size_t i = 0; i < ARRAY_LEN(e); i++) {
        assert_int_equal(strlen(embedder_id(e[i])), EMBEDDER_ID_SIZE - 1);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(embedder_id(e[i]), embedder_id(e[j]));
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(e); i++) {
        embedder_free(e[i]);
    }
    embedder_free(again);
}

static void test_packing(void **state)
{
    static const float given[15] = { 1.0f,  -0.5f, 0.003f, 1e6f, -3e5f, 12.0f, 0.0f, 7e5f,
                                     -1e6f, 5e5f,  1.0f,   2.0f, 3.0f,  4e4f,  -5e4f };
    static const float zeros[15], no_logits[3], logits[3] = { -3.0f, 0.25f, 1.0f };
    struct embedder *e = embedder(RGB_MODEL);
    void *packed = malloc(embedder_packed_bytes(e));
    float values[15], out[3];

    (void)state;
    assert_int_equal(embedder_packed_bytes(e), 3 * sizeof(float) + 15 + 3);
    embedder_pack(e, given, logits, packed);
    embedder_unpack(e, packed, values, out);
    for (int i = 0; i < 15; i++) { /* half a step of the block's own scale */
        assert_float_equal(values[i], given[i], (i < 3 ? 1.0f : 1e6f) / 127.0f * 0.501f);
    }
    for (int i = 0; i < 3; i++) {
        assert_float_equal(out[i], logits[i], 3.0f / 127.0f * 0.501f);
    }
    embedder_pack(e, zeros, no_logits, packed);
    embedder_unpack(e, packed, values, NULL);
    assert_memory_equal(values, zeros, sizeof zeros);
    free(packed);
    embedder_free(e);
}

static struct tflite_tensor activation(int rank, int32_t h, int32_t w, int32_t c)
{
    struct tflite_tensor t = { .type = TFLITE_INT8, .rank = rank, .scale = 1 / 255.0f };

    t.zero_point = -128;
    memcpy(t.dims, rank == 4 ? (int32_t[]){ 1, h, w, c } : (int32_t[]){ 1, c, 0, 0 },
           4 * sizeof(int32_t));
    return t;
}

/* Mean colours alone: no layer reads any features. */
static void test_model_without_features(void **state)
{
    enum { IN, OUT };
    struct tflite_model m = { .input = IN, .output = OUT };
    struct buf file = BUF_INIT;
    struct buf picture = BUF_INIT;
    float values[3], logits[3];
    char *folder = scratch_new();
    char *path = scratch_path(folder, "model.tflite");

    (void)state;
    tflite_add_tensor(&m, activation(4, 8, 8, 3));
    tflite_add_tensor(&m, activation(4, 1, 1, 3));
    tflite_add_op(&m, (struct tflite_op){ TFLITE_AVERAGE_POOL,
                                          { IN },
                                          1,
                                          OUT,
                                          { TFLITE_BYTE(1), TFLITE_INT(8), TFLITE_INT(8),
                                            TFLITE_INT(8), TFLITE_INT(8), TFLITE_BYTE(0) } });
    tflite_write(&m, &file);
    scratch_write(path, file.data, file.len);
    struct embedder *e = embedder(path);
    struct embed_runner *r = embed_runner_new(e, NULL);
    assert_int_equal(embedder_block_count(e), 1);
    assert_string_equal(embedder_block(e, 0).name, "logits");
    assert_int_equal(embedder_dims(e), 3);
    quarters(&picture, 8);
    assert_true(embed_run(r, picture.data, picture.len, NULL, values, logits, NULL));
    assert_memory_equal(values, logits, sizeof values);
    assert_float_equal(values[0], 0.5f, 0.01f);
    embed_runner_free(r);
    embedder_free(e);
    buf_release(&file);
    buf_release(&picture);
    free(path);
    scratch_remove(folder);
}

static void test_refused(void **state)
{
    struct error err;
    char *folder = scratch_new();
    char *path = scratch_path(folder, "model.tflite");

    (void)state;
    assert_null(embedder_new(path, NULL, &err));
    assert_int_equal(err.kind, ERROR_IO);
    assert_non_null(strstr(err.message, path));
    scratch_write(path, "no model", 8);
    assert_null(embedder_new(path, NULL, &err));
    assert_non_null(strstr(err.message, path));
    embedder_free(NULL);
    embed_runner_free(NULL);
    free(path);
    scratch_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_and_values), cmocka_unit_test(test_what_is_no_picture),
        cmocka_unit_test(test_backbone),          cmocka_unit_test(test_ids),
        cmocka_unit_test(test_packing),           cmocka_unit_test(test_model_without_features),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
