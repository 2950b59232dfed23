/* Changes of classes: the answers of all annotators and the list beside them change together,
 * are undone together, also after a restart, and a kill at any moment leaves all or none. */
#include "session/class_change.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "scratch.h"

/* ---------------------------------------------------- kills at every system call */

static int kill_at; /* the process is killed before the kill_at-th call from now on; 0: never */

static void step_on(void)
{
    if (kill_at && --kill_at == 0) {
        raise(SIGKILL);
    }
}

ssize_t __real_pwrite(int fd, const void *bytes, size_t len, off_t offset);
int __real_ftruncate(int fd, off_t size);
int __real_renameat(int folder, const char *from, int to_folder, const char *to);
int __real_unlinkat(int folder, const char *name, int flags);
ssize_t __wrap_pwrite(int fd, const void *bytes, size_t len, off_t offset);
int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_ftruncate(int fd, off_t size);
int __wrap_renameat(int folder, const char *from, int to_folder, const char *to);
int __wrap_unlinkat(int folder, const char *name, int flags);

ssize_t __wrap_pwrite(int fd, const void *bytes, size_t len, off_t offset)
{
    step_on();
    return __real_pwrite(fd, bytes, len, offset);
}

/* Nothing here pulls the plug, so the real calls would only take time. */
int __wrap_fsync(int fd)
{
    (void)fd;
    step_on();
    return 0;
}

int __wrap_fdatasync(int fd)
{
    return __wrap_fsync(fd);
}

int __wrap_ftruncate(int fd, off_t size)
{
    step_on();
    return __real_ftruncate(fd, size);
}

int __wrap_renameat(int folder, const char *from, int to_folder, const char *to)
{
    step_on();
    return __real_renameat(folder, from, to_folder, to);
}

int __wrap_unlinkat(int folder, const char *name, int flags)
{
    step_on();
    return __real_unlinkat(folder, name, flags);
}

/* -------------------------------------------------------------------- a place */

struct place {
    char *folder, *csv, *list;
    enum labels_mode mode;
    struct keymap keymap;

    struct labels *labels; /* while it is open */
    struct classes classes;
    struct class_file file;
};

static int setup(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    assert_non_null(p);
    p->folder = scratch_new();
    p->csv = scratch_path(p->folder, "labels.csv");
    p->list = scratch_path(p->folder, "labels.classes");
    keymap_init(&p->keymap);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    free(p->csv);
    free(p->list);
    scratch_remove(p->folder);
    free(p);
    return 0;
}

#define ROW(name, label, guess, person, second)                                                    \
    name "," label ",labeled," guess ",0.5,," person ",2026-01-01T00:00:0" second ".000Z\n"

static const char rows[] = LABELS_HEADER ROW("a", "skrt", "", "ann", "1") /* */
    ROW("a", "dress", "skrt", "bob", "2")                                 /* */
    ROW("b", "skrt", "skrt", "bob", "3")                                  /* */
    ROW("c", "hat", "dress", "ann", "4");

static const char several[] = LABELS_HEADER ROW("a", "skrt|hat", "", "ann", "1") /* */
    ROW("a", "dress|skrt", "", "bob", "2")                                       /* */
    ROW("b", "skrt", "skrt|hat", "bob", "3")                                     /* */
    ROW("c", "hat", "", "ann", "4");

static const char list[] = "# mine\n[classes]\n1 = dress\n2 = \"skrt, #ff8000\"\n# between\n"
                           "3 = hat\n";

static void fill(struct place *p, const char *csv)
{
    char *history = scratch_path(p->folder, ".labels.csv.history");
    char *lock = scratch_path(p->folder, ".labels.csv.lock");
    unlink(history);
    unlink(lock);
    free(history);
    free(lock);
    scratch_write(p->csv, csv, strlen(csv));
    scratch_write(p->list, list, strlen(list));
}

