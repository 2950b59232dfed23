/* Loading: what a model says of itself, what is refused and how, hostile files. */
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "nn/run.h"
#include "tflite_writer.h"

/* input 1×6×6×3 -> CONV (a) -> DEPTHWISE (b) -> ADD (a + b) -> AVERAGE_POOL ->
 * FULLY_CONNECTED -> SOFTMAX, tensors in this order. */
enum { IN, CONV_W, CONV_B, A, DW_W, B, SUM, POOLED, FC_W, LOGITS, OUT };
enum { OP_CONV, OP_DEPTHWISE, OP_ADD, OP_POOL, OP_FC, OP_SOFTMAX };

static const int8_t some_weights[256] = { 1, -2, 3, 5, -7, 11, -13, 17, 19, -23, 29, -31, 37, 41 };
static const int32_t some_bias[4] = { 100, -200, 300, 0 };
static const float conv_scales[4] = { 0.01f, 0.02f, 0.03f, 0.04f };

static struct tflite_tensor int8_tensor(int rank, const int32_t *dims, float scale, int zero)
{
    struct tflite_tensor t = { .type = TFLITE_INT8, .rank = rank, .scale = scale };
    t.zero_point = zero;
    memcpy(t.dims, dims, (size_t)rank * sizeof(*dims));
    return t;
}

static struct tflite_tensor weight_tensor(int rank, const int32_t *dims, float scale)
{
    struct tflite_tensor t = int8_tensor(rank, dims, scale, 0);
    t.data = some_weights;
    t.bytes = 1;
    for (int d = 0; d < rank; d++) {
        t.bytes *= (size_t)dims[d];
    }
    return t;
}

#define DIMS(...) ((const int32_t[]){ __VA_ARGS__ })

static void build_network(struct tflite_model *m)
{
    memset(m, 0, sizeof(*m));
    tflite_add_tensor(m, int8_tensor(4, DIMS(1, 6, 6, 3), 1 / 255.0f, -128));
    struct tflite_tensor conv = weight_tensor(4, DIMS(4, 3, 3, 3), 0);
    conv.scales = conv_scales;
    conv.scale_count = 4;
    tflite_add_tensor(m, conv);
    tflite_add_tensor(
        m, (struct tflite_tensor){
               .type = TFLITE_INT32, .rank = 1, .dims = { 4 }, .data = some_bias, .bytes = 16 });
    tflite_add_tensor(m, int8_tensor(4, DIMS(1, 6, 6, 4), 0.05f, -10));
    tflite_add_tensor(m, weight_tensor(4, DIMS(1, 3, 3, 4), 0.02f));
    tflite_add_tensor(m, int8_tensor(4, DIMS(1, 6, 6, 4), 0.1f, 3));
    tflite_add_tensor(m, int8_tensor(4, DIMS(1, 6, 6, 4), 0.1f, -5));
    tflite_add_tensor(m, int8_tensor(4, DIMS(1, 1, 1, 4), 0.1f, -5));
    tflite_add_tensor(m, weight_tensor(2, DIMS(3, 4), 0.05f));
    tflite_add_tensor(m, int8_tensor(2, DIMS(1, 3), 0.2f, 1));
    tflite_add_tensor(m, int8_tensor(2, DIMS(1, 3), 1 / 256.0f, -128));
    m->input = IN;
    m->output = OUT;
    tflite_add_op(
        m, (struct tflite_op){ TFLITE_CONV,
                               { IN, CONV_W, CONV_B },
                               3,
                               A,
                               { TFLITE_BYTE(0), TFLITE_INT(1), TFLITE_INT(1), TFLITE_BYTE(1) } });
    tflite_add_op(m, (struct tflite_op){ TFLITE_DEPTHWISE,
                                         { A, DW_W, -1 },
                                         3,
                                         B,
                                         { TFLITE_BYTE(0), TFLITE_INT(1), TFLITE_INT(1),
                                           TFLITE_INT(1), TFLITE_BYTE(0) } });
    tflite_add_op(m, (struct tflite_op){ TFLITE_ADD, { A, B }, 2, SUM, { TFLITE_BYTE(0) } });
    tflite_add_op(m, (struct tflite_op){ TFLITE_AVERAGE_POOL,
                                         { SUM },
                                         1,
                                         POOLED,
                                         { TFLITE_BYTE(1), TFLITE_INT(6), TFLITE_INT(6),
                                           TFLITE_INT(6), TFLITE_INT(6), TFLITE_BYTE(0) } });
    tflite_add_op(m, (struct tflite_op){
                         TFLITE_FULLY_CONNECTED, { POOLED, FC_W }, 2, LOGITS, { TFLITE_BYTE(0) } });
    tflite_add_op(m, (struct tflite_op){ TFLITE_SOFTMAX, { LOGITS }, 1, OUT, { TFLITE_FLOAT(1) } });
}

