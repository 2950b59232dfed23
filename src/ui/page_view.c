/* The page of thumbnails: its keys and what they do. Letters and arrows select a thumbnail, a
 * class key answers the one that is selected, and Enter answers all others with what the page
 * proposes. Until then nothing is written. */
#include <assert.h>
#include <string.h>

#include "app.h"
#include "base/mem.h"

static_assert(PAGE_MAX == SHEET_MAX, "a sheet has room for a page");

void page_open(struct ui *ui)
{
    struct paging *p = paging_of(ui);
    p->at = PAGE_NOWHERE;
    p->enlarged = false;
    p->on = true;
    ui_push(ui, &view_page);
    page_show(ui);
}

void page_close(struct ui *ui)
{
    paging_of(ui)->enlarged = false;
    paging_of(ui)->on = false;
    ui_pop(ui);
    picture_start(ui);
}

static void page_decline(struct ui *ui)
{
    paging_of(ui)->declined = true;
    page_close(ui);
}

static void page_quit(struct ui *ui)
{
    ui->done = true;
    ui->end = UI_QUIT;
}

/* ------------------------------------------------------------------- selecting */

static void select_at(struct ui *ui, size_t i)
{
    paging_of(ui)->at = i;
    page_show(ui);
}

/* A letter also takes the second likeliest class, which is often right; a class key then
 * corrects it. */
static void page_select(struct ui *ui)
{
    struct paging *p = paging_of(ui);
    size_t second = p->now.page.guesses[p->key_at].second;
    if (!p->picked[p->key_at] && second < ui->options.classes->count &&
        page_has_class(ui, &p->now.page) && !page_is_missing(ui, p->key_at)) {
        p->picked[p->key_at] = true;
        p->answers[p->key_at] =
            (struct page_answer){ .status = STATUS_LABELED, .class_index = second };
    }
    select_at(ui, p->key_at);
}

/* The first arrow key selects the first thumbnail. */
static void move(struct ui *ui, int by)
{
    const struct paging *p = paging_of(ui);
    int at = p->at == PAGE_NOWHERE ? 0 : (int)p->at + by;
    if (p->now.page.count && at >= 0 && at < (int)p->now.page.count) {
        select_at(ui, (size_t)at);
    }
}

static void page_left(struct ui *ui)
{
    move(ui, -1);
}

static void page_right(struct ui *ui)
{
    move(ui, 1);
}

static void page_up(struct ui *ui)
{
    move(ui, -paging_of(ui)->now.grid.across);
}

static void page_down(struct ui *ui)
{
    move(ui, paging_of(ui)->now.grid.across);
}

static void page_enlarge(struct ui *ui)
{
    struct paging *p = paging_of(ui);
    if (p->at == PAGE_NOWHERE) {
        ui_message(ui, STYLE_DIM, "Select a picture first, by its letter or an arrow key.");
        return;
    }
    p->enlarged = !p->enlarged;
    page_show(ui);
}

/* Back: to the page, to no selection, then to what the page proposes. */
static void page_cancel(struct ui *ui)
{
    struct paging *p = paging_of(ui);
    if (p->enlarged) {
        p->enlarged = false;
    } else if (p->at != PAGE_NOWHERE && p->picked[p->at]) {
        p->picked[p->at] = false;
    } else {
        p->at = PAGE_NOWHERE;
    }
    page_show(ui);
}

/* ------------------------------------------------------------------- answering */

static void page_accept(struct ui *ui)
{
    struct paging *p = paging_of(ui);
    if (p->enlarged) {
        page_cancel(ui);
    } else if (!page_has_class(ui, &p->now.page)) {
        ui_message(ui, STYLE_WARN, "What are they? A class key answers all of them.");
    } else {
        page_take(ui, p->now.page.class_index);
    }
}

static void page_leave_open(struct ui *ui)
{
    if (paging_of(ui)->enlarged) {
        page_cancel(ui);
    } else {
        page_take(ui, ui->options.classes->count);
    }
}

static void page_class_key(struct ui *ui)
{
    page_answer_one(ui, STATUS_LABELED, paging_of(ui)->class_index);
}

