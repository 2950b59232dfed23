/* B1 and its relatives: every key in every view and every state. Nothing crashes,
 * only keys that answer write an answer, and what stands on the screen is text. It takes long. */
#include "../../src/ui/app.h"

#include <fcntl.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/text.h"
#include "picture.h"
#include "sanitized.h"
#include "scratch.h"

#define WAIT_MS 60000

/* What the screen stands in. */
static const struct state {
    const char *name;
    const char *classes;
    int pictures; /* 1.ppm and so on; 9.jpg is none, where `broken` */
    bool broken;
    bool listing; /* a list on standard input has not ended */
    bool read_only;
    enum session_mode mode;
    const char *keys;   /* pressed first, as names */
    bool nothing_shown; /* the filter shows nothing */
    bool no_pictures;   /* protocol none */
    bool multi;         /* pictures may have several classes */
    int cols, rows;
} states[] = {
    { "still listing, nothing found yet", "a,b", 0, .listing = true },
    { "nothing there", "a,b", .pictures = 0 },
    { "one picture", "a,b", .pictures = 1 },
    { "a class has q, u, j and z", "q=a,u=b,j=c,z=d", .pictures = 2 },
    { "more classes than keys and rows",
      "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,"
      "34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50",
      .pictures = 2 },
    { "no picture", "a,b", 0, .broken = true },
    { "all done", "a,b", 2, .keys = "1 2" },
    { "some answered, zoomed", "a,b", 3, .keys = "1 space Z" },
    { "review", "a,b", 2, .mode = SESSION_REVIEW },
    { "review, read-only", "a,b", 2, .mode = SESSION_REVIEW, .read_only = true },
    { "review, nothing shown", "a,b", 2, .mode = SESSION_REVIEW, .nothing_shown = true },
    { "pictures off", "a,b", 2, .no_pictures = true },
    { "several classes", "a,b", 2, .multi = true, .keys = "1 enter" },
    { "several classes, review", "a,b", 2, .multi = true, .mode = SESSION_REVIEW },
    { "small window", "a,b", 2, .cols = 48, .rows = 10 },
    { "too small a window", "a,b", 2, .cols = 47, .rows = 9 },
    { "a cell", "a,b", 2, .cols = 1, .rows = 1 },
};

/* Keys that lead into each view from the label screen. */
static const struct way {
    const char *name, *keys;
    const struct view *view;
} ways[] = {
    { "label", "", &view_label },
    { "help", "?", &view_help },
    { "go-to", "#", &view_go_to },
    { "find", "/", &view_find },
    { "pick", ";", &view_pick },
    { "filter", "F", &view_filter },
    { "note", "ctrl-n", &view_note },
    { "new-class", "; x y enter", &view_new_class },
    { "classes", "C", &view_classes },
    { "classes, a new name", "C r", &view_classes },
    { "classes, merge", "C m down", &view_classes },
    { "classes, a key", "C k", &view_classes },
    { "classes, remove", "C d", &view_classes },
};

struct desk {
    const struct state *state;
    char *folder, *csv;
    int list[2];
    struct settings settings;
    struct theme theme;
    struct catalog *catalog;
    struct labels *labels;
    struct session *session;
    struct scripted *terminal;
    struct scheduler *scheduler;
    struct ui *ui;
    bool filter_classes[3];
    struct session_filter filter;
    bool entered; /* into the view whose keys are tried */
};

static void write_pictures(struct desk *d)
{
    static const uint8_t grey[8 * 8 * 3] = { 128 };
    for (int i = 1; i <= d->state->pictures; i++) {
        char name[16];
        struct buf ppm = BUF_INIT;
        snprintf(name, sizeof name, "%d.ppm", i);
        char *path = scratch_path(d->folder, name);
        picture_ppm(&ppm, 8, 8, grey);
        scratch_write(path, ppm.data, ppm.len);
        buf_release(&ppm);
        free(path);
    }
    if (d->state->broken) {
        char *path = scratch_path(d->folder, "9.jpg");
        scratch_write(path, "no picture", 10);
        free(path);
    }
}