static void open_place(struct place *p)
{
    struct error err = { ERROR_NONE, "" };
    struct labels_report report;
    p->labels = labels_open(p->csv, p->mode, &report, &err);
    assert_string_equal(err.message, "");
    assert_non_null(p->labels);
    assert_true(labels_undo_only(p->labels, "ann", &err));
    classes_init(&p->classes);
    struct class_owner o = { p->labels, &p->classes, &p->file, "ann" };
    if (!class_file_load(&p->file, p->csv, &p->classes, &err) ||
        !class_change_complete(&o, &report, &err)) {
        fail_msg("%s", err.message);
    }
}

static void close_place(struct place *p)
{
    assert_true(labels_close(p->labels, NULL));
    class_file_release(&p->file);
    classes_release(&p->classes);
}

static void reopen(struct place *p)
{
    close_place(p);
    open_place(p);
}

static struct class_owner owner(struct place *p)
{
    return (struct class_owner){ p->labels, &p->classes, &p->file, "ann" };
}

/* "a/ann=skrt a/bob=dress(skrt) …; 1 dress, 2 skrt #ff8000, …", the list as on the disk. */
static char *state_of(struct place *p)
{
    static const char *const names[] = { "a", "b", "c", "d" }, *const people[] = { "ann", "bob" };
    struct buf out = BUF_INIT;
    for (size_t i = 0; i < 2 * ARRAY_LEN(names); i++) {
        struct annotation a;
        if (labels_find_by(p->labels, names[i / 2], NULL, people[i % 2], &a) &&
            a.status == STATUS_LABELED) {
            buf_addf(&out, "%s/%s=%s%s%s ", names[i / 2], people[i % 2], a.label,
                     a.guess[0] ? "~" : "", a.guess);
        }
    }
    char *text = scratch_read(p->list, NULL);
    struct classes c;
    struct error err;
    classes_init(&c);
    assert_true(class_list_parse(&c, text, strlen(text), "list", &err));
    assert_non_null(strstr(text, "# mine\n[classes]\n"));
    assert_non_null(strstr(text, "# between\n"));
    assert_int_equal(c.count, p->classes.count);
    for (size_t i = 0; i < c.count; i++) {
        const struct class *class = &c.items[i], *mine = &p->classes.items[i];
        assert_string_equal(class->name, mine->name);
        assert_int_equal(class->key, mine->key);
        assert_int_equal(class->color, mine->color);
        assert_int_equal(classes_find(&p->classes, class->name), i);
        buf_addf(&out, "%s%c:%s", i ? "," : "; ", class->key ? (int)class->key : '-', class->name);
        if (class->color != CLASS_COLOR_NONE) {
            buf_addf(&out, "#%06x", (unsigned)class->color);
        }
    }
    classes_release(&c);
    free(text);
    return buf_take(&out);
}

static void check(struct place *p, const char *want)
{
    char *is = state_of(p);
    assert_string_equal(is, want);
    free(is);
}

/* ----------------------------------------------------------------- the changes */

#define BEFORE                                                                                     \
    "a/ann=skrt a/bob=dress~skrt b/bob=skrt~skrt c/ann=hat~dress ; 1:dress,2:skrt#ff8000,3:hat"

