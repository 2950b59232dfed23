/* Above the classes, in a review of suspects: the label and the prediction side by side, each with
 * the key that takes it and its probability as the other labels have it. */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "base/text.h"

#define NAME_AT 14 /* column of the classes */
#define PERCENT_COLS 5

/* class: "" for none; share < 0: not known. */
static void draw_side(struct ui *ui, int row, enum action action, enum style style,
                      const char *what, const char *class, float share)
{
    struct cells c = ui->layout.compare;
    char key[KEYS_SYMBOL_SIZE], name[4 * (CLASS_NAME_MAX + 1)], percent[16];
    int cols = c.cols - NAME_AT - PERCENT_COLS - 1;
    keys_symbol(ui, action, key);
    screen_fill(ui->screen, (struct cells){ row, c.col, 1, c.cols }, style);
    screen_put(ui->screen, row, c.col + 1, 2, style, key);
    screen_put(ui->screen, row, c.col + 3, NAME_AT - 4, style, what);
    text_elide(name, sizeof name, class, strlen(class), cols > 1 ? (size_t)cols : 1);
    screen_put(ui->screen, row, c.col + NAME_AT, cols, style, name);
    if (share >= 0.0f) {
        double whole = share < 0.99f ? (double)share * 100.0 : 99.0; /* as in the panel */
        snprintf(percent, sizeof percent, "%*.0f%%", PERCENT_COLS - 1, whole);
        screen_put(ui->screen, row, c.col + c.cols - PERCENT_COLS - 1, PERCENT_COLS, style,
                   percent);
    }
}

void compare_draw(struct ui *ui)
{
    const struct classes *classes = ui->options.classes;
    struct cells c = ui->layout.compare;
    struct annotation answer;
    struct guess guess;
    uint32_t id = session_current(ui->session);
    if (!c.rows) {
        return;
    }
    screen_fill(ui->screen, (struct cells){ c.row, c.col - 1, c.rows, c.cols + 1 }, STYLE_TEXT);
    if (id == CATALOG_NO_ID) {
        return;
    }
    bool answered = session_answer_of(ui->session, id, &answer);
    bool there = session_guess(ui->session, &guess);
    bool guessed = there && guess.best < classes->count;
    bool labelled = answered && answer.status == STATUS_LABELED;
    size_t label = labelled ? classes_find(classes, answer.label) : classes->count;
    draw_side(ui, c.row, ACTION_ACCEPT, STYLE_ANSWER, answer.checked ? "checked" : "labelled",
              labelled   ? answer.label
              : answered ? label_status_name(answer.status)
                         : "",
              guessed && label < classes->count ? guess.classes[label] : -1.0f);
    draw_side(ui, c.row + 1, ACTION_TAKE_PREDICTION, STYLE_GUESS, "predicted",
              guessed ? classes->items[guess.best].name
              : there ? "(none)"
                      : "…",
              guessed ? guess.confidence : -1.0f);
}
