#include "assist/guesser.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "listing.h"
#include "picture.h"
#include "scratch.h"
#include "tflite_writer.h"

static const struct region whole;

/* The classifier in tests/data/rgb: three classes, their logits 20 times the
 * picture's mean red, green and blue (0 to 1). Its file is written by this
 * test when UPDATE=1 is set. */
#define RGB_MODEL "tests/data/rgb/model.tflite"
#define RGB_LABELS "tests/data/rgb/labels.txt"

static struct tflite_tensor activation(int rank, const int32_t *dims, float scale)
{
    struct tflite_tensor t = { .type = TFLITE_INT8, .rank = rank, .scale = scale };

    t.zero_point = -128;
    memcpy(t.dims, dims, (size_t)rank * sizeof *dims);
    return t;
}

#define DIMS(...) ((const int32_t[]){ __VA_ARGS__ })

static void write_rgb_model(struct buf *file)
{
    enum { IN, POOLED, WEIGHTS, LOGITS, OUT };
    static const int8_t weights[9] = { 100, 0, 0, 0, 100, 0, 0, 0, 100 };
    struct tflite_model m = { .input = IN, .output = OUT };
    struct tflite_tensor w = {
        .type = TFLITE_INT8, .rank = 2, .dims = { 3, 3 }, .scale = 0.2f, .data = weights, .bytes = 9
    };

    tflite_add_tensor(&m, activation(4, DIMS(1, 8, 8, 3), 1 / 255.0f));
    tflite_add_tensor(&m, activation(4, DIMS(1, 1, 1, 3), 1 / 255.0f));
    tflite_add_tensor(&m, w);
    tflite_add_tensor(&m, activation(2, DIMS(1, 3), 0.1f));
    tflite_add_tensor(&m, activation(2, DIMS(1, 3), 1 / 256.0f));
    tflite_add_op(&m, (struct tflite_op){ TFLITE_AVERAGE_POOL,
                                          { IN },
                                          1,
                                          POOLED,
                                          { TFLITE_BYTE(1), TFLITE_INT(8), TFLITE_INT(8),
                                            TFLITE_INT(8), TFLITE_INT(8), TFLITE_BYTE(0) } });
    tflite_add_op(&m,
                  (struct tflite_op){
                      TFLITE_FULLY_CONNECTED, { POOLED, WEIGHTS }, 2, LOGITS, { TFLITE_BYTE(0) } });
    tflite_add_op(&m,
                  (struct tflite_op){ TFLITE_SOFTMAX, { LOGITS }, 1, OUT, { TFLITE_FLOAT(1) } });
    tflite_write(&m, file);
}

struct room {
    char *folder;
    struct bell bell;
    struct classes classes;
    struct nn_labels names;
    struct scheduler *scheduler;
    struct guesser *guesser;
    float shares[8];
};

static int setup(void **state)
{
    struct room *r = calloc(1, sizeof *r);

    assert_non_null(r);
    r->folder = scratch_new();
    r->scheduler = scheduler_new(2, NULL);
    assert_non_null(r->scheduler);
    r->bell = (struct bell)BELL_INIT;
    classes_init(&r->classes);
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    struct room *r = *state;

    guesser_free(r->guesser);
    scheduler_free(r->scheduler);
    nn_labels_release(&r->names);
    classes_release(&r->classes);
    scratch_remove(r->folder);
    free(r);
    return 0;
}

/* Names of the pictures are their ids. */
static char *picture_path(const struct room *r, uint32_t id)
{
    char name[32];

    snprintf(name, sizeof name, "%u.ppm", id);
    return scratch_path(r->folder, name);
}

/* A picture of one colour, 0xRRGGBB. */
static void make_picture(const struct room *r, uint32_t id, int width, int height, int32_t rgb)
{
    struct buf out = BUF_INIT;
    uint8_t *pixels = mem_array((size_t)(width * height), 3);
    char *path = picture_path(r, id);

    for (int i = 0; i < width * height; i++) {
        pixels[3 * i] = (uint8_t)(rgb >> 16);
        pixels[3 * i + 1] = (uint8_t)(rgb >> 8);
        pixels[3 * i + 2] = (uint8_t)rgb;
    }
    picture_ppm(&out, width, height, pixels);
    scratch_write(path, out.data, out.len);
    buf_release(&out);
    free(pixels);
    free(path);
}