static const struct trial {
    const char *name;
    enum class_verb verb;
    const char *class, *word; /* the new name, or INTO */
    keycode key;
    int32_t color;
    bool answers; /* and the same operation answers picture d */
    size_t rows;
    const char *after;
} trials[] = {
    { "add", CLASS_ADD, "coat", NULL, 0, 0, false, 0,
      "a/ann=skrt a/bob=dress~skrt b/bob=skrt~skrt c/ann=hat~dress ; "
      "1:dress,2:skrt#ff8000,3:hat,4:coat" },
    { "add and answer", CLASS_ADD, "coat", NULL, 'x', 0, true, 1,
      "a/ann=skrt a/bob=dress~skrt b/bob=skrt~skrt c/ann=hat~dress d/ann=coat ; "
      "1:dress,2:skrt#ff8000,3:hat,x:coat" },
    { "rename", CLASS_RENAME, "skrt", "a skirt, #1; \"x\"", 0, 0, false, 3,
      "a/ann=a skirt, #1; \"x\" a/bob=dress~a skirt, #1; \"x\" b/bob=a skirt, #1; \"x\"~a skirt, "
      "#1; \"x\" c/ann=hat~dress ; 1:dress,2:a skirt, #1; \"x\"#ff8000,3:hat" },
    { "merge", CLASS_MERGE, "dress", "hat", 0, 0, false, 2,
      "a/ann=skrt a/bob=hat~skrt b/bob=skrt~skrt c/ann=hat~hat ; 2:skrt#ff8000,3:hat" },
    { "key", CLASS_KEY, "skrt", NULL, 'k', 0, false, 0,
      "a/ann=skrt a/bob=dress~skrt b/bob=skrt~skrt c/ann=hat~dress ; "
      "1:dress,k:skrt#ff8000,3:hat" },
    { "no key", CLASS_KEY, "hat", NULL, 0, 0, false, 0,
      "a/ann=skrt a/bob=dress~skrt b/bob=skrt~skrt c/ann=hat~dress ; "
      "1:dress,2:skrt#ff8000,-:hat" },
    { "colour", CLASS_COLOR, "hat", NULL, 0, 0x00ff00, false, 0,
      "a/ann=skrt a/bob=dress~skrt b/bob=skrt~skrt c/ann=hat~dress ; "
      "1:dress,2:skrt#ff8000,3:hat#00ff00" },
    { "remove", CLASS_REMOVE, "skrt", NULL, 0, 0, false, 2,
      "a/bob=dress~skrt c/ann=hat~dress ; 1:dress,3:hat" },
};

static bool prepare(const struct place *p, const struct trial *t, struct class_change *to,
                    struct error *err)
{
    const struct classes *c = &p->classes;
    switch (t->verb) {
    case CLASS_ADD:
        return class_change_add(to, c, &p->keymap, t->class, t->key, err);
    case CLASS_RENAME:
        return class_change_rename(to, c, t->class, t->word, err);
    case CLASS_MERGE:
        return class_change_merge(to, c, t->class, t->word, err);
    case CLASS_KEY:
        return class_change_key(to, c, &p->keymap, t->class, t->key, err);
    case CLASS_COLOR:
        return class_change_color(to, c, t->class, t->color, err);
    default:
        return class_change_remove(to, c, t->class, err);
    }
}

static void do_trial(struct place *p, const struct trial *t)
{
    struct error err = { ERROR_NONE, "" };
    struct class_change change;
    struct class_shift shift;
    struct class_owner o = owner(p);
    size_t changed = 0;
    struct annotation a = { .file_name = "d",
                            .label = t->class,
                            .annotator = "ann",
                            .status = STATUS_LABELED,
                            .confidence = -1.0f,
                            .seconds = -1.0f };
    if (!prepare(p, t, &change, &err) ||
        !class_change_do(&o, &change, t->answers ? &a : NULL, &changed, &shift, &err)) {
        fail_msg("%s: %s", t->name, err.message);
    }
    assert_int_equal(changed, t->rows);
}

static void move(struct place *p, bool undo, size_t count)
{
    struct error err = { ERROR_NONE, "" };
    struct labels_step step;
    struct class_change change;
    struct class_shift shift;
    struct class_owner o = owner(p);
    if (!(undo ? labels_undo : labels_redo)(p->labels, &step, &err)) {
        fail_msg("%s", err.message);
    }
    assert_true(step.done);
    assert_int_equal(step.count, count);
    assert_non_null(step.about);
    assert_true(class_change_parse(step.about, &change));
    if (!class_change_list(&o, &change, undo, &shift, &err)) {
        fail_msg("%s", err.message);
    }
}

