/* Many rows and little memory: the work grows with the rows, not with their square, and no
 * more memory is asked for than there are bytes.
 *
 * timeout: 600 */
#include "store/labels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "place.h"
#include "sanitized.h"
#include "scratch.h"

#define HEADER "file_name,label,status,guess,confidence,seconds,annotator,labeled_at\n"
#define TIME "2026-01-02T03:04:05.000Z"

enum { ROWS = 20000, HISTORY_ROWS = 600000 };

static bool to_dog(void *context, const struct annotation *a, struct amendment *to)
{
    (void)context;
    (void)a;
    to->label = "dog";
    return true;
}

static void step(struct labels *l, bool undo)
{
    struct labels_step s;
    struct error err = { .message = "" };

    if (!(undo ? labels_undo(l, &s, &err) : labels_redo(l, &s, &err))) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(s.count, ROWS);
    assert_int_equal(labels_class_count(l, "cat"), undo ? ROWS : 0);
}

/* One operation on every row, undone in one session and redone in the next ones. */
static void test_operation_of_all_rows(void **state)
{
    struct place *p = *state;
    struct buf text = BUF_INIT;
    const struct operation op = { "ann", "rename" };
    struct error err = { .message = "" };
    size_t changed;

    buf_adds(&text, HEADER);
    for (int i = 0; i < ROWS; i++) {
        buf_addf(&text, "%d,cat,labeled,,,,ann," TIME "\n", i);
    }
    scratch_write(p->csv, text.data, text.len);
    struct labels *l = open_at(p->csv);
    if (!labels_amend(l, to_dog, NULL, &op, &changed, &err)) {
        fail_msg("%s", err.message);
    }
    step(l, true);
    close_it(l);
    l = open_at(p->csv);
    step(l, false);
    close_it(l);
    l = open_at(p->csv);
    step(l, true);
    close_it(l);
    char *now = scratch_read(p->csv, NULL);
    assert_string_equal(now, text.data);
    free(now);
    buf_release(&text);
}

/* A history that says: all rows done, and then as many others undone. */
static void test_history_of_many_rows(void **state)
{
    struct place *p = *state;
    struct buf text = BUF_INIT;
    char *history = scratch_path(p->folder, ".labels.csv.history");
    struct labels_step s;
    struct error err = { .message = "" };

    buf_adds(&text, HEADER "0,cat,labeled,,,,ann," TIME "\n");
    scratch_write(p->csv, text.data, text.len);
    buf_clear(&text);
    buf_adds(&text, HEADER);
    for (int i = 0; i < 2 * HISTORY_ROWS; i++) {
        buf_addf(&text, "%d,cat,labeled,,,,ann," TIME ",,,,,,,", i);
        if (i % HISTORY_ROWS == 0) {
            buf_addf(&text, "%s %d ann -\n", i == 0 ? "do" : "undo", HISTORY_ROWS);
        } else {
            buf_adds(&text, "+\n");
        }
    }
    scratch_write(history, text.data, text.len);
    struct labels *l = open_at(p->csv);
    if (!labels_undo(l, &s, &err)) {
        fail_msg("%s", err.message);
    }
    assert_true(s.done);
    assert_int_equal(s.count, 1); /* what labels.csv has of them */
    close_it(l);
    buf_release(&text);
    free(history);
}

/* An operation cut short is moved to NAME.torn with the memory that its bytes need. */
static void test_broken_in_little_memory(void **state)
{
    struct place *p = *state;
    static const char lock[] = "pid 1\nhost x\nuser y\nsince z\nsession 69 0\n"
                               "operation 69 9999999 00000000 do 3 ann -\nend\n";
    static const char csv[] = HEADER "a,cat,labeled,,,,ann," TIME "\n";
    int status;

    if (SANITIZED) {
        skip(); /* it takes more address space than that */
    }
    scratch_write(p->csv, csv, sizeof csv - 1);
    scratch_write(p->lock, lock, sizeof lock - 1);
    pid_t child = fork();
    if (child == 0) {
        const struct rlimit little = { 256u << 20, 256u << 20 };
        struct labels_report report;
        struct labels *l = setrlimit(RLIMIT_AS, &little) == 0
                               ? labels_open(p->csv, LABELS_READ_WRITE, &report, NULL)
                               : NULL;
        _exit(l && report.broken_off && labels_close(l, NULL) ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    char *torn = scratch_read(p->torn, NULL);
    assert_string_equal(torn, "a,cat,labeled,,,,ann," TIME "\n\n");
    free(torn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(test_operation_of_all_rows),
        PLACE_TEST(test_history_of_many_rows),
        PLACE_TEST(test_broken_in_little_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
