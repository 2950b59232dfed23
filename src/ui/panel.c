/* The classes with their keys, counts, and the model's confidence as bars. */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "base/mem.h"
#include "base/text.h"

/* What is known about the current picture. */
struct facts {
    bool answered;
    struct annotation answer;
    size_t answer_class; /* classes->count: no class of this session */
    bool guess_there;    /* true also when the model abstains */
    bool guessed;        /* the model predicts a class */
    struct guess guess;
    bool paged;               /* it is a page: a class stands for all of it, */
    size_t proposed;          /* this one; classes->count: none */
    enum session_draft draft; /* where pictures may have several classes: what switched */
    const bool *on;           /* these on; NULL: pictures have one class */
};

static void gather(struct ui *ui, struct facts *f)
{
    memset(f, 0, sizeof *f);
    const struct classes *classes = ui->options.classes;
    f->proposed = classes->count;
    f->answer_class = classes->count;
    if (page_is_on(ui)) {
        bool given;
        size_t marked = page_marked_class(ui, &given);
        f->answered = given;
        *(given ? &f->answer_class : &f->proposed) = marked;
        f->paged = true;
        return;
    }
    uint32_t id = session_current(ui->session);
    if (id == CATALOG_NO_ID) {
        return;
    }
    f->answered = session_answer_of(ui->session, id, &f->answer);
    if (f->answered && f->answer.status == STATUS_LABELED) {
        f->answer_class = classes_find(classes, f->answer.label);
    }
    if (classes->multi) {
        f->draft = session_draft(ui->session, &f->on);
        f->answer_class = classes->count;
    }
    f->guess_there = session_guess(ui->session, &f->guess);
    f->guessed = f->guess_there && f->guess.best < classes->count;
}

struct panel_wants panel_wants(const struct ui *ui)
{
    const struct classes *classes = ui->options.classes;
    struct panel_wants wants = { .classes = classes->count,
                                 .key_cols = 1,
                                 .guesses = ui->options.guesses,
                                 .compare = ui->options.suspects };
    for (size_t i = 0; i < classes->count; i++) {
        char key[KEY_NAME_SIZE];
        const char *name = classes->items[i].name;
        int name_cols = text_width(name, strlen(name));
        keycode_symbol(classes->items[i].key, key);
        int key_cols = classes->items[i].key == KEYCODE_NONE ? 0 : text_width(key, strlen(key));
        wants.name_cols = name_cols > wants.name_cols ? name_cols : wants.name_cols;
        wants.key_cols = key_cols > wants.key_cols ? key_cols : wants.key_cols;
    }
    return wants;
}

/* A line of the panel: its cells and its columns. */
struct line {
    struct cells at;
    const struct panel_columns *columns;
};

static int put(struct ui *ui, const struct line *l, int col, int cols, enum style style,
               const char *text)
{
    return screen_put(ui->screen, l->at.row, l->at.col + col, cols, style, text);
}

static void put_count(struct ui *ui, const struct line *l, enum style style, size_t count)
{
    char text[32];
    snprintf(text, sizeof text, "%*zu", l->columns->count_cols - 1, count);
    put(ui, l, l->columns->count, l->columns->count_cols, style, text);
}

/* At most 99 %: no prediction is certain. */
static void put_percent(struct ui *ui, const struct line *l, int col, int cols, enum style style,
                        float share)
{
    char text[16];
    double percent = share < 0.99f ? (double)share * 100.0 : 99.0;
    snprintf(text, sizeof text, "%*.0f%%", cols - 1, percent);
    put(ui, l, col, cols, style, text);
}

static void put_confidence(struct ui *ui, const struct line *l, enum style style, float share)
{
    const struct panel_columns *c = l->columns;
    if (c->bar_cols) {
        enum style back = style == STYLE_TALLY ? STYLE_TEXT : style;
        screen_put_bar(ui->screen, l->at.row, l->at.col + c->bar, c->bar_cols, back, share);
    }
    put_percent(ui, l, c->percent, c->percent_cols, style, share);
}