static void test_every_change(void **state)
{
    struct place *p = *state;
    for (size_t i = 0; i < ARRAY_LEN(trials); i++) {
        const struct trial *t = &trials[i];
        print_message("%s\n", t->name);
        fill(p, rows);
        open_place(p);
        check(p, BEFORE);
        do_trial(p, t);
        check(p, t->after);
        move(p, true, t->rows);
        check(p, BEFORE);
        move(p, false, t->rows);
        check(p, t->after);
        reopen(p);
        check(p, t->after);
        move(p, true, t->rows);
        check(p, BEFORE);
        reopen(p);
        check(p, BEFORE);
        move(p, false, t->rows);
        check(p, t->after);
        close_place(p);
    }
}

/* Undone, the list has its own text again. */
static void test_list_text(void **state)
{
    struct place *p = *state;
    for (size_t i = 0; i < ARRAY_LEN(trials); i++) {
        fill(p, rows);
        open_place(p);
        do_trial(p, &trials[i]);
        move(p, true, trials[i].rows);
        char *text = scratch_read(p->list, NULL);
        assert_string_equal(text, list);
        free(text);
        close_place(p);
    }
}

/* A line without a line end, and a byte order mark, survive. */
static void test_list_edges(void **state)
{
    static const char edged[] = "\xEF\xBB\xBF[classes]\n1 = dress\n2 = skrt\n3 = hat";
    struct place *p = *state;
    fill(p, rows);
    scratch_write(p->list, edged, strlen(edged));
    open_place(p);
    do_trial(p, &trials[0]);
    do_trial(p, &trials[7]);
    char *text = scratch_read(p->list, NULL);
    assert_string_equal(text, "\xEF\xBB\xBF[classes]\n1 = dress\n3 = hat\n4 = coat\n");
    free(text);
    close_place(p);
}

/* -------------------------------------------------------------------- killed */

/* What a child does until it is killed; it ends with 0 if it is not. */
static bool killed(struct place *p, const struct trial *t, bool undo, int at)
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        open_place(p);
        kill_at = at;
        if (undo) {
            move(p, true, t->rows);
        } else {
            do_trial(p, t);
        }
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status)) {
        assert_int_equal(WEXITSTATUS(status), 0);
    }
    return WIFSIGNALED(status);
}

/* Opened again, all is as before or as after, and it can be taken back. */
static void check_killed(struct place *p, const struct trial *t, bool undo, int *seen)
{
    const char *old = undo ? t->after : BEFORE, *new = undo ? BEFORE : t->after;
    open_place(p);
    char *is = state_of(p);
    bool happened = strcmp(is, new) == 0;
    if (!happened) {
        assert_string_equal(is, old);
    }
    free(is);
    seen[happened]++;
    if (happened) {
        move(p, !undo, t->rows);
        check(p, old);
    }
    close_place(p);
}

static void test_killed_at_every_call(void **state)
{
    struct place *p = *state;
    for (size_t i = 0; i < 2 * ARRAY_LEN(trials); i++) {
        const struct trial *t = &trials[i / 2];
        bool undo = i % 2 != 0, was_killed = true;
        int seen[2] = { 0, 0 };
        for (int at = 1; was_killed; at++) {
            fill(p, rows);
            if (undo) {
                open_place(p);
                do_trial(p, t);
                close_place(p);
            }
            was_killed = killed(p, t, undo, at);
            check_killed(p, t, undo, seen);
        }
        print_message("%s%s: before %d, after %d\n", undo ? "undo " : "", t->name, seen[0],
                      seen[1]);
        assert_true(seen[0] > 1 && seen[1] > 1);
    }
}

/* ------------------------------------------------------------ several classes */

