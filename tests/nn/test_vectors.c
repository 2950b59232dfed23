/* Operators of small shapes, on the reference kernels and on every instruction set that this
 * machine has, against what XNNPACK computed, bit for bit (vectors.h). */
#include "vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/crc.h"
#include "base/mem.h"
#include "nn/run.h"
#include "tflite_writer.h"

static const struct {
    uint32_t crc;
    int first[VECTOR_FIRST];
} expected[] = {
#define VECTOR(crc, ...) { crc, __VA_ARGS__ },
#include "vectors.def"
#undef VECTOR
};

static struct tflite_tensor map_of(int h, int w, int c, float scale, int zero)
{
    return (struct tflite_tensor){
        .type = TFLITE_INT8, .rank = 4, .dims = { 1, h, w, c }, .scale = scale, .zero_point = zero
    };
}

static int32_t add_constant(struct tflite_model *net, const struct vector_case *c,
                            const struct vector *v)
{
    struct tflite_tensor t = { .type = TFLITE_INT8, .rank = 4, .data = v->weights };

    if (c->kind == VECTOR_DENSE) {
        t.rank = 2;
        t.dims[0] = v->channels;
        t.dims[1] = c->c;
        t.scale = v->scales[0];
    } else {
        bool depthwise = c->kind == VECTOR_DEPTHWISE;
        const int32_t conv[] = { v->channels, c->kh, c->kw, c->c };
        const int32_t by_channel[] = { 1, c->kh, c->kw, v->channels };
        memcpy(t.dims, depthwise ? by_channel : conv, sizeof conv);
        t.axis = depthwise ? 3 : 0;
        t.scales = v->scales;
        t.scale_count = (size_t)v->channels;
    }
    t.bytes = (size_t)t.dims[0] * (size_t)t.dims[1];
    for (int d = 2; d < t.rank; d++) {
        t.bytes *= (size_t)t.dims[d];
    }
    return tflite_add_tensor(net, t);
}

static int32_t add_bias(struct tflite_model *net, const struct vector *v)
{
    return tflite_add_tensor(net, (struct tflite_tensor){ .type = TFLITE_INT32,
                                                          .rank = 1,
                                                          .dims = { v->channels },
                                                          .data = v->bias,
                                                          .bytes = 4 * (size_t)v->channels });
}

/* The second operand of ADD is a constant, as a model has only one input. */
static int32_t add_second(struct tflite_model *net, const struct vector_case *c,
                          const struct vector *v)
{
    struct tflite_tensor t = map_of(c->h, c->w, c->c, v->in2_scale, c->in_zero);

    t.data = v->in2;
    t.bytes = (size_t)v->in2_count;
    return tflite_add_tensor(net, t);
}

static int32_t add_axes(struct tflite_model *net)
{
    static const int32_t axes[] = { 1, 2 };

    return tflite_add_tensor(
        net,
        (struct tflite_tensor){
            .type = TFLITE_INT32, .rank = 1, .dims = { 2 }, .data = axes, .bytes = sizeof axes });
}

static void set_options(struct tflite_op *op, const struct vector_case *c)
{
    const struct tflite_option window[] = { TFLITE_BYTE(0), TFLITE_INT(c->stride),
                                            TFLITE_INT(c->stride) };
    const struct tflite_option act = TFLITE_BYTE(c->activation);

    if (c->kind == VECTOR_CONV || c->kind == VECTOR_DEPTHWISE || c->kind == VECTOR_MAX) {
        memcpy(op->options, window, sizeof window);
    }
    if (c->kind == VECTOR_CONV) {
        op->options[3] = act;
    } else if (c->kind == VECTOR_DEPTHWISE) {
        op->options[3] = (struct tflite_option)TFLITE_INT(c->out);
        op->options[4] = act;
    } else if (c->kind == VECTOR_MAX) {
        op->options[3] = (struct tflite_option)TFLITE_INT(c->kw);
        op->options[4] = (struct tflite_option)TFLITE_INT(c->kh);
        op->options[5] = act;
    } else if (c->kind != VECTOR_MEAN) {
        op->options[0] = act;
    }
}