static void check_error(const struct error *err)
{
    assert_string_equal(err->message, "");
}

static void open_catalog(struct desk *d)
{
    struct error err = { ERROR_NONE, "" };
    const char *path = d->folder;
    struct catalog_source source = { .paths = &path, .count = 1, .list_fd = -1 };
    d->list[0] = d->list[1] = -1;
    if (d->state->listing) {
        assert_int_equal(pipe(d->list), 0);
        source = (struct catalog_source){ .list_fd = d->list[0], .separator = '\n' };
    }
    d->catalog = catalog_new(&source, ui_wake, d->ui, &err);
    check_error(&err);
    assert_non_null(d->catalog);
    if (!d->state->listing) {
        catalog_wait(d->catalog, WAIT_MS);
    }
}

static void open_session(struct desk *d)
{
    struct error err = { ERROR_NONE, "" };
    struct session_options options = { .mode = d->state->mode,
                                       .order = SESSION_FILE,
                                       .read_only = d->state->read_only,
                                       .annotator = "ann",
                                       .csv_path = d->csv,
                                       .now_ms = 1767225600000 };
    enum labels_mode mode = d->state->read_only ? LABELS_READ_ONLY : LABELS_READ_WRITE;
    d->labels = labels_open(d->csv, mode | (d->state->multi ? LABELS_MULTI : 0), NULL, &err);
    check_error(&err);
    d->session = session_new(&options, d->catalog, d->labels, &d->settings.classes, NULL, &err);
    check_error(&err);
    assert_non_null(d->session);
}

static void open_desk(struct desk *d, const struct state *state)
{
    struct error err = { ERROR_NONE, "" };
    memset(d, 0, sizeof *d);
    d->state = state;
    d->folder = scratch_new();
    d->csv = scratch_path(d->folder, "labels.csv");
    write_pictures(d);
    assert_true(settings_init(&d->settings, &err));
    assert_true(!state->no_pictures ||
                settings_set(&d->settings, OPTION_PROTOCOL, "none", "test", &err));
    assert_true(classes_parse_list(&d->settings.classes, state->classes, "test", &err));
    assert_true(!state->multi || classes_set_multi(&d->settings.classes, "test", &err));
    assert_true(keymap_assign(&d->settings.keymap, &d->settings.classes, &err));
    assert_true(theme_load_builtin(&d->theme, "dark", &err));
    d->filter.classes = d->filter_classes;
    struct ui_options ui = { .settings = &d->settings,
                             .theme = &d->theme,
                             .classes = &d->settings.classes,
                             .title = "test",
                             .csv_path = d->csv,
                             .notice = "",
                             .mode = state->mode,
                             .read_only = state->read_only,
                             .filter = state->nothing_shown ? &d->filter : NULL };
    ui.scheduler = d->scheduler = scheduler_new(1, &err);
    d->ui = ui_new(&ui, &err);
    assert_non_null(d->ui);
    open_catalog(d);
    open_session(d);
    struct scripted_options size = { .cols = state->cols ? state->cols : 80,
                                     .rows = state->rows ? state->rows : 24 };
    d->terminal = scripted_new(&size, NULL, &err);
    assert_non_null(d->terminal);
    struct screen_options screen = { .theme = &d->theme,
                                     .timeout_ms = 1000,
                                     .backend = &scripted_backend,
                                     .backend_self = d->terminal };
    assert_true(ui_open(d->ui, d->session, &screen, &err));
}

