/* Convolutions: each path against sums in double, within the precision of its products. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/train/conv_path.h"
#include "../../src/train/layers.h"
#include "base/mem.h"

static const struct {
    int batch, height, width, in, out, kernel, stride;
} shapes[] = {
    { 1, 1, 1, 1, 1, 1, 1 },    { 1, 1, 1, 16, 16, 3, 1 },   { 2, 5, 7, 3, 4, 3, 1 },
    { 2, 7, 5, 3, 16, 3, 2 },   { 3, 6, 6, 2, 5, 5, 2 },     { 2, 9, 9, 4, 3, 5, 1 },
    { 1, 3, 3, 2, 2, 7, 1 },    { 4, 5, 5, 6, 7, 1, 1 },     { 4, 5, 6, 6, 7, 1, 2 },
    { 32, 8, 8, 32, 32, 3, 1 }, { 32, 4, 4, 64, 64, 3, 1 },  { 32, 2, 2, 96, 32, 3, 1 },
    { 32, 8, 8, 16, 48, 3, 2 }, { 32, 7, 9, 48, 16, 3, 2 },  { 32, 5, 5, 48, 80, 1, 1 },
    { 32, 6, 6, 32, 64, 1, 2 }, { 32, 5, 7, 32, 48, 1, 2 },  { 1, 9, 9, 32, 32, 3, 1 },
    { 16, 5, 5, 32, 48, 3, 1 }, { 17, 5, 5, 32, 48, 3, 2 },  { 31, 3, 40, 16, 16, 3, 1 },
    { 33, 4, 4, 32, 32, 3, 1 }, { 50, 3, 5, 48, 16, 3, 2 },  { 64, 3, 3, 32, 32, 5, 2 },
    { 32, 3, 3, 16, 32, 7, 1 }, { 7, 12, 11, 16, 16, 5, 1 }, { 32, 16, 16, 3, 32, 3, 2 },
    { 5, 9, 12, 3, 48, 3, 2 },  { 33, 8, 8, 1, 16, 5, 1 },   { 18, 6, 5, 3, 16, 3, 1 },
    { 3, 34, 3, 16, 32, 3, 2 }, { 1, 13, 14, 16, 32, 3, 1 }, { 12, 3, 3, 16, 16, 3, 1 },
    { 3, 6, 7, 48, 16, 3, 1 },  { 2, 3, 33, 32, 48, 3, 1 },  { 1, 41, 3, 16, 16, 3, 1 },
    { 9, 5, 8, 80, 64, 3, 1 },  { 40, 4, 4, 16, 16, 3, 1 },  { 3, 16, 15, 48, 80, 3, 1 },
    { 30, 2, 3, 16, 16, 3, 1 }, { 2, 4, 4, 128, 128, 3, 1 }, { 13, 3, 3, 256, 128, 3, 1 },
    { 11, 4, 4, 16, 16, 3, 1 },
};

static struct conv_shape shape_at(size_t i)
{
    struct conv_shape s = { .batch = shapes[i].batch,
                            .in_height = shapes[i].height,
                            .in_width = shapes[i].width,
                            .in_channels = shapes[i].in,
                            .out_channels = shapes[i].out,
                            .kernel = shapes[i].kernel,
                            .stride = shapes[i].stride };
    conv_shape_same(&s);
    return s;
}

static uint32_t random_state = 1;

static float next_random(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (float)(random_state >> 8) / (float)(1 << 23) - 1.0f;
}

/* An array between guards that must stay as they are. */
struct guarded {
    float *memory, *values;
    size_t count;
};

#define GUARD 64
#define GUARD_VALUE 12345.0f

static struct guarded guarded_new(size_t count)
{
    struct guarded g = { .count = count };
    g.memory = aligned_alloc(64, ((count + 2 * GUARD) * sizeof(float) + 63) / 64 * 64);
    assert_non_null(g.memory);
    g.values = g.memory + GUARD;
    for (size_t i = 0; i < GUARD; i++) {
        g.memory[i] = g.values[count + i] = GUARD_VALUE;
    }
    for (size_t i = 0; i < count; i++) {
        g.values[i] = next_random();
    }
    return g;
}