static struct nn_model *need_model(const struct tflite_model *m, struct buf *file)
{
    struct error err = { 0 };
    buf_clear(file);
    tflite_write(m, file);
    struct nn_model *model = nn_model_parse(file->data, file->len, "net", &err);
    if (!model) {
        fail_msg("%s", err.message);
    }
    return model;
}

static void fill_input(int8_t input[108], int seed)
{
    for (int i = 0; i < 108; i++) {
        input[i] = (int8_t)((i * 37 + seed * 101) % 256 - 128);
    }
}

static void model_describes_itself(void **state)
{
    struct tflite_model m;
    struct buf file = BUF_INIT;
    struct nn_image_shape shape;
    (void)state;
    build_network(&m);
    struct nn_model *model = need_model(&m, &file);
    assert_int_equal(nn_model_op_count(model), 6);
    assert_string_equal(nn_model_op(model, OP_DEPTHWISE)->name, "DEPTHWISE_CONV_2D");
    assert_int_equal(nn_model_op(model, OP_CONV)->macs, 6 * 6 * 4 * 27);
    assert_int_equal(nn_model_op(model, OP_POOL)->output.elements, 4);
    assert_int_equal(nn_model_macs(model), 6 * 6 * 4 * 27 + 6 * 6 * 4 * 9 + 12);
    assert_int_equal(nn_model_classes(model), 3);
    assert_int_equal(nn_model_input(model)->type, NN_INT8);
    assert_int_equal(nn_model_input(model)->zero_point, -128);
    assert_int_equal(nn_model_logits(model)->zero_point, 1);
    assert_true(nn_model_output(model)->scale == 1 / 256.0f);
    assert_true(nn_model_image(model, &shape));
    assert_int_equal(shape.height, 6);
    assert_int_equal(shape.width, 6);
    assert_int_equal(shape.channels, 3);
    assert_false(shape.channels_first);
    nn_model_free(model);
    buf_release(&file);
}

struct tape {
    int8_t layers[8][256];
    const struct nn_model *model;
};

static void record(void *user, size_t op, void *output)
{
    struct tape *tape = user;
    memcpy(tape->layers[op], output, nn_model_op(tape->model, op)->output.bytes);
}

/* Three activations of 144 bytes are never all needed with a fourth: the arena
 * is smaller than their sum, and still A survives until ADD reads it. */
