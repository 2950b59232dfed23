/* What stands around the thumbnails of a page: the proposal above, below each its letter and,
 * for an exception, what it is instead, and the next keys. */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "base/text.h"

/* ---------------------------------------------------------------------- the title */

/* What all have in common: in front of the class's name and behind it. */
static void common(const struct ui *ui, const struct page *page, const char **before,
                   const char **after, char *other, size_t size)
{
    char name[4 * PAGE_NAME_COLS + 1];
    *before = *after = "";
    other[0] = '\0';
    switch (page->kind) {
    case PAGE_LABELED:
        *before = "labelled ";
        *after = ", least typical first";
        break;
    case PAGE_CONFUSED:
        *before = "labelled ";
        snprintf(other, size, ", look like %s", page_class_name(ui, page->other_class, name));
        *after = other;
        break;
    case PAGE_SAME:
        *before = page_has_class(ui, page) ? "" : "nearly the same";
        *after = page_has_class(ui, page) ? ", nearly the same" : "";
        break;
    default:
        *before = page_has_class(ui, page) ? "" : "they look alike";
    }
}

static int put(struct ui *ui, int at, const char *text)
{
    return at + screen_put(ui->screen, ui->layout.title.row, at, -1, STYLE_TITLE, text);
}

static void title_draw(struct ui *ui)
{
    const struct page *page = &paging_of(ui)->now.page;
    struct cells c = ui->layout.title;
    char other[4 * PAGE_NAME_COLS + 32], name[4 * PAGE_NAME_COLS + 1], text[64], right[48];
    const char *before, *after;
    screen_fill(ui->screen, c, STYLE_TITLE);
    if (!page->count) {
        put(ui, 1, "thumbtag");
        return;
    }
    common(ui, page, &before, &after, other, sizeof other);
    int at = put(ui, 1, before);
    if (page_has_class(ui, page)) {
        at += screen_put_colored(ui->screen, c.row, at, -1, STYLE_TITLE,
                                 class_color(ui, page->class_index),
                                 page_class_name(ui, page->class_index, name));
    }
    at = put(ui, at, after);
    page_right_words(page, "right", right, sizeof right);
    if (!page_has_class(ui, page)) {
        right[0] = '\0'; /* of what? */
    }
    snprintf(text, sizeof text, " · %zu of %zu%s%s", page->count,
             page->of > page->count ? page->of : page->count, right[0] ? " · " : "", right);
    at = put(ui, at, text) + 2;
    int cols = text_width(ui->options.title, strlen(ui->options.title));
    cols = cols < c.cols - at - 1 ? cols : c.cols - at - 1;
    if (cols > 0) {
        screen_put_name(ui->screen, c.row, c.cols - 1 - cols, cols, STYLE_DIM, ui->options.title,
                        strlen(ui->options.title));
    }
}

/* ------------------------------------------------------------------- the captions */

static const char *answer_words(const struct ui *ui, const struct page_answer *a)
{
    return a->status == STATUS_LABELED ? ui->options.classes->items[a->class_index].name
                                       : label_status_name(a->status);
}

/* The cells below thumbnail i. */
static struct cells caption_of(const struct ui *ui, size_t i)
{
    const struct sheet_grid *g = &paging_of(ui)->now.grid;
    struct cells pane = ui->layout.pane;
    return (struct cells){ .row =
                               pane.row + g->row + (int)i / g->across * g->row_pitch + g->box_rows,
                           .col = pane.col + g->col + (int)i % g->across * g->col_pitch,
                           .rows = 1,
                           .cols = g->box_cols };
}

/* In the middle: the letter, and behind it what the picture is instead. */
static void caption_draw(struct ui *ui, size_t i)
{
    const struct paging *p = paging_of(ui);
    struct cells at = caption_of(ui, i);
    const struct page_answer *a = &p->answers[i];
    bool selected = p->at == i;
    bool missing = page_is_missing(ui, i);
    char key[KEY_NAME_SIZE] = "·", text[4 * CLASS_NAME_MAX + 1] = "";
    enum style style = selected       ? STYLE_GUESS
                       : p->picked[i] ? STYLE_ANSWER
                       : missing      ? STYLE_WARN
                                      : STYLE_TEXT;
    if (p->keys[i] != KEYCODE_NONE) {
        keycode_symbol(p->keys[i], key);
    }
    if (p->picked[i] || missing) {
        const char *words = p->picked[i] ? answer_words(ui, a) : "unreadable";
        text_elide(text, sizeof text, words, strlen(words), at.cols - 2);
    }
    int key_cols = text_width(key, strlen(key));
    int cols = key_cols + (text[0] ? 1 + text_width(text, strlen(text)) : 0);
    int col = at.col + (at.cols > cols ? (at.cols - cols) / 2 : 0);
    if (selected) {
        screen_fill(ui->screen, at, style);
    }
    screen_put(ui->screen, at.row, col, at.cols, selected ? style : STYLE_KEY, key);
    bool labeled = p->picked[i] && a->status == STATUS_LABELED;
    screen_put_colored(ui->screen, at.row, col + key_cols + 1, at.cols - key_cols - 1, style,
                       labeled && !selected ? class_color(ui, a->class_index) : COLOR_DEFAULT,
                       text);
}

