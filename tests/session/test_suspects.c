/* A review of suspects: in which order, how it is counted, what agreeing writes; with an assistant
 * that has a list ready. And labelling what has a doubtful prediction. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "desk.h"

enum { CAT, DOG };

#define HEADER "file_name,label,status,guess,confidence,seconds,annotator,labeled_at\n"
#define AT "2026-01-02T03:04:05.000Z"

/* What the assistant says. */
struct judge {
    struct desk *desk;
    struct assist assist;
    const char *suspects; /* first letters of the names: doubted ones are capitals */
    unsigned version;
    struct assist_suspect list[8];
    size_t told; /* answers */
};

static uint32_t id_of(const struct desk *d, char letter)
{
    for (uint32_t id = 0; id < catalog_count(d->catalog); id++) {
        if (catalog_name(d->catalog, id)[0] == letter) {
            return id;
        }
    }
    return CATALOG_NO_ID;
}

static size_t suspects(void *self, unsigned *version, const struct assist_suspect **list)
{
    struct judge *j = self;
    size_t count = 0;

    for (const char *s = j->suspects; *s; s++) {
        bool doubted = *s < 'a';
        j->list[count++] =
            (struct assist_suspect){ id_of(j->desk, doubted ? (char)(*s + 32) : *s), doubted };
    }
    if (*version != j->version) {
        *version = j->version;
        *list = j->list;
    }
    return count;
}

static bool propose(void *self, uint32_t id, struct guess *guess, float *classes)
{
    (void)self;
    (void)id;
    (void)guess;
    (void)classes;
    return false;
}

static void answered(void *self, uint32_t id, size_t class_index)
{
    struct judge *j = self;

    (void)id;
    j->told += class_index < ASSIST_NO_CLASS;
}

static struct judge judge;

static int setup(void **state)
{
    struct desk *d = desk_new("cat,dog");
    const char text[] =
        HEADER "a,cat,labeled,,,,ann," AT "\nb,cat,labeled,,,,ann," AT "\nc,dog,labeled,,,,ann," AT
               "\nd,dog,labeled,,,,ann," AT "\ne,cat,labeled,,,,ann," AT "\n";

    scratch_write(d->csv, text, sizeof text - 1);
    for (const char *s = "abcde"; *s; s++) {
        touch(d->folder, (char[]){ *s, '\0' });
    }
    *state = d;
    return 0;
}

static void open_review(struct desk *d, const char *list, const char *who)
{
    struct session_options options = {
        .mode = SESSION_REVIEW, .suspects = true, .annotator = who, .now_ms = CLOCK_MS
    };
    struct catalog_source source = { .as_they_are = true, .count = 5, .list_fd = -1 };
    static char *paths[5];

    for (size_t i = 0; i < 5; i++) {
        paths[i] = scratch_path(d->folder, (char[]){ (char)('a' + (int)i), '\0' });
    }
    source.paths = (const char *const *)paths;
    judge = (struct judge){ .desk = d, .suspects = list, .version = list[0] ? 1 : 0 };
    judge.assist = (struct assist){
        .self = &judge, .propose = propose, .answer = answered, .suspects = suspects
    };
    struct catalog *catalog = catalog_list_all(&source, NULL);
    assert_non_null(catalog);
    desk_open_on(d, catalog, &options, &judge.assist);
    session_poll(d->session);
    for (size_t i = 0; i < 5; i++) {
        free(paths[i]);
    }
}

static void see(struct desk *d)
{
    if (session_current(d->session) != CATALOG_NO_ID) {
        session_shown(d->session, session_current(d->session));
    }
}

/* The pictures as the session steps through them from the current one on. */
static void assert_steps(struct desk *d, const char *want)
{
    char got[16] = "";
    size_t n = 0;

    do {
        see(d);
        got[n++] = catalog_name(d->catalog, session_current(d->session))[0];
    } while (session_move(d->session, MOVE_NEXT) && !session_at_end(d->session));
    got[n] = '\0';
    assert_string_equal(got, want);
}

static void assert_counts(struct desk *d, size_t seen, size_t total, size_t changed)
{
    struct session_suspects s;

    assert_true(session_suspects(d->session, &s));
    assert_int_equal(s.seen, seen);
    assert_int_equal(s.total, total);
    assert_int_equal(s.changed, changed);
}