static void activations_share_the_arena(void **state)
{
    struct tflite_model m;
    struct buf file = BUF_INIT;
    struct tape tape;
    int8_t input[108];
    (void)state;
    build_network(&m);
    struct nn_model *model = need_model(&m, &file);
    struct nn_context *context = nn_context_new(model, NULL);
    assert_non_null(context);
    assert_true(nn_model_arena_bytes(model) >= 3 * 144);
    /* Kernels of an instruction set have scratch besides. */
    const struct nn_model_options plain = { .isa = nn_isa_by_name("reference") };
    struct nn_model *bare = nn_model_parse_with(file.data, file.len, "net", &plain, NULL);
    assert_non_null(bare);
    assert_true(nn_model_arena_bytes(bare) >= 3 * 144);
    assert_true(nn_model_arena_bytes(bare) <= 3 * 192);
    nn_model_free(bare);
    tape.model = model;
    fill_input(input, 1);
    nn_context_watch(context, record, &tape);
    nn_run(context, input, NULL);
    for (int i = 0; i < 144; i++) {
        float a = (float)(tape.layers[OP_CONV][i] + 10) * (0.05f / 0.1f);
        float b = (float)(tape.layers[OP_DEPTHWISE][i] - 3);
        float sum = floorf(a + b + 0.5f) - 5;
        assert_int_equal(tape.layers[OP_ADD][i], sum < -128 ? -128 : sum > 127 ? 127 : (int)sum);
    }
    nn_context_free(context);
    nn_model_free(model);
    buf_release(&file);
}

static void logits_and_probabilities(void **state)
{
    struct tflite_model m;
    struct buf file = BUF_INIT;
    struct tape tape;
    int8_t input[108], out[3];
    float logits[3], p[3];
    (void)state;
    build_network(&m);
    m.ops[OP_SOFTMAX].options[0].real = 2; /* beta */
    struct nn_model *model = need_model(&m, &file);
    struct nn_context *context = nn_context_new(model, NULL);
    tape.model = model;
    nn_context_watch(context, record, &tape);
    fill_input(input, 5);
    nn_run(context, input, out);
    nn_logits(context, logits);
    nn_probabilities(context, p);
    assert_memory_equal(nn_raw_logits(context), tape.layers[OP_FC], 3);
    assert_memory_equal(out, tape.layers[OP_SOFTMAX], 3);
    double sum = 0;
    for (int i = 0; i < 3; i++) {
        assert_true(fabs((double)logits[i] - (tape.layers[OP_FC][i] - 1) * 0.2) < 1e-5);
        sum += exp(2 * (tape.layers[OP_FC][i] - 1) * 0.2);
    }
    for (int i = 0; i < 3; i++) {
        double want = exp(2 * (tape.layers[OP_FC][i] - 1) * 0.2) / sum;
        assert_true(fabs((double)p[i] - want) < 1e-5);
        assert_true(fabs((out[i] + 128) / 256.0 - want) < 1 / 256.0);
    }
    nn_context_free(context);
    nn_model_free(model);
    buf_release(&file);
}

/* What follows the SOFTMAX does not take the logits' place. */
static void logits_outlive_the_softmax(void **state)
{
    struct tflite_model m;
    struct buf file = BUF_INIT;
    struct tape tape;
    int8_t input[108];
    (void)state;
    build_network(&m);
    for (int i = 0; i < 2; i++) {
        struct tflite_tensor same = m.tensors[OUT];
        int32_t from = m.output;
        m.output = tflite_add_tensor(&m, same);
        tflite_add_op(&m, (struct tflite_op){ TFLITE_RESHAPE, { from }, 1, m.output, { { 0 } } });
    }
    struct nn_model *model = need_model(&m, &file);
    struct nn_context *context = nn_context_new(model, NULL);
    tape.model = model;
    nn_context_watch(context, record, &tape);
    fill_input(input, 5);
    nn_run(context, input, NULL);
    assert_memory_equal(nn_raw_logits(context), tape.layers[OP_FC], 3);
    nn_context_free(context);
    nn_model_free(model);
    buf_release(&file);
}