static void close_desk(struct desk *d)
{
    ui_close(d->ui);
    scripted_free(d->terminal);
    session_free(d->session);
    assert_true(labels_close(d->labels, NULL));
    if (d->list[1] >= 0) {
        close(d->list[1]);
    }
    catalog_free(d->catalog);
    if (d->list[0] >= 0) {
        close(d->list[0]);
    }
    ui_free(d->ui);
    scheduler_free(d->scheduler);
    settings_release(&d->settings);
    free(d->csv);
    scratch_remove(d->folder);
}

/* Until the picture is up, where there is one to be waited for. */
static void settle(struct desk *d)
{
    struct ui *ui = d->ui;
    struct screen_event event = { .kind = EVENT_WAKE };
    do {
        ui_handle(ui, &event);
        if (ui->done) {
            return;
        }
        ui_draw(ui);
        uint32_t id = session_current(ui->session);
        bool busy = screen_busy(ui->screen);
        if (!busy && (d->state->listing || id == CATALOG_NO_ID || ui->layout.too_small ||
                      ui->viewer.covered || picture_settled(ui))) {
            break;
        }
        screen_wait(ui->screen, WAIT_MS, &event);
    } while (event.kind != EVENT_TIMEOUT);
    event = (struct screen_event){ .kind = EVENT_SHOWN, .shown = screen_shown(ui->screen) };
    ui_handle(ui, &event);
}

static void press(struct desk *d, keycode key, bool pasted)
{
    struct screen_event event = {
        .kind = EVENT_KEY, .key = key, .pasted = pasted, .shown = screen_shown(d->ui->screen)
    };
    ui_handle(d->ui, &event);
    settle(d);
}

static void press_names(struct desk *d, const char *names)
{
    char words[64];
    char *rest = NULL;
    snprintf(words, sizeof words, "%s", names ? names : "");
    for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        keycode key;
        assert_true(keycode_parse(word, &key));
        press(d, key, false);
    }
}

/* The screen holds text alone, and no more of it than there is room for. */
static void check_screen(const struct desk *d, const struct buf *screen)
{
    const char *s = screen->data;
    assert_int_equal(text_valid_prefix(s, screen->len), screen->len);
    int rows = screen_rows(d->ui->screen);
    for (int row = 0; row < rows; row++) {
        size_t len = strcspn(s, "\n");
        assert_true(text_width(s, len) <= screen_cols(d->ui->screen));
        for (size_t i = 0; i < len; i++) {
            assert_true((unsigned char)s[i] >= ' ' && s[i] != 127);
        }
        assert_int_equal(s[len], '\n');
        s += len + 1;
    }
}

static void check_dump(const struct desk *d)
{
    struct buf dump = BUF_INIT;
    scripted_dump(d->terminal, &dump);
    check_screen(d, &dump);
    buf_release(&dump);
}

static size_t answers(const struct desk *d)
{
    size_t n = 0;
    for (int s = STATUS_LABELED; s < STATUS_COUNT; s++) {
        n += labels_count(d->labels, (enum label_status)s);
    }
    return n;
}

/* May the key change what is answered, in the view on top? */
static bool may_answer(const struct desk *d, keycode key, bool pasted)
{
    const struct view *view = ui_top(d->ui);
    const struct view_key *row = keys_find(d->ui, view, key);
    if (!row || pasted || d->state->read_only || d->ui->layout.too_small) {
        return false;
    }
    if (d->state->multi && (view == &view_pick || view == &view_new_class ||
                            row->action == ACTION_CLASS || row->action == ACTION_PICK)) {
        return false; /* it only switches a class */
    }
    return row->effect == EFFECT_ENTERS || row->effect >= EFFECT_WRITES;
}

/* Takes the last line out, that of messages and prompts. */
static void forget_last_line(const struct desk *d, struct buf *screen)
{
    int rows = screen_rows(d->ui->screen);
    char *s = screen->data;
    for (int row = 0; s && row < rows - 1; row++) {
        s = strchr(s, '\n') + 1;
    }
    if (s) {
        size_t len = strcspn(s, "\n");
        memmove(s, s + len, strlen(s + len) + 1);
    }
}