static struct guesser *make_guesser(struct room *r, const char *model, bool in_step,
                                    struct error *err)
{
    struct guesser_options options = { .model_path = model,
                                       .names = &r->names,
                                       .classes = &r->classes,
                                       .scheduler = r->scheduler,
                                       .in_step = in_step };

    return guesser_new(&options, bell_ring, &r->bell, err);
}

static void start_with(struct room *r, const char *classes, const char *labels, bool in_step)
{
    struct error err = { ERROR_NONE, "" };

    if (classes[0]) {
        assert_true(classes_parse_list(&r->classes, classes, "test", NULL));
    }
    if (labels) {
        assert_true(classifier_names(RGB_MODEL, labels, &r->names, &err));
    }
    r->guesser = make_guesser(r, RGB_MODEL, in_step, &err);
    assert_string_equal(err.message, "");
    assert_non_null(r->guesser);
}

/* The model knows the colours. */
static void start(struct room *r, const char *classes)
{
    start_with(r, classes, "", false);
}

static void want(struct room *r, uint32_t first, uint32_t count)
{
    struct guess_request *requests = mem_array(count, sizeof *requests);
    char **paths = mem_array(count, sizeof *paths);

    for (uint32_t i = 0; i < count; i++) {
        paths[i] = picture_path(r, first + i);
        requests[i] = (struct guess_request){ first + i, paths[i], { 0 } };
    }
    assert_true(assist_want(guesser_assist(r->guesser), requests, count));
    for (uint32_t i = 0; i < count; i++) {
        free(paths[i]);
    }
    free(paths);
    free(requests);
}

/* Adds pictures 0..count-1, all there are. */
static void add_all(struct room *r, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        char *path = picture_path(r, i);
        assert_true(assist_add(guesser_assist(r->guesser), i, path, &whole));
        free(path);
    }
    assist_added_all(guesser_assist(r->guesser));
}

static bool get(struct room *r, uint32_t id, struct guess *guess)
{
    assert_true(r->classes.count <= ARRAY_LEN(r->shares));
    return assist_propose(guesser_assist(r->guesser), id, guess, r->shares);
}

/* Waits for a guess that is wanted. */
static struct guess wait_guess(struct room *r, uint32_t id)
{
    struct guess guess;
    unsigned heard = 0;

    while (!get(r, id, &guess)) {
        heard = bell_wait(&r->bell, heard);
    }
    return guess;
}

/* Waits until nothing is under way. */
static struct assist_status settle(struct room *r)
{
    struct assist_status status;
    unsigned heard = 0;

    while (!assist_settled(guesser_assist(r->guesser))) {
        heard = bell_wait(&r->bell, heard);
    }
    assist_status(guesser_assist(r->guesser), &status);
    return status;
}

static void test_model_file(void **state)
{
    struct buf file = BUF_INIT;
    size_t len;

    (void)state;
    write_rgb_model(&file);
    assert_false(file.failed);
    if (getenv("UPDATE")) {
        scratch_write(RGB_MODEL, file.data, file.len);
    }
    char *there = scratch_read(RGB_MODEL, &len);
    assert_int_equal(len, file.len);
    assert_memory_equal(there, file.data, len);
    free(there);
    buf_release(&file);
}

static void test_guesses(void **state)
{
    static const struct {
        int width, height;
        int32_t rgb;
        size_t best; /* of blue, cow, red, green */
        float least, most;
    } cases[] = {
        { 8, 8, 0xFF0000, 2, 0.99f, 1.0f },   { 100, 30, 0x00FF00, 3, 0.99f, 1.0f },
        { 3, 200, 0x0000FF, 0, 0.99f, 1.0f }, { 1, 1, 0xFF0000, 2, 0.99f, 1.0f },
        { 64, 64, 0x808080, 2, 0.3f, 0.35f }, { 16, 16, 0x8000A0, 0, 0.8f, 0.99f },
    };
    struct room *r = *state;

    start(r, "blue,cow,red,green");
    assert_int_equal(guesser_known(r->guesser), 3);
    for (uint32_t i = 0; i < ARRAY_LEN(cases); i++) {
        make_picture(r, i, cases[i].width, cases[i].height, cases[i].rgb);
    }
    want(r, 0, ARRAY_LEN(cases));
    for (uint32_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct guess g = wait_guess(r, i);
        float sum = 0;
        assert_false(g.failed);
        if (cases[i].least > 0.5f) {
            assert_int_equal(g.best, cases[i].best);
        }
        assert_true(g.confidence >= cases[i].least && g.confidence <= cases[i].most + 1e-6f);
        assert_true(g.classes[g.best] == g.confidence);
        assert_true(g.classes[1] == 0.0f); /* no class of the model */
        for (int c = 0; c < 4; c++) {
            sum += g.classes[c];
        }
        assert_true(sum > 0.999f && sum < 1.001f);
    }
}

