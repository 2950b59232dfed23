/* When a page of thumbnails comes in place of single pictures. */
#include <stdio.h>
#include <string.h>

#include "app.h"

static bool are_off(const struct ui *ui)
{
    return settings_choice(ui->options.settings, OPTION_PAGES) == CHOICE_PAGES_OFF;
}

/* NULL: pages are possible here; else why not. */
static const char *obstacle(const struct ui *ui)
{
    return !ui->protocol                       ? "Pages need pictures, and these are off."
           : ui->options.read_only             ? "Read-only: nothing is changed."
           : multi_is_on(ui)                   ? "Pages are for pictures that have one class each."
           : !paging_of(ui)->most              ? "This window is too small for a page."
           : ui->options.mode != SESSION_LABEL ? "Pages are for labelling, not for a review."
                                               : NULL;
}

static void lay_out(struct ui *ui)
{
    struct paging *p = paging_of(ui);
    const struct term_caps *caps = screen_caps(ui->screen);
    p->room = (struct page_room){ .cols = ui->layout.pane.cols,
                                  .rows = ui->layout.pane.rows,
                                  .cell_w = caps->cell_w,
                                  .cell_h = caps->cell_h,
                                  .coarse = ui->protocol && !ui->protocol->pixels };
    struct sheet_grid grid;
    bool fits = !ui->layout.too_small && page_plan_make(&grid, &p->room);
    p->most = fits ? (size_t)(grid.across * grid.down) : 0;
    p->now.id = p->next.id = VIEWER_NO_ITEM; /* their frames are of another size */
    p->wanted = SIZE_MAX;                    /* not asked for yet */
    p->laid_out = true;
}

static bool same_page(const struct page *a, const struct page *b)
{
    return a->kind == b->kind && a->class_index == b->class_index && a->count == b->count &&
           memcmp(a->ids, b->ids, a->count * sizeof *a->ids) == 0;
}

static bool same_items(const struct page *a, const struct page *b)
{
    return a->count == b->count && memcmp(a->ids, b->ids, a->count * sizeof *a->ids) == 0;
}

/* A page of more items than there are boxes was made for another window. */
static bool fetch(struct ui *ui, size_t ahead, struct page *page)
{
    const struct paging *p = paging_of(ui);
    bool there = session_page(ui->session, ahead, page) && page->count <= p->most;
    page->count = there ? page->count : 0;
    return there;
}

/* Lays the page out and gives it an id, if it has none. */
static void name(struct paging *p, struct page_sheet *sheet)
{
    if (!sheet->page.count) {
        sheet->id = VIEWER_NO_ITEM;
    } else if (sheet->id == VIEWER_NO_ITEM) {
        if (sheet->page.count < p->most) {
            page_plan_few(&sheet->grid, &p->room, sheet->page.count);
        } else {
            page_plan_make(&sheet->grid, &p->room);
        }
        p->last_id = p->last_id < PAGE_ID_FIRST || p->last_id == VIEWER_NO_ITEM - 1
                         ? PAGE_ID_FIRST
                         : p->last_id + 1;
        sheet->id = p->last_id;
    }
}

/* Another page than before: nothing is said of it yet. */
static void begin(struct ui *ui, const struct page *page)
{
    struct paging *p = paging_of(ui);
    bool ahead = same_items(page, &p->next.page);
    bool here = same_items(page, &p->now.page);
    if (!here) {
        p->now = ahead ? p->next : (struct page_sheet){ .id = VIEWER_NO_ITEM };
    }
    p->now.page = *page;
    p->at = PAGE_NOWHERE;
    p->enlarged = false;
    memset(p->picked, 0, sizeof p->picked);
    p->keys_apart =
        page_plan_keys(&ui->options.settings->keymap, ui->options.classes, p->keys, page->count);
    viewer_request_again(&ui->viewer);
}

/* Takes over which pages the session has. */
static void take_over(struct ui *ui)
{
    struct paging *p = paging_of(ui);
    struct page page;
    fetch(ui, 0, &page);
    if (!same_page(&page, &p->now.page)) {
        begin(ui, &page);
    }
    fetch(ui, 1, &page);
    if (!same_items(&page, &p->next.page)) {
        p->next = (struct page_sheet){ .page = page, .id = VIEWER_NO_ITEM };
        viewer_request_again(&ui->viewer);
    }
    name(p, &p->now);
    name(p, &p->next);
}