/* The text that keys are typed into, or NULL. */
static const struct prompt *typing_into(const struct desk *d, const struct view *view)
{
    for (size_t i = 0; i < KEY_TABLES_MAX && view->tables[i]; i++) {
        if (view->tables[i] == &prompt_keys && (!view->in_force || view->in_force(d->ui, i))) {
            return view->prompt(d->ui);
        }
    }
    return NULL;
}

/* A key without a row in a table that is in force is text where text is typed, closes the help,
 * is the one that was asked for, or does nothing. True: all is as it was, to the last cell. */
static bool try_unbound(struct desk *d, const struct way *way, keycode key)
{
    struct buf before = BUF_INIT, after = BUF_INIT;
    const struct view *view = ui_top(d->ui);
    const struct prompt *prompt = typing_into(d, view);
    bool asks_for_key = view == &view_classes && strcmp(way->keys, "C k") == 0 && !prompt;
    bool types = prompt && key < KEYCODE_UP && !text_unsafe(key);
    bool last_line = view != &view_label && !types && !d->ui->message[0];
    char name[KEY_NAME_SIZE];
    keycode_name(key, name);
    scripted_dump(d->terminal, &before);
    press(d, key, false);
    scripted_dump(d->terminal, &after);
    check_screen(d, &after);
    bool same = ui_top(d->ui) == view && strcmp(buf_text(&before), buf_text(&after)) == 0;
    if (!same && !last_line) {
        forget_last_line(d, &before);
        forget_last_line(d, &after);
    }
    if (view == &view_help) {
        assert_ptr_equal(ui_top(d->ui), &view_label);
    } else {
        assert_ptr_equal(ui_top(d->ui), view);
        if (!asks_for_key && view != &view_pick &&
            strcmp(buf_text(&before), buf_text(&after)) != 0) {
            fail_msg("%s, %s: %s is in no table, but did something:\n%s\n%s", d->state->name,
                     way->name, name, buf_text(&before), buf_text(&after));
        }
    }
    if (view == &view_label && !d->ui->layout.too_small &&
        !strstr(d->ui->message, "does nothing here") && !strstr(d->ui->message, "No class has")) {
        fail_msg("%s: %s is in no table, and it is not said: '%s'", d->state->name, name,
                 d->ui->message);
    }
    buf_release(&before);
    buf_release(&after);
    return same;
}

/* Back to the label screen, by Esc as a person would. */
static void leave_views(struct desk *d)
{
    for (int i = 0; i < VIEWS_MAX && d->ui->views.count > 1; i++) {
        press(d, KEYCODE_ESC, false);
    }
    assert_int_equal(d->ui->views.count, 1);
}

/* The view is entered anew behind each key that has changed something. */
static void try_key(struct desk *d, const struct way *way, keycode key, bool pasted)
{
    bool same = false;
    char name[KEY_NAME_SIZE];
    keycode_name(key, name);
    if (!d->entered) {
        press_names(d, way->keys);
    }
    bool may = may_answer(d, key, pasted);
    size_t before = answers(d);
    if (!pasted && !keys_find(d->ui, ui_top(d->ui), key)) {
        same = try_unbound(d, way, key);
    } else {
        press(d, key, pasted);
    }
    if (answers(d) != before && !may) {
        fail_msg("%s, %s: %s has changed an answer", d->state->name, way->name, name);
    }
    d->entered = same && !d->ui->done;
    if (d->entered) {
        return;
    }
    if (!d->ui->done) {
        ui_draw(d->ui);
        check_dump(d);
        leave_views(d);
    }
    d->ui->done = false;
    /* As it was, as far as the next key can tell. */
    for (int i = 0; i < 3 && answers(d) > before; i++) {
        press(d, KEYCODE_BACKSPACE, false);
    }
}

