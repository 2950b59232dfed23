/* The viewer's states, with a fake of the frames and of the screen below it. */
#include "../../src/ui/viewer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

#define MS 1000000LL
#define ANN 7u
#define BOB 8u

/* The frame that is rendered of `id`, and what has been done with it. */
static struct fake {
    struct frame frames[8];
    struct {
        uint32_t id;
        struct frame_view view;
        bool finished;
    } slots[8];
    int pins[8];
    size_t count;
    uint64_t drawn, shown;       /* pictures written, and of these drawn */
    const struct frame *picture; /* the last one written; NULL: text alone */
    int pieces, flushes, forgotten;
    bool gone;     /* the terminal */
    bool key_came; /* while the next piece is written */
} fake;

const struct frame *__wrap_frames_get(struct frames *f, uint32_t id, struct frame_view view);
void __wrap_frames_unpin(struct frames *f, const struct frame *frame);
void __wrap_frames_forget(struct frames *f, uint32_t id);
void __wrap_frames_set_style(struct frames *f, const struct frame_style *style);
uint64_t __wrap_screen_picture(struct screen *s, const struct frame *frame, struct cells pane);
bool __wrap_screen_piece(struct screen *s, const struct frame *frame, int number, struct cells pane,
                         bool *complete);
int __wrap_screen_piece_due(const struct screen *s);
bool __wrap_screen_busy(const struct screen *s);
void __wrap_screen_flush(struct screen *s);

const struct frame *__wrap_frames_get(struct frames *f, uint32_t id, struct frame_view view)
{
    (void)f;
    for (size_t i = 0; i < fake.count; i++) {
        if (fake.slots[i].finished && fake.slots[i].id == id &&
            fake.slots[i].view.effort == view.effort &&
            viewer_same_view(fake.slots[i].view, view)) {
            fake.pins[i]++;
            return &fake.frames[i];
        }
    }
    return NULL;
}

void __wrap_frames_unpin(struct frames *f, const struct frame *frame)
{
    (void)f;
    if (frame) {
        assert_true(fake.pins[frame - fake.frames] > 0);
        fake.pins[frame - fake.frames]--;
    }
}

void __wrap_frames_forget(struct frames *f, uint32_t id)
{
    (void)f;
    (void)id;
    fake.forgotten++;
}

void __wrap_frames_set_style(struct frames *f, const struct frame_style *style)
{
    (void)f;
    (void)style;
}

uint64_t __wrap_screen_picture(struct screen *s, const struct frame *frame, struct cells pane)
{
    (void)s;
    (void)pane;
    fake.picture = frame;
    return fake.gone ? 0 : ++fake.drawn;
}

bool __wrap_screen_piece(struct screen *s, const struct frame *frame, int number, struct cells pane,
                         bool *complete)
{
    (void)s;
    (void)pane;
    assert_true(number < frame->piece_count);
    *complete = !fake.key_came;
    fake.pieces += *complete;
    return !fake.gone;
}

int __wrap_screen_piece_due(const struct screen *s)
{
    (void)s;
    return 0;
}

bool __wrap_screen_busy(const struct screen *s)
{
    (void)s;
    return fake.shown < fake.drawn;
}

void __wrap_screen_flush(struct screen *s)
{
    (void)s;
    fake.flushes++;
}

/* ------------------------------------------------------------------- driving */

static struct frame *finish(uint32_t id, struct frame_view view, int effort, bool limited, int side)
{
    size_t i = fake.count++;
    assert_true(i < ARRAY_LEN(fake.frames));
    view.effort = effort;
    fake.slots[i].id = id;
    fake.slots[i].view = view;
    fake.slots[i].finished = true;
    fake.frames[i] = (struct frame){ .limited = limited, .grid_w = side, .grid_h = side };
    return &fake.frames[i];
}

static void begin(struct viewer *v)
{
    struct frame_style style = { .paper = 0 };
    memset(&fake, 0, sizeof fake);
    viewer_init(v, NULL, NULL);
    viewer_set_style(v, &style, (struct cells){ 0, 0, 10, 10 });
    viewer_touch(v, 1000 * MS);
}