/* Operators may follow the one that writes the output. */
static void the_output_is_kept_to_the_end(void **state)
{
    struct tflite_model m;
    struct buf file = BUF_INIT;
    struct tape tape;
    int8_t input[108], out[3];
    int32_t from = OUT;
    (void)state;
    build_network(&m);
    for (int i = 0; i < 2; i++) {
        int32_t to = tflite_add_tensor(&m, m.tensors[OUT]);
        tflite_add_op(&m, (struct tflite_op){ TFLITE_ADD, { from, from }, 2, to, { { 0 } } });
        from = to;
    }
    struct nn_model *model = need_model(&m, &file);
    struct nn_context *context = nn_context_new(model, NULL);
    tape.model = model;
    nn_context_watch(context, record, &tape);
    fill_input(input, 5);
    nn_run(context, input, out);
    assert_memory_equal(out, tape.layers[OP_SOFTMAX], 3);
    assert_memory_not_equal(out, tape.layers[7], 3);
    nn_context_free(context);
    nn_model_free(model);
    buf_release(&file);
}

/* Without a SOFTMAX the output itself is the logits. */
static void logits_without_softmax(void **state)
{
    struct tflite_model m;
    struct buf file = BUF_INIT;
    int8_t input[108], out[3];
    (void)state;
    build_network(&m);
    m.op_count--;
    m.output = LOGITS;
    struct nn_model *model = need_model(&m, &file);
    struct nn_context *context = nn_context_new(model, NULL);
    fill_input(input, 2);
    nn_run(context, input, out);
    assert_memory_equal(nn_raw_logits(context), out, 3);
    nn_context_free(context);
    nn_model_free(model);
    buf_release(&file);
}

static void zero_it(void *user, size_t op, void *output)
{
    const struct nn_model *model = user;
    if (op == OP_FC) {
        memset(output, 0, nn_model_op(model, op)->output.bytes);
    }
}

static void watcher_may_change_an_output(void **state)
{
    struct tflite_model m;
    struct buf file = BUF_INIT;
    int8_t input[108], out[3];
    (void)state;
    build_network(&m);
    struct nn_model *model = need_model(&m, &file);
    struct nn_context *context = nn_context_new(model, NULL);
    fill_input(input, 3);
    nn_context_watch(context, zero_it, model);
    nn_run(context, input, out);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(out[i], -128 + 85); /* a third each */
    }
    nn_context_free(context);
    nn_model_free(model);
    buf_release(&file);
}

struct worker {
    const struct nn_model *model;
    int seed;
    int8_t first[3];
    bool same;
};

static void *run_often(void *argument)
{
    struct worker *w = argument;
    int8_t input[108], out[3];
    struct nn_context *context = nn_context_new(w->model, NULL);
    fill_input(input, w->seed);
    w->same = context != NULL;
    for (int i = 0; w->same && i < 200; i++) {
        nn_run(context, input, out);
        w->same = memcmp(out, w->first, sizeof(out)) == 0;
    }
    nn_context_free(context);
    return NULL;
}

static void threads_share_a_model(void **state)
{
    struct tflite_model m;
    struct buf file = BUF_INIT;
    struct worker workers[3];
    pthread_t threads[ARRAY_LEN(workers)];
    (void)state;
    build_network(&m);
    struct nn_model *model = need_model(&m, &file);
    for (size_t i = 0; i < ARRAY_LEN(workers); i++) {
        int8_t input[108];
        struct nn_context *context = nn_context_new(model, NULL);
        workers[i] = (struct worker){ .model = model, .seed = (int)i * 11 };
        fill_input(input, workers[i].seed);
        nn_run(context, input, workers[i].first);
        nn_context_free(context);
    }
    for (size_t i = 0; i < ARRAY_LEN(workers); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, run_often, &workers[i]), 0);
    }
    for (size_t i = 0; i < ARRAY_LEN(workers); i++) {
        pthread_join(threads[i], NULL);
        assert_true(workers[i].same);
    }
    nn_model_free(model);
    buf_release(&file);
}