static void test_several_classes(void **state)
{
    static const char before[] = "a/ann=skrt|hat a/bob=dress|skrt b/bob=skrt~skrt|hat c/ann=hat ; "
                                 "1:dress,2:skrt#ff8000,3:hat";
    static const struct trial several_trials[] = {
        { "rename", CLASS_RENAME, "skrt", "skirt", 0, 0, false, 3,
          "a/ann=skirt|hat a/bob=dress|skirt b/bob=skirt~skirt|hat c/ann=hat ; "
          "1:dress,2:skirt#ff8000,3:hat" },
        { "merge", CLASS_MERGE, "skrt", "hat", 0, 0, false, 3,
          "a/ann=hat a/bob=dress|hat b/bob=hat~hat c/ann=hat ; 1:dress,3:hat" },
        { "remove", CLASS_REMOVE, "skrt", NULL, 0, 0, false, 3,
          "a/ann=hat a/bob=dress c/ann=hat ; 1:dress,3:hat" },
    };
    struct place *p = *state;
    p->mode = LABELS_MULTI;
    for (size_t i = 0; i < ARRAY_LEN(several_trials); i++) {
        const struct trial *t = &several_trials[i];
        fill(p, several);
        open_place(p);
        do_trial(p, t);
        check(p, t->after);
        move(p, true, t->rows);
        check(p, before);
        move(p, false, t->rows);
        reopen(p);
        move(p, true, t->rows);
        check(p, before);
        close_place(p);
    }
}

static void test_separator_in_name(void **state)
{
    struct place *p = *state;
    struct class_change change;
    struct class_shift shift;
    struct error err = { ERROR_NONE, "" };
    size_t changed;
    p->mode = LABELS_MULTI;
    fill(p, several);
    open_place(p);
    struct class_owner o = owner(p);
    assert_true(class_change_rename(&change, &p->classes, "skrt", "a|b", &err));
    assert_false(class_change_do(&o, &change, NULL, &changed, &shift, &err));
    assert_string_equal(err.message, "class name 'a|b' contains '|', which separates classes");
    close_place(p);
}

/* ----------------------------------------------------------------- many rows */

static void test_10000_rows(void **state)
{
    static const struct trial t = {
        .name = "rename", .verb = CLASS_RENAME, .class = "skrt", .word = "skirt", .rows = 10000
    };
    struct place *p = *state;
    struct buf csv = BUF_INIT;
    buf_adds(&csv, LABELS_HEADER);
    for (int i = 0; i < 10000; i++) {
        buf_addf(&csv, "p%05d,skrt,labeled,skrt,0.5,,%s,2026-01-01T00:00:01.000Z\n", i,
                 i % 2 ? "ann" : "bob");
    }
    fill(p, buf_text(&csv));
    open_place(p);
    do_trial(p, &t);
    assert_int_equal(labels_class_count(p->labels, "skirt"), 10000);
    reopen(p);
    assert_int_equal(labels_class_count(p->labels, "skirt"), 10000);
    move(p, true, 10000);
    assert_int_equal(labels_class_count(p->labels, "skrt"), 10000);
    assert_int_equal(classes_find(&p->classes, "skrt"), 1);
    close_place(p);
    char *text = scratch_read(p->csv, NULL);
    assert_string_equal(text, buf_text(&csv));
    free(text);
    buf_release(&csv);
}

/* -------------------------------------------------------------------- refused */

