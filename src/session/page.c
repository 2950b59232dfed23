/* Pages: those fixed to come next, and the answers to a whole page. */
#include "session/page.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "session_private.h"

#define SURPRISE_WEIGHT 3.0f /* exceptions as predicted that are put beside those counted */
#define SURPRISE_FADES                                                                             \
    0.8f /* how much a page counts at the next one: what is learned corrects                       \
            what it was wrong about */

static bool can_page(const struct session *s)
{
    return s->pages.size && !s->classes->multi && assist_makes_pages(s->assist);
}

void session_pages_release(struct session *s)
{
    free(s->pages.left);
    free(s->pages.taken);
}

/* --------------------------------------------------------- what is asked for */

/* How many times as many exceptions there were as were expected, cautiously near 1 while there
 * were few. */
static float surprise(const struct pages *p)
{
    return (p->surprised + SURPRISE_WEIGHT) / (p->expected + SURPRISE_WEIGHT);
}

/* Asks for one more page, if one is missing. */
static void ask(struct session *s)
{
    struct pages *p = &s->pages;
    size_t most = p->left_count + (PAGES_AHEAD + 1) * PAGE_MAX;
    struct page_wish wish = { .kind = p->kind, .second = p->second, .surprise = surprise(p) };
    p->asked = false;
    p->none = true; /* until a page has been asked for */
    if (!mem_reserve(&p->taken, &p->taken_cap, most, sizeof *p->taken)) {
        return;
    }
    if (can_page(s) && p->queued < PAGES_AHEAD) {
        wish.size = p->size;
        wish.taken = p->taken;
        for (size_t i = 0; i < p->queued; i++) {
            memcpy(p->taken + wish.taken_count, p->queue[i].ids,
                   p->queue[i].count * sizeof *p->taken);
            wish.taken_count += p->queue[i].count;
        }
        if (p->left_count) {
            memcpy(p->taken + wish.taken_count, p->left, p->left_count * sizeof *p->left);
        }
        wish.taken_count += p->left_count;
    }
    p->asked = assist_ask_page(s->assist, &wish) && wish.size;
    p->none = !p->asked;
}

void session_want_pages(struct session *s, enum page_kind kind, size_t size)
{
    struct pages *p = &s->pages;
    size = size < PAGE_MAX ? size : PAGE_MAX;
    if (p->kind != kind || p->size != size) {
        p->kind = kind;
        p->size = size;
        session_renew_pages(s);
    }
}

void session_renew_pages(struct session *s)
{
    s->pages.queued = 0;
    s->pages.shown = false;
    ask(s);
}

void session_take_second(struct session *s, bool second)
{
    if (s->pages.second != second) {
        s->pages.second = second;
        ask(s);
    }
}

void session_forget_pages(struct session *s)
{
    s->pages.done_count = 0;
    session_renew_pages(s);
}

/* ------------------------------------------------------------ what comes next */

static bool is_open(const struct session *s, uint32_t id)
{
    return id < s->marked && s->marks[id].status == STATUS_UNANSWERED && session_shows(s, id);
}

/* Pages for review are of answered items. */
static bool is_review(const struct page *page)
{
    return page->kind == PAGE_LABELED || page->kind == PAGE_CONFUSED;
}

static bool fits(const struct session *s, const struct page *page, uint32_t id)
{
    return is_review(page)
               ? id < s->marked && s->marks[id].status == STATUS_LABELED &&
                     s->marks[id].class_index == page->class_index && session_shows(s, id)
               : is_open(s, id);
}

/* Removes what no longer belongs on the page; true if anything did not. */
static bool tidy(const struct session *s, struct page *page)
{
    size_t kept = 0;
    for (size_t i = 0; i < page->count; i++) {
        if (fits(s, page, page->ids[i])) {
            page->ids[kept] = page->ids[i];
            page->guesses[kept++] = page->guesses[i];
        }
    }
    bool changed = kept != page->count;
    page->of -= page->count - kept < page->of ? page->count - kept : page->of;
    page->count = kept;
    return changed;
}

static void remove_page(struct pages *p, size_t at)
{
    memmove(&p->queue[at], &p->queue[at + 1], (p->queued - at - 1) * sizeof *p->queue);
    p->queued--;
    p->shown = p->shown && at > 0;
}

static void tidy_all(struct session *s)
{
    struct pages *p = &s->pages;
    size_t before = p->queued;
    for (size_t i = p->queued; i-- > 0;) {
        tidy(s, &p->queue[i]);
        if (!p->queue[i].count) {
            remove_page(p, i);
        }
    }
    if (p->queued < before) {
        ask(s);
    }
}

/* Takes over a page that was made; false if none was, or there is none. In scripts what comes must
 * not depend on the timing of threads. */