static void constants_may_lie_behind_the_flatbuffer(void **state)
{
    struct tflite_model m;
    struct buf inside = BUF_INIT, outside = BUF_INIT;
    struct nn_model *models[2];
    int8_t input[108], out[2][3];
    (void)state;
    build_network(&m);
    models[0] = need_model(&m, &inside);
    m.data_outside = true;
    models[1] = need_model(&m, &outside);
    fill_input(input, 7);
    for (int i = 0; i < 2; i++) {
        struct nn_context *context = nn_context_new(models[i], NULL);
        nn_run(context, input, out[i]);
        nn_context_free(context);
        nn_model_free(models[i]);
    }
    assert_memory_equal(out[0], out[1], 3);
    outside.len--;
    assert_null(nn_model_parse(outside.data, outside.len, "net", NULL));
    buf_release(&inside);
    buf_release(&outside);
}

static void old_files_load(void **state)
{
    struct tflite_model m;
    struct buf file = BUF_INIT;
    (void)state;
    build_network(&m);
    m.old_codes = true;
    struct nn_model *model = need_model(&m, &file);
    assert_string_equal(nn_model_op(model, OP_SOFTMAX)->name, "SOFTMAX");
    nn_model_free(model);
    buf_release(&file);
}

static void load_reads_a_file(void **state)
{
    struct tflite_model m;
    struct buf bytes = BUF_INIT;
    struct error err = { 0 };
    char path[] = "/tmp/thumbtag-model-XXXXXX";
    (void)state;
    build_network(&m);
    tflite_write(&m, &bytes);
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.data, bytes.len), bytes.len);
    close(fd);
    struct nn_model *model = nn_model_load(path, &err);
    unlink(path);
    assert_non_null(model);
    assert_int_equal(nn_model_classes(model), 3);
    nn_model_free(model);
    assert_null(nn_model_load(path, &err));
    assert_int_equal(err.kind, ERROR_IO);
    buf_release(&bytes);
}

/* What is wrong with the network, and what the message must say. */
struct refusal {
    const char *says;
    enum error_kind kind;
    void (*spoil)(struct tflite_model *m);
};

static void spoil_operator(struct tflite_model *m)
{
    m->ops[OP_ADD].code = TFLITE_LOGISTIC;
}

static void spoil_code(struct tflite_model *m)
{
    m->ops[OP_ADD].code = 12345;
}

static void spoil_type(struct tflite_model *m)
{
    m->tensors[A].type = TFLITE_INT16;
}

static void spoil_float(struct tflite_model *m)
{
    m->tensors[SUM].type = TFLITE_FLOAT32;
}

static void spoil_order(struct tflite_model *m)
{
    m->ops[OP_DEPTHWISE].inputs[0] = SUM;
}

static void spoil_self(struct tflite_model *m)
{
    m->ops[OP_ADD].inputs[1] = SUM;
}

static void spoil_twice(struct tflite_model *m)
{
    m->ops[OP_DEPTHWISE].output = A;
}

static void spoil_constant_output(struct tflite_model *m)
{
    m->ops[OP_CONV].output = CONV_W;
}

static void spoil_index(struct tflite_model *m)
{
    m->ops[OP_POOL].inputs[0] = 99;
}

static void spoil_missing(struct tflite_model *m)
{
    m->ops[OP_FC].inputs[1] = -1;
}

static void spoil_scale(struct tflite_model *m)
{
    m->tensors[SUM].scale = -1;
}

static void spoil_scale_nan(struct tflite_model *m)
{
    m->tensors[SUM].scale = NAN;
}

static void spoil_zero_point(struct tflite_model *m)
{
    m->tensors[SUM].zero_point = 128;
}

static void spoil_weights_zero_point(struct tflite_model *m)
{
    m->tensors[DW_W].zero_point = 1;
}

static void spoil_scale_count(struct tflite_model *m)
{
    m->tensors[CONV_W].scale_count = 3;
}

static void spoil_axis(struct tflite_model *m)
{
    m->tensors[CONV_W].dims[3] = 4;
    m->tensors[CONV_W].axis = 3;
    m->tensors[CONV_W].bytes = 4 * 3 * 3 * 4;
}

static void spoil_dim(struct tflite_model *m)
{
    m->tensors[SUM].dims[1] = 0;
}