/* As the loop does between two events; `ms` is the clock. */
static enum viewer_state draw(struct viewer *v, int64_t ms)
{
    viewer_take(v);
    viewer_draw(v, ms * MS);
    viewer_shown(v, fake.shown);
    return viewer_state(v);
}

/* The terminal answers. */
static enum viewer_state answer(struct viewer *v, int64_t ms)
{
    fake.shown = fake.drawn;
    viewer_shown(v, fake.shown);
    viewer_arrived(v, ms * MS);
    return viewer_state(v);
}

static void request(struct viewer *v, uint32_t id)
{
    struct viewer_item item = { id, "p", { 0 }, NULL };
    struct frame_request out[2];
    viewer_requests(v, &item, 1, out);
}

static void end(struct viewer *v)
{
    viewer_release(v);
    for (size_t i = 0; i < ARRAY_LEN(fake.pins); i++) {
        assert_int_equal(fake.pins[i], 0);
    }
}

/* --------------------------------------------------------------------- tests */

static void test_a_picture_goes_through_the_states(void **state)
{
    struct viewer v;
    (void)state;
    begin(&v);
    assert_int_equal(viewer_state(&v), VIEWER_EMPTY);
    viewer_show(&v, ANN, FRAME_VIEW_ALL);
    assert_int_equal(viewer_state(&v), VIEWER_WANTED);
    assert_true(viewer_is_stale(&v));
    request(&v, ANN);
    assert_false(viewer_is_stale(&v));
    assert_int_equal(draw(&v, 1000), VIEWER_WANTED);
    assert_null(fake.picture);
    struct frame *frame = finish(ANN, FRAME_VIEW_ALL, EFFORT_NONE, false, 8);
    viewer_take(&v);
    assert_int_equal(viewer_state(&v), VIEWER_READY);
    assert_true(viewer_wipes(&v));
    assert_int_equal(draw(&v, 1000), VIEWER_SENT);
    assert_ptr_equal(fake.picture, frame);
    assert_false(viewer_was_seen(&v, fake.shown));
    assert_int_equal(viewer_shown(&v, fake.shown), VIEWER_NO_ITEM);
    assert_int_equal(answer(&v, 1000), VIEWER_REFINED);
    assert_int_equal(viewer_shown(&v, fake.shown), ANN);
    assert_true(viewer_was_seen(&v, fake.shown));
    assert_int_equal(viewer_patience(&v, 9000 * MS), -1);
    end(&v);
}

/* From any state, and without a trace of the picture before. */
static void test_another_item_begins_at_wanted(void **state)
{
    struct viewer v;
    (void)state;
    begin(&v);
    viewer_show(&v, ANN, FRAME_VIEW_ALL);
    finish(ANN, FRAME_VIEW_ALL, EFFORT_NONE, false, 8);
    draw(&v, 1000);
    answer(&v, 1000);
    viewer_show(&v, BOB, FRAME_VIEW_ALL);
    assert_int_equal(viewer_state(&v), VIEWER_WANTED);
    assert_true(viewer_is_stale(&v));
    assert_false(viewer_was_seen(&v, fake.shown)); /* it is the other that was */
    assert_int_equal(draw(&v, 1000), VIEWER_WANTED);
    assert_null(fake.picture); /* the pane was wiped */
    viewer_show(&v, VIEWER_NO_ITEM, FRAME_VIEW_ALL);
    assert_int_equal(draw(&v, 1000), VIEWER_EMPTY);
    end(&v);
}

/* A key that came before the terminal had drawn the picture does not answer it. */
static void test_what_was_seen_is_told_by_the_keys_time(void **state)
{
    struct viewer v;
    (void)state;
    begin(&v);
    viewer_show(&v, ANN, FRAME_VIEW_ALL);
    finish(ANN, FRAME_VIEW_ALL, EFFORT_NONE, false, 8);
    draw(&v, 1000);
    uint64_t early = fake.shown;
    answer(&v, 1000);
    assert_false(viewer_was_seen(&v, early));
    assert_true(viewer_was_seen(&v, fake.shown));
    end(&v);
}

