/* The file that comes out: what our reader finds in it, the class names, and the
 * way back to a flat net. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/nn/flatbuffer.h"
#include "../../src/train/tflite_writer.h"
#include "base/mem.h"
#include "nn/embedding.h"
#include "nn/labels.h"
#include "nn/preprocess.h"
#include "nn/run.h"
#include "nn/weights.h"
#include "small_net.h"

static const char *const classes[SMALL_CLASSES] = { "cat", "dog",   "b\xC3\xA4r", "a b",
                                                    "e,f", "\"g\"", "7" };

/* A net, quantised, and its file. */
struct model_file {
    struct flat_net net;
    struct quantized_net q;
    struct buf file;
};

static void model_file_init(struct model_file *m)
{
    struct error err = { ERROR_NONE, "" };
    uint8_t *pixels = small_pictures(8, 5);
    small_net(&m->net, 1);
    buf_init(&m->file);
    bool ok = quantize_net(&m->q, &m->net, pixels, 8, &err) &&
              tflite_write_net(&m->q, classes, &m->file, &err);
    assert_string_equal(err.message, "");
    assert_true(ok);
    free(pixels);
}

static void model_file_release(struct model_file *m)
{
    quantized_net_release(&m->q);
    flat_net_release(&m->net);
    buf_release(&m->file);
}

static struct nn_model *load(const struct model_file *m)
{
    struct error err = { ERROR_NONE, "" };
    struct nn_model_options options = { .unfolded = true };
    struct nn_model *model =
        nn_model_parse_with(m->file.data, m->file.len, "small", &options, &err);
    assert_string_equal(err.message, "");
    assert_non_null(model);
    return model;
}

static void check_tensor(const struct nn_tensor_info *info, const struct flat_tensor *t,
                         const struct quantized_tensor *q)
{
    const int32_t map[4] = { 1, t->height, t->width, t->channels };
    const int32_t vector[2] = { 1, t->channels };
    assert_int_equal(info->type, NN_INT8);
    assert_int_equal(info->rank, t->vector ? 2 : 4);
    assert_memory_equal(info->dims, t->vector ? vector : map, (size_t)info->rank * 4);
    assert_true(info->scale == q->scale);
    assert_int_equal(info->zero_point, q->zero_point);
}

static void the_reader_finds_what_was_written(void **state)
{
    static const char *const names[] = { "CONV_2D", "CONV_2D",           "CONV_2D",
                                         "ADD",     "DEPTHWISE_CONV_2D", "CONV_2D",
                                         "MEAN",    "FULLY_CONNECTED",   "SOFTMAX" };
    struct model_file m;
    (void)state;
    model_file_init(&m);
    struct nn_model *model = load(&m);
    assert_int_equal(nn_model_op_count(model), ARRAY_LEN(names));
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const struct nn_op_info *op = nn_model_op(model, i);
        assert_string_equal(op->name, names[i]);
        if (i < m.net.op_count) {
            size_t out = m.net.ops[i].out;
            check_tensor(&op->output, &m.net.tensors[out], &m.q.tensors[out]);
        }
    }
    check_tensor(nn_model_input(model), &m.net.tensors[0], &(struct quantized_tensor){ 1, 0 });
    check_tensor(nn_model_output(model), &m.net.tensors[m.net.tensor_count - 1],
                 &(struct quantized_tensor){ 1 / 256.0f, -128 });
    assert_int_equal(nn_model_logits(model)->elements, SMALL_CLASSES);
    assert_true(nn_model_logits(model)->scale == m.q.tensors[m.net.tensor_count - 1].scale);
    struct nn_embedding_info embedding;
    assert_true(nn_model_embedding(model, &embedding));
    assert_int_equal(embedding.channels, 20);
    assert_int_equal(embedding.height, 7);
    nn_model_free(model);
    model_file_release(&m);
}

static void constants_lie_at_multiples_of_16(void **state)
{
    struct model_file m;
    (void)state;
    model_file_init(&m);
    struct nn_model *model = load(&m);
    for (size_t i = 0; i < m.net.op_count; i++) {
        struct nn_weights w;
        assert_int_equal(nn_model_weights(model, i, &w), m.net.ops[i].filter != NULL);
        if (m.net.ops[i].filter) {
            assert_int_equal(((const char *)w.filter - m.file.data) % 16, 0);
            assert_memory_equal(w.filter, m.q.ops[i].filter,
                                flat_filter_count(&m.net, &m.net.ops[i]));
            assert_memory_equal(w.bias, m.q.ops[i].bias, (size_t)w.out_channels * 4);
        }
    }
    nn_model_free(model);
    model_file_release(&m);
}

