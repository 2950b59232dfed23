/* The classes with their keys, counts, and the model's confidence as bars. */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "base/text.h"

#define WIDE 36      /* columns from which the panel has room for long key names */
#define WITH_BARS 32 /* and for bars */
#define PERCENT_COLS 5

struct facts {
    bool answered;
    struct answer answer;
    size_t answer_class; /* classes->count: none of ours */
    bool guess_there;    /* even if it is that none is made */
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
    f->guess_there = session_guess(ui->session, &f->guess);
    f->guessed = f->guess_there && f->guess.best < classes->count;
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

/* Columns of a class's line: " ▸ 1 name      count  bar 87% ". */
struct columns {
    int key, key_cols, name, name_cols, count, count_cols, bar, bar_cols, percent;
};

static struct columns columns_of(const struct ui *ui)
{
    struct cells p = ui->layout.panel;
    bool wide = p.cols >= WIDE;
    struct columns c = { .key = p.col + (wide ? 3 : 2),
                         .key_cols = wide ? 5 : 2,
                         .count_cols = wide ? 6 : 5 };
    int end = p.col + p.cols - 1;
    if (ui->options.guesses) {
        c.percent = end - PERCENT_COLS;
        c.bar_cols = p.cols >= WITH_BARS ? p.cols / 5 : 0;
        c.bar = c.percent - c.bar_cols;
        end = c.bar;
    }
    c.count = end - c.count_cols;
    c.name = c.key + c.key_cols + 1;
    c.name_cols = c.count - c.name;
    return c;
}

static void put_count(struct ui *ui, int row, const struct columns *c, enum style style,
                      size_t count)
{
    char text[32];
    snprintf(text, sizeof text, "%*zu", c->count_cols - 1, count);
    screen_put(ui->screen, row, c->count, c->count_cols, style, text);
}

static void put_confidence(struct ui *ui, int row, const struct columns *c, enum style style,
                           float share)
{
    char text[16];
    if (c->bar_cols) {
        enum style back = style == STYLE_TALLY ? STYLE_TEXT : style;
        screen_put_bar(ui->screen, row, c->bar, c->bar_cols, back, share);
    }
    snprintf(text, sizeof text, "%4.0f%%", (double)share * 100.0);
    screen_put(ui->screen, row, c->percent, PERCENT_COLS, style, text);
}

static void draw_class(struct ui *ui, int row, size_t i, const struct facts *f)
{
    const struct class *class = &ui->options.classes->items[i];
    struct columns c = columns_of(ui);
    struct cells p = ui->layout.panel;
    bool guess = f->guessed && f->guess.best == i;
    bool answer = f->answered && f->answer_class == i;
    bool marked = guess || answer;
    enum style style = guess ? STYLE_GUESS : answer ? STYLE_ANSWER : STYLE_CLASS;
    enum style tally = marked ? style : STYLE_TALLY;
    char key[KEY_NAME_SIZE] = "";
    char name[4 * (CLASS_NAME_MAX + 1)];
    text_elide(name, sizeof name, class->name, strlen(class->name), c.name_cols);
    if (marked) {
        screen_fill(ui->screen, (struct cells){ row, p.col, 1, p.cols }, style);
        screen_put(ui->screen, row, p.col, 2, style, answer ? " ✓" : " ▸");
    }
    if (class->key != KEYCODE_NONE) {
        keycode_symbol(class->key, key);
    }
    screen_put(ui->screen, row, c.key, c.key_cols, marked ? style : STYLE_KEY, key);
    screen_put_colored(ui->screen, row, c.name, c.name_cols, style,
                       marked ? COLOR_DEFAULT : class_color(ui, i), name);
    put_count(ui, row, &c, tally, session_class_count(ui->session, i));
    if (f->guessed) {
        put_confidence(ui, row, &c, tally, f->guess.classes[i]);
    }
}

/* One of the answers that are no class. */
static void draw_status(struct ui *ui, int row, enum action action, enum label_status status,
                        const char *text, const struct facts *f)
{
    struct cells p = ui->layout.panel;
    struct columns c = columns_of(ui);
    bool is = f->answered && f->answer.status == status;
    enum style style = is ? STYLE_ANSWER : STYLE_DIM;
    char symbol[KEY_NAME_SIZE];
    struct session_stats stats;
    session_stats(ui->session, &stats);
    keycode key = ui->options.settings->keymap.keys[action][0];
    keycode_symbol(key, symbol);
    if (key == ' ' && c.key_cols < 5) {
        strcpy(symbol, "Sp");
    }
    if (is) {
        screen_put(ui->screen, row, p.col, 2, style, " ✓");
    }
    screen_put(ui->screen, row, c.key, c.key_cols, STYLE_KEY, symbol);
    screen_put(ui->screen, row, c.name, c.name_cols, style, text);
    put_count(ui, row, &c, STYLE_TALLY, stats.by_status[status]);
}

/* The current picture's label is no class of the session. */
static bool has_other_label(const struct ui *ui, const struct facts *f)
{
    return f->answered && f->answer.status == STATUS_LABELED &&
           f->answer_class == ui->options.classes->count;
}

/* Labels that are no class here: how many, and whether the picture has one. */
static void draw_others(struct ui *ui, int row, size_t count, const struct facts *f)
{
    struct cells p = ui->layout.panel;
    struct columns c = columns_of(ui);
    bool is = has_other_label(ui, f);
    enum style style = is ? STYLE_ANSWER : STYLE_DIM;
    char text[4 * (CLASS_NAME_MAX + 1)];
    screen_put(ui->screen, row, c.key, c.count - c.key, style, "other labels"); /* has no key */
    put_count(ui, row, &c, STYLE_TALLY, count);
    if (is) {
        screen_put(ui->screen, row, p.col, 2, style, " ✓");
        snprintf(text, sizeof text, "✓ labeled '%s'", f->answer.label);
        screen_put(ui->screen, row + 1, p.col + 1, p.cols - 1, style, text);
    }
}

static void draw_heading(struct ui *ui, const struct facts *f)
{
    struct cells p = ui->layout.panel;
    const char *text = "Classes";
    if (f->guess_there && !f->guessed) {
        text = "Classes  (no guess)";
    } else if (ui->options.guesses && !f->guess_there &&
               session_current(ui->session) != CATALOG_NO_ID) {
        text = "Classes  (guessing…)";
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
    /* The column between the picture and the panel is nobody else's. */
    screen_fill(ui->screen, (struct cells){ p.row, p.col - 1, p.rows, p.cols + 1 }, STYLE_TEXT);
    draw_heading(ui, &f);
    size_t count = ui->options.classes->count;
    bool roomy = p.rows >= 9; /* for blank lines and the answers that are no class */
    size_t others = session_other_count(ui->session);
    int below = !others ? 3 : has_other_label(ui, &f) ? 5 : 4;
    size_t rows = (size_t)(roomy ? p.rows - 3 - below : p.rows > 2 ? p.rows - 1 : 1);
    size_t first = first_class(ui, &f, rows);
    int row = p.row + (roomy ? 2 : 1);
    for (size_t i = first; i < count && i < first + rows; i++) {
        draw_class(ui, row++, i, &f);
    }
    if (count > rows) {
        char text[64];
        snprintf(text, sizeof text, "%zu–%zu of %zu", first + 1, first + rows, count);
        screen_put(ui->screen, p.row, p.col + 10, p.cols - 10, STYLE_DIM, text);
    }
    if (!roomy) {
        return;
    }
    row = row + 1 < p.row + p.rows - below ? row + 1 : p.row + p.rows - below;
    draw_status(ui, row, ACTION_UNSURE, STATUS_UNSURE, "unsure", &f);
    draw_status(ui, row + 1, ACTION_NONE, STATUS_NONE, p.cols >= WIDE ? "none of these" : "none",
                &f);
    draw_status(ui, row + 2, ACTION_SKIP, STATUS_SKIPPED, "skipped", &f);
    if (others) {
        draw_others(ui, row + 3, others, &f);
    }
}
