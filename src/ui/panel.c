/* The classes with their keys, counts, and the model's confidence as bars. */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "base/text.h"

#define KEY_COLS 7
#define BAR_MIN 6

struct facts {
    bool answered;
    struct answer answer;
    size_t answer_class; /* classes->count: none of ours */
    bool guessed;
    struct guess guess;
};

static void gather(struct ui *ui, struct facts *f)
{
    memset(f, 0, sizeof *f);
    const struct classes *classes = ui->options.classes;
    f->answer_class = classes->count;
    uint32_t id = session_current(ui->session);
    if (id == CATALOG_NO_ID) {
        return;
    }
    f->answered = session_answer_of(ui->session, id, &f->answer);
    if (f->answered && f->answer.status == STATUS_LABELED) {
        f->answer_class = classes_find(classes, f->answer.label);
    }
    f->guessed = session_guess_of(ui->session, id, &f->guess) && !f->guess.failed &&
                 f->guess.best < classes->count;
}

static int32_t class_color(const struct ui *ui, size_t i)
{
    const struct class *class = &ui->options.classes->items[i];
    const struct theme *theme = ui->options.theme;
    if (class->color != CLASS_COLOR_NONE) {
        return class->color;
    }
    return theme->class_color_count ? theme->class_colors[i % (size_t)theme->class_color_count]
                                    : COLOR_DEFAULT;
}

/* Columns of a class's line: " ▸ 1 name      count  bar 87%". */
struct columns {
    int name, name_cols, count_end, bar, bar_cols, percent;
};

static struct columns columns_of(const struct ui *ui, bool bars)
{
    struct cells p = ui->layout.panel;
    struct columns c = { .name = p.col + 2 + KEY_COLS };
    int right = p.col + p.cols;
    c.bar = right;
    if (bars) {
        c.percent = right - 5;
        c.bar_cols = p.cols / 4 < BAR_MIN ? BAR_MIN : p.cols / 4;
        c.bar = c.percent - c.bar_cols;
    }
    c.count_end = c.bar - 1;
    c.name_cols = c.count_end - 6 - c.name;
    return c;
}

static void draw_class(struct ui *ui, int row, size_t i, const struct facts *f,
                       const struct columns *c)
{
    const struct class *class = &ui->options.classes->items[i];
    struct cells p = ui->layout.panel;
    bool guess = f->guessed && f->guess.best == i;
    bool answer = f->answered && f->answer_class == i;
    enum style style = guess ? STYLE_GUESS : answer ? STYLE_ANSWER : STYLE_CLASS;
    char text[64];
    if (guess || answer) {
        screen_fill(ui->screen, (struct cells){ row, p.col, 1, p.cols }, style);
    }
    if (guess || answer) {
        screen_put(ui->screen, row, p.col, 2, style, answer ? " ✓" : " ▸");
    }
    if (class->key != KEYCODE_NONE) {
        keycode_symbol(class->key, text);
        screen_put(ui->screen, row, p.col + 3, KEY_COLS - 2, guess || answer ? style : STYLE_KEY,
                   text);
    }
    screen_put_colored(ui->screen, row, c->name, c->name_cols, style,
                       guess || answer ? COLOR_DEFAULT : class_color(ui, i), class->name);
    size_t count = session_class_count(ui->session, i);
    int width = snprintf(text, sizeof text, "%zu", count);
    screen_put(ui->screen, row, c->count_end - width, width,
               guess || answer ? style : STYLE_TALLY, text);
    if (c->bar_cols && f->guessed) {
        float share = f->guess.classes[i];
        screen_put_bar(ui->screen, row, c->bar, c->bar_cols, style == STYLE_CLASS ? STYLE_TEXT : style,
                       share);
        snprintf(text, sizeof text, "%3.0f%%", (double)share * 100.0);
        screen_put(ui->screen, row, c->percent + 1, 4, guess || answer ? style : STYLE_TALLY, text);
    }
}

/* One of the answers that are no class. */
static void draw_status(struct ui *ui, int row, enum action action, enum label_status status,
                        const char *text, const struct facts *f)
{
    struct cells p = ui->layout.panel;
    bool is = f->answered && f->answer.status == status;
    enum style style = is ? STYLE_ANSWER : STYLE_DIM;
    char symbol[KEY_NAME_SIZE];
    char count[24];
    struct session_stats stats;
    session_stats(ui->session, &stats);
    keycode_symbol(ui->options.settings->keymap.keys[action][0], symbol);
    if (is) {
        screen_put(ui->screen, row, p.col, 2, style, " ✓");
    }
    screen_put(ui->screen, row, p.col + 3, KEY_COLS - 2, STYLE_KEY, symbol);
    struct columns c = columns_of(ui, ui->options.model != NULL);
    screen_put(ui->screen, row, c.name, c.name_cols, style, text);
    int width = snprintf(count, sizeof count, "%zu", stats.by_status[status]);
    screen_put(ui->screen, row, c.count_end - width, width, STYLE_TALLY, count);
}

static void draw_heading(struct ui *ui, const struct facts *f)
{
    struct cells p = ui->layout.panel;
    char text[160];
    if (ui->options.model && !f->guessed) {
        snprintf(text, sizeof text, "%s",
                 session_current(ui->session) == CATALOG_NO_ID ? "Classes" : "Classes  (guessing…)");
    } else {
        snprintf(text, sizeof text, "Classes");
    }
    screen_put(ui->screen, p.row, p.col + 1, p.cols - 1, STYLE_HEADING, text);
}

/* First class to show, so that the guess or the answer is among `rows`. */
static size_t first_class(const struct ui *ui, const struct facts *f, size_t rows)
{
    size_t count = ui->options.classes->count;
    size_t focus = f->guessed ? f->guess.best : f->answer_class < count ? f->answer_class : 0;
    if (count <= rows || focus < rows / 2) {
        return 0;
    }
    return focus - rows / 2 > count - rows ? count - rows : focus - rows / 2;
}

void panel_draw(struct ui *ui)
{
    struct cells p = ui->layout.panel;
    struct facts f;
    gather(ui, &f);
    screen_fill(ui->screen, p, STYLE_TEXT);
    draw_heading(ui, &f);
    struct columns c = columns_of(ui, ui->options.model != NULL);
    size_t count = ui->options.classes->count;
    size_t rows = p.rows > 8 ? (size_t)p.rows - 7 : 1;
    size_t first = first_class(ui, &f, rows);
    int row = p.row + 2;
    for (size_t i = first; i < count && i < first + rows; i++) {
        draw_class(ui, row++, i, &f, &c);
    }
    if (count > rows) {
        char text[64];
        snprintf(text, sizeof text, "%zu–%zu of %zu", first + 1, first + rows, count);
        screen_put(ui->screen, p.row, p.col + 10, p.cols - 10, STYLE_DIM, text);
    }
    row = row + 1 < p.row + p.rows - 3 ? row + 1 : p.row + p.rows - 3;
    draw_status(ui, row, ACTION_UNSURE, STATUS_UNSURE, "unsure", &f);
    draw_status(ui, row + 1, ACTION_NONE, STATUS_NONE, "none of these", &f);
    draw_status(ui, row + 2, ACTION_SKIP, STATUS_SKIPPED, "skipped", &f);
    if (f.answered && f.answer.status == STATUS_LABELED && f.answer_class == count &&
        row + 3 < p.row + p.rows) {
        char text[300];
        snprintf(text, sizeof text, "✓ labeled '%s'", f.answer.label);
        screen_put(ui->screen, row + 3, p.col + 1, p.cols - 1, STYLE_ANSWER, text);
    }
}