/* Every way into a view gets there, where there is anything to be done. */
static void check_way(struct desk *d, const struct way *way)
{
    press_names(d, way->keys);
    const struct view *view = ui_top(d->ui);
    bool answers_one = !d->state->read_only && d->state->pictures > 0 && !d->state->nothing_shown &&
                       strcmp(d->state->name, "all done") != 0;
    bool can =
        !d->ui->layout.too_small &&
        (way->view != &view_filter || d->state->mode == SESSION_REVIEW) &&
        ((way->view != &view_pick && way->view != &view_note && way->view != &view_new_class) ||
         answers_one);
    if (can && view != way->view) {
        fail_msg("%s: %s leads to the view '%s'", d->state->name, way->name, view->name);
    }
    leave_views(d);
}

/* All keys on the label screen; of those that a prompt takes as text, a few. */
static void try_keys(struct desk *d, const struct way *way)
{
    static const keycode others[] = { 0xE9, 0x1F408, 0x10FFFF, 0x202E, 0x9B, 0x301 };
    bool label = way->view == &view_label;
    for (keycode key = 1; key < 128; key++) {
        if (label || key < ' ' || key == 127 || strchr(" 1;:?/#NQaijkoqx", (int)key)) {
            try_key(d, way, key, false);
        }
    }
    for (keycode key = KEYCODE_UP; key <= KEYCODE_F12; key++) {
        try_key(d, way, key, false);
    }
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        try_key(d, way, others[i], false);
    }
    for (keycode key = '\n'; key < 128; key += 13) {
        try_key(d, way, key, true);
    }
    leave_views(d);
    d->entered = false;
}

/* What is no key, in the view that the way leads to. */
static void try_events(struct desk *d, const struct way *way)
{
    static const enum screen_event_kind kinds[] = { EVENT_SHOWN,    EVENT_WAKE,    EVENT_RESIZE,
                                                    EVENT_EXPOSED,  EVENT_TIMEOUT, EVENT_QUIT,
                                                    EVENT_INTERRUPT };
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct screen_event event = { .kind = kinds[i], .shown = screen_shown(d->ui->screen) };
        press_names(d, way->keys);
        ui_handle(d->ui, &event);
        assert_int_equal(d->ui->done, kinds[i] == EVENT_QUIT || kinds[i] == EVENT_INTERRUPT);
        d->ui->done = false;
        ui_draw(d->ui);
        check_dump(d);
        settle(d);
        leave_views(d);
    }
}

/* All states where sanitizers look; without them, which sees no more, every fourth. */
static void test_B1_every_key_everywhere(void **state)
{
    (void)state;
    for (size_t s = 0; s < ARRAY_LEN(states); s += SANITIZED ? 1 : 4) {
        struct desk d;
        open_desk(&d, &states[s]);
        settle(&d);
        press_names(&d, states[s].keys);
        /* Too small a window has no views. */
        for (size_t w = 0; w < (d.ui->layout.too_small ? 1 : ARRAY_LEN(ways)); w++) {
            check_way(&d, &ways[w]);
            try_keys(&d, &ways[w]);
            try_events(&d, &ways[w]);
        }
        close_desk(&d);
    }
}

/* Before anything was looked for, the prompt says what it wants. */
static void test_B1_find_next_asks(void **state)
{
    struct desk d;
    struct buf dump = BUF_INIT;
    (void)state;
    open_desk(&d, &states[2]);
    settle(&d);
    press_names(&d, "N");
    scripted_dump(d.terminal, &dump);
    assert_non_null(strstr(buf_text(&dump), "Find in names and notes:"));
    buf_release(&dump);
    close_desk(&d);
}

/* Where pictures may have several classes, a class key that is held down switches its class
 * once: also if its first repeat was taken for a press, which is known by the next one. */
