/* Whole runs on pictures of our own making: stripes this way and that. */
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
#include "stripes.h"

#define PICTURES STRIPES_PICTURES

#define PINNED_LOSS 0.545
#define PINNED_SQUARES 1919.28

struct fixture {
    struct stripes stripes;
    char *checkpoint;
    struct train_options options;
    struct train_task task;
    int stop_at; /* step, from 1, at which the progress says no; 0: never */
    int steps;   /* seen */
    int epochs;  /* ended */
};

static bool progress(void *context, const struct train_progress *p)
{
    struct fixture *f = context;
    f->steps++;
    f->epochs += p->step == p->steps;
    assert_true(p->step >= 1 && p->step <= p->steps);
    assert_true(isfinite(p->loss));
    return f->steps != f->stop_at;
}

static int start(void **state)
{
    static const char *const classes[STRIPES_CLASSES] = { "upright", "flat", "slanted" };
    struct fixture *f = calloc(1, sizeof *f);
    if (!f) {
        return -1;
    }
    stripes_make(&f->stripes);
    f->checkpoint = scratch_path(f->stripes.dir, "run.checkpoint");
    f->options = stripes_options();
    f->task = stripes_task(&f->stripes, classes, &f->options);
    f->task.progress = progress;
    f->task.context = f;
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

static struct trained *run(struct fixture *f)
{
    struct error err = { .message = "" };
    f->steps = f->epochs = 0;
    struct trained *t = train_run(&f->task, &err);
    if (!t) {
        fail_msg("%s", err.message);
    }
    return t;
}

/* The sums catch any change of the arithmetic, of the order of pictures or of
 * the random numbers; they may differ a little from processor to processor. */
static void test_ten_steps(void **state)
{
    struct fixture *f = *state;
    struct trained *t = run(f);
    assert_int_equal(f->steps, 10);
    assert_int_equal(t->training.count, 42);
    assert_int_equal(t->validation.count, 6);
    double squares = 0;
    for (size_t i = 0; i < t->net.parameter_count; i++) {
        squares += (double)t->parameters[i] * (double)t->parameters[i];
    }
    struct train_report r;
    trained_report(t, &r);
    printf("# loss %.5f, squares %.4f\n", (double)r.loss, squares);
    assert_true(fabs((double)r.loss - PINNED_LOSS) < 0.01);
    assert_true(fabs(squares / PINNED_SQUARES - 1) < 0.001);
    trained_free(t);
}

static void test_learns(void **state)
{
    struct fixture *f = *state;
    f->options.epochs = 25;
    struct trained *t = run(f);
    struct train_report r;
    trained_report(t, &r);
    assert_true(r.accuracy > 0.9f);
    assert_true(r.validation > 0.8f);
    trained_free(t);
}

static void assert_same_weights(const struct trained *a, const struct trained *b)
{
    assert_int_equal(a->net.parameter_count, b->net.parameter_count);
    assert_memory_equal(a->parameters, b->parameters, a->net.parameter_count * sizeof(float));
    assert_memory_equal(a->moments, b->moments, a->net.moment_count * sizeof(float));
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

static void test_resumes(void **state)
{
    static const enum train_optimizer kinds[] = { TRAIN_SGD, TRAIN_ADAM };
    struct fixture *f = *state;
    struct error err = { .message = "" };
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
            assert_null(train_run(&f->task, &err));
            assert_int_equal(err.kind, ERROR_BUSY);
        }
        f->stop_at = 0;
        struct trained *resumed = run(f);
        assert_int_equal(f->steps, 3);
        assert_same_weights(whole, resumed);
        assert_true(whole->best_epoch == resumed->best_epoch);
        trained_free(whole);
        trained_free(resumed);
        unlink(f->checkpoint);
    }
}

static void overwrite(const char *path, long at, const char *text)
{
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    fseek(file, at, SEEK_SET);
    fputs(text, file);
    fclose(file);
}

static void test_refuses_other_checkpoints(void **state)
{
    struct fixture *f = *state;
    struct error err = { .message = "" };
    f->options.checkpoint = f->checkpoint;
    f->stop_at = 2;
    assert_null(train_run(&f->task, &err));
    f->stop_at = 0;
    f->options.rate = 0.01f;
    assert_null(train_run(&f->task, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.message, f->checkpoint));
    f->options.rate = 0.05f;

    overwrite(f->checkpoint, 0, "thumbtag checkpoint 2");
    assert_null(train_run(&f->task, &err));
    assert_int_equal(err.kind, ERROR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "another version of thumbtag; delete it"));
    overwrite(f->checkpoint, 0, "thumbtag checkpoint 3");
    overwrite(f->checkpoint, 5000, "damage");
    assert_null(train_run(&f->task, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_int_equal(truncate(f->checkpoint, 1000), 0);
    assert_null(train_run(&f->task, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_int_equal(truncate(f->checkpoint, 10), 0);
    assert_null(train_run(&f->task, &err));
    assert_int_equal(err.kind, ERROR_DATA);
}

static void test_refuses_what_teaches_nothing(void **state)
{
    struct fixture *f = *state;
    struct error err = { .message = "" };
    for (size_t i = 0; i < PICTURES; i++) {
        f->stripes.examples[i].class_index = 1;
    }
    assert_null(train_run(&f->task, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_non_null(strstr(err.message, "two classes"));
    f->task.example_count = 0;
    assert_null(train_run(&f->task, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    f->task.example_count = PICTURES;
    for (size_t i = 0; i < PICTURES; i++) {
        f->stripes.examples[i] =
            (struct train_example){ .path = "/nowhere/at/all.ppm", .class_index = i % 2 };
    }
    assert_null(train_run(&f->task, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_non_null(strstr(err.message, "/nowhere/at/all.ppm"));
}

static void test_leaves_out_what_cannot_be_read(void **state)
{
    struct fixture *f = *state;
    struct train_report r;
    f->stripes.examples[7].path = "/nowhere/at/all.ppm";
    f->stripes.examples[20].path = f->stripes.dir;
    f->options.validation = 0;
    struct trained *t = run(f);
    trained_report(t, &r);
    assert_int_equal(r.unreadable, 2);
    assert_int_equal(r.pictures, PICTURES - 2);
    assert_int_equal(r.why.kind, ERROR_IO);
    assert_true(r.validation < 0);
    trained_free(t);
}

/* Pictures beyond the memory are in a file that has no name. */
static void test_little_memory(void **state)
{
    struct fixture *f = *state;
    struct trained *a = run(f);
    f->options.memory = (size_t)SIDE * SIDE * 3 * 10; /* the 6 held back fit */
    f->options.checkpoint = f->checkpoint;
    struct trained *b = run(f);
    assert_int_equal(b->training.spilled, 42 * SIDE * SIDE * 3);
    assert_int_equal(b->validation.spilled, 0);
    assert_same_weights(a, b);
    trained_free(a);
    trained_free(b);
}

static void test_patience(void **state)
{
    struct fixture *f = *state;
    f->options.epochs = 100;
    f->options.rate = 1e-7f; /* never gets better */
    f->options.patience = 3;
    struct trained *t = run(f);
    assert_int_equal(f->epochs, 1 + 3);
    assert_int_equal(t->best_epoch, 1);
    trained_free(t);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        TEST(test_ten_steps),
        TEST(test_learns),
        TEST(test_same_weights_on_any_threads),
        TEST(test_resumes),
        TEST(test_refuses_other_checkpoints),
        TEST(test_refuses_what_teaches_nothing),
        TEST(test_leaves_out_what_cannot_be_read),
        TEST(test_little_memory),
        TEST(test_patience),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