static char current(const struct desk *d)
{
    return catalog_name(d->catalog, session_current(d->session))[0];
}

static void test_suspects_come_first(void **state)
{
    struct desk *d = *state;

    open_review(d, "DBeac", "ann");
    assert_int_equal(judge.told, 5);
    assert_counts(d, 0, 2, 0);
    assert_true(session_is_suspect(d->session));
    assert_steps(d, "dbeac");
    assert_counts(d, 2, 2, 0);
}

/* Known only later: file order until then; who has moved on stays, and goes on with the first. */
static void test_known_later(void **state)
{
    struct desk *d = *state;

    open_review(d, "", "ann");
    assert_int_equal(current(d), 'a');
    judge.suspects = "Ce";
    judge.version = 1;
    assert_true(session_poll(d->session));
    assert_int_equal(current(d), 'c');
    desk_close(d);
    open_review(d, "", "ann");
    assert_true(session_move(d->session, MOVE_NEXT));
    see(d);
    judge.suspects = "CaeBd";
    judge.version = 1;
    session_poll(d->session);
    assert_int_equal(current(d), 'b');
    assert_true(session_is_suspect(d->session));
    desk_close(d);
    open_review(d, "", "ann");
    assert_true(session_move(d->session, MOVE_NEXT));
    judge.suspects = "CEabd";
    judge.version = 1;
    session_poll(d->session);
    assert_false(session_is_suspect(d->session));
    assert_counts(d, 0, 2, 0);
    assert_steps(d, "bcead");
}

/* What was seen keeps its place in front. */
static void test_a_new_list(void **state)
{
    struct desk *d = *state;

    open_review(d, "DB", "ann");
    see(d);
    session_move(d->session, MOVE_NEXT);
    see(d);
    judge.suspects = "ECBad";
    judge.version = 2;
    session_poll(d->session);
    assert_counts(d, 2, 4, 0);
    assert_steps(d, "beca");
}

static void test_agreeing_checks(void **state)
{
    struct desk *d = *state;
    struct annotation a;
    struct buf name = BUF_INIT;

    open_review(d, "DB", "bob");
    see(d);
    assert_true(session_check(d->session, NULL));
    assert_int_equal(current(d), 'b');
    assert_true(session_answer_of(d->session, id_of(d, 'd'), &a));
    assert_true(a.checked);
    assert_string_equal(a.annotator, "ann");
    assert_counts(d, 1, 2, 0);
    assert_int_equal(session_undo(d->session, &name, NULL, NULL), UNDO_DONE);
    assert_true(session_changed_check(d->session));
    assert_int_equal(current(d), 'd');
    assert_true(session_answer_of(d->session, id_of(d, 'd'), &a));
    assert_false(a.checked);
    assert_true(session_check(d->session, NULL));
    desk_close(d);
    open_review(d, "DB", "bob");
    assert_counts(d, 0, 1, 0);
    assert_steps(d, "bdace");
    buf_release(&name);
}

static void test_changes(void **state)
{
    struct desk *d = *state;
    struct session_change c;
    struct buf name = BUF_INIT;
    size_t cursor = 0;

    open_review(d, "DB", "bob");
    assert_true(session_answer(d->session, STATUS_LABELED, CAT, NULL));
    assert_counts(d, 1, 2, 1);
    assert_true(session_answer(d->session, STATUS_UNSURE, 0, NULL));
    assert_counts(d, 2, 2, 2);
    assert_true(session_next_change(d->session, &cursor, &c));
    assert_int_equal(c.id, id_of(d, 'd'));
    assert_string_equal(c.before.label, "dog");
    assert_string_equal(c.now.label, "cat");
    assert_string_equal(c.now.annotator, "bob");
    assert_true(c.now.checked);
    assert_true(session_next_change(d->session, &cursor, &c));
    assert_int_equal(c.now.status, STATUS_UNSURE);
    assert_false(session_next_change(d->session, &cursor, &c));
    assert_int_equal(session_undo(d->session, &name, NULL, NULL), UNDO_DONE);
    assert_counts(d, 2, 2, 1);
    buf_release(&name);
}