/* A line in the middle of the pane, where there is no picture. */
static void tell(struct ui *ui, const char *text)
{
    struct cells p = ui->layout.pane;
    int cols = text_width(text, strlen(text));
    cols = cols < p.cols ? cols : p.cols;
    screen_put(ui->screen, p.row + p.rows / 2, p.col + (p.cols - cols) / 2, cols, STYLE_DIM, text);
}

static void pane_fill(struct ui *ui)
{
    const struct paging *p = paging_of(ui);
    struct viewer *v = &ui->viewer;
    screen_fill_pane(ui->screen, ui->layout.pane, viewer_wipes(v));
    if (!p->now.page.count) {
        tell(ui, "The next page is being put together…");
    } else if (v->up.frame && v->up.frame->failed) {
        tell(ui, p->enlarged ? "This picture cannot be shown." : v->up.frame->error.message);
    } else if (v->up.frame && v->up.item == p->now.id) {
        for (size_t i = 0; i < p->now.page.count; i++) {
            caption_draw(ui, i);
        }
    }
    viewer_draw(v, screen_now_ns(ui->screen));
}

/* ------------------------------------------------------------------ the lines below */

/* The selected picture's name, and what else it looks like. */
static void name_draw(struct ui *ui)
{
    const struct paging *p = paging_of(ui);
    struct cells c = ui->layout.name;
    struct buf name = BUF_INIT;
    screen_fill(ui->screen, c, STYLE_TEXT);
    if (!p->now.page.count || p->at == PAGE_NOWHERE) {
        return;
    }
    const struct page_guess *guess = &p->now.page.guesses[p->at];
    char text[4 * PAGE_NAME_COLS + 48] = "", class[4 * PAGE_NAME_COLS + 1];
    if (guess->best < ui->options.classes->count) {
        double percent = guess->confidence < 0.99f ? (double)guess->confidence * 100.0 : 99.0;
        snprintf(text, sizeof text, "prediction: %s %.0f%%",
                 page_class_name(ui, guess->best, class), percent);
    }
    int cols = text_width(text, strlen(text));
    if (session_title(ui->session, p->now.page.ids[p->at], &name)) {
        screen_put_name(ui->screen, c.row, 1, c.cols - cols - 5, STYLE_NAME, name.data, name.len);
    }
    screen_put(ui->screen, c.row, c.cols - cols - 1, cols, STYLE_DIM, text);
    buf_release(&name);
}

static void hints_of_selected(struct ui *ui, struct hints *h)
{
    const struct paging *p = paging_of(ui);
    hint_keys(ui, h, "class key", p->picked[p->at] ? "corrects it" : "answers it");
    if (p->enlarged) {
        hint(ui, h, ACTION_CANCEL, "back to the page");
    } else {
        hint(ui, h, ACTION_CANCEL, p->picked[p->at] ? "as proposed" : "back");
        hint(ui, h, ACTION_ZOOM_IN, "enlarge");
    }
}

static void page_hints_draw(struct ui *ui)
{
    const struct paging *p = paging_of(ui);
    struct hints h;
    if (!hints_begin(ui, &h)) {
        return;
    }
    if (!p->now.page.count) {
        hint(ui, &h, ACTION_PAGES, "single pictures");
        return;
    }
    if (p->at != PAGE_NOWHERE) {
        hints_of_selected(ui, &h);
    }
    if (!p->enlarged && page_has_class(ui, &p->now.page)) {
        char text[4 * PAGE_NAME_COLS + 32], name[4 * PAGE_NAME_COLS + 1];
        bool some = memchr(p->picked, true, sizeof p->picked);
        snprintf(text, sizeof text, "%s %s", some ? "the rest is" : "all are",
                 page_class_name(ui, p->now.page.class_index, name));
        hint(ui, &h, ACTION_ACCEPT, text);
    } else if (p->at == PAGE_NOWHERE) {
        hint_keys(ui, &h, "class key", "answers all");
    }
    if (p->at == PAGE_NOWHERE) {
        hint_keys(ui, &h, "letter", "picks out");
    }
    if (!p->enlarged) {
        hint(ui, &h, ACTION_SKIP, "leave open");
        hint(ui, &h, ACTION_UNDO, "undo");
        hint(ui, &h, ACTION_PAGES, "singles");
    }
}

void page_draw(struct ui *ui)
{
    panel_draw(ui);
    title_draw(ui);
    name_draw(ui);
    status_progress_draw(ui);
    page_hints_draw(ui);
    pane_fill(ui);
}