static void check_refused(const struct place *p, enum class_verb verb, const char *class,
                          const char *word, keycode key, const char *why)
{
    struct class_change change;
    struct error err = { ERROR_NONE, "" };
    struct trial t = { .verb = verb, .class = class, .word = word, .key = key };
    assert_false(prepare(p, &t, &change, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    if (!strstr(err.message, why)) {
        fail_msg("'%s' does not say '%s'", err.message, why);
    }
}

static void test_refused(void **state)
{
    struct place *p = *state;
    char long_name[CLASS_NAME_MAX + 2];
    memset(long_name, 'x', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    fill(p, rows);
    open_place(p);
    check_refused(p, CLASS_ADD, "", NULL, 0, "is empty");
    check_refused(p, CLASS_ADD, long_name, NULL, 0, "has 256 bytes; the limit is 255");
    check_refused(p, CLASS_ADD, "hat", NULL, 0, "there is a class 'hat' already");
    check_refused(p, CLASS_ADD, "coat", NULL, '1', "key '1' is the key of class 'dress'");
    check_refused(p, CLASS_ADD, "coat", NULL, '?', "key '?' is the key of the command 'help'");
    check_refused(p, CLASS_ADD, " coat", NULL, 0, "begins or ends with a space");
    check_refused(p, CLASS_RENAME, "skrt", "dress", 0, "there is a class 'dress' already");
    check_refused(p, CLASS_RENAME, "skrt", "", 0, "is empty");
    check_refused(p, CLASS_RENAME, "skrt", "skrt", 0, "class 'skrt' has that name already");
    check_refused(p, CLASS_RENAME, "skirt", "x", 0,
                  "there is no class 'skirt'; did you mean 'skrt'?");
    check_refused(p, CLASS_MERGE, "hat", "hat", 0, "cannot be merged into itself");
    check_refused(p, CLASS_MERGE, "hat", "cap", 0, "there is no class 'cap'");
    check_refused(p, CLASS_KEY, "hat", NULL, '2', "key '2' is the key of class 'skrt'");
    do_trial(p, &(struct trial){ .verb = CLASS_REMOVE, .class = "skrt", .rows = 2 });
    do_trial(p, &(struct trial){ .verb = CLASS_REMOVE, .class = "dress", .rows = 1 });
    check_refused(p, CLASS_REMOVE, "hat", NULL, 0, "is the last class");
    close_place(p);
}

/* Somebody edits the list meanwhile: neither the list nor the answers change. */
static void test_list_changed_by_others(void **state)
{
    static const char other[] = "[classes]\n1 = dress\n";
    struct place *p = *state;
    struct class_change change;
    struct class_shift shift;
    struct error err = { ERROR_NONE, "" };
    size_t changed;
    fill(p, rows);
    open_place(p);
    scratch_write(p->list, other, strlen(other));
    struct class_owner o = owner(p);
    assert_true(class_change_rename(&change, &p->classes, "skrt", "skirt", &err));
    assert_false(class_change_do(&o, &change, NULL, &changed, &shift, &err));
    assert_int_equal(err.kind, ERROR_BUSY);
    assert_int_equal(classes_find(&p->classes, "skrt"), 1);
    assert_int_equal(labels_class_count(p->labels, "skrt"), 1);
    assert_false(labels_can_undo(p->labels));
    close_place(p);
    char *text = scratch_read(p->csv, NULL);
    assert_string_equal(text, rows);
    free(text);
}

/* What others have answered with a class that one added keeps it in the list. */
static void test_added_class_in_use_stays(void **state)
{
    struct place *p = *state;
    struct error err = { ERROR_NONE, "" };
    struct annotation a = { .file_name = "e",
                            .label = "coat",
                            .annotator = "bob",
                            .status = STATUS_LABELED,
                            .confidence = -1.0f,
                            .seconds = -1.0f };
    fill(p, rows);
    open_place(p);
    do_trial(p, &trials[0]);
    close_place(p);
    p->labels = labels_open(p->csv, LABELS_READ_WRITE, NULL, &err);
    assert_true(labels_write(p->labels, &a, 1, NULL, &err));
    assert_true(labels_close(p->labels, &err));
    open_place(p);
    move(p, true, 0);
    assert_int_equal(classes_find(&p->classes, "coat"), 3);
    close_place(p);
}

/* A class that comes back does not take the key that another has meanwhile. */
static void test_key_taken_meanwhile(void **state)
{
    struct place *p = *state;
    struct class_change add, removed;
    struct class_shift shift;
    struct error err = { ERROR_NONE, "" };
    size_t changed;
    fill(p, rows);
    open_place(p);
    struct class_owner o = owner(p);
    assert_true(class_change_remove(&removed, &p->classes, "hat", &err));
    assert_true(class_change_do(&o, &removed, NULL, &changed, &shift, &err));
    assert_int_equal(shift.kind, CLASSES_SHRANK);
    assert_int_equal(shift.at, 2);
    assert_true(class_change_add(&add, &p->classes, &p->keymap, "coat", '3', &err));
    assert_true(class_change_do(&o, &add, NULL, &changed, &shift, &err));
    assert_true(class_change_list(&o, &removed, true, &shift, &err));
    assert_int_equal(shift.kind, CLASSES_GREW);
    check(p, "a/ann=skrt a/bob=dress~skrt b/bob=skrt~skrt ; 1:dress,2:skrt#ff8000,-:hat,3:coat");
    close_place(p);
}

/* ----------------------------------------------------------------------- text */

static void test_text(void **state)
{
    static const char *const bad[] = {
        "",
        "class",
        "class rename",
        "rename\n1 1 none a\n1 1 none b",
        "class rename\n-\n-",
        "class rename\n1 1 none a",
        "class rename\n1 1 none a\n1 1 none b\nc",
        "class rename\nx 1 none a\n1 1 none b",
        "class rename\n1 1 rot a\n1 1 none b",
        "class rename\n1 nokey none a\n1 1 none b",
        "class add\n1 1 none a\n-",
        "class merge\n1 1 none a\n-",
        "class paint\n1 1 none a\n-",
        "class remove\n99999999999999999999 1 none a\n-",
        "class remove\n1 1 none \n-",
    };
    struct place *p = *state;
    fill(p, rows);
    open_place(p);
    for (size_t i = 0; i < ARRAY_LEN(trials); i++) {
        struct class_change change, back;
        struct error err;
        struct buf text = BUF_INIT, again = BUF_INIT;
        assert_true(prepare(p, &trials[i], &change, &err));
        class_change_format(&change, &text);
        assert_true(class_change_parse(buf_text(&text), &back));
        class_change_format(&back, &again);
        assert_string_equal(buf_text(&text), buf_text(&again));
        buf_release(&text);
        buf_release(&again);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct class_change change;
        if (class_change_parse(bad[i], &change)) {
            fail_msg("'%s' is taken for a change", bad[i]);
        }
    }
    close_place(p);
}

/* The longest names with the longest keys have room. */
static void test_longest_text(void **state)
{
    struct class_change change = { .verb = CLASS_MERGE };
    struct buf text = BUF_INIT;
    (void)state;
    memset(change.into, 'x', CLASS_NAME_MAX);
    memset(change.before.name, 'x', CLASS_NAME_MAX);
    change.before.there = true;
    change.before.at = CLASSES_MAX - 1;
    change.before.key = KEYCODE_PAGE_DOWN;
    change.before.color = 0xffffff;
    class_change_format(&change, &text);
    assert_true(text.len <= OPERATION_ABOUT_MAX);
    buf_clear(&text);
    change.verb = CLASS_RENAME;
    change.into[0] = '\0';
    change.after = change.before;
    class_change_format(&change, &text);
    assert_true(text.len <= OPERATION_ABOUT_MAX);
    buf_release(&text);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_every_change),
        TEST(test_list_text),
        TEST(test_list_edges),
        TEST(test_killed_at_every_call),
        TEST(test_several_classes),
        TEST(test_separator_in_name),
        TEST(test_10000_rows),
        TEST(test_refused),
        TEST(test_list_changed_by_others),
        TEST(test_added_class_in_use_stays),
        TEST(test_key_taken_meanwhile),
        TEST(test_text),
        cmocka_unit_test(test_longest_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