static void ask_for_pages(struct ui *ui)
{
    struct paging *p = paging_of(ui);
    bool wanted = !obstacle(ui) && (page_is_on(ui) || !are_off(ui));
    size_t size = wanted ? p->most : 0;
    if (size != p->wanted) {
        p->wanted = size;
        session_take_second(ui->session, true); /* see page_select() */
        session_want_pages(ui->session, PAGE_KINDS, size);
    }
}

#define OFFER_LEAST 4 /* items of a page that comes unasked */
#define GLANCE_MS 400 /* a picture that was up for longer stays until it is answered */

static bool is_looked_at(const struct ui *ui)
{
    const struct viewer *v = &ui->viewer;
    return v->up.item == session_current(ui->session) && v->still_ns &&
           screen_now_ns(ui->screen) - v->still_ns > GLANCE_MS * 1000000LL;
}

#define RENEW_ANSWERS 4

/* While single pictures are shown, the pages are made anew after some answers, and when half as
 * many pictures again have been looked at. Not for each picture: that would take the processors
 * from the next ones, which are being drawn. */
static void renew(struct ui *ui)
{
    struct paging *p = paging_of(ui);
    struct assist_status now;
    if (!session_assist_status(ui->session, &now)) {
        return;
    }
    size_t before = p->renewed_answers;
    size_t change = now.answers > before ? now.answers - before : before - now.answers;
    if (change >= RENEW_ANSWERS || now.looked > p->renewed_looks + p->renewed_looks / 2) {
        p->renewed_answers = now.answers;
        p->renewed_looks = now.looked;
        session_renew_pages(ui->session);
    }
}

/* Shows a page where single pictures would go on; or the bottom line tells of it. */
static void offer(struct ui *ui)
{
    struct paging *p = paging_of(ui);
    char words[MESSAGE_MAX / 2], symbol[KEYS_SYMBOL_SIZE];
    p->offered = p->now.page.count >= OFFER_LEAST && !are_off(ui);
    if (settings_choice(ui->options.settings, OPTION_PAGES) == CHOICE_PAGES_AUTO && p->offered &&
        !p->declined && ui->views.count == 1 && !ui->message[0] && !is_looked_at(ui)) {
        keys_symbol(ui, ACTION_PAGES, symbol);
        page_words(ui, &p->now.page, words, sizeof words);
        page_open(ui);
        ui_message(ui, STYLE_GOOD, "%s. %s goes back to single pictures.", words, symbol);
    }
}

/* No page is left, and none is being made: single pictures go on. */
static void end(struct ui *ui)
{
    char before[MESSAGE_MAX];
    snprintf(before, sizeof before, "%s", ui->message);
    page_close(ui);
    ui_message(ui, STYLE_GOOD, "%s%sNo page would save keys now: single pictures.", before,
               before[0] ? " " : "");
}

void pages_follow(struct ui *ui)
{
    if (!paging_of(ui)->laid_out) {
        lay_out(ui);
    }
    ask_for_pages(ui);
    paging_of(ui)->offered = false;
    if (!paging_of(ui)->wanted) {
        if (page_is_on(ui) && ui_top(ui) == &view_page) {
            page_close(ui);
        }
        return;
    }
    if (!page_is_on(ui)) {
        renew(ui);
    }
    take_over(ui);
    if (!page_is_on(ui)) {
        offer(ui);
    } else if (paging_of(ui)->now.page.count) {
        page_show(ui);
    } else if (ui_top(ui) == &view_page && session_page_state(ui->session) != PAGES_COMING) {
        end(ui);
    } else {
        page_show(ui);
    }
}

void pages_shown(struct ui *ui, uint32_t id)
{
    if (paging_of(ui)->now.page.count && id == paging_of(ui)->now.id) {
        session_page_shown(ui->session);
    }
}

void pages_toggle(struct ui *ui)
{
    struct paging *p = paging_of(ui);
    const char *why = obstacle(ui);
    if (why) {
        ui_message(ui, STYLE_WARN, "%s", why);
        return;
    }
    p->declined = false;
    page_open(ui);
    pages_follow(ui);
}
