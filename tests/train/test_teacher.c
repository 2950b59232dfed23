/* Runs with a teacher: one of our own making, that was trained on the same stripes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../src/train/trainer.h"
#include "base/file.h"
#include "nn/embedding.h"
#include "nn/model.h"
#include "stripes.h"

#define FEATURES 128 /* of residual-s, */
#define FINE 64      /* and of its finer map */
#define TEACHER_SIDE 32
#define STRIPES_LABELLED 18

static const char *const classes[STRIPES_CLASSES] = { "upright", "flat", "slanted" };

struct fixture {
    struct stripes stripes;
    char *checkpoint;
    struct buf model; /* the teacher */
    struct train_teacher teacher;
    struct train_options options;
    struct train_task task;
    int stop_at, steps;
    struct train_progress last;
};

static bool progress(void *context, const struct train_progress *p)
{
    struct fixture *f = context;
    f->last = *p;
    return ++f->steps != f->stop_at;
}

static struct trained *run(struct fixture *f)
{
    struct error err = { .message = "" };
    f->steps = 0;
    struct trained *t = train_run(&f->task, &err);
    if (!t) {
        fail_msg("%s", err.message);
    }
    return t;
}

static struct error refuse(struct fixture *f)
{
    struct error err = { .message = "" };
    assert_null(train_run(&f->task, &err));
    return err;
}

/* The teacher is trained once. */
static struct buf taught;

static int train_teacher(void **state)
{
    (void)state;
    struct fixture f = { .stop_at = 0 };
    float quantized;
    stripes_make(&f.stripes);
    f.options = stripes_options();
    f.options.epochs = 15;
    f.options.side = TEACHER_SIDE;
    f.task = stripes_task(&f.stripes, classes, &f.options);
    struct trained *t = run(&f);
    bool ok = trained_export(t, classes, &taught, &quantized, NULL);
    trained_free(t);
    stripes_remove(&f.stripes);
    return ok && quantized > 0.6f ? 0 : -1;
}

static int drop_teacher(void **state)
{
    (void)state;
    buf_release(&taught);
    return 0;
}

static int start(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    if (!f) {
        return -1;
    }
    stripes_make(&f->stripes);
    f->checkpoint = scratch_path(f->stripes.dir, "run.checkpoint");
    f->teacher = (struct train_teacher){ .bytes = taught.data,
                                         .len = taught.len,
                                         .name = "the teacher",
                                         .classes = true,
                                         .class_weight = 0.1f,
                                         .finer = 0.5f };
    f->options = stripes_options();
    f->options.optimizer = TRAIN_ADAM;
    f->options.memory = (size_t)64 << 20;
    f->options.rate = 0.01f;
    f->options.teacher = &f->teacher;
    f->task = stripes_task(&f->stripes, classes, &f->options);
    f->task.progress = progress;
    f->task.context = f;
    stripes_unlabel(&f->stripes, 1);
    *state = f;
    return 0;
}

static int stop(void **state)
{
    struct fixture *f = *state;
    free(f->checkpoint);
    stripes_remove(&f->stripes);
    free(f);
    return 0;
}

/* Without any label: features, and the teacher's classes. */
static void test_learns_without_labels(void **state)
{
    struct fixture *f = *state;
    struct train_report r;
    struct buf model = BUF_INIT;
    float quantized;
    size_t outcomes;
    f->options.epochs = 40;
    struct trained *t = run(f);
    trained_report(t, &r);
    print_message("explained %.3f, same class %.3f\n", (double)r.explained, (double)r.validation);
    assert_true(r.loss < 0.5f); /* of more than 1 at first */
    assert_true(r.explained > 0.25f && r.explained <= 1);
    assert_true(r.validation > 0.6f);
    assert_int_equal(r.labelled, 0);
    assert_true(r.teacher_share > 0 && r.teacher_share < 1);
    assert_true(f->last.teacher_share > 0 && f->last.accuracy >= 0);
    assert_true(f->last.explained > TRAIN_NOT_EXPLAINED);
    assert_true(trained_export(t, classes, &model, &quantized, NULL));
    assert_true(fabsf(quantized - r.validation) < 0.2f);
    trained_report(t, &r);
    assert_true(r.cosine > 0.99f);
    trained_outcomes(t, &outcomes);
    assert_int_equal(outcomes, r.validation_pictures);
    /* The projection is neither in the file nor counted. */
    struct nn_model *student = nn_model_parse(model.data, model.len, "the student", NULL);
    assert_non_null(student);
    assert_int_equal(nn_model_classes(student), STRIPES_CLASSES);
    assert_true(model.len < taught.len + 1000);
    struct train_report plain;
    f->options.teacher = NULL;
    f->options.epochs = 1;
    stripes_unlabel(&f->stripes, 0);
    struct trained *other = run(f);
    trained_report(other, &plain);
    assert_int_equal(r.parameters, plain.parameters);
    assert_true(r.macs == plain.macs);
    assert_true(plain.teacher_share < 0 && plain.explained == TRAIN_NOT_EXPLAINED);
    assert_true(f->last.teacher_share < 0);
    trained_free(other);
    trained_free(t);
    nn_model_free(student);
    buf_release(&model);
}