static bool take_offer(struct session *s)
{
    struct pages *p = &s->pages;
    struct page_offer offer;
    if (!p->asked || (s->clock_ms && !assist_settled(s->assist)) ||
        !assist_page(s->assist, &offer)) {
        return false;
    }
    struct page *page = &p->queue[p->queued];
    *page = (struct page){ .kind = offer.kind,
                           .class_index = offer.class_index,
                           .other_class = offer.other_class,
                           .count = offer.count,
                           .of = offer.of,
                           .right = offer.right };
    for (size_t i = 0; i < offer.count; i++) {
        page->ids[i] = offer.items[i].id;
        page->guesses[i] = (struct page_guess){ offer.items[i].best, offer.items[i].confidence,
                                                offer.items[i].second };
    }
    tidy(s, page);
    p->none = !page->count;
    if (p->none) { /* as long as nothing new is learned */
        return false;
    }
    p->queued++;
    ask(s);
    return true;
}

bool session_page(struct session *s, size_t ahead, struct page *page)
{
    if (!can_page(s)) {
        return false;
    }
    tidy_all(s);
    while (s->pages.queued < PAGES_AHEAD && take_offer(s)) {
    }
    if (ahead >= s->pages.queued) {
        return false;
    }
    *page = s->pages.queue[ahead];
    return true;
}

enum page_state session_page_state(struct session *s)
{
    struct page page;
    return !can_page(s)                ? PAGES_OFF
           : session_page(s, 0, &page) ? PAGES_READY
           : s->pages.none             ? PAGES_NONE
                                       : PAGES_COMING;
}

void session_page_shown(struct session *s)
{
    if (!s->pages.shown) {
        s->pages.shown = true;
        s->pages.shown_at_ns = session_now_ns(s);
    }
}

/* ----------------------------------------------------------------- answers */

/* Compares the exceptions that were expected with those there were. */
static void judge_page(struct pages *p, const struct page *page, float exceptions)
{
    float expected = 0.0f;
    for (size_t i = 0; i < page->count; i++) {
        expected += 1.0f - page->guesses[i].confidence;
    }
    if (page->kind == PAGE_SURE) {
        p->expected = SURPRISE_FADES * (p->expected + expected);
        p->surprised = SURPRISE_FADES * (p->surprised + exceptions);
    }
}

static bool leave_open(struct pages *p, uint32_t id)
{
    if (!mem_reserve(&p->left, &p->left_cap, p->left_count + 1, sizeof *p->left)) {
        return false;
    }
    p->left[p->left_count++] = id;
    return true;
}

void session_dismiss_page(struct session *s)
{
    struct pages *p = &s->pages;
    if (p->queued) {
        for (size_t i = 0; i < p->queue[0].count; i++) {
            leave_open(p, p->queue[0].ids[i]);
        }
        judge_page(p, &p->queue[0], 0.5f * (float)p->queue[0].count);
        remove_page(p, 0);
        ask(s);
    }
}

/* The annotation of one item, with the prediction that is recorded for single answers too; its
 * file_name, which is not set, is added to `names`. */
static bool describe(struct session *s, const struct page *page, size_t i,
                     const struct page_answer *answer, struct buf *names, struct annotation *a)
{
    struct page_guess guess = page->guesses[i];
    struct annotation before;
    bool label = s->options.mode == SESSION_LABEL;
    if (!session_name(s, page->ids[i], &s->name)) {
        return false;
    }
    buf_add(names, s->name.data, s->name.len + 1);
    *a = (struct annotation){ .region = session_region(s, page->ids[i]),
                              .status = answer->status,
                              .checked = s->options.suspects,
                              .confidence = -1.0f,
                              .annotator = s->options.annotator,
                              .labeled_at_ms = session_now_ms(s) };
    if (answer->status == STATUS_LABELED) {
        a->label = s->classes->items[answer->class_index].name;
    }
    if (label && session_answer_of(s, page->ids[i], &before) && before.status != STATUS_SKIPPED) {
        a->guess = before.guess;
        a->source = before.source;
        a->confidence = before.confidence;
    } else if (!is_review(page) && guess.best < s->classes->count) {
        a->guess = s->classes->items[guess.best].name;
        a->confidence = guess.confidence;
    }
    return !names->failed;
}

/* What is written for a page. */
struct sheet {
    struct annotation rows[PAGE_MAX];
    uint32_t ids[PAGE_MAX]; /* of the rows */
    enum label_status before[PAGE_MAX];
    size_t count;
};