static void page_unsure(struct ui *ui)
{
    page_answer_one(ui, STATUS_UNSURE, 0);
}

static void page_none(struct ui *ui)
{
    page_answer_one(ui, STATUS_NONE, 0);
}

/* ----------------------------------------------------------------- the key tables */

static const struct view_key rows[] = {
#define PAGE_KEY VIEW_KEY
#include "config/view_keys.def"
};

/* The first is that of the letters. */
static const struct key_table keys = { .rows = rows, .count = ARRAY_LEN(rows) };

/* Of the actions, those that mean something here. */
#define ON_PAGE(id, function, effect)                                                              \
    [ACTION_##id] = { function, NULL, ACTION_##id, EFFECT_##effect }
static const struct view_key actions[ACTION_COUNT] = {
    ON_PAGE(ACCEPT, page_accept, CLAIMS),   ON_PAGE(SKIP, page_leave_open, ANSWERS),
    ON_PAGE(UNSURE, page_unsure, EDITS),    ON_PAGE(NONE, page_none, EDITS),
    ON_PAGE(PICK, pick_start, EDITS),       ON_PAGE(UNDO, label_undo, WRITES),
    ON_PAGE(REDO, label_redo, WRITES),      ON_PAGE(CLASSES, classes_start, NONE),
    ON_PAGE(ZOOM, page_enlarge, NONE),      ON_PAGE(ZOOM_IN, page_enlarge, NONE),
    ON_PAGE(PAGES, page_decline, NONE),     ON_PAGE(FULL_QUALITY, picture_refine_fully, NONE),
    ON_PAGE(REDRAW, picture_redraw, NONE),  ON_PAGE(HELP, help_start, NONE),
    ON_PAGE(CANCEL, page_cancel, NONE),     ON_PAGE(QUIT, page_quit, NONE),
    ON_PAGE(CLASS, page_class_key, CLAIMS),
};
#undef ON_PAGE

static const struct key_table action_keys = { actions, ARRAY_LEN(actions), .by_action = true };

/* The letters of the thumbnails. One that is a class key, too, is that while a thumbnail is
 * selected. */
static const struct view_key *find_letter(const struct ui *ui, keycode key)
{
    struct paging *p = paging_of(ui);
    const struct classes *classes = ui->options.classes;
    bool of_class =
        !p->keys_apart && p->at != PAGE_NOWHERE && classes_find_key(classes, key) < classes->count;
    for (size_t i = 0; !of_class && i < p->now.page.count; i++) {
        if (p->keys[i] == key) {
            p->key_at = i;
            return &rows[0];
        }
    }
    return NULL;
}

static const struct key_table letter_keys = { .find = find_letter };

/* What answers the page must have been seen; an exception is not written yet. */
static bool is_visible(struct ui *ui, const struct screen_event *event)
{
    if (paging_of(ui)->now.page.count && viewer_was_seen(&ui->viewer, event->shown)) {
        return true;
    }
    key_guard_refuse(&ui->guard);
    ui_message(ui, STYLE_WARN,
               "Ignored: the page was not visible yet. Pause, then press the key again.");
    return false;
}

static bool page_allows(struct ui *ui, const struct view_key *row, const struct screen_event *event)
{
    struct paging *p = paging_of(ui);
    keymap_action(&ui->options.settings->keymap, ui->options.classes, event->key, &p->class_index);
    bool picks = row->action == ACTION_CLASS && p->at != PAGE_NOWHERE;
    if (row->effect >= EFFECT_WRITES && !picks && !write_counts(ui, event->key)) {
        return false;
    }
    if (row->effect < EFFECT_EDITS) {
        return true;
    }
    return ui_may_change(ui) && (row->effect == EFFECT_WRITES || is_visible(ui, event));
}

static void page_reclass(struct ui *ui, const struct session_reclass *done)
{
    struct paging *p = paging_of(ui);
    (void)done;
    memset(p->picked, 0, sizeof p->picked); /* the session makes the page anew */
}

const struct view view_page = { .name = "page",
                                .tables = { &letter_keys, &action_keys, &keys },
                                .reclass = page_reclass,
                                .draw = page_draw,
                                .allows = page_allows,
                                .other = key_means_nothing };