static struct guarded guarded_copy(const struct guarded *from)
{
    struct guarded g = guarded_new(from->count);
    memcpy(g.values, from->values, from->count * sizeof *g.values);
    return g;
}

static void guarded_free(struct guarded *g)
{
    for (size_t i = 0; i < GUARD; i++) {
        assert_true(g->memory[i] == GUARD_VALUE);
        assert_true(g->values[g->count + i] == GUARD_VALUE);
    }
    free(g->memory);
}

struct problem {
    struct conv_shape s;
    struct guarded in, filter, out_grad;
    /* What the functions add to. */
    struct guarded in_grad, filter_grad;
};

/* filters: as many of kernel x kernel. */
static void problem_init(struct problem *p, const struct conv_shape *shape, size_t filters)
{
    struct conv_shape s = p->s = *shape;
    size_t in = (size_t)s.batch * (size_t)s.in_height * (size_t)s.in_width * (size_t)s.in_channels;
    size_t out =
        (size_t)s.batch * (size_t)s.out_height * (size_t)s.out_width * (size_t)s.out_channels;
    size_t filter = (size_t)(s.kernel * s.kernel) * filters;
    p->in = guarded_new(in);
    p->filter = guarded_new(filter);
    p->out_grad = guarded_new(out);
    p->in_grad = guarded_new(in);
    p->filter_grad = guarded_new(filter);
}

static void problem_release(struct problem *p)
{
    guarded_free(&p->in);
    guarded_free(&p->filter);
    guarded_free(&p->out_grad);
    guarded_free(&p->in_grad);
    guarded_free(&p->filter_grad);
}

/* All that is computed from a problem. */
struct results {
    struct guarded out, filter_grad, in_grad, in_grad_added;
};

static void results_init(struct results *r, const struct problem *p)
{
    r->out = guarded_new(p->out_grad.count);
    r->filter_grad = guarded_copy(&p->filter_grad);
    r->in_grad = guarded_new(p->in.count);
    r->in_grad_added = guarded_copy(&p->in_grad);
}

static void results_release(struct results *r)
{
    guarded_free(&r->out);
    guarded_free(&r->filter_grad);
    guarded_free(&r->in_grad);
    guarded_free(&r->in_grad_added);
}

static void compute(const struct conv_path *path, const struct problem *p, struct results *r)
{
    const struct conv_shape *s = &p->s;
    struct guarded scratch = guarded_new(path->scratch_bytes(s) / sizeof(float));
    results_init(r, p);
    path->forward(s, p->in.values, p->filter.values, r->out.values, scratch.values);
    path->backward_filter(s, p->in.values, p->out_grad.values, r->filter_grad.values,
                          scratch.values);
    path->backward_input(s, p->out_grad.values, p->filter.values, r->in_grad.values, false,
                         scratch.values);
    path->backward_input(s, p->out_grad.values, p->filter.values, r->in_grad_added.values, true,
                         scratch.values);
    guarded_free(&scratch);
}

static double *doubles(const struct guarded *from)
{
    double *to = mem_array(from->count, sizeof *to);
    assert_non_null(to);
    for (size_t i = 0; i < from->count; i++) {
        to[i] = (double)from->values[i];
    }
    return to;
}

static size_t at4(size_t a, int b, int c, int d, int bs, int cs, int ds)
{
    return ((a * (size_t)bs + (size_t)b) * (size_t)cs + (size_t)c) * (size_t)ds + (size_t)d;
}

/* What the results should be. */
struct sums {
    double *out, *filter_grad, *in_grad, *in_grad_added;
};

static struct sums sums_new(const struct problem *p)
{
    struct sums s = { mem_array(p->out_grad.count, sizeof(double)), doubles(&p->filter_grad),
                      mem_array(p->in.count, sizeof(double)), doubles(&p->in_grad) };
    assert_non_null(s.out);
    assert_non_null(s.in_grad);
    return s;
}

static void sums_free(struct sums *s)
{
    free(s->out);
    free(s->filter_grad);
    free(s->in_grad);
    free(s->in_grad_added);
}