/* A network that has been trained before begins with the projection that fits best: one that
 * is the teacher's copy knows nearly all of its features at once. */
static void test_begins_with_what_it_knows(void **state)
{
    struct fixture *f = *state;
    struct train_report r;
    f->options.epochs = 1;
    f->options.rate = 1e-7f;
    f->options.side = TEACHER_SIDE;
    f->options.start = taught.data;
    f->options.start_len = taught.len;
    f->options.start_name = "the teacher's copy";
    f->options.start_classes = true;
    struct trained *t = run(f);
    trained_report(t, &r);
    print_message("explained %.3f\n", (double)r.explained);
    assert_true(r.explained > 0.5f);
    assert_true(r.teacher_share > 0 && r.teacher_share < 1); /* without what came before */
    trained_free(t);
}

/* A third of the pictures is labelled: by their labels, and by the teacher's features. */
static void test_learns_from_a_few_labels(void **state)
{
    struct fixture *f = *state;
    struct train_report r;
    struct buf model = BUF_INIT;
    float quantized;
    size_t outcomes;
    stripes_unlabel(&f->stripes, 0);
    for (size_t i = STRIPES_LABELLED; i < STRIPES_PICTURES; i++) {
        f->stripes.examples[i].class_index = TRAIN_NO_CLASS;
    }
    f->teacher.classes = false;
    f->teacher.class_weight = 1;
    f->options.epochs = 40;
    f->options.validation = 0.25f;
    f->options.balance = true;
    struct trained *t = run(f);
    trained_report(t, &r);
    print_message("explained %.3f, right %.3f\n", (double)r.explained, (double)r.accuracy);
    assert_true(r.explained > 0.25f);
    assert_true(r.accuracy > 0.8f); /* in training */
    assert_true(r.validation >= 0);
    assert_true(r.labelled > 8 && r.labelled < STRIPES_LABELLED);
    assert_int_equal(r.pictures + r.validation_pictures, STRIPES_PICTURES);
    assert_true(trained_export(t, classes, &model, &quantized, NULL));
    const struct train_outcome *o = trained_outcomes(t, &outcomes);
    assert_int_equal(outcomes, STRIPES_LABELLED - r.labelled);
    for (size_t i = 0; i < outcomes; i++) {
        assert_true(o[i].class_index < STRIPES_CLASSES);
    }
    trained_free(t);
    buf_release(&model);
}

static void assert_same_weights(const struct trained *a, const struct trained *b)
{
    assert_int_equal(a->net.parameter_count, b->net.parameter_count);
    assert_memory_equal(a->parameters, b->parameters, a->net.parameter_count * sizeof(float));
    assert_memory_equal(a->moments, b->moments, a->net.moment_count * sizeof(float));
    assert_true(a->measured.explained == b->measured.explained);
    assert_true(a->loss == b->loss);
}

static void test_same_weights_on_any_threads(void **state)
{
    struct fixture *f = *state;
    f->options.batch = 40;
    f->options.augment = true;
    struct trained *a = run(f);
    f->options.jobs = 1;
    struct trained *b = run(f);
    assert_same_weights(a, b);
    trained_free(b);
    f->options.seed = 2;
    b = run(f);
    assert_memory_not_equal(a->parameters, b->parameters, sizeof(float) * 100);
    trained_free(a);
    trained_free(b);
}

/* With as many views as epochs the teacher has all of its work; with one it is asked only in
 * the first epoch, and the network sees the same view again and again. */