static void test_a_zoom_is_wanted_while_the_picture_stays(void **state)
{
    struct frame_view close = { 2.0f, 0.5f, 0.5f, EFFORT_NONE, false };
    struct viewer v;
    (void)state;
    begin(&v);
    viewer_show(&v, ANN, FRAME_VIEW_ALL);
    request(&v, ANN);
    struct frame *whole = finish(ANN, FRAME_VIEW_ALL, EFFORT_NONE, false, 8);
    draw(&v, 1000);
    answer(&v, 1000);
    viewer_show(&v, ANN, close);
    assert_true(viewer_is_stale(&v));
    assert_int_equal(draw(&v, 1000), VIEWER_WANTED);
    assert_ptr_equal(fake.picture, whole);
    assert_true(viewer_was_seen(&v, fake.shown)); /* it can be answered meanwhile */
    finish(ANN, close, EFFORT_NONE, false, 8);
    assert_int_equal(draw(&v, 1000), VIEWER_SENT);
    assert_int_equal(answer(&v, 1000), VIEWER_REFINED);
    viewer_show(&v, ANN, FRAME_VIEW_ALL);
    assert_int_equal(viewer_state(&v), VIEWER_WANTED);
    viewer_show(&v, ANN, close); /* back before anything was drawn */
    assert_int_equal(viewer_state(&v), VIEWER_REFINED);
    end(&v);
}

static void test_a_kept_view_is_that_of_the_next_items(void **state)
{
    struct frame_view close = { 2.0f, 0.5f, 0.5f, EFFORT_NONE, false };
    struct viewer_item items[] = { { ANN, "a", { 0 }, NULL }, { BOB, "b", { 0 }, NULL } };
    struct frame_request out[3];
    struct viewer v;
    (void)state;
    begin(&v);
    viewer_show(&v, ANN, close);
    assert_int_equal(viewer_requests(&v, items, 2, out), 3); /* ANN's in both views */
    assert_true(viewer_same_view(out[0].view, close));
    assert_true(viewer_same_view(out[1].view, FRAME_VIEW_ALL));
    assert_int_equal(out[2].id, BOB);
    assert_true(viewer_same_view(viewer_next_view(&v), FRAME_VIEW_ALL));
    viewer_keep_view(&v, true);
    assert_true(viewer_is_stale(&v));
    assert_true(viewer_same_view(viewer_next_view(&v), close));
    assert_int_equal(viewer_requests(&v, items, 2, out), 2);
    assert_true(viewer_same_view(out[1].view, close));
    end(&v);
}

/* What covers the pane takes the picture off; afterwards it is written and answered anew. */
static void test_a_cover_takes_the_picture_off(void **state)
{
    struct viewer v;
    (void)state;
    begin(&v);
    viewer_show(&v, ANN, FRAME_VIEW_ALL);
    struct frame *frame = finish(ANN, FRAME_VIEW_ALL, EFFORT_NONE, false, 8);
    draw(&v, 1000);
    answer(&v, 1000);
    viewer_cover(&v, true);
    assert_int_equal(draw(&v, 1000), VIEWER_EMPTY);
    assert_null(fake.picture);
    viewer_cover(&v, false);
    assert_int_equal(viewer_state(&v), VIEWER_WANTED);
    assert_int_equal(draw(&v, 1000), VIEWER_SENT);
    assert_ptr_equal(fake.picture, frame);
    viewer_repaint(&v);
    assert_int_equal(viewer_state(&v), VIEWER_READY);
    assert_int_equal(draw(&v, 1000), VIEWER_SENT);
    viewer_reload(&v);
    assert_int_equal(fake.forgotten, 1);
    assert_int_equal(viewer_state(&v), VIEWER_WANTED);
    end(&v);
}