static void build(const struct vector_case *c, const struct vector *v, struct buf *file)
{
    static const int32_t codes[] = {
        [VECTOR_CONV] = TFLITE_CONV, [VECTOR_DEPTHWISE] = TFLITE_DEPTHWISE,
        [VECTOR_ADD] = TFLITE_ADD,   [VECTOR_DENSE] = TFLITE_FULLY_CONNECTED,
        [VECTOR_MEAN] = TFLITE_MEAN, [VECTOR_MAX] = TFLITE_MAX_POOL,
    };
    struct tflite_model net = { 0 };
    struct tflite_tensor in = map_of(c->h, c->w, c->c, v->in_scale, c->in_zero);
    struct tflite_tensor out = map_of(v->out_h, v->out_w, v->channels, v->out_scale, c->out_zero);

    if (c->kind == VECTOR_DENSE) {
        in.rank = out.rank = 2, in.dims[1] = c->c, out.dims[1] = v->channels;
    }
    if (c->kind == VECTOR_MEAN) {
        out.rank = 2, out.dims[1] = v->channels;
    }
    net.input = tflite_add_tensor(&net, in);
    struct tflite_op op = { .code = codes[c->kind], .inputs = { net.input }, .input_count = 1 };
    if (c->kind <= VECTOR_DENSE) {
        op.inputs[op.input_count++] = add_constant(&net, c, v);
        op.inputs[op.input_count++] = add_bias(&net, v);
    } else if (c->kind == VECTOR_ADD) {
        op.inputs[op.input_count++] = add_second(&net, c, v);
    } else if (c->kind == VECTOR_MEAN) {
        op.inputs[op.input_count++] = add_axes(&net);
    }
    op.output = net.output = tflite_add_tensor(&net, out);
    set_options(&op, c);
    tflite_add_op(&net, op);
    tflite_write(&net, file);
}

static void check_first(size_t number, const char *isa, const int8_t *out, int count)
{
    for (int i = 0; i < VECTOR_FIRST && i < count; i++) {
        if (out[i] != expected[number].first[i]) {
            fail_msg("case %zu, %s: output %d is %d, XNNPACK's %d", number, isa, i, out[i],
                     expected[number].first[i]);
        }
    }
}

static void run_on(size_t number, const struct nn_isa *isa, const struct buf *file,
                   const struct vector *v)
{
    struct error err = { .message = "" };
    const struct nn_model_options options = { .isa = isa };
    struct nn_model *model = nn_model_parse_with(file->data, file->len, "net", &options, &err);
    struct nn_context *context = model ? nn_context_new(model, &err) : NULL;

    if (!context) {
        fail_msg("case %zu: %s", number, err.message);
    }
    int8_t *out = mem_array((size_t)v->out_count, 1);
    assert_int_equal(nn_model_input(model)->bytes, v->in_count);
    assert_int_equal(nn_model_output(model)->bytes, v->out_count);
    nn_run(context, v->in, out);
    check_first(number, nn_isa_name(isa), out, v->out_count);
    if (crc32_of(out, (size_t)v->out_count) != expected[number].crc) {
        fail_msg("case %zu, %s: not XNNPACK's outputs", number, nn_isa_name(isa));
    }
    free(out);
    nn_context_free(context);
    nn_model_free(model);
}

static void test_equal_to_xnnpack(void **state)
{
    int compared = 0;

    (void)state;
    assert_int_equal(ARRAY_LEN(expected), ARRAY_LEN(vector_cases));
    for (size_t i = 0; i < ARRAY_LEN(vector_cases); i++) {
        struct vector v;
        struct buf file = BUF_INIT;
        vector_make(i, &v);
        build(&vector_cases[i], &v, &file);
        for (size_t k = 0; k < nn_isa_count(); k++) {
            if (nn_isa_available(nn_isa_at(k))) {
                run_on(i, nn_isa_at(k), &file, &v);
                compared++;
            }
        }
        run_on(i, nn_isa_by_name("reference"), &file, &v);
        vector_release(&v);
        buf_release(&file);
    }
    print_message("%zu operators, %d runs on vectors of this machine\n", ARRAY_LEN(expected),
                  compared);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_equal_to_xnnpack) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
