/* The card shown after the last picture: what was done, where it is saved, and what to do
 * next. */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "base/text.h"

#define MARGIN 3

/* A cursor that writes lines from the top of the pane down to its end. */
struct card {
    struct ui *ui;
    int row, end, col, cols;
};

static void line(struct card *c, enum style style, const char *text)
{
    if (c->row < c->end) {
        screen_put_name(c->ui->screen, c->row, c->col, c->cols, style, text, strlen(text));
    }
    c->row++;
}

/* Fills lines with phrases, without breaking a phrase. */
struct flow {
    struct card *card;
    char text[512];
    enum style style;
};

static void flow_end(struct flow *f)
{
    if (f->text[0]) {
        line(f->card, f->style, f->text);
    }
    f->text[0] = '\0';
}

static void flow_add(struct flow *f, const char *words)
{
    size_t at = strlen(f->text);
    int width = text_width(f->text, at) + 3 + text_width(words, strlen(words));
    if (at && (width > f->card->cols || at + strlen(words) + 4 > sizeof f->text)) {
        flow_end(f);
        at = 0;
    }
    snprintf(f->text + at, sizeof f->text - at, "%s%s", at ? "   " : "", words);
}

static void heading(struct card *c, const struct session_stats *st)
{
    char text[160];
    if (c->ui->options.mode == SESSION_REVIEW) {
        size_t total = session_total(c->ui->session);
        snprintf(text, sizeof text, "That was the last of %zu pictures shown.", total);
    } else if (st->listing) {
        snprintf(text, sizeof text, "All %zu pictures found so far are done.", st->total);
    } else {
        snprintf(text, sizeof text, "All %zu pictures are done.", st->total);
    }
    line(c, STYLE_GOOD, text);
    if (st->by_status[STATUS_SKIPPED] && c->ui->options.mode == SESSION_LABEL) {
        char symbol[KEYS_SYMBOL_SIZE];
        keys_symbol(c->ui, ACTION_NEXT_OPEN, symbol);
        snprintf(text, sizeof text, "%zu skipped: %s goes through them.",
                 st->by_status[STATUS_SKIPPED], symbol);
        line(c, STYLE_WARN, text);
    }
    c->row++;
}

static void class_counts(struct card *c)
{
    const struct classes *classes = c->ui->options.classes;
    struct flow f = { .card = c, .style = STYLE_TEXT };
    for (size_t i = 0; i < classes->count; i++) {
        char text[4 * CLASS_NAME_MAX + 32];
        char name[4 * (CLASS_NAME_MAX + 1)];
        text_elide(name, sizeof name, classes->items[i].name, strlen(classes->items[i].name), 20);
        snprintf(text, sizeof text, "%s %zu", name, session_class_count(c->ui->session, i));
        flow_add(&f, text);
    }
    flow_end(&f);
}

static void accuracy(struct card *c, const struct session_stats *st)
{
    char text[STATUS_MAX];
    status_accuracy(c->ui, st, true, text, sizeof text);
    if (text[0] && c->ui->options.mode == SESSION_LABEL) {
        line(c, STYLE_TEXT, text);
        c->row++;
    }
}

static void status_counts(struct card *c, const struct session_stats *st)
{
    static const struct {
        enum label_status status;
        const char *text;
    } kinds[] = { { STATUS_LABELED, "labelled" },
                  { STATUS_UNSURE, "unsure" },
                  { STATUS_NONE, "none of these" },
                  { STATUS_SKIPPED, "skipped" } };
    struct flow f = { .card = c, .style = STYLE_DIM };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char text[64];
        snprintf(text, sizeof text, "%s %zu", kinds[i].text, st->by_status[kinds[i].status]);
        flow_add(&f, text);
    }
    flow_end(&f);
    c->row++;
}

/* Quotes a path for a shell. */
static void quote(const char *path, char *out, size_t size)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-";
    size_t at = 0;
    if (path[0] && path[strspn(path, plain)] == '\0') {
        snprintf(out, size, "%s%s", path[0] == '-' ? "./" : "", path);
        return;
    }
    out[at++] = '\'';
    for (; *path && at + 6 < size; path++) {
        at += (size_t)snprintf(out + at, size - at, *path == '\'' ? "'\\''" : "%c", *path);
    }
    snprintf(out + at, size - at, "'");
}

static void command(struct card *c, const char *verb, const char *more)
{
    char path[4096];
    char text[4200];
    quote(c->ui->options.csv_path, path, sizeof path);
    bool fits = !more[0] ||
                text_width(path, strlen(path)) + (int)(strlen(verb) + strlen(more)) + 12 <= c->cols;
    snprintf(text, sizeof text, "  thumbtag %s %s%s%s", verb, path,
             !more[0] ? ""
             : fits   ? " "
                      : " \\",
             fits ? more : "");
    line(c, STYLE_KEY, text);
    if (!fits && more[0]) {
        snprintf(text, sizeof text, "    %s", more);
        line(c, STYLE_KEY, text);
    }
}

static void what_next(struct card *c)
{
    char text[4200];
    snprintf(text, sizeof text, "All answers are saved in %s.", c->ui->options.csv_path);
    line(c, STYLE_TEXT, text);
    c->row++;
    if (c->ui->options.read_only) {
        return;
    }
    line(c, STYLE_DIM, "Next, on the command line:");
    if (c->ui->options.mode == SESSION_LABEL) {
        command(c, "review", "");
    }
    command(c, "train", "-o model.tflite");
    c->row++;
}

static void ways_back(struct card *c)
{
    static const struct {
        enum action action;
        const char *text;
    } keys[] = { { ACTION_PREVIOUS, "goes back" },
                 { ACTION_UNDO, "undoes the last answer" },
                 { ACTION_QUIT, "quits" } };
    struct flow f = { .card = c, .style = STYLE_DIM };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char text[80];
        char symbol[KEYS_SYMBOL_SIZE];
        keys_symbol(c->ui, keys[i].action, symbol);
        if (keys[i].action != ACTION_UNDO || !c->ui->options.read_only) {
            snprintf(text, sizeof text, "%s %s", symbol, keys[i].text);
            flow_add(&f, text);
        }
    }
    flow_end(&f);
}

void end_card_draw(struct ui *ui)
{
    struct cells p = ui->layout.pane;
    int top = p.rows >= 18 ? 2 : 0;
    int margin = p.cols >= 40 ? MARGIN : 1;
    struct card card = { ui, p.row + top, p.row + p.rows, p.col + margin, p.cols - 2 * margin };
    struct session_stats stats;
    session_stats(ui->session, &stats);
    heading(&card, &stats);
    class_counts(&card);
    status_counts(&card, &stats);
    accuracy(&card, &stats);
    what_next(&card);
    ways_back(&card);
}