static bool is_proposed(const struct facts *f, size_t i)
{
    return f->paged ? f->proposed == i
           : f->on  ? f->draft == DRAFT_PREDICTION && f->on[i]
                    : f->guessed && f->guess.best == i;
}

static bool is_answer(const struct facts *f, size_t i)
{
    return f->on ? f->draft >= DRAFT_ANSWER && f->on[i] : f->answered && f->answer_class == i;
}

static void draw_class(struct ui *ui, const struct line *l, size_t i, const struct facts *f)
{
    const struct class *class = &ui->options.classes->items[i];
    const struct panel_columns *c = l->columns;
    bool guess = is_proposed(f, i);
    bool answer = is_answer(f, i);
    bool marked = guess || answer;
    enum style style = guess ? STYLE_GUESS : answer ? STYLE_ANSWER : STYLE_CLASS;
    enum style tally = marked ? style : STYLE_TALLY;
    char key[KEY_NAME_SIZE] = "";
    char name[4 * (CLASS_NAME_MAX + 1)];
    text_elide(name, sizeof name, class->name, strlen(class->name), c->name_cols);
    if (marked) {
        screen_fill(ui->screen, l->at, style);
        put(ui, l, c->mark, 1, style, answer ? "✓" : "▸");
    }
    if (class->key != KEYCODE_NONE) {
        keycode_symbol(class->key, key);
    }
    put(ui, l, c->key, c->key_cols, marked ? style : STYLE_KEY, key);
    screen_put_colored(ui->screen, l->at.row, l->at.col + c->name, c->name_cols, style,
                       marked ? COLOR_DEFAULT : class_color(ui, i), name);
    if (guess && !f->paged && !c->percent_cols) {
        put_percent(ui, l, c->count, c->count_cols, tally, f->guess.classes[i]);
        return;
    }
    put_count(ui, l, tally, session_class_count(ui->session, i));
    if (f->guessed && c->percent_cols) {
        put_confidence(ui, l, tally, f->guess.classes[i]);
    }
}

static const struct status_row {
    enum action action;
    enum label_status status;
    const char *brief, *text, *longer; /* names for little, usual and much room */
} status_rows[] = {
    { ACTION_UNSURE, STATUS_UNSURE, "unsure", "unsure", "unsure" },
    { ACTION_NONE, STATUS_NONE, "none", "none", "none of these" },
    { ACTION_SKIP, STATUS_SKIPPED, "skip", "skipped", "skipped" },
};

static void status_symbol(const struct ui *ui, enum action action, bool narrow,
                          char symbol[KEY_NAME_SIZE])
{
    keycode key = ui->options.settings->keymap.keys[action][0];
    keycode_symbol(key, symbol);
    if (key == ' ' && narrow) {
        strcpy(symbol, "Sp");
    }
}

/* A line for one of the answers unsure, none and skipped. */
static void draw_status(struct ui *ui, const struct line *l, const struct status_row *row,
                        const struct facts *f, size_t count)
{
    const struct panel_columns *c = l->columns;
    bool is = f->answered && f->answer.status == row->status;
    enum style style = is ? STYLE_ANSWER : STYLE_DIM;
    char symbol[KEY_NAME_SIZE];
    status_symbol(ui, row->action, c->key_cols < 5, symbol);
    if (is) {
        put(ui, l, c->mark, 1, style, "✓");
    }
    put(ui, l, c->key, c->key_cols, STYLE_KEY, symbol);
    put(ui, l, c->name, c->name_cols, style, c->name_cols > 12 ? row->longer : row->text);
    put_count(ui, l, STYLE_TALLY, count);
}