static void test_views(void **state)
{
    struct fixture *f = *state;
    f->options.augment = true;
    f->options.grow = true;
    f->teacher.views = 1;
    f->stop_at = 2; /* an epoch */
    f->options.checkpoint = f->checkpoint;
    refuse(f);
    f->stop_at = 0;
    struct trained *resumed = run(f);
    f->options.checkpoint = NULL;
    struct trained *whole = run(f);
    assert_same_weights(whole, resumed);
    struct trained *more;
    f->teacher.views = 3;
    more = run(f);
    assert_memory_not_equal(whole->parameters, more->parameters, sizeof(float) * 100);
    trained_free(whole);
    trained_free(resumed);
    trained_free(more);

    f->teacher.views = 100000;
    struct error err = refuse(f);
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.message, "fewer --views"));
}

static void assert_close_in_8_bits(const float *a, const float *b, size_t count)
{
    float top = 0;
    for (size_t i = 0; i < count; i++) {
        top = fmaxf(top, fabsf(a[i]));
    }
    assert_true(top > 0);
    for (size_t i = 0; i < count; i++) {
        assert_true(fabsf(a[i] - b[i]) <= 0.51f * top / 127);
    }
}

/* What is kept is what the teacher said, in 8 bits, and is not asked again. */
static void test_keeps_what_it_saw(void **state)
{
    struct fixture *f = *state;
    static uint8_t picture[SIDE * SIDE * 3], other[SIDE * SIDE * 3];
    for (size_t i = 0; i < sizeof picture; i++) {
        picture[i] = (uint8_t)(i * i);
        other[i] = (uint8_t)(i * 3);
    }
    struct teacher_view view = { .picture = picture, .side = SIDE };
    size_t memory = SIZE_MAX;
    struct teacher *t = teacher_new(&f->teacher, 1, 2, &memory, NULL);
    assert_non_null(t);
    assert_true(teacher_cache_views(t, 3, &memory, NULL));
    assert_true(SIZE_MAX - memory > taught.len + 3 * NET_PARTS * (FEATURES + FINE));
    teacher_run(t, 0, &view, 0);
    teacher_run_cached(t, 0, &view, 1, 2);
    const float *a = teacher_targets(t, 0), *b = a + NET_PARTS * FEATURES;
    const float *fine = teacher_fine_targets(t, 0);
    assert_close_in_8_bits(a, b, NET_PARTS * FEATURES);
    assert_close_in_8_bits(fine, fine + NET_PARTS * FINE, NET_PARTS * FINE);
    int64_t ns = teacher_ns(t);
    view.picture = other;
    teacher_run_cached(t, 0, &view, 0, 2);
    assert_memory_equal(a, b, NET_PARTS * FEATURES * sizeof *a);
    assert_memory_equal(fine, fine + NET_PARTS * FINE, NET_PARTS * FINE * sizeof *a);
    assert_true(teacher_ns(t) == ns);
    teacher_run_cached(t, 0, &view, 0, 1);
    assert_memory_not_equal(a, b, NET_PARTS * FEATURES * sizeof *a);
    assert_memory_not_equal(fine, fine + NET_PARTS * FINE, NET_PARTS * FINE * sizeof *a);
    teacher_free(t);
}

static void test_resumes(void **state)
{
    static const enum train_optimizer kinds[] = { TRAIN_SGD, TRAIN_ADAM };
    struct fixture *f = *state;
    f->options.augment = true;
    f->options.patience = 100;
    for (size_t i = 0; i < 2; i++) {
        f->options.optimizer = kinds[i];
        f->options.rate = kinds[i] == TRAIN_ADAM ? 0.001f : 0.05f;
        f->options.checkpoint = NULL;
        struct trained *whole = run(f);
        f->options.checkpoint = f->checkpoint;
        for (f->stop_at = 3; f->stop_at <= 4; f->stop_at++) { /* within an epoch, at its end */
            f->steps = 0;
            assert_int_equal(refuse(f).kind, ERROR_BUSY);
        }
        f->stop_at = 0;
        struct trained *resumed = run(f);
        assert_int_equal(f->steps, 3);
        assert_same_weights(whole, resumed);
        trained_free(whole);
        trained_free(resumed);
        unlink(f->checkpoint);
    }
}