static void add_product(const struct problem *p, struct sums *to, size_t out, size_t in,
                        size_t filter)
{
    double gradient = (double)p->out_grad.values[out];
    double weight = (double)p->filter.values[filter];
    to->out[out] += (double)p->in.values[in] * weight;
    to->filter_grad[filter] += (double)p->in.values[in] * gradient;
    to->in_grad[in] += gradient * weight;
    to->in_grad_added[in] += gradient * weight;
}

/* The products of a tap of the pixels that begin at out and in: each output channel with each
 * input channel, or (depthwise) with its own. */
static void add_tap(const struct problem *p, struct sums *to, size_t out, size_t in, int ky, int kx,
                    bool depthwise)
{
    const struct conv_shape *s = &p->s;
    for (int o = 0; o < s->out_channels; o++) {
        if (depthwise) {
            add_product(p, to, out + (size_t)o, in + (size_t)o,
                        at4(0, ky, kx, o, s->kernel, s->kernel, s->in_channels));
            continue;
        }
        for (int i = 0; i < s->in_channels; i++) {
            add_product(p, to, out + (size_t)o, in + (size_t)i,
                        at4((size_t)o, ky, kx, i, s->kernel, s->kernel, s->in_channels));
        }
    }
}

static void sum(const struct problem *p, struct sums *to, bool depthwise)
{
    const struct conv_shape *s = &p->s;
    for (int n = 0; n < s->batch; n++) {
        for (int y = 0; y < s->out_height; y++) {
            for (int x = 0; x < s->out_width; x++) {
                size_t out = at4((size_t)n, y, x, 0, s->out_height, s->out_width, s->out_channels);
                for (int tap = 0; tap < s->kernel * s->kernel; tap++) {
                    int ky = tap / s->kernel, kx = tap % s->kernel;
                    int in_y = y * s->stride + ky - s->pad_top;
                    int in_x = x * s->stride + kx - s->pad_left;
                    if (in_y >= 0 && in_y < s->in_height && in_x >= 0 && in_x < s->in_width) {
                        add_tap(p, to, out,
                                at4((size_t)n, in_y, in_x, 0, s->in_height, s->in_width,
                                    s->in_channels),
                                ky, kx, depthwise);
                    }
                }
            }
        }
    }
}

/* The norm of the difference is at most `tolerance` of the norm. */
static void assert_near(const struct guarded *got, const double *want, double tolerance,
                        const char *what, size_t shape)
{
    double difference = 0.0, norm = 0.0;
    for (size_t i = 0; i < got->count; i++) {
        double d = (double)got->values[i] - want[i];
        difference += d * d;
        norm += want[i] * want[i];
    }
    if (!(sqrt(difference) <= tolerance * sqrt(norm))) {
        fail_msg("shape %zu, %s: off by %g of %g", shape, what, sqrt(difference), sqrt(norm));
    }
}

static void assert_results(const struct results *r, const struct sums *want, double tolerance,
                           size_t shape)
{
    assert_near(&r->out, want->out, tolerance, "forward", shape);
    assert_near(&r->filter_grad, want->filter_grad, tolerance, "backward to the filter", shape);
    assert_near(&r->in_grad, want->in_grad, tolerance, "backward to the input", shape);
    assert_near(&r->in_grad_added, want->in_grad_added, tolerance, "added to the input", shape);
}

/* At least so many of the shapes must fit. */
static void check(const struct conv_path *path, double tolerance, size_t least)
{
    size_t fitting = 0;
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
        struct problem p;
        struct results r;
        struct conv_shape s = shape_at(i);
        problem_init(&p, &s, (size_t)(s.in_channels * s.out_channels));
        if (path->fits(&s)) {
            fitting++;
            struct sums want = sums_new(&p);
            sum(&p, &want, false);
            compute(path, &p, &r);
            assert_results(&r, &want, tolerance, i);
            results_release(&r);
            sums_free(&want);
        }
        problem_release(&p);
    }
    assert_true(fitting >= least);
}

static void test_blas(void **state)
{
    (void)state;
    check(&conv_blas, 1e-5, ARRAY_LEN(shapes));
}