static bool fill_sheet(struct session *s, const struct page *page,
                       const struct page_answer *answers, struct buf *names, struct sheet *sheet)
{
    size_t starts[PAGE_MAX];
    for (size_t i = 0; i < page->count; i++) {
        if (!answers[i].open) {
            starts[sheet->count] = names->len;
            if (!session_remember(s, page->ids[i]) ||
                !describe(s, page, i, &answers[i], names, &sheet->rows[sheet->count])) {
                return false;
            }
            sheet->before[sheet->count] = (enum label_status)s->marks[page->ids[i]].status;
            sheet->ids[sheet->count++] = page->ids[i];
        }
    }
    float spent = s->pages.shown ? (float)(session_now_ns(s) - s->pages.shown_at_ns) / 1e9f : -1.0f;
    for (size_t i = 0; i < sheet->count; i++) { /* names has moved while it grew */
        sheet->rows[i].file_name = names->data + starts[i];
        sheet->rows[i].seconds = spent < 0.0f ? -1.0f : spent / (float)sheet->count;
    }
    return true;
}

/* The number of items that did not become what was proposed. */
static size_t exceptions(const struct page *page, const struct page_answer *answers)
{
    size_t count = 0;
    for (size_t i = 0; i < page->count; i++) {
        count += answers[i].open || answers[i].status != STATUS_LABELED ||
                 answers[i].class_index != page->class_index;
    }
    return count;
}

/* All that follows from the rows, which are on the disk. */
static void take_sheet(struct session *s, const struct sheet *sheet)
{
    uint32_t up = s->current;
    bool was_open = up != CATALOG_NO_ID && is_open(s, up);
    assist_hold(s->assist, true);
    for (size_t i = 0; i < sheet->count; i++) {
        if (sheet->before[i] == STATUS_UNANSWERED) {
            session_judge_guess(s, &sheet->rows[i]);
        }
        if (sheet->ids[i] == s->draft.id) {
            session_drop_draft(s);
        }
        session_update_mark(s, sheet->ids[i]);
        session_count_answer(s);
    }
    session_note_done(s, sheet->ids[0]);
    assist_hold(s->assist, false);
    bool label = s->options.mode == SESSION_LABEL;
    if (label && ((was_open && !is_open(s, up)) || !s->by_status[STATUS_UNANSWERED])) {
        session_advance(s, STATUS_UNANSWERED);
    }
}

bool session_answer_page(struct session *s, const struct page_answer *answers, struct error *err)
{
    struct pages *p = &s->pages;
    struct buf names = BUF_INIT;
    struct sheet sheet = { .count = 0 };
    struct operation op = { .annotator = s->options.annotator };
    if (s->options.read_only) {
        return error_set(err, ERROR_USAGE, "read-only: nothing is changed");
    }
    if (!p->queued) {
        return error_set(err, ERROR_USAGE, "there is no page to answer");
    }
    struct page page = p->queue[0];
    if (!fill_sheet(s, &page, answers, &names, &sheet)) {
        buf_release(&names);
        return error_nomem(err, names.len, "a page");
    }
    if (sheet.count) {
        session_keep_classes(s);
    }
    bool ok = !sheet.count || labels_write(s->labels, sheet.rows, sheet.count, &op, err);
    if (ok) {
        for (size_t i = 0; i < page.count; i++) {
            if (answers[i].open || is_review(&page)) { /* which was seen now */
                leave_open(p, page.ids[i]);
            }
        }
        remove_page(p, 0);
        if (sheet.count) {
            p->done[p->done_count++ % PAGES_BACK] = page;
            judge_page(p, &page, (float)exceptions(&page, answers));
            take_sheet(s, &sheet);
        }
        if (s->clock_ms && sheet.count) {
            s->clock_ms += SCRIPT_STEP_MS;
        }
        ask(s);
    }
    buf_release(&names);
    return ok;
}

/* -------------------------------------------------------------------- undo */

static bool has(const struct page *page, uint32_t id)
{
    for (size_t i = 0; i < page->count; i++) {
        if (page->ids[i] == id) {
            return true;
        }
    }
    return false;
}

void session_reopen_page(struct session *s, uint32_t id)
{
    struct pages *p = &s->pages;
    size_t known = p->done_count < PAGES_BACK ? p->done_count : PAGES_BACK;
    struct page page = p->done[(p->done_count + PAGES_BACK - 1) % PAGES_BACK];
    if (!can_page(s) || !known || !has(&page, id) || (s->moved < 2 && page.count > 1)) {
        return;
    }
    p->done_count--;
    size_t kept = p->queued < PAGES_AHEAD ? p->queued : PAGES_AHEAD;
    memmove(&p->queue[1], &p->queue[0], kept * sizeof *p->queue);
    p->queue[0] = page;
    p->queued = kept + 1;
    p->shown = false;
    tidy_all(s);
}

void session_reclose_page(struct session *s, uint32_t id)
{
    struct pages *p = &s->pages;
    p->done_count += p->queued && has(&p->done[p->done_count % PAGES_BACK], id);
    tidy_all(s);
}