static void test_refuses_another_teachers_checkpoint(void **state)
{
    struct fixture *f = *state;
    f->options.checkpoint = f->checkpoint;
    f->stop_at = 2;
    refuse(f);
    f->stop_at = 0;
    f->teacher.class_weight = 0.2f;
    assert_non_null(strstr(refuse(f).message, "other options"));
    f->teacher.class_weight = 0.1f;
    struct nn_input_spec raw = { { 0, 0, 0 }, { 1, 1, 1 } };
    f->teacher.input = raw;
    f->teacher.input_given = true;
    struct error err = refuse(f);
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.message, f->checkpoint));
    assert_non_null(strstr(err.message, "a run with another teacher"));
    f->teacher.input_given = false;
    f->options.teacher = NULL;
    stripes_unlabel(&f->stripes, 0);
    assert_non_null(strstr(refuse(f).message, "a run with a teacher"));
}

static void test_refuses_what_cannot_teach(void **state)
{
    struct fixture *f = *state;
    f->options.memory = 10000;
    struct error err = refuse(f);
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.message, "the teacher: "));
    assert_non_null(strstr(err.message, "--memory"));
    f->options.memory = (size_t)64 << 20;
    f->teacher.len = 1000;
    assert_int_equal(refuse(f).kind, ERROR_DATA);
    f->teacher.len = taught.len;
    f->task.class_count = 2;
    err = refuse(f);
    assert_int_equal(err.kind, ERROR_DATA);
    assert_non_null(strstr(err.message, "3 outputs, but 2 class names"));
    f->task.class_count = 3;
    f->task.example_count = 0;
    assert_int_equal(refuse(f).kind, ERROR_DATA);
}

/* What a view shows does not depend on the size at which it is taken. */
static void test_same_view_at_another_size(void **state)
{
    (void)state;
    enum { SMALL = 24, WIDE = 96, HIGH = 48 };
    static uint8_t picture[64 * 64 * 3];
    static float small[SMALL * SMALL * 3], large[WIDE * HIGH * 3];
    struct augment augment = { .crop_min = 0.3f, .flip = true, .color = 0.3f, .erase = 0.5f };
    for (int i = 0; i < 64 * 64 * 3; i++) {
        int x = i / 3 % 64, y = i / 3 / 64;
        picture[i] = (uint8_t)(i % 3 == 0 ? 3 * x : i % 3 == 1 ? 3 * y : 2 * (x + y));
    }
    float same = 0, other = 0;
    for (uint64_t place = 0; place < 50; place++) {
        struct random a = random_start(1, place), b = a, c = random_start(1, place + 1);
        augment_view(picture, 64, &augment, &a, small, SMALL, SMALL);
        for (int round = 0; round < 2; round++) {
            augment_view(picture, 64, &augment, round ? &c : &b, large, WIDE, HIGH);
            float *sum = round ? &other : &same;
            for (int i = 0; i < SMALL * SMALL * 3; i++) {
                int x = i / 3 % SMALL * 4 + 1, y = i / 3 / SMALL * 2;
                const float *at = large + (y * WIDE + x) * 3 + i % 3;
                float mean = (at[0] + at[3] + at[WIDE * 3] + at[WIDE * 3 + 3]) / 4;
                *sum += fabsf(mean - small[i]) / (50 * SMALL * SMALL * 3);
            }
        }
        assert_true(a.state == b.state); /* as many random numbers */
    }
    print_message("away by %.2f levels; other views by %.2f\n", (double)same, (double)other);
    assert_true(same < 3);
    assert_true(other > 20);
}