/* The list changes: predictions are for the new one, and those from before are not returned. */
static void test_classes_change(void **state)
{
    static const size_t without_cow[] = { 0, 2, 3 };
    static const size_t with_owl[] = { ASSIST_NO_CLASS, 0, 1, 2 };
    struct room *r = *state;

    start(r, "blue,cow,red,green");
    make_picture(r, 0, 8, 8, 0xFF0000);
    want(r, 0, 1);
    assert_int_equal(wait_guess(r, 0).best, 2);
    assert_true(assist_change_classes(guesser_assist(r->guesser), 3, without_cow));
    struct guess g = wait_guess(r, 0);
    assert_int_equal(g.best, 1);
    assert_true(g.confidence > 0.99f && g.classes[1] == g.confidence);
    assert_true(assist_change_classes(guesser_assist(r->guesser), 4, with_owl));
    g = wait_guess(r, 0);
    assert_int_equal(g.best, 2);
    assert_true(g.confidence > 0.99f && g.classes[0] == 0.0f);
}

/* Some of the model's classes are none of the session's: what they get is not
 * shared out among the others. */
static void test_model_knows_more(void **state)
{
    struct room *r = *state;

    start(r, "green,other");
    assert_int_equal(guesser_known(r->guesser), 1);
    make_picture(r, 0, 8, 8, 0xFF0000);
    make_picture(r, 1, 8, 8, 0x00FF00);
    want(r, 0, 2);
    struct guess g = wait_guess(r, 0);
    assert_int_equal(g.best, 0);
    assert_true(g.confidence < 0.01f);
    g = wait_guess(r, 1);
    assert_int_equal(g.best, 0);
    assert_true(g.confidence > 0.99f);
}

static void test_unreadable_pictures(void **state)
{
    struct room *r = *state;
    char *path = picture_path(r, 1);

    start(r, "red,green,blue");
    scratch_write(path, "no picture", 10);
    make_picture(r, 2, 8, 8, 0x0000FF);
    want(r, 0, 3); /* 0 is not there at all */
    struct guess g = wait_guess(r, 0);
    assert_true(g.failed);
    assert_int_equal(g.best, 3);
    assert_true(wait_guess(r, 1).failed);
    g = wait_guess(r, 2);
    assert_false(g.failed);
    assert_int_equal(g.best, 2);
    free(path);
}

static void test_nothing_without_asking(void **state)
{
    struct room *r = *state;
    struct guess g;

    start(r, "red,green,blue");
    make_picture(r, 0, 8, 8, 0x0000FF);
    assert_false(get(r, 0, &g));
    want(r, 0, 0);
    assert_false(get(r, 0, &g));
    want(r, 0, 1);
    wait_guess(r, 0);
    want(r, 0, 1); /* it is there: not made again */
    assert_true(get(r, 0, &g));
    assert_false(get(r, 1, &g));
}

/* The oldest go. */
static void test_old_guesses_go(void **state)
{
    struct room *r = *state;
    struct guess g;

    start(r, "red,green,blue");
    for (uint32_t i = 0; i < 600; i++) {
        make_picture(r, i, 8, 8, i ? 0x0000FF : 0xFF0000);
    }
    want(r, 0, 1);
    wait_guess(r, 0);
    want(r, 1, 512);
    wait_guess(r, 512);
    want(r, 513, 87);
    wait_guess(r, 599);
    assert_false(get(r, 0, &g));
    assert_true(get(r, 599, &g));
    want(r, 0, 1); /* it can be had again */
    assert_int_equal(wait_guess(r, 0).best, 0);
}

static void test_free_while_working(void **state)
{
    struct room *r = *state;

    start(r, "red,green,blue");
    for (uint32_t i = 0; i < 50; i++) {
        make_picture(r, i, 200, 200, 0x0000FF);
    }
    want(r, 0, 50);
    bell_wait(&r->bell, 0);
    guesser_free(r->guesser);
    r->guesser = NULL;
    guesser_free(NULL);
}