/* The same for a third of a row. */
static void draw_status_short(struct ui *ui, struct cells at, const struct status_row *row,
                              const struct facts *f, size_t count)
{
    bool is = f->answered && f->answer.status == row->status;
    char symbol[KEY_NAME_SIZE];
    char text[32];
    status_symbol(ui, row->action, true, symbol);
    int col = screen_put(ui->screen, at.row, at.col, at.cols, is ? STYLE_ANSWER : STYLE_KEY,
                         is ? "✓" : symbol);
    snprintf(text, sizeof text, " %s %zu", row->brief, count);
    screen_put(ui->screen, at.row, at.col + col, at.cols - col, is ? STYLE_ANSWER : STYLE_DIM,
               text);
}

/* True when the current picture's label is no class of the session, or has one that is not. */
static bool has_other_label(const struct ui *ui, const struct facts *f)
{
    bool labelled = f->answered && !f->paged && f->answer.status == STATUS_LABELED;
    return labelled && (f->on ? multi_has_others(ui, f->answer.label)
                              : f->answer_class == ui->options.classes->count);
}

/* The line for labels that are no class of the session: their number, and the current
 * picture's label, if it is one. If there is no room for both, only the label. */
static void draw_others(struct ui *ui, const struct line *l, size_t count, const struct facts *f)
{
    const struct panel_columns *c = l->columns;
    char text[4 * (CLASS_NAME_MAX + 1)] = "other labels"; /* without a key */
    int cols = c->count - c->key;
    bool is = has_other_label(ui, f), all = true;
    enum style style = is ? STYLE_ANSWER : STYLE_DIM;
    if (is) {
        snprintf(text, sizeof text, "other labels: '%s'", f->answer.label);
        all = text_width(text, strlen(text)) < cols;
        put(ui, l, c->mark, 1, style, "✓");
    }
    if (!all) {
        snprintf(text, sizeof text, " '%s'", f->answer.label);
    }
    screen_put_name(ui->screen, l->at.row, l->at.col + c->key, cols, style, text, strlen(text));
    if (all) {
        put_count(ui, l, STYLE_TALLY, count);
    }
}

static void draw_heading(struct ui *ui, const struct facts *f, const struct panel_plan *plan)
{
    struct cells p = ui->layout.panel;
    const char *note = "";
    if (f->draft == DRAFT_TYPED) {
        note = "  (not confirmed)";
    } else if (f->draft == DRAFT_PREDICTION) {
        note = "  (proposed)";
    } else if (f->guess_there && !f->guessed) {
        note = "  (no prediction)";
    } else if (ui->options.guesses && !f->guess_there && !f->paged &&
               session_current(ui->session) != CATALOG_NO_ID) {
        note = "  (predicting…)";
    }
    int at = 1 + screen_put(ui->screen, p.row, p.col + 1, p.cols - 1, STYLE_HEADING, "Classes");
    at += screen_put(ui->screen, p.row, p.col + at, p.cols - at, STYLE_DIM, note);
    if (plan->likely_rows) {
        char more[64];
        char key[KEYS_SYMBOL_SIZE];
        keys_symbol(ui, ACTION_PICK, key);
        snprintf(more, sizeof more, "%d of %zu, %s finds any", plan->lists * plan->rows,
                 ui->options.classes->count, key);
        screen_put(ui->screen, p.row, p.col + at + 2, p.cols - at - 2, STYLE_DIM, more);
    }
}

static void draw_lists(struct ui *ui, const struct panel_plan *plan, const struct facts *f)
{
    struct cells p = ui->layout.panel;
    size_t count = ui->options.classes->count;
    for (size_t i = 0; i < count && i < (size_t)(plan->lists * plan->rows); i++) {
        struct line l = { .at = { .row = p.row + plan->row + (int)i % plan->rows,
                                  .col = p.col + (int)i / plan->rows * plan->list_cols,
                                  .rows = 1,
                                  .cols = plan->list_cols - (plan->lists > 1) },
                          .columns = &plan->in_list };
        draw_class(ui, &l, i, f);
    }
}

#define LEAST_LIKELY 0.005f /* lower confidence would be shown as 0 % */

/* The classes of the answer, or those switched on, then the classes with the highest confidence, at
 * most `max`. Returns their number. */