/* Field numbers as in the schema, since our reader needs none of these. */
static void other_runtimes_find_what_they_need(void **state)
{
    static const int32_t codes[][2] = {
        { 3, 3 }, { 4, 3 }, { 0, 2 }, { 40, 2 }, { 9, 4 }, { 25, 2 }
    }; /* and versions */
    static const uint8_t options[] = { 1, 1, 1, 11, 2, 1, 27, 8, 9 };
    struct model_file m;
    (void)state;
    model_file_init(&m);
    struct fb fb = { .bytes = (const uint8_t *)m.file.data, .len = m.file.len };
    struct fb_table root = fb_root(&fb, "TFL3");
    struct fb_vector rows = fb_vector(&root, 1, 4);
    assert_int_equal(rows.count, ARRAY_LEN(codes));
    for (size_t i = 0; i < rows.count; i++) {
        struct fb_table code = fb_table_at(&fb, rows, i);
        assert_int_equal(fb_u8(&code, 0, 0), codes[i][0]);
        assert_int_equal(fb_i32(&code, 3, 0), codes[i][0]);
        assert_int_equal(fb_i32(&code, 2, 1), codes[i][1]);
    }
    struct fb_table graph = fb_table_at(&fb, fb_vector(&root, 2, 4), 0);
    struct fb_vector ops = fb_vector(&graph, 3, 4);
    assert_int_equal(ops.count, ARRAY_LEN(options));
    for (size_t i = 0; i < ops.count; i++) {
        struct fb_table op = fb_table_at(&fb, ops, i);
        assert_int_equal(fb_u8(&op, 3, 0), options[i]);
    }
    struct fb_vector tensors = fb_vector(&graph, 0, 4);
    struct fb_vector buffers = fb_vector(&root, 4, 4);
    struct fb_table empty = fb_table_at(&fb, buffers, 0);
    assert_int_equal(fb_vector(&empty, 0, 1).count, 0);
    for (size_t i = 0; i < tensors.count; i++) {
        struct fb_table tensor = fb_table_at(&fb, tensors, i);
        struct fb_table quantization = fb_child(&tensor, 4);
        struct fb_vector zeros = fb_vector(&quantization, 3, 8);
        struct fb_vector name = fb_vector(&tensor, 3, 1);
        assert_true(name.count > 0 && fb.bytes[name.pos + name.count] == 0);
        assert_int_equal(zeros.count, fb_vector(&quantization, 2, 4).count);
        assert_int_equal(zeros.pos % 8, 0);
    }
    struct fb_vector description = fb_vector(&root, 3, 1);
    assert_memory_equal(fb.bytes + description.pos, "thumbtag ", 9);
    assert_false(fb.bad);
    model_file_release(&m);
}

/* The pixels themselves, by the default way in. */
static void pictures_go_in_as_they_are(void **state)
{
    struct model_file m;
    uint8_t picture[SMALL_HEIGHT * SMALL_WIDTH * 3];
    int8_t input[sizeof picture];
    (void)state;
    model_file_init(&m);
    struct nn_model *model = load(&m);
    for (size_t i = 0; i < sizeof picture; i++) {
        picture[i] = (uint8_t)i;
    }
    assert_true(nn_input_from_rgb(model, NULL, picture, (size_t)SMALL_WIDTH * 3, input, NULL));
    for (size_t i = 0; i < sizeof picture; i++) {
        assert_int_equal(input[i], picture[i] - 128);
    }
    nn_model_free(model);
    model_file_release(&m);
}

/* -------------------------------------------------------------------- names */

static void names_come_back(void **state)
{
    struct model_file m;
    struct nn_labels names;
    (void)state;
    model_file_init(&m);
    assert_true(nn_labels_parse_model(&names, m.file.data, m.file.len, "small", NULL));
    assert_int_equal(names.count, SMALL_CLASSES);
    for (size_t i = 0; i < SMALL_CLASSES; i++) {
        assert_string_equal(names.names[i], classes[i]);
    }
    nn_labels_release(&names);
    model_file_release(&m);
}

static void names_that_would_not_come_back_are_refused(void **state)
{
    static const char *const bad[] = { "", " cat", "a\nb", "\x1B[2J", "\xFF" };
    struct model_file m;
    (void)state;
    model_file_init(&m);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        const char *names[SMALL_CLASSES];
        struct buf file = BUF_INIT;
        struct error err = { ERROR_NONE, "" };
        memcpy(names, classes, sizeof names);
        names[i] = bad[i];
        assert_false(tflite_write_net(&m.q, names, &file, &err));
        assert_int_equal(err.kind, ERROR_DATA);
        buf_release(&file);
    }
    model_file_release(&m);
}

/* Where the archive begins. */
static size_t archive_of(const struct model_file *m)
{
    const char *at = memmem(m->file.data, m->file.len, "PK\x03\x04", 4);
    assert_non_null(at);
    return (size_t)(at - m->file.data);
}