static void test_held_keys_switch_once(void **state)
{
    enum { MS = 1000000 };
    static const int at_ms[] = { 1000, 1500, 1530, 1560, 1590 };
    struct state several = { "several classes", "a,b", 2, .multi = true };
    struct desk d;
    const bool *on;
    (void)state;
    open_desk(&d, &several);
    settle(&d);
    for (size_t i = 0; i < ARRAY_LEN(at_ms); i++) {
        struct screen_event event = { .kind = EVENT_KEY,
                                      .key = '1',
                                      .shown = screen_shown(d.ui->screen),
                                      .from_ns = (int64_t)at_ms[i] * MS,
                                      .at_ns = (int64_t)at_ms[i] * MS };
        ui_handle(d.ui, &event);
        if (i == 1) {
            assert_int_equal(session_draft(d.session, &on), DRAFT_TYPED);
            assert_false(on[0]);
        }
    }
    assert_int_equal(session_draft(d.session, &on), DRAFT_TYPED);
    assert_true(on[0]);
    assert_non_null(strstr(d.ui->message, "held down: it counts once"));
    close_desk(&d);
}

/* What an action is to do is in its table's row. */
static void test_B1_every_action_does_something(void **state)
{
    struct desk d;
    (void)state;
    open_desk(&d, &states[7]);
    settle(&d);
    for (enum action a = ACTION_NO_ACTION + 1; a < ACTION_CLASS; a++) {
        press(&d, d.settings.keymap.keys[a][0], false);
        if (strstr(d.ui->message, "does nothing") || strstr(d.ui->message, "No class has")) {
            fail_msg("'%s': %s", action_info(a)->name, d.ui->message);
        }
        d.ui->done = false;
        leave_views(&d);
    }
    close_desk(&d);
}

/* Whether the help and the manual list the keys. */
static bool is_listed(const char *keys)
{
    const struct view_key_info *info;
    for (size_t i = 0; (info = view_key_info(i)); i++) {
        if (strcmp(info->keys, keys) == 0) {
            return true;
        }
    }
    return false;
}

static void check_names(const char *keys)
{
    char words[64];
    char *rest = NULL;
    snprintf(words, sizeof words, "%s", keys);
    for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        keycode key;
        if (!keycode_parse(word, &key)) {
            fail_msg("'%s' is not a key", word);
        }
    }
}

/* Words that stand for keys that change: the view finds them. */
static bool names_change(const char *keys)
{
    return strcmp(keys, "letters") == 0 || strcmp(keys, "class keys") == 0;
}

/* Each action and each key of a view is bound to a function; on a page some actions are not. */
static void test_B1_every_row_has_a_function(void **state)
{
    struct desk d;
    size_t actions = 0;
    (void)state;
    open_desk(&d, &states[2]);
    for (size_t v = 0; v < VIEWS_COUNT; v++) {
        const struct view *view = d.ui->views.all[v].view;
        for (size_t t = 0; t < KEY_TABLES_MAX && view->tables[t]; t++) {
            const struct key_table *table = view->tables[t];
            for (size_t i = table->by_action; i < table->count; i++) {
                const struct view_key *row = &table->rows[i];
                bool unused = view == &view_page && table->by_action && !row->run;
                assert_true(row->run || unused);
                assert_int_equal(row->action, table->by_action && !unused ? i : ACTION_NO_ACTION);
                actions += view == &view_label && row->action != ACTION_NO_ACTION;
                if (row->keys) {
                    if (!names_change(row->keys)) {
                        check_names(row->keys);
                    }
                    assert_true(is_listed(row->keys));
                }
            }
        }
    }
    assert_int_equal(actions, ACTION_COUNT - 1);
    close_desk(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_B1_find_next_asks),
        cmocka_unit_test(test_held_keys_switch_once),
        cmocka_unit_test(test_B1_every_row_has_a_function),
        cmocka_unit_test(test_B1_every_action_does_something),
        cmocka_unit_test(test_B1_every_key_everywhere),
    };
    if (!setlocale(LC_ALL, "C.UTF-8")) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