static size_t choose_likely(const struct ui *ui, const struct facts *f, size_t *list, size_t max)
{
    size_t count = ui->options.classes->count;
    size_t n = 0;
    for (size_t i = 0; i < count && n < max; i++) {
        if (is_answer(f, i) || (f->paged && is_proposed(f, i))) {
            list[n++] = i;
        }
    }
    size_t first = n;
    for (size_t i = 0; f->guessed && i < count; i++) {
        size_t at = n;
        if (is_answer(f, i) || (i != f->guess.best && f->guess.classes[i] < LEAST_LIKELY)) {
            continue;
        }
        while (at > first && f->guess.classes[i] > f->guess.classes[list[at - 1]]) {
            at--;
        }
        if (at == max) {
            continue;
        }
        n += n < max;
        memmove(list + at + 1, list + at, (n - at - 1) * sizeof *list);
        list[at] = i;
    }
    return n;
}

static void draw_likely(struct ui *ui, const struct panel_plan *plan, const struct facts *f)
{
    if (!plan->likely_rows) {
        return;
    }
    struct cells p = ui->layout.panel;
    size_t list[PANEL_LIKELY_MAX];
    size_t n = choose_likely(ui, f, list, (size_t)plan->likely_rows);
    if (!n && ui->options.guesses) {
        screen_put(ui->screen, p.row + plan->likely_row, p.col + 1, p.cols - 1, STYLE_DIM,
                   "(the likeliest appear here)");
    }
    for (size_t i = 0; i < n; i++) {
        struct line l = { .at = { p.row + plan->likely_row + (int)i, p.col, 1, p.cols },
                          .columns = &plan->across };
        draw_class(ui, &l, list[i], f);
    }
}

static void draw_statuses(struct ui *ui, const struct panel_plan *plan, const struct facts *f)
{
    struct cells p = ui->layout.panel;
    struct session_stats stats;
    session_stats(ui->session, &stats);
    for (size_t i = 0; i < ARRAY_LEN(status_rows); i++) {
        const struct status_row *row = &status_rows[i];
        struct line l = { .at = { p.row + plan->statuses, p.col, 1, p.cols },
                          .columns = &plan->across };
        if (plan->statuses_in_one) {
            l.at.cols = (p.cols - 1) / (int)ARRAY_LEN(status_rows);
            l.at.col += 1 + (int)i * l.at.cols;
            draw_status_short(ui, l.at, row, f, stats.by_status[row->status]);
        } else {
            l.at.row += (int)i;
            draw_status(ui, &l, row, f, stats.by_status[row->status]);
        }
    }
}

static struct panel_plan plan_of(const struct ui *ui)
{
    struct panel_plan plan;
    struct cells p = ui->layout.panel;
    panel_plan_make(&plan, &ui->layout.wants, p.rows, p.cols, session_other_count(ui->session) > 0);
    return plan;
}

bool panel_has_recent(const struct ui *ui)
{
    return plan_of(ui).recent_rows > 0;
}

bool panel_has_statuses(const struct ui *ui)
{
    return plan_of(ui).statuses > 0;
}

void panel_draw(struct ui *ui)
{
    struct cells p = ui->layout.panel;
    struct panel_plan plan = plan_of(ui);
    struct facts f;
    gather(ui, &f);
    /* Includes the blank column between the picture and the panel. */
    screen_fill(ui->screen, (struct cells){ p.row, p.col - 1, p.rows, p.cols + 1 }, STYLE_TEXT);
    draw_heading(ui, &f, &plan);
    draw_likely(ui, &plan, &f);
    draw_lists(ui, &plan, &f);
    if (plan.statuses) {
        draw_statuses(ui, &plan, &f);
    }
    if (plan.others) {
        struct line l = { { p.row + plan.others, p.col, 1, p.cols }, &plan.across };
        draw_others(ui, &l, session_other_count(ui->session), &f);
    }
    if (plan.recent_rows) {
        recent_draw(ui, (struct cells){ p.row + plan.recent, p.col, plan.recent_rows + 1, p.cols });
    }
}