/* A reduced frame is replaced by better ones while no key comes, and keys count throughout. */
static void test_a_reduced_frame_is_refined(void **state)
{
    struct viewer v;
    (void)state;
    begin(&v);
    viewer_show(&v, ANN, FRAME_VIEW_ALL);
    finish(ANN, FRAME_VIEW_ALL, EFFORT_NONE, true, 8);
    draw(&v, 1000);
    assert_int_equal(viewer_patience(&v, 5000 * MS), -1); /* the terminal is busy */
    assert_int_equal(answer(&v, 2000), VIEWER_SEEN);
    assert_int_equal(viewer_patience(&v, 2100 * MS), 600);
    viewer_touch(&v, 2500 * MS);
    assert_int_equal(viewer_patience(&v, 2700 * MS), 500);
    assert_false(viewer_refine(&v, 2700 * MS));
    assert_true(viewer_refine(&v, 3200 * MS));
    assert_true(viewer_is_stale(&v));
    assert_int_equal(viewer_state(&v), VIEWER_SEEN);
    assert_false(viewer_is_settled(&v));
    finish(ANN, FRAME_VIEW_ALL, EFFORT_FULL, true, 4); /* a smaller one is not shown */
    assert_int_equal(draw(&v, 3200), VIEWER_SEEN);
    assert_int_equal(fake.drawn, 1);
    assert_true(viewer_refine(&v, 3200 * MS));
    struct frame *best = finish(ANN, FRAME_VIEW_ALL, EFFORT_FULL + 1, false, 16);
    assert_int_equal(draw(&v, 3200), VIEWER_REFINED);
    assert_ptr_equal(fake.picture, best);
    assert_true(viewer_was_seen(&v, fake.shown)); /* though the terminal has not answered */
    answer(&v, 3300);
    assert_int_equal(viewer_patience(&v, 9000 * MS), -1);
    end(&v);
}

static void test_pieces_are_drawn_over_the_picture(void **state)
{
    struct viewer v;
    (void)state;
    begin(&v);
    viewer_show(&v, ANN, FRAME_VIEW_ALL);
    finish(ANN, FRAME_VIEW_ALL, EFFORT_NONE, true, 8);
    draw(&v, 1000);
    answer(&v, 1000);
    viewer_refine_fully(&v);
    finish(ANN, FRAME_VIEW_ALL, EFFORT_QUALITY, false, 16)->piece_count = 3;
    fake.key_came = true;
    assert_int_equal(draw(&v, 1000), VIEWER_SEEN);
    assert_int_equal(fake.pieces, 0);
    fake.key_came = false;
    assert_int_equal(draw(&v, 1000), VIEWER_REFINED);
    assert_int_equal(fake.pieces, 3);
    assert_int_equal(fake.drawn, 1); /* the pane was not wiped */
    end(&v);
}

static void test_a_terminal_that_is_gone_has_seen_nothing(void **state)
{
    struct viewer v;
    (void)state;
    begin(&v);
    viewer_show(&v, ANN, FRAME_VIEW_ALL);
    finish(ANN, FRAME_VIEW_ALL, EFFORT_NONE, false, 8);
    fake.gone = true;
    assert_int_equal(draw(&v, 1000), VIEWER_SENT);
    assert_int_equal(answer(&v, 1000), VIEWER_SENT);
    end(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_picture_goes_through_the_states),
        cmocka_unit_test(test_another_item_begins_at_wanted),
        cmocka_unit_test(test_what_was_seen_is_told_by_the_keys_time),
        cmocka_unit_test(test_a_zoom_is_wanted_while_the_picture_stays),
        cmocka_unit_test(test_a_kept_view_is_that_of_the_next_items),
        cmocka_unit_test(test_a_cover_takes_the_picture_off),
        cmocka_unit_test(test_a_reduced_frame_is_refined),
        cmocka_unit_test(test_pieces_are_drawn_over_the_picture),
        cmocka_unit_test(test_a_terminal_that_is_gone_has_seen_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