/* ------------------------------------------------------------------ learning */

#define SHADES 24

/* Reddish pictures have even ids, bluish ones odd ids. */
static void make_shades(struct room *r)
{
    for (uint32_t i = 0; i < SHADES; i++) {
        int32_t a = 0xC0 + (int32_t)(i * 37 % 48);
        int32_t b = 0x20 + (int32_t)(i * 23 % 48);
        int32_t g = 0x40 + (int32_t)(i * 11 % 48);
        make_picture(r, i, 8, 8, i % 2 ? b << 16 | g << 8 | a : a << 16 | g << 8 | b);
    }
}

static void answer(struct room *r, uint32_t first, uint32_t count)
{
    for (uint32_t i = first; i < first + count; i++) {
        assist_answer(guesser_assist(r->guesser), i, i % 2);
    }
}

static void test_learns(void **state)
{
    struct room *r = *state;
    struct guess g;

    make_shades(r);
    start_with(r, "warm,cold,other", NULL, true);
    want(r, 0, SHADES);
    assert_false(get(r, 0, &g)); /* not before all is there */
    add_all(r, SHADES);
    struct assist_status status = settle(r);
    assert_int_equal(status.state, ASSIST_NEEDS_CLASSES);
    assert_int_equal(status.looked, SHADES);
    assert_int_equal(status.answers, 0);
    assert_true(get(r, 20, &g));
    assert_false(g.failed);
    assert_int_equal(g.best, 3); /* none */
    assist_answer(guesser_assist(r->guesser), 0, 0);
    assist_answer(guesser_assist(r->guesser), 2, 0);
    status = settle(r);
    assert_int_equal(status.state, ASSIST_NEEDS_CLASSES);
    assert_int_equal(status.answers, 2);
    assert_int_equal(status.majority, 0);
    answer(r, 0, 8);
    status = settle(r);
    assert_int_equal(status.state, ASSIST_PREDICTING);
    assert_int_equal(status.answers, 8);
    assert_true(status.accuracy > 0.9f);
    for (uint32_t i = 8; i < SHADES; i++) {
        assert_true(get(r, i, &g));
        assert_int_equal(g.best, i % 2);
        assert_true(g.confidence > 0.5f && g.classes[g.best] == g.confidence);
    }
}

static void test_answers_taken_back(void **state)
{
    struct room *r = *state;
    struct guess g;
    float before[8];

    make_shades(r);
    start_with(r, "warm,cold", NULL, true);
    want(r, 16, 8);
    answer(r, 0, 10);
    add_all(r, SHADES);
    settle(r);
    assert_true(get(r, 17, &g));
    memcpy(before, r->shares, sizeof before);
    assist_answer(guesser_assist(r->guesser), 10, 1); /* wrong, and changed, and taken back */
    assist_answer(guesser_assist(r->guesser), 12, ASSIST_NO_CLASS);
    assert_int_equal(settle(r).answers, 11);
    assist_answer(guesser_assist(r->guesser), 10, 0);
    assist_answer(guesser_assist(r->guesser), 12, 1);
    assert_int_equal(settle(r).answers, 12);
    assert_true(get(r, 17, &g));
    assert_true(fabsf(before[1] - r->shares[1]) > 1e-4f);
    assist_answer(guesser_assist(r->guesser), 10, ASSIST_OPEN);
    assist_answer(guesser_assist(r->guesser), 12, ASSIST_NO_CLASS);
    assert_int_equal(settle(r).answers, 10);
    assert_true(get(r, 17, &g));
    assert_true(fabsf(before[1] - r->shares[1]) < 1e-3f);
    for (uint32_t i = 0; i < 10; i++) {
        assist_answer(guesser_assist(r->guesser), i, ASSIST_OPEN);
    }
    struct assist_status status = settle(r);
    assert_int_equal(status.state, ASSIST_NEEDS_CLASSES);
    assert_int_equal(status.answers, 0);
    assert_true(get(r, 17, &g));
    assert_int_equal(g.best, 2);
}

/* Answers without rhyme or reason: nothing is shown that is worse than always
 * saying the same. */