static void spoil_size(struct tflite_model *m)
{
    m->tensors[SUM].dims[1] = m->tensors[SUM].dims[2] = m->tensors[SUM].dims[3] = 1 << 12;
}

static void spoil_shape(struct tflite_model *m)
{
    m->tensors[A].dims[1] = 5;
}

static void spoil_bytes(struct tflite_model *m)
{
    m->tensors[CONV_W].bytes--;
}

static void spoil_stride(struct tflite_model *m)
{
    m->ops[OP_CONV].options[1].value = 0;
}

static void spoil_padding(struct tflite_model *m)
{
    m->ops[OP_CONV].options[0].value = 7;
}

static void spoil_activation(struct tflite_model *m)
{
    m->ops[OP_CONV].options[3].value = 4;
}

static void spoil_float_weights(struct tflite_model *m)
{
    static const float zeros[1000];
    struct tflite_tensor *weights = &m->tensors[CONV_W];
    weights->type = TFLITE_FLOAT32;
    weights->data = zeros;
    weights->bytes *= sizeof *zeros;
}

static void spoil_batch(struct tflite_model *m)
{
    m->tensors[IN].dims[0] = 2;
}

static void spoil_bias_scale(struct tflite_model *m)
{
    m->tensors[CONV_B].scale = 1;
}

static void spoil_pool_scale(struct tflite_model *m)
{
    m->tensors[POOLED].scale *= 2;
}

static void spoil_add_factor(struct tflite_model *m)
{
    m->tensors[SUM].scale = 1e-5f;
    m->tensors[POOLED].scale = 1e-5f;
}

static void spoil_beta(struct tflite_model *m)
{
    m->ops[OP_SOFTMAX].options[0].real = -1;
}

static void spoil_output(struct tflite_model *m)
{
    m->output = IN;
}

static void spoil_no_ops(struct tflite_model *m)
{
    m->op_count = 0;
}

static const struct refusal refusals[] = {
    { "operator 2 is LOGISTIC", ERROR_UNSUPPORTED, spoil_operator },
    { "code 12345", ERROR_UNSUPPORTED, spoil_code },
    { "operator 0 (CONV_2D): the output is another type", ERROR_UNSUPPORTED, spoil_type },
    /* E: what to export instead. */
    { "operator 2 (ADD): the output is float32, but only int8 models run here; export the model "
      "again with full-integer quantization",
      ERROR_UNSUPPORTED, spoil_float },
    { "operator 0 (CONV_2D): the weights are float32, but only int8 models run here; export the "
      "model again with full-integer quantization",
      ERROR_UNSUPPORTED, spoil_float_weights },
    { "operator 1 (DEPTHWISE_CONV_2D): reads tensor 6", ERROR_DATA, spoil_order },
    { "operator 2 (ADD): reads tensor 6", ERROR_DATA, spoil_self },
    { "operator 1 (DEPTHWISE_CONV_2D): writes tensor 3", ERROR_DATA, spoil_twice },
    { "writes tensor 1", ERROR_DATA, spoil_constant_output },
    { "operator 3 (AVERAGE_POOL_2D): operand 0 is tensor 99", ERROR_DATA, spoil_index },
    { "operand 1 is missing", ERROR_DATA, spoil_missing },
    { "tensor 6: scale 0 is -1", ERROR_DATA, spoil_scale },
    { "tensor 6: scale 0 is nan", ERROR_DATA, spoil_scale_nan },
    { "tensor 6: zero point 0 is 128", ERROR_DATA, spoil_zero_point },
    { "the weights have zero point 1", ERROR_UNSUPPORTED, spoil_weights_zero_point },
    { "tensor 1 has 3 scales", ERROR_DATA, spoil_scale_count },
    { "quantised along dimension 3", ERROR_UNSUPPORTED, spoil_axis },
    { "tensor 6: dimension 1 is 0", ERROR_UNSUPPORTED, spoil_dim },
    { "tensor 6: dimension 3 is 4096", ERROR_UNSUPPORTED, spoil_size },
    { "declared as [1, 5, 6, 4], but its operands make it [1, 6, 6, 4]", ERROR_DATA, spoil_shape },
    { "tensor 1: has 107 bytes", ERROR_DATA, spoil_bytes },
    { "stride 0", ERROR_DATA, spoil_stride },
    { "padding 7", ERROR_DATA, spoil_padding },
    { "fused activation 4", ERROR_UNSUPPORTED, spoil_activation },
    { "a batch of 2", ERROR_UNSUPPORTED, spoil_batch },
    { "bias scale is 1", ERROR_UNSUPPORTED, spoil_bias_scale },
    { "quantised differently", ERROR_UNSUPPORTED, spoil_pool_scale },
    { "operator 2 (ADD): the scales give a factor of 10000", ERROR_UNSUPPORTED, spoil_add_factor },
    { "beta is -1", ERROR_DATA, spoil_beta },
    { "no operator writes the output", ERROR_DATA, spoil_output },
    { "0 operators", ERROR_UNSUPPORTED, spoil_no_ops },
};