/* Names that are read at all are those that were written: damage in the archive
 * is either noticed, or in what nobody reads. */
static void check_damaged(const char *bytes, size_t len)
{
    struct nn_labels names;
    struct error err = { ERROR_NONE, "" };
    if (nn_labels_parse_model(&names, bytes, len, "small", &err)) {
        assert_true(names.count == SMALL_CLASSES);
        for (size_t i = 0; i < names.count; i++) {
            assert_string_equal(names.names[i], classes[i]);
        }
    } else {
        assert_true(err.kind == ERROR_DATA || err.kind == ERROR_UNSUPPORTED);
        assert_true(strlen(err.message) > 0);
        assert_int_equal(names.count, 0);
    }
    nn_labels_release(&names);
}

static void damaged_archives_fail_cleanly(void **state)
{
    struct model_file m;
    struct nn_labels names;
    (void)state;
    model_file_init(&m);
    size_t archive = archive_of(&m);
    for (size_t len = archive; len < m.file.len; len++) {
        char *cut = malloc(len); /* just so large that the sanitizer sees each step too far */
        assert_non_null(cut);
        memcpy(cut, m.file.data, len);
        assert_false(nn_labels_parse_model(&names, cut, len, "small", NULL));
        free(cut);
    }
    for (size_t bit = archive * 8; bit < m.file.len * 8; bit++) {
        m.file.data[bit / 8] ^= (char)(1 << bit % 8);
        check_damaged(m.file.data, m.file.len);
        m.file.data[bit / 8] ^= (char)(1 << bit % 8);
    }
    model_file_release(&m);
}

static void what_is_in_the_archive_must_be_plain(void **state)
{
    static const struct {
        size_t field; /* of the directory's entry */
        char value;
        enum error_kind kind;
    } cases[] = {
        { 8, 1, ERROR_UNSUPPORTED },  /* encrypted */
        { 10, 8, ERROR_UNSUPPORTED }, /* deflated */
        { 16, 0, ERROR_DATA },        /* the check sum */
        { 45, 0x7F, ERROR_DATA },     /* where the file is */
        { 46, 'L', ERROR_DATA },      /* the name */
    };
    struct model_file m;
    (void)state;
    model_file_init(&m);
    char *entry = memmem(m.file.data, m.file.len, "PK\x01\x02", 4);
    assert_non_null(entry);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct nn_labels names;
        struct error err = { ERROR_NONE, "" };
        char old = entry[cases[i].field];
        entry[cases[i].field] = cases[i].value == old ? (char)~old : cases[i].value;
        assert_false(nn_labels_parse_model(&names, m.file.data, m.file.len, "small", &err));
        assert_int_equal(err.kind, cases[i].kind);
        assert_memory_equal(err.message, "small: labels.txt ", 18);
        entry[cases[i].field] = old;
    }
    model_file_release(&m);
}

/* A comment behind the archive, and an archive whose places count from its own
 * start, as `cat model archive.zip` makes it. */
static void archives_of_other_tools_are_read(void **state)
{
    struct model_file m;
    struct nn_labels names;
    (void)state;
    model_file_init(&m);
    uint32_t archive = (uint32_t)archive_of(&m);
    char *entry = memmem(m.file.data, m.file.len, "PK\x01\x02", 4);
    char *end = memmem(m.file.data, m.file.len, "PK\x05\x06", 4);
    assert_true(entry && end);
    for (int i = 0; i < 2; i++) {
        char *place = i == 0 ? entry + 42 : end + 16;
        uint32_t at;
        memcpy(&at, place, sizeof at);
        at -= archive;
        memcpy(place, &at, sizeof at);
    }
    end[20] = 7; /* the comment's length */
    buf_add(&m.file, "PK\5\6 hm", 7);
    assert_true(nn_labels_parse_model(&names, m.file.data, m.file.len, "small", NULL));
    assert_string_equal(names.names[1], "dog");
    nn_labels_release(&names);
    model_file_release(&m);
}

/* ----------------------------------------------------------------- the way back */

static void check_weights(const struct flat_net *net, const struct flat_op *op,
                          const struct flat_op *back, const struct quantized_op *q, float in)
{
    size_t count = flat_filter_count(net, op);
    size_t channels = count ? (size_t)net->tensors[op->out].channels : 0;
    for (size_t i = 0; i < count; i++) {
        size_t channel = op->kind == FLAT_DEPTHWISE ? i % channels : i / (count / channels);
        float step = q->scales[q->scale_count > 1 ? channel : 0];
        assert_true(fabsf(op->filter[i] - back->filter[i]) <= 0.501f * step);
    }
    for (size_t c = 0; c < channels; c++) {
        float step = q->scales[q->scale_count > 1 ? c : 0] * in;
        assert_true(fabsf(back->bias[c] - (float)q->bias[c] * step) <=
                    1e-4f * fabsf(back->bias[c]));
    }
}