static void test_amx(void **state)
{
    (void)state;
#ifdef __x86_64__
    if (conv_amx.detect()) {
        check(&conv_amx, 0.01, ARRAY_LEN(shapes) / 3);
        return;
    }
#endif
    skip();
}

/* A value at a point is a sum of products as in the plain convolution, of at most 256 channels
 * here: 2^-24 * sqrt(256) of its size. The transforms then make the mean square 5^2 times as
 * large as that of the result: over both dimensions, the mean over the rows i of A^T of the sum
 * over the points p of (A_ip |G_p| |B_p|)^2, divided by 3. */
#define WINOGRAD_TOLERANCE (5 * 16 / 16777216.0)

static void test_winograd(void **state)
{
    (void)state;
#ifdef __x86_64__
    if (conv_winograd.detect()) {
        check(&conv_winograd, WINOGRAD_TOLERANCE, 13);
        return;
    }
#endif
    skip();
}

/* One filter a channel. */
static void test_depthwise(void **state)
{
    static const struct {
        int batch, height, width, channels, kernel, stride;
    } of[] = {
        { 1, 1, 1, 1, 1, 1 },   { 2, 4, 5, 7, 3, 1 },  { 3, 5, 4, 8, 3, 2 },
        { 1, 2, 9, 40, 3, 1 },  { 2, 8, 8, 33, 3, 2 }, { 1, 3, 2, 16, 5, 1 },
        { 2, 7, 9, 12, 5, 2 },  { 1, 3, 3, 48, 7, 2 }, { 2, 1, 6, 64, 3, 2 },
        { 3, 6, 7, 100, 3, 1 }, { 2, 4, 3, 9, 1, 2 },  { 1, 11, 13, 3, 7, 1 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(of); i++) {
        struct conv_shape s = { of[i].batch,
                                of[i].height,
                                of[i].width,
                                of[i].channels,
                                0,
                                0,
                                of[i].channels,
                                of[i].kernel,
                                of[i].stride,
                                0,
                                0 };
        conv_shape_same(&s);
        struct problem p;
        struct results r;
        problem_init(&p, &s, (size_t)s.in_channels);
        struct sums want = sums_new(&p);
        sum(&p, &want, true);
        results_init(&r, &p);
        depthwise_forward(&s, p.in.values, p.filter.values, r.out.values);
        depthwise_backward(&s, p.in.values, p.out_grad.values, p.filter.values,
                           r.filter_grad.values, r.in_grad.values, false);
        struct guarded again = guarded_copy(&p.filter_grad);
        depthwise_backward(&s, p.in.values, p.out_grad.values, p.filter.values, again.values,
                           r.in_grad_added.values, true);
        assert_memory_equal(again.values, r.filter_grad.values, again.count * sizeof(float));
        depthwise_backward(&s, p.in.values, p.out_grad.values, p.filter.values, again.values, NULL,
                           false);
        assert_results(&r, &want, 1e-6, i);
        guarded_free(&again);
        sums_free(&want);
        results_release(&r);
        problem_release(&p);
    }
}

/* A slice's scratch is made for its largest pictures and batch. */
static void check_scratch(size_t (*scratch_bytes)(const struct conv_shape *s))
{
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
        size_t before = 0;
        for (int side = 1; side <= 96; side++) {
            struct conv_shape s = shape_at(i);
            s.in_height = s.in_width = side;
            conv_shape_same(&s);
            if (scratch_bytes(&s) < before) {
                fail_msg("shape %zu: side %d needs less than %d", i, side, side - 1);
            }
            before = scratch_bytes(&s);
            s.batch++;
            assert_true(scratch_bytes(&s) >= before);
        }
    }
}

static void test_scratch(void **state)
{
    (void)state;
    check_scratch(conv_scratch_bytes);
    check_scratch(conv_blas.scratch_bytes);
#ifdef __x86_64__
    check_scratch(conv_winograd.scratch_bytes);
    if (conv_amx.detect()) { /* all of it is compiled for such processors */
        check_scratch(conv_amx.scratch_bytes);
    }
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blas),     cmocka_unit_test(test_amx),
        cmocka_unit_test(test_winograd), cmocka_unit_test(test_depthwise),
        cmocka_unit_test(test_scratch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