static void test_with_a_filter(void **state)
{
    struct desk *d = *state;
    bool classes[3] = { [DOG] = true };
    struct session_filter filter = { .classes = classes };

    filter.statuses[STATUS_LABELED] = true;
    open_review(d, "DBCea", "ann");
    assert_true(session_set_filter(d->session, &filter));
    assert_counts(d, 0, 2, 0);
    assert_int_equal(session_total(d->session), 2);
    assert_steps(d, "dc");
    desk_close(d);
    open_review(d, "", "ann"); /* set before they are known */
    assert_true(session_set_filter(d->session, &filter));
    judge.suspects = "DBCea";
    judge.version = 1;
    session_poll(d->session);
    assert_int_equal(current(d), 'd');
}

/* A review of other kinds is in file order, and so is one whose assistant cannot judge. */
static void test_only_where_asked_for(void **state)
{
    struct desk *d = *state;
    struct session_suspects s;
    struct session_options options = { .mode = SESSION_REVIEW, .suspects = true };

    desk_open(d, &options);
    assert_false(session_suspects(d->session, &s));
    assert_false(session_is_suspect(d->session));
}

/* ------------------------------------------------------- doubtful predictions */

static void open_below(struct desk *d, float below)
{
    struct session_options options = {
        .order = SESSION_RANDOM, .annotator = "ann", .now_ms = CLOCK_MS, .below = below
    };
    static const struct {
        const char *name;
        float confidence;
    } rows[] = { { "a.jpg", 0.9f }, { "b.jpg", 0.6f }, { "c.jpg", 0.3f }, { "d.jpg", 0.8f } };
    struct annotation list[ARRAY_LEN(rows)];
    struct labels *l = labels_open(d->csv, LABELS_READ_WRITE, NULL, NULL);
    struct operation op = { .annotator = "ann", .about = OPERATION_PREDICTIONS };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        touch(d->folder, rows[i].name);
        list[i] = (struct annotation){ .file_name = rows[i].name,
                                       .label = "dog",
                                       .guess = "dog",
                                       .status = STATUS_PREDICTED,
                                       .confidence = rows[i].confidence,
                                       .seconds = -1 };
    }
    touch(d->folder, "e.jpg");
    assert_true(labels_write(l, list, ARRAY_LEN(rows), &op, NULL));
    assert_true(labels_close(l, NULL));
    desk_open(d, &options);
}

static int setup_empty(void **state)
{
    *state = desk_new("cat,dog");
    return 0;
}

static void test_doubtful_ones_come_least_sure_first(void **state)
{
    struct desk *d = *state;
    struct guess g;
    const char *want = "cbe";

    open_below(d, 0.8f);
    assert_true(session_is_doubtful(d->session));
    assert_int_equal(session_total(d->session), 3);
    for (; *want; want++) {
        assert_int_equal(current(d), *want);
        session_take_guess(d->session);
        assert_int_equal(session_guess(d->session, &g), *want != 'e');
        assert_true(session_answer(d->session, STATUS_LABELED, CAT, NULL));
    }
    assert_true(session_at_end(d->session));
    assert_int_equal(labels_count(d->labels, STATUS_PREDICTED), 2);
}

/* They are open again, also those that were sure. */
static void test_predictions_are_undone(void **state)
{
    struct desk *d = *state;
    struct buf name = BUF_INIT;
    struct session_stats stats;

    open_below(d, 0.8f);
    assert_int_equal(session_undo(d->session, &name, NULL, NULL), UNDO_PREDICTIONS);
    assert_int_equal(session_predictions_moved(d->session), 4);
    assert_int_equal(session_total(d->session), 5);
    session_stats(d->session, &stats);
    assert_int_equal(stats.by_status[STATUS_UNANSWERED], 5);
    assert_int_equal(stats.given, 0);
    buf_release(&name);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, desk_teardown)
#define EMPTY_TEST(name) cmocka_unit_test_setup_teardown(name, setup_empty, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_suspects_come_first),
        TEST(test_known_later),
        TEST(test_a_new_list),
        TEST(test_agreeing_checks),
        TEST(test_changes),
        TEST(test_with_a_filter),
        TEST(test_only_where_asked_for),
        EMPTY_TEST(test_doubtful_ones_come_least_sure_first),
        EMPTY_TEST(test_predictions_are_undone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