static void a_model_becomes_a_flat_net_again(void **state)
{
    struct model_file m;
    struct flat_net back;
    struct error err = { ERROR_NONE, "" };
    (void)state;
    model_file_init(&m);
    struct nn_model *model = load(&m);
    bool ok = flat_from_model(&back, model, &err);
    assert_string_equal(err.message, "");
    assert_true(ok);
    assert_int_equal(back.op_count, m.net.op_count);
    assert_int_equal(back.tensor_count, m.net.tensor_count);
    for (size_t i = 0; i < back.tensor_count; i++) {
        assert_int_equal(back.tensors[i].height, m.net.tensors[i].height);
        assert_int_equal(back.tensors[i].width, m.net.tensors[i].width);
        assert_int_equal(back.tensors[i].channels, m.net.tensors[i].channels);
        assert_int_equal(back.tensors[i].vector, m.net.tensors[i].vector);
    }
    for (size_t i = 0; i < back.op_count; i++) {
        const struct flat_op *a = &m.net.ops[i], *b = &back.ops[i];
        assert_true(a->kind == b->kind && a->in[0] == b->in[0] && a->in[1] == b->in[1] &&
                    a->out == b->out && a->kernel == b->kernel && a->stride == b->stride &&
                    a->relu == b->relu);
        check_weights(&m.net, a, b, &m.q.ops[i], m.q.tensors[a->in[0]].scale);
    }
    flat_net_release(&back);
    nn_model_free(model);
    model_file_release(&m);
}

/* Written, read, written: the filters stay. */
static void a_second_round_changes_no_filter(void **state)
{
    struct model_file m;
    struct flat_net back;
    struct quantized_net q;
    uint8_t *pixels = small_pictures(8, 5);
    (void)state;
    model_file_init(&m);
    struct nn_model *model = load(&m);
    assert_true(flat_from_model(&back, model, NULL));
    assert_true(quantize_net(&q, &back, pixels, 8, NULL));
    for (size_t i = 0; i < back.op_count; i++) {
        size_t count = flat_filter_count(&back, &back.ops[i]);
        if (count) {
            assert_memory_equal(q.ops[i].filter, m.q.ops[i].filter, count);
        }
    }
    quantized_net_release(&q);
    flat_net_release(&back);
    nn_model_free(model);
    model_file_release(&m);
    free(pixels);
}

static void other_models_are_refused(void **state)
{
    struct flat_net net;
    struct error err;
    (void)state;
    struct nn_model *model = nn_model_load("tests/data/rgb/model.tflite", &err);
    assert_non_null(model);
    assert_false(flat_from_model(&net, model, &err));
    assert_int_equal(err.kind, ERROR_UNSUPPORTED);
    flat_net_release(&net);
    nn_model_free(model);
}

/* Nothing that has no logits, or whose picture is not read through a filter. */
static void nets_that_make_no_classifier_are_refused(void **state)
{
    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        struct flat_net net;
        struct quantized_net q;
        struct buf file = BUF_INIT;
        struct error err = { ERROR_NONE, "" };
        uint8_t pixels[4 * 4 * 3] = { 9 };
        struct flat_op mean = { .kind = FLAT_MEAN };
        struct flat_op dense = { .kind = FLAT_DENSE, .in = { 1, 0 } };
        assert_true(flat_net_init(&net, 4, 4, 3, NULL));
        assert_non_null(flat_net_add(&net, &mean, 0, NULL));
        assert_true(kind == 0 || flat_net_add(&net, &dense, SMALL_CLASSES, NULL));
        assert_true(quantize_net(&q, &net, pixels, 1, &err));
        assert_false(tflite_write_net(&q, classes, &file, &err));
        assert_int_equal(err.kind, ERROR_UNSUPPORTED);
        buf_release(&file);
        quantized_net_release(&q);
        flat_net_release(&net);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reader_finds_what_was_written),
        cmocka_unit_test(constants_lie_at_multiples_of_16),
        cmocka_unit_test(other_runtimes_find_what_they_need),
        cmocka_unit_test(pictures_go_in_as_they_are),
        cmocka_unit_test(names_come_back),
        cmocka_unit_test(names_that_would_not_come_back_are_refused),
        cmocka_unit_test(damaged_archives_fail_cleanly),
        cmocka_unit_test(what_is_in_the_archive_must_be_plain),
        cmocka_unit_test(archives_of_other_tools_are_read),
        cmocka_unit_test(a_model_becomes_a_flat_net_again),
        cmocka_unit_test(a_second_round_changes_no_filter),
        cmocka_unit_test(other_models_are_refused),
        cmocka_unit_test(nets_that_make_no_classifier_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
