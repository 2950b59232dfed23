/* The kinds of pages, as the guesser makes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assist/guesser.h"
#include "base/scheduler.h"
#include "listing.h"
#include "picture.h"
#include "scratch.h"

#define RGB_MODEL "tests/data/rgb/model.tflite" /* its features are mean colours */
#define PICTURES 36

enum { WARM, GREEN, COLD };

struct room {
    char *folder;
    struct bell bell;
    struct classes classes;
    struct scheduler *scheduler;
    struct guesser *guesser;
};

/* The strongest of a picture's three colours goes by its id; 30 and 33 are the same as 0. */
static void make_picture(const struct room *r, uint32_t id)
{
    uint32_t shade = id == 30 || id == 33 ? 0 : id;
    uint8_t rgb[8 * 8 * 3];
    char name[32];
    struct buf out = BUF_INIT;

    for (uint32_t i = 0; i < 64; i++) {
        for (uint32_t c = 0; c < 3; c++) {
            uint32_t spread = (shade * (11 + 7 * c) + 5 * c) % 60;
            rgb[3 * i + c] = (uint8_t)((id % 3 == c ? 0xA0 : 0x10) + spread);
        }
    }
    picture_ppm(&out, 8, 8, rgb);
    snprintf(name, sizeof name, "%u.ppm", id);
    char *path = scratch_path(r->folder, name);
    scratch_write(path, out.data, out.len);
    assert_true(assist_add(guesser_assist(r->guesser), id, path, &(struct region){ .width = 0 }));
    buf_release(&out);
    free(path);
}

static int setup(void **state)
{
    struct room *r = calloc(1, sizeof *r);
    struct error err = { ERROR_NONE, "" };

    assert_non_null(r);
    r->folder = scratch_new();
    r->bell = (struct bell)BELL_INIT;
    classes_init(&r->classes);
    assert_true(classes_parse_list(&r->classes, "warm,green,cold", "test", NULL));
    r->scheduler = scheduler_new(2, &err);
    struct guesser_options options = {
        .model_path = RGB_MODEL, .classes = &r->classes, .scheduler = r->scheduler, .in_step = true
    };
    r->guesser = guesser_new(&options, bell_ring, &r->bell, &err);
    assert_string_equal(err.message, "");
    for (uint32_t id = 0; id < PICTURES; id++) {
        make_picture(r, id);
    }
    assist_added_all(guesser_assist(r->guesser));
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    struct room *r = *state;

    guesser_free(r->guesser);
    scheduler_free(r->scheduler);
    classes_release(&r->classes);
    scratch_remove(r->folder);
    free(r);
    return 0;
}

static struct page_offer offer_without(struct room *r, enum page_kind kind, size_t size,
                                       const uint32_t *taken, size_t count)
{
    struct page_offer offer;
    unsigned heard = 0;
    struct page_wish wish = {
        .kind = kind, .size = size, .taken = taken, .taken_count = count, .surprise = 1.0f
    };
    assert_true(assist_ask_page(guesser_assist(r->guesser), &wish));
    while (!assist_settled(guesser_assist(r->guesser))) {
        heard = bell_wait(&r->bell, heard);
    }
    assert_true(assist_page(guesser_assist(r->guesser), &offer));
    return offer;
}

static struct page_offer offer_of(struct room *r, enum page_kind kind, size_t size)
{
    return offer_without(r, kind, size, NULL, 0);
}

static void answer(struct room *r, uint32_t first, uint32_t count)
{
    for (uint32_t id = first; id < first + count; id++) {
        assist_answer(guesser_assist(r->guesser), id, id % 3);
    }
}

static bool is_on(const struct page_offer *offer, uint32_t id)
{
    for (size_t i = 0; i < offer->count; i++) {
        if (offer->items[i].id == id) {
            return true;
        }
    }
    return false;
}

static void test_sure(void **state)
{
    struct room *r = *state;

    assert_int_equal(offer_of(r, PAGE_SURE, 8).count, 0);
    answer(r, 0, 12);
    struct page_offer offer = offer_of(r, PAGE_SURE, 8);
    assert_int_equal(offer.kind, PAGE_SURE);
    assert_int_equal(offer.count, 8);
    assert_int_equal(offer.of, 8);
    for (size_t i = 0; i < offer.count; i++) {
        assert_int_equal(offer.items[i].id % 3, offer.class_index);
        assert_int_equal(offer.items[i].best, offer.class_index);
        assert_true(offer.items[i].second < 3 && offer.items[i].second != offer.class_index);
        assert_true(offer.items[i].id >= 12);
    }
    uint32_t taken[] = { offer.items[7].id, offer.items[0].id };
    offer = offer_without(r, PAGE_SURE, 8, taken, 2);
    assert_int_equal(offer.count, 8); /* of another class */
    assert_false(is_on(&offer, taken[0]) || is_on(&offer, taken[1]));
}