static void test_no_better_than_the_majority(void **state)
{
    struct room *r = *state;
    struct guess g;

    for (uint32_t i = 0; i < SHADES; i++) {
        make_picture(r, i, 8, 8, 0x808080);
    }
    start_with(r, "warm,cold", NULL, true);
    want(r, 0, SHADES);
    add_all(r, SHADES);
    for (uint32_t i = 0; i < 12; i++) {
        assist_answer(guesser_assist(r->guesser), i, i % 4 != 0);
    }
    struct assist_status status = settle(r);
    assert_int_equal(status.state, ASSIST_NO_BETTER);
    assert_int_equal(status.majority, 1);
    assert_true(get(r, 20, &g));
    assert_int_equal(g.best, 2);
}

/* A model whose names are wrong is believed until answers tell otherwise. */
static void test_prior_is_overruled(void **state)
{
    struct room *r = *state;
    struct guess g;
    char *path = scratch_path(r->folder, "wrong.txt");

    scratch_write(path, "cold\nother\nwarm\n", 16);
    make_shades(r);
    start_with(r, "warm,cold", path, true);
    assert_int_equal(guesser_known(r->guesser), 2);
    want(r, 0, SHADES);
    add_all(r, SHADES);
    assert_int_equal(settle(r).state, ASSIST_PREDICTING);
    assert_true(get(r, 20, &g));
    assert_int_equal(g.best, 1);
    answer(r, 0, 4);
    settle(r);
    assert_true(get(r, 20, &g));
    assert_int_equal(g.best, 1);
    answer(r, 4, 12);
    settle(r);
    for (uint32_t i = 16; i < SHADES; i++) {
        assert_true(get(r, i, &g));
        assert_int_equal(g.best, i % 2);
    }
    free(path);
}

/* However the threads take turns. */
static void test_in_step_is_the_same_each_time(void **state)
{
    struct room *r = *state;
    float first[SHADES];
    struct guess g;

    make_shades(r);
    for (int run = 0; run < 5; run++) {
        start_with(r, run ? "" : "warm,cold", NULL, true);
        want(r, 0, SHADES);
        answer(r, 0, 6);
        add_all(r, SHADES);
        settle(r);
        answer(r, 6, 3);
        settle(r);
        for (uint32_t i = 0; i < SHADES; i++) {
            assert_true(get(r, i, &g));
            if (run) {
                assert_true(first[i] == g.confidence);
            }
            first[i] = g.confidence;
        }
        guesser_free(r->guesser);
        r->guesser = NULL;
    }
}

/* As in src/assist/looker.h. */
struct looker;
typedef void looker_found_fn(void *context);

/* Keeps an embedding's thread from telling of it, from when it begins to do so until the
 * gate is opened. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    bool closed, arrived;
    looker_found_fn *found;
} gate = { .lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER };

static void found_at_gate(void *context)
{
    pthread_mutex_lock(&gate.lock);
    gate.arrived = true;
    pthread_cond_broadcast(&gate.moved);
    while (gate.closed) {
        pthread_cond_wait(&gate.moved, &gate.lock);
    }
    pthread_mutex_unlock(&gate.lock);
    gate.found(context);
}

bool __real_looker_start(struct looker *l, struct scheduler *scheduler, looker_found_fn *found,
                         void *context, struct error *err);
bool __wrap_looker_start(struct looker *l, struct scheduler *scheduler, looker_found_fn *found,
                         void *context, struct error *err);

bool __wrap_looker_start(struct looker *l, struct scheduler *scheduler, looker_found_fn *found,
                         void *context, struct error *err)
{
    gate.found = found;
    return __real_looker_start(l, scheduler, found_at_gate, context, err);
}

/* An embedding that is there but not yet learned from is still on its way. */
static void test_not_settled_before_it_is_learned(void **state)
{
    struct room *r = *state;
    char *path = picture_path(r, 0);

    make_picture(r, 0, 8, 8, 0x808080);
    start_with(r, "warm,cold", NULL, true);
    assist_added_all(guesser_assist(r->guesser));
    settle(r);
    gate.closed = true;
    gate.arrived = false;
    assert_true(assist_add(guesser_assist(r->guesser), 0, path, &whole));
    pthread_mutex_lock(&gate.lock);
    while (!gate.arrived) {
        pthread_cond_wait(&gate.moved, &gate.lock);
    }
    pthread_mutex_unlock(&gate.lock);
    bool settled = assist_settled(guesser_assist(r->guesser));
    pthread_mutex_lock(&gate.lock);
    gate.closed = false;
    pthread_cond_broadcast(&gate.moved);
    pthread_mutex_unlock(&gate.lock);
    assert_false(settled);
    assert_int_equal(settle(r).looked, 1);
    free(path);
}