/* Targets have mean 0 and variance 1 over the pictures; what never varies is 0. */
static void test_standardises(void **state)
{
    struct fixture *f = *state;
    f->options.epochs = 1;
    f->options.validation = 0;
    struct trained *t = run(f);
    enum { QUARTERS = NET_PARTS - 1 };
    double sum[FEATURES] = { 0 }, squares[FEATURES] = { 0 }, quarters = 0;
    double fine[FINE] = { 0 }, fine_squares[FINE] = { 0 };
    size_t varying = 0;
    assert_int_equal(teacher_features(t->teacher), FEATURES);
    for (size_t i = 0; i < t->training.count; i++) {
        struct teacher_view whole = { .picture = dataset_picture(&t->training, i), .side = SIDE };
        teacher_run(t->teacher, 0, &whole, 1);
        const float *row = teacher_targets(t->teacher, 0) + NET_PARTS * FEATURES;
        for (size_t c = 0; c < FEATURES; c++) {
            double v = (double)row[c];
            sum[c] += v / (double)t->training.count;
            squares[c] += v * v / (double)t->training.count;
        }
        for (size_t c = FEATURES; c < NET_PARTS * FEATURES; c++) {
            quarters += (double)row[c] * (double)row[c] / (double)t->training.count / QUARTERS;
        }
        row = teacher_fine_targets(t->teacher, 0) + NET_PARTS * FINE;
        for (size_t c = FINE; c < NET_PARTS * FINE; c++) {
            double v = (double)row[c], rows = (double)t->training.count * QUARTERS;
            fine[c % FINE] += v / rows;
            fine_squares[c % FINE] += v * v / rows;
        }
        for (size_t c = 0; c < FINE; c++) {
            float mean =
                (row[FINE + c] + row[2 * FINE + c] + row[3 * FINE + c] + row[4 * FINE + c]) / 4;
            assert_true(fabsf(row[c] - mean) < 1e-4f);
        }
    }
    for (size_t c = 0; c < FEATURES; c++) {
        assert_true(fabs(sum[c]) < 1e-3);
        assert_true(fabs(squares[c] - 1) < 1e-3 || squares[c] < 1e-12);
        varying += squares[c] > 0.5;
    }
    for (size_t c = 0; c < FINE; c++) {
        assert_true(fabs(fine[c]) < 1e-3);
        assert_true(fabs(fine_squares[c] - 1) < 1e-3 || fine_squares[c] < 1e-12);
    }
    print_message("variance of the quarters %.3f\n", quarters / (double)varying);
    assert_true(teacher_spread(t->teacher) > 1);
    assert_true(fabs((double)teacher_spread(t->teacher) - quarters / (double)varying) < 0.1);
    trained_free(t);
}

/* Without them the network is the one of earlier versions, and so is what a checkpoint of theirs
 * belongs to; with them the projections are other ones, but no layer that is kept. */
static void test_finer_features_are_a_choice(void **state)
{
    struct fixture *f = *state;
    f->options.epochs = 1;
    uint64_t with = trainer_identity(&f->task);
    struct trained *t = run(f);
    size_t kept = net_kept_parameters(&t->net);
    assert_int_equal(t->net.parameter_count, kept + (FEATURES + 1) * FEATURES + (FINE + 1) * FINE);
    trained_free(t);
    f->teacher.finer = 0;
    assert_true(trainer_identity(&f->task) != with);
    t = run(f);
    assert_int_equal(net_kept_parameters(&t->net), kept);
    assert_int_equal(t->net.parameter_count, kept + (FEATURES + 1) * FEATURES);
    assert_int_equal(teacher_parts(t->teacher), 1);
    assert_int_equal(teacher_fine_features(t->teacher), 0);
    trained_free(t);

    /* A run of before, resumed without its choice. */
    f->options.checkpoint = f->checkpoint;
    f->stop_at = 1;
    f->steps = 0;
    assert_int_equal(refuse(f).kind, ERROR_BUSY);
    f->stop_at = 0;
    f->teacher.finer = 0.5f;
    struct error err = refuse(f);
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.message, "add --finer-weight 0"));
    f->teacher.finer = 0;
    trained_free(run(f));
}

static void test_leaves_out_what_cannot_be_read(void **state)
{
    struct fixture *f = *state;
    struct train_report r;
    f->stripes.examples[7].path = "/nowhere/at/all.ppm";
    struct trained *t = run(f);
    trained_report(t, &r);
    assert_int_equal(r.unreadable, 1);
    assert_int_equal(r.pictures + r.validation_pictures, STRIPES_PICTURES - 1);
    trained_free(t);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        TEST(test_learns_without_labels),
        TEST(test_begins_with_what_it_knows),
        TEST(test_learns_from_a_few_labels),
        TEST(test_same_weights_on_any_threads),
        TEST(test_views),
        TEST(test_keeps_what_it_saw),
        TEST(test_resumes),
        TEST(test_refuses_another_teachers_checkpoint),
        TEST(test_refuses_what_cannot_teach),
        TEST(test_same_view_at_another_size),
        TEST(test_standardises),
        TEST(test_finer_features_are_a_choice),
        TEST(test_leaves_out_what_cannot_be_read),
    };
    return cmocka_run_group_tests(tests, train_teacher, drop_teacher);
}