static void refusals_say_what_and_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        struct tflite_model m;
        struct buf file = BUF_INIT;
        struct error err = { 0 };
        build_network(&m);
        refusals[i].spoil(&m);
        tflite_write(&m, &file);
        if (nn_model_parse(file.data, file.len, "net", &err)) {
            fail_msg("loaded in spite of: %s", refusals[i].says);
        }
        if (strncmp(err.message, "net: ", 5) != 0 || !strstr(err.message, refusals[i].says)) {
            fail_msg("'%s' does not say '%s'", err.message, refusals[i].says);
        }
        assert_int_equal(err.kind, refusals[i].kind);
        buf_release(&file);
    }
}

/* Each tensor is within the limit, the two that RESHAPE needs are not. */
static void arena_has_a_limit(void **state)
{
    struct tflite_model m = { .tensor_count = 0 };
    struct buf file = BUF_INIT;
    struct error err = { 0 };
    (void)state;
    m.input = tflite_add_tensor(&m, int8_tensor(2, DIMS(600, 1 << 20), 1, 0));
    m.output = tflite_add_tensor(&m, int8_tensor(2, DIMS(1 << 20, 600), 1, 0));
    tflite_add_op(&m, (struct tflite_op){ TFLITE_RESHAPE, { m.input }, 1, m.output, { { 0 } } });
    tflite_write(&m, &file);
    /* Folded, both are the same bytes. */
    struct nn_model *model = nn_model_parse(file.data, file.len, "net", &err);
    assert_non_null(model);
    assert_int_equal(nn_model_arena_bytes(model), 600 << 20);
    nn_model_free(model);
    struct nn_model_options options = { .unfolded = true };
    assert_null(nn_model_parse_with(file.data, file.len, "net", &options, &err));
    assert_non_null(strstr(err.message, "1258291200 bytes of activations"));
    buf_release(&file);
}