static void test_refused(void **state)
{
    static const struct {
        const char *names, *message;
    } cases[] = {
        { "red\ngreen\n", "3 outputs, but 2 class names" },
        { "a\nb\nc\nd\n", "3 outputs, but 4 class names" },
    };
    struct room *r = *state;
    struct error err;
    char *path = scratch_path(r->folder, "labels.txt");

    assert_true(classes_parse_list(&r->classes, "red", "test", NULL));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        scratch_write(path, cases[i].names, strlen(cases[i].names));
        assert_true(classifier_names(RGB_MODEL, path, &r->names, NULL));
        assert_null(make_guesser(r, RGB_MODEL, false, &err));
        assert_int_equal(err.kind, ERROR_DATA);
        assert_non_null(strstr(err.message, cases[i].message));
        assert_non_null(strstr(err.message, RGB_MODEL));
        nn_labels_release(&r->names);
    }
    assert_null(make_guesser(r, path, false, &err));
    assert_non_null(strstr(err.message, path));
    free(path);
}

/* Names that are no class of the session are no error: there is just nothing
 * that the model could say. */
static void test_foreign_names(void **state)
{
    struct room *r = *state;
    struct guess g;

    start(r, "cat,dog");
    assert_int_equal(guesser_known(r->guesser), 0);
    make_picture(r, 0, 8, 8, 0xFF0000);
    want(r, 0, 1);
    g = wait_guess(r, 0);
    assert_false(g.failed);
    assert_int_equal(g.best, 2);
}

/* Real models, where they are at hand: each picture gets a distribution. */
static void run_shared(struct room *r, const char *name, const char *list)
{
    const char *shared = getenv("THUMBTAG_SHARED");
    char model[512];
    struct error err = { ERROR_NONE, "" };

    snprintf(model, sizeof model, "%s/nn/models/%s", shared ? shared : "../shared", name);
    if (access(model, R_OK) != 0) {
        print_message("%s is not there\n", model);
        skip();
    }
    char *path = scratch_path(r->folder, "labels.txt");
    char lines[512];
    snprintf(lines, sizeof lines, "%s\n", list);
    for (char *s = lines; (s = strchr(s, ',')); s++) {
        *s = '\n';
    }
    scratch_write(path, lines, strlen(lines));
    assert_true(classifier_names(model, path, &r->names, NULL));
    assert_true(classes_parse_list(&r->classes, list, "test", NULL));
    r->guesser = make_guesser(r, model, false, &err);
    assert_string_equal(err.message, "");
    for (uint32_t i = 0; i < 3; i++) {
        make_picture(r, i, 120, 90, i == 0 ? 0 : i == 1 ? 0x2266AA : 0xFFFFFF);
    }
    want(r, 0, 3);
    for (uint32_t i = 0; i < 3; i++) {
        float shares[16];
        struct guess g;
        float sum = 0;
        unsigned heard = 0;
        while (!assist_propose(guesser_assist(r->guesser), i, &g, shares)) {
            heard = bell_wait(&r->bell, heard);
        }
        assert_false(g.failed);
        for (size_t c = 0; c < r->classes.count; c++) {
            assert_true(g.classes[c] >= 0.0f && g.classes[c] <= g.confidence);
            sum += g.classes[c];
        }
        assert_true(sum > 0.999f && sum < 1.001f);
    }
    free(path);
}

static void test_resnet8(void **state)
{
    run_shared(*state, "resnet8.tflite",
               "airplane,automobile,bird,cat,deer,dog,frog,horse,ship,truck");
}

static void test_vww(void **state)
{
    run_shared(*state, "vww.tflite", "no person,person");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_model_file),
        TEST(test_guesses),
        TEST(test_classes_change),
        TEST(test_model_knows_more),
        TEST(test_unreadable_pictures),
        TEST(test_nothing_without_asking),
        TEST(test_old_guesses_go),
        TEST(test_free_while_working),
        TEST(test_learns),
        TEST(test_answers_taken_back),
        TEST(test_no_better_than_the_majority),
        TEST(test_prior_is_overruled),
        TEST(test_in_step_is_the_same_each_time),
        TEST(test_not_settled_before_it_is_learned),
        TEST(test_refused),
        TEST(test_foreign_names),
        TEST(test_resnet8),
        TEST(test_vww),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