/* Where so many exceptions were not expected, what is less sure is left out. */
static void test_surprise(void **state)
{
    struct room *r = *state;
    struct page_offer offer;

    answer(r, 0, 6);
    size_t before = offer_of(r, PAGE_SURE, 8).count;
    struct page_wish wish = { .kind = PAGE_SURE, .size = 8, .surprise = 1000.0f };
    unsigned heard = 0;
    assert_true(assist_ask_page(guesser_assist(r->guesser), &wish));
    while (!assist_settled(guesser_assist(r->guesser))) {
        heard = bell_wait(&r->bell, heard);
    }
    assert_true(assist_page(guesser_assist(r->guesser), &offer));
    assert_true(before >= 6);
    assert_int_equal(offer.count, 0); /* below the floor there is none */
}

static void test_alike_before_any_answer(void **state)
{
    struct room *r = *state;
    struct page_offer offer = offer_of(r, PAGE_ALIKE, 6);

    assert_int_equal(offer.kind, PAGE_ALIKE);
    assert_true(offer.count >= 4 && offer.count <= 6);
    assert_int_equal(offer.class_index, 3); /* none is proposed */
    assert_true(offer.right < 0.0f);
    for (size_t i = 1; i < offer.count; i++) {
        assert_int_equal(offer.items[i].id % 3, offer.items[0].id % 3);
    }
}

static void test_duplicates(void **state)
{
    static uint32_t others[PICTURES];
    struct room *r = *state;
    size_t count = 0;

    for (uint32_t id = 0; id < PICTURES; id++) {
        if (id != 0 && id != 30 && id != 33 && id != 4 && id != 8) {
            others[count++] = id;
        }
    }
    struct page_offer offer = offer_without(r, PAGE_SAME, 8, others, count);
    assert_int_equal(offer.count, 3);
    assert_true(is_on(&offer, 0) && is_on(&offer, 30) && is_on(&offer, 33));
    assert_int_equal(offer.class_index, 3);
    assert_true(offer.right > 0.9f);
    assist_answer(guesser_assist(r->guesser), 30, WARM); /* the next one follows it */
    offer = offer_without(r, PAGE_SAME, 8, others, count);
    assert_true(is_on(&offer, 33));
    assert_false(is_on(&offer, 30));
}

static void test_labeled_worst_first(void **state)
{
    static const uint32_t seen[] = { 17 };
    struct room *r = *state;

    answer(r, 0, 30);
    assist_answer(guesser_assist(r->guesser), 17, WARM); /* which is cold */
    struct page_offer offer = offer_of(r, PAGE_LABELED, 5);
    assert_int_equal(offer.kind, PAGE_LABELED);
    assert_int_equal(offer.class_index, WARM);
    assert_int_equal(offer.count, 5);
    assert_int_equal(offer.of, 11);
    assert_int_equal(offer.items[0].id, 17);
    offer = offer_of(r, PAGE_CONFUSED, 5);
    assert_int_equal(offer.count, 1);
    assert_int_equal(offer.items[0].id, 17);
    assert_int_equal(offer.class_index, WARM);
    assert_int_equal(offer.other_class, COLD);
    assert_int_equal(offer_without(r, PAGE_CONFUSED, 5, seen, 1).count, 0);
    assert_false(offer_of(r, PAGE_KINDS, 5).kind == PAGE_LABELED); /* for who asks for it */
}

/* A page is for the classes of the list as it is now. */
static void test_classes_change(void **state)
{
    static const size_t without_green[] = { 0, 2 };
    struct room *r = *state;

    answer(r, 0, 18);
    size_t before = offer_of(r, PAGE_SURE, 8).class_index;
    for (uint32_t id = 1; id < 18; id += 3) { /* the answers go with their class */
        assist_answer(guesser_assist(r->guesser), id, ASSIST_NO_CLASS);
    }
    assert_true(assist_change_classes(guesser_assist(r->guesser), 2, without_green));
    struct page_offer offer = offer_of(r, PAGE_SURE, 8);
    assert_true(before < 3 && offer.count > 0 && offer.class_index < 2);
    assert_int_equal(offer.items[0].best, offer.class_index);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_sure),
        TEST(test_surprise),
        TEST(test_alike_before_any_answer),
        TEST(test_duplicates),
        TEST(test_labeled_worst_first),
        TEST(test_classes_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