static void not_a_model(void **state)
{
    struct error err = { 0 };
    (void)state;
    assert_null(nn_model_parse("", 0, "net", &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_null(nn_model_parse("\x08\0\0\0TFL2\0\0\0\0", 12, "net", &err));
    assert_string_equal(err.message, "net: not a TensorFlow Lite model");
}

/* A copy of just these bytes, so that a sanitizer sees any read behind them.
 * What loads must run. */
static bool try_bytes(const void *bytes, size_t len)
{
    struct error err = { 0 };
    char *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, len);
    struct nn_model *model = nn_model_parse(copy, len, "net", &err);
    bool loaded = model != NULL;
    if (!loaded) {
        assert_true(err.kind == ERROR_DATA || err.kind == ERROR_UNSUPPORTED);
        assert_true(err.message[0] != '\0');
    } else if (nn_model_arena_bytes(model) < 1 << 20) {
        struct nn_context *context = nn_context_new(model, &err);
        unsigned char *input = calloc(1, nn_model_input(model)->bytes);
        assert_true(context && input);
        nn_run(context, input, NULL);
        free(input);
        nn_context_free(context);
    }
    nn_model_free(model);
    free(copy);
    return loaded;
}

/* network: build_network()'s. nchw_uint8: all the other operators, from a
 * uint8 1×1×8×8 input to a float32 output of three classes. */
static const char *const kept[] = { "tests/data/tflite/network.tflite",
                                    "tests/data/tflite/nchw_uint8.tflite" };

static void need_kept(const char *path, struct buf *file)
{
    struct error err = { 0 };
    buf_init(file);
    if (!file_read(path, 1 << 20, file, &err)) {
        fail_msg("%s", err.message);
    }
}

static void both_ends_may_be_unquantised(void **state)
{
    struct buf file;
    struct nn_image_shape shape;
    uint8_t input[64];
    float out[3], p[3];
    (void)state;
    need_kept(kept[1], &file);
    struct nn_model *model = nn_model_parse(file.data, file.len, "net", NULL);
    assert_non_null(model);
    assert_true(nn_model_image(model, &shape));
    assert_true(shape.channels_first);
    assert_int_equal(shape.channels, 1);
    assert_int_equal(nn_model_logits(model)->type, NN_INT8);
    struct nn_context *context = nn_context_new(model, NULL);
    for (size_t i = 0; i < sizeof(input); i++) {
        input[i] = (uint8_t)(i * 5);
    }
    nn_run(context, input, out);
    nn_probabilities(context, p);
    for (int i = 0; i < 3; i++) {
        assert_true(fabs((double)(out[i] - p[i])) <= 0.5 / 256 + 1e-6 || p[i] > 255.5f / 256);
    }
    nn_context_free(context);
    nn_model_free(model);
    buf_release(&file);
}

static void cut_files_do_no_harm(void **state)
{
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(kept); k++) {
        struct buf file;
        need_kept(kept[k], &file);
        assert_true(try_bytes(file.data, file.len));
        for (size_t len = 0; len < file.len; len++) {
            assert_false(try_bytes(file.data, len));
        }
        buf_release(&file);
    }
}

static void change_words(struct buf *file)
{
    static const uint32_t words[] = { 0, 1, UINT32_MAX, INT32_MAX, 0x80000000u, 0x7F800000u, 4096 };
    size_t loaded = 0, tried = 0;
    for (size_t at = 0; at + 4 <= file->len; at += 2) {
        char saved[4];
        memcpy(saved, file->data + at, 4);
        for (size_t w = 0; w < ARRAY_LEN(words); w++) {
            memcpy(file->data + at, &words[w], 4);
            loaded += try_bytes(file->data, file->len);
            tried++;
        }
        memcpy(file->data + at, saved, 4);
    }
    assert_true(loaded > 0 && loaded < tried); /* both outcomes were met */
}

static void changed_words_do_no_harm(void **state)
{
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(kept); k++) {
        struct buf file;
        need_kept(kept[k], &file);
        change_words(&file);
        buf_release(&file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(model_describes_itself),
        cmocka_unit_test(activations_share_the_arena),
        cmocka_unit_test(logits_and_probabilities),
        cmocka_unit_test(logits_outlive_the_softmax),
        cmocka_unit_test(the_output_is_kept_to_the_end),
        cmocka_unit_test(logits_without_softmax),
        cmocka_unit_test(watcher_may_change_an_output),
        cmocka_unit_test(threads_share_a_model),
        cmocka_unit_test(constants_may_lie_behind_the_flatbuffer),
        cmocka_unit_test(old_files_load),
        cmocka_unit_test(load_reads_a_file),
        cmocka_unit_test(refusals_say_what_and_where),
        cmocka_unit_test(arena_has_a_limit),
        cmocka_unit_test(not_a_model),
        cmocka_unit_test(both_ends_may_be_unquantised),
        cmocka_unit_test(cut_files_do_no_harm),
        cmocka_unit_test(changed_words_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
