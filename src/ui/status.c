/* The lines above and below the picture. */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "base/proportion.h"
#include "base/text.h"

/* Puts text so that it ends at column `end`; returns the column where it starts. */
static int put_right(struct ui *ui, int row, int end, enum style style, const char *text)
{
    int width = text_width(text, strlen(text));
    int col = end - width;
    if (col < 0) {
        return end;
    }
    screen_put(ui->screen, row, col, width, style, text);
    return col;
}

static const char *order_name(enum session_order order)
{
    static const char *const names[SESSION_ORDERS] = {
        [SESSION_ACTIVE] = "active order",
        [SESSION_FILE] = "file order",
        [SESSION_NAME] = "name order",
        [SESSION_RANDOM] = "random order",
    };
    return names[order];
}

/* The order, and the share of pictures with an embedding while these are computed. */
static size_t order_text(const struct ui *ui, const struct session_stats *stats, char *out,
                         size_t size)
{
    struct assist_status st;
    size_t at = 0;
    out[0] = '\0';
    if (ui->options.mode == SESSION_REVIEW || ui->layout.title.cols < 72) {
        return 0;
    }
    if (session_assist_status(ui->session, &st) && st.looking && st.looked < stats->total) {
        at += (size_t)snprintf(out, size, "analysed %zu%%   ", 100 * st.looked / stats->total);
    }
    return at + (size_t)snprintf(out + at, size - at, "%s   ",
                                 session_is_doubtful(ui->session)
                                     ? "least sure first"
                                     : order_name(session_order(ui->session)));
}

static void place_text(const struct ui *ui, const struct session_stats *stats, char *out,
                       size_t size)
{
    bool there = session_current(ui->session) != CATALOG_NO_ID;
    char place[32] = "end";
    if (!session_at_end(ui->session)) {
        snprintf(place, sizeof place, "%zu", session_position(ui->session) + there);
    }
    int at = snprintf(out, size, "%s of %zu%s ", place, session_total(ui->session),
                      stats->listing ? "+" : "");
    size_t left_out = session_left_out(ui->session, NULL);
    if (left_out && at > 0 && (size_t)at < size) {
        snprintf(out + at, size - (size_t)at, "(%zu left out) ", left_out);
    }
}

static void title_draw(struct ui *ui)
{
    struct cells c = ui->layout.title;
    char text[128];
    struct session_stats stats;
    session_stats(ui->session, &stats);
    size_t at_text = order_text(ui, &stats, text, sizeof text);
    place_text(ui, &stats, text + at_text, sizeof text - at_text);
    screen_fill(ui->screen, c, STYLE_TITLE);
    int end = put_right(ui, c.row, c.cols, STYLE_TITLE, text);
    const char *what = ui->options.suspects                 ? "suspects"
                       : ui->options.mode == SESSION_REVIEW ? "review"
                                                            : "thumbtag";
    int at = 1 + screen_put(ui->screen, c.row, 1, c.cols - 2, STYLE_TITLE, what);
    at += 2;
    at += screen_put_name(ui->screen, c.row, at, end - at - 2, STYLE_DIM, ui->options.title,
                          strlen(ui->options.title));
    if (ui->options.read_only) {
        at += 2 + screen_put(ui->screen, c.row, at + 2, end - at - 4, STYLE_WARN, "read-only");
    }
    char filter[FILTER_WORDS_MAX];
    filter_words(ui, filter);
    if (filter[0]) {
        screen_put_name(ui->screen, c.row, at + 2, end - at - 4, STYLE_TITLE, filter,
                        strlen(filter));
    }
}

#define NAME_LEAST 20 /* least columns of the file name */

/* Zoom, size and format of the picture, at the right; returns the column where it
 * starts. */
static int facts_draw(struct ui *ui, int room)
{
    struct cells c = ui->layout.name;
    char facts[192 + ZOOM_NOTE_MAX] = "";
    char zoom[ZOOM_NOTE_MAX];
    const struct frame *frame = ui->viewer.up.frame;
    if (viewer_state(&ui->viewer) < VIEWER_READY || frame->failed) {
        return c.cols;
    }
    zoom_note(ui, zoom, sizeof zoom);
    const struct image_info *info = &frame->info;
    snprintf(facts, sizeof facts, "%s%s%s%s%s%s%dx%d %s ", info->damage,
             info->damage[0] ? "  " : "", zoom, zoom[0] ? "  " : "", info->levels,
             info->levels[0] ? "  " : "", info->width, info->height, info->format);
    bool matters = info->damage[0] || zoom[0] || info->levels[0];
    if (!matters && text_width(facts, strlen(facts)) > room) {
        return c.cols;
    }
    return put_right(ui, c.row, c.cols, info->damage[0] ? STYLE_WARN : STYLE_DIM, facts);
}

#define NOTE_LEAST 12 /* least columns for a note */

/* The picture's note behind its name. */
static void note_draw(struct ui *ui, uint32_t id, int at, int end)
{
    const char *note = session_note(ui->session, id);
    if (note[0] && end - at >= NOTE_LEAST) {
        at += screen_put(ui->screen, ui->layout.name.row, at, end - at, STYLE_DIM, "note: ");
        screen_put_name(ui->screen, ui->layout.name.row, at, end - at, STYLE_TEXT, note,
                        strlen(note));
    }
}

/* The name line. The last answer, if the panel has no room for it, has priority over facts
 * of little use. */
static void name_draw(struct ui *ui)
{
    struct cells c = ui->layout.name;
    uint32_t id = session_current(ui->session);
    struct buf name = BUF_INIT;
    screen_fill(ui->screen, c, STYLE_TEXT);
    if (id == CATALOG_NO_ID || !session_title(ui->session, id, &name)) {
        buf_release(&name);
        return;
    }
    if (strncmp(buf_text(&name), "../", 3) == 0) { /* the CSV is in another folder: show the path */
        struct region region = session_region(ui->session, id);
        session_path(ui->session, id, &name);
        region_add_text(&name, &region);
    }
    bool recent = !panel_has_recent(ui) && session_last_answered(ui->session, 0) != CATALOG_NO_ID;
    int end = facts_draw(ui, c.cols - NAME_LEAST - (recent ? RECENT_COLS_MIN + 6 : 0));
    if (recent) {
        int spare = end - 6 - text_width(name.data, name.len);
        end =
            recent_draw_last(ui, c.row, end - 2, spare > RECENT_COLS_MIN ? spare : RECENT_COLS_MIN);
    }
    int at = 1 + screen_put_name(ui->screen, c.row, 1, end - 3, STYLE_NAME, name.data, name.len);
    note_draw(ui, id, at + 2, end - 2);
    buf_release(&name);
}

static void format_left(float seconds, char *out, size_t size)
{
    if (seconds < 90.0f) {
        snprintf(out, size, "%d s left", (int)seconds);
    } else if (seconds < 5400.0f) {
        snprintf(out, size, "%d min left", (int)(seconds / 60.0f + 0.5f));
    } else {
        snprintf(out, size, "%.1f h left", (double)seconds / 3600.0);
    }
}

/* Accuracy on any picture (from the random sample), and on those shown lately, which are
 * harder than most in the active order. */
void status_accuracy(const struct ui *ui, const struct session_stats *st, bool wide, char *out,
                     size_t size)
{
    enum session_order order = session_order(ui->session);
    bool any = st->any_judged >= SESSION_ANY_MIN;
    bool comes = order == SESSION_ACTIVE || order == SESSION_RANDOM;
    size_t at = 0;
    out[0] = '\0';
    if (any) {
        struct interval i = proportion_interval(st->any_right, st->any_judged);
        double share = (double)st->any_right / (double)st->any_judged;
        at = (size_t)snprintf(out, size, "accuracy: any picture %.0f%% (%.0f–%.0f)", 100.0 * share,
                              100.0 * i.low, 100.0 * i.high);
    } else if (comes && wide && st->any_judged) { /* only the last third is judged */
        at = (size_t)snprintf(out, size, "accuracy: any picture after %zu more random ones",
                              3 * (SESSION_ANY_MIN - st->any_judged));
    }
    if (st->guesses_judged >= 5 && (wide || !at)) {
        size_t share = st->guesses_right * 100 / st->guesses_judged;
        snprintf(out + at, size - at, "%s last %zu shown %zu%%",
                 at ? "," : "accuracy:", st->guesses_judged, share);
    }
}

/* more: the accuracy, or why there is no prediction. */
static void status_text(const struct session_stats *st, const char *more, char *out, size_t size)
{
    char left[32] = "";
    size_t at = 0;
    int percent = st->total ? (int)(100.0 * (double)st->answered / (double)st->total) : 0;
    at += (size_t)snprintf(out + at, size - at, "%zu/%zu%s  %d%%", st->answered, st->total,
                           st->listing ? "+" : "", percent);
    if (st->per_minute > 0.0f) {
        at += (size_t)snprintf(out + at, size - at, "  %.0f/min", (double)st->per_minute);
    }
    if (st->seconds_left >= 0.0f && st->answered < st->total) {
        format_left(st->seconds_left, left, sizeof left);
        at += (size_t)snprintf(out + at, size - at, "  %s", left);
    }
    if (more[0]) {
        snprintf(out + at, size - at, "  %s", more);
    }
}

static void review_text(const struct session_stats *st, char *out, size_t size)
{
    size_t at = 0;
    for (size_t i = STATUS_LABELED; i < STATUS_COUNT && at < size; i++) {
        if (i != STATUS_PREDICTED || st->by_status[i]) {
            at += (size_t)snprintf(out + at, size - at, "%s%zu %s", at ? ", " : "",
                                   st->by_status[i], label_status_name((enum label_status)i));
        }
    }
}

/* How far a review of suspects has come. */
static void suspects_text(const struct session_suspects *s, char *out, size_t size)
{
    size_t at = 0;
    if (s->total) {
        at = (size_t)snprintf(out, size, "%zu of %zu suspects seen, %zu changed", s->seen, s->total,
                              s->changed);
    } else if (s->known) {
        at = (size_t)snprintf(out, size, "no label looks wrong, %zu changed", s->changed);
    } else if (s->looking) {
        at = (size_t)snprintf(out, size, "file order");
    } else {
        at =
            (size_t)snprintf(out, size, "no suspects: too little can be learned from these labels");
    }
    if (s->looking && at < size) {
        snprintf(out + at, size - at, "; looking at %zu of %zu pictures", s->looked, s->all);
    }
}

void status_draw(struct ui *ui)
{
    title_draw(ui);
    name_draw(ui);
    status_progress_draw(ui);
}

void status_progress_draw(struct ui *ui)
{
    struct cells c = ui->layout.status;
    struct session_stats stats;
    char text[160 + STATUS_MAX];
    session_stats(ui->session, &stats);
    float share = stats.total ? (float)stats.answered / (float)stats.total : 0.0f;
    if (ui->options.mode == SESSION_REVIEW) {
        size_t total = session_total(ui->session);
        bool there = session_current(ui->session) != CATALOG_NO_ID;
        share = total ? (float)(session_position(ui->session) + there) / (float)total : 0.0f;
        struct session_suspects suspects;
        if (session_suspects(ui->session, &suspects)) {
            suspects_text(&suspects, text, sizeof text);
            share = suspects.total ? (float)suspects.seen / (float)suspects.total : share;
        } else {
            review_text(&stats, text, sizeof text);
        }
    } else {
        char more[STATUS_MAX];
        status_learning(ui, more, sizeof more);
        if (c.cols < 72) {
            more[strcspn(more, ":")] = '\0'; /* drop the reason on narrow screens */
        }
        if (!more[0]) {
            status_accuracy(ui, &stats, c.cols >= 100, more, sizeof more);
        }
        status_text(&stats, more, text, sizeof text);
    }
    screen_fill(ui->screen, c, STYLE_TEXT);
    int bar = c.cols - 4 - text_width(text, strlen(text));
    if (bar > c.cols / 2) {
        bar = c.cols / 2;
    }
    int at = 1;
    if (bar >= 8) {
        screen_put_bar(ui->screen, c.row, at, bar, STYLE_TEXT, share);
        at += bar + 2;
    }
    screen_put(ui->screen, c.row, at, c.cols - at, STYLE_TEXT, text);
}

static int hint_cols(const struct ui *ui, enum action action, const char *text)
{
    char symbol[KEYS_SYMBOL_SIZE];
    keys_symbol(ui, action, symbol);
    return symbol[0] ? text_width(symbol, strlen(symbol)) + 1 + text_width(text, strlen(text)) : 0;
}

/* After a hint that does not fit no other is drawn, so that each keeps its place. */
void hint(struct ui *ui, struct hints *h, enum action action, const char *text)
{
    char symbol[KEYS_SYMBOL_SIZE];
    int row = ui->layout.hints.row;
    int need = hint_cols(ui, action, text);
    if (!need) {
        return;
    }
    if (h->at + need >= h->end) {
        h->at = h->end;
        return;
    }
    keys_symbol(ui, action, symbol);
    h->at += screen_put(ui->screen, row, h->at, -1, STYLE_KEY, symbol) + 1;
    h->at += screen_put(ui->screen, row, h->at, -1, STYLE_DIM, text) + 2;
}

void hint_keys(struct ui *ui, struct hints *h, const char *keys, const char *text)
{
    int row = ui->layout.hints.row;
    int need = text_width(keys, strlen(keys)) + 1 + text_width(text, strlen(text));
    if (h->at + need >= h->end) {
        h->at = h->end;
        return;
    }
    h->at += screen_put(ui->screen, row, h->at, -1, STYLE_KEY, keys) + 1;
    h->at += screen_put(ui->screen, row, h->at, -1, STYLE_DIM, text) + 2;
}

#define HINT_WIDE 80 /* least columns for a hint of what one has done already */

static void hint_class_keys(struct ui *ui, struct hints *h, const char *text)
{
    if (h->at + text_width(text, strlen(text)) + 2 < h->end) {
        h->at += screen_put(ui->screen, ui->layout.hints.row, h->at, -1, STYLE_DIM, text) + 2;
    }
}

/* What Enter does: this depends on whether there is an answer to agree with. */
static void hint_accept(struct ui *ui, struct hints *h)
{
    bool settled = label_is_settled(ui);
    if (multi_is_on(ui) && !ui->options.read_only) {
        hint(ui, h, ACTION_ACCEPT, multi_enter_hint(ui));
        if (multi_has_typed(ui)) {
            hint(ui, h, ACTION_CANCEL, "drop");
        } else if (multi_has_proposal(ui)) {
            hint(ui, h, ACTION_TAKE_PREDICTION, "edit");
            hint_class_keys(ui, h, "class keys replace");
        } else if (!settled || h->end >= HINT_WIDE) {
            hint_class_keys(ui, h, "class keys switch");
        }
    } else if (settled) {
        hint(ui, h, ACTION_ACCEPT, "agree");
    } else if (ui->options.guesses) {
        hint(ui, h, ACTION_ACCEPT, "accept");
    }
    if (settled && ui->options.guesses && !ui->options.read_only) {
        hint(ui, h, ACTION_TAKE_PREDICTION, "use prediction");
    }
}

static void hint_page(struct ui *ui, struct hints *h)
{
    char words[STATUS_MAX];
    if (paging_of(ui)->offered) {
        page_words(ui, &paging_of(ui)->now.page, words, sizeof words);
        hint(ui, h, ACTION_PAGES, words);
    }
}

static void hint_answers(struct ui *ui, struct hints *h)
{
    const struct classes *classes = ui->options.classes;
    if (ui->options.read_only) {
        return;
    }
    hint(ui, h, ACTION_SKIP, "skip");
    hint(ui, h, ACTION_UNDO, "undo");
    if (!panel_has_statuses(ui)) {
        hint(ui, h, ACTION_UNSURE, "unsure");
        hint(ui, h, ACTION_NONE, "none");
    }
    if (classes->count && classes->items[classes->count - 1].key == KEYCODE_NONE) {
        hint(ui, h, ACTION_PICK, "more classes");
    }
}

/* Help and quit, at the right edge, where they always fit. Returns the column before
 * them. */
static int hint_ways_out(struct ui *ui)
{
    struct cells c = ui->layout.hints;
    struct hints h = { .end = c.cols + 1 };
    h.at = c.cols - 1 - hint_cols(ui, ACTION_HELP, "help") - 2 - hint_cols(ui, ACTION_QUIT, "quit");
    int start = h.at - 1;
    hint(ui, &h, ACTION_HELP, "help");
    hint(ui, &h, ACTION_QUIT, "quit");
    return start;
}

/* After the last picture, and where none passes the filter, there is nothing to answer. */
static void hints_without_picture(struct ui *ui, struct hints *h)
{
    bool at_end = session_at_end(ui->session);
    if (at_end) {
        hint(ui, h, ACTION_PREVIOUS, "back");
    }
    if (!ui->options.read_only) {
        hint(ui, h, ACTION_UNDO, "undo");
    }
    if (!at_end && ui->options.mode == SESSION_REVIEW) {
        hint(ui, h, ACTION_FILTER, "filter");
    }
}

bool hints_begin(struct ui *ui, struct hints *h)
{
    struct cells c = ui->layout.hints;
    screen_fill(ui->screen, c, STYLE_TEXT);
    screen_cursor(ui->screen, -1, 0);
    if (ui->message[0]) {
        screen_put_name(ui->screen, c.row, 1, c.cols - 2, ui->message_style, ui->message,
                        strlen(ui->message));
        return false;
    }
    *h = (struct hints){ .at = 1, .end = hint_ways_out(ui) };
    return true;
}

void hints_draw(struct ui *ui)
{
    struct hints h;
    if (!hints_begin(ui, &h)) {
        return;
    }
    if (session_current(ui->session) == CATALOG_NO_ID) {
        hints_without_picture(ui, &h);
        return;
    }
    if (zoom_is_on(ui)) {
        h.at += screen_put(ui->screen, ui->layout.hints.row, h.at, -1, STYLE_DIM, "arrows move  ");
    }
    hint_accept(ui, &h);
    hint_page(ui, &h);
    hint_answers(ui, &h);
    hint(ui, &h, ACTION_PREVIOUS, "back");
    if (ui->options.mode == SESSION_REVIEW) {
        hint(ui, &h, ACTION_FILTER, "filter");
    }
    hint(ui, &h, ACTION_ZOOM, "zoom");
    hint(ui, &h, ACTION_NEXT_OPEN, "next open");
    hint(ui, &h, ACTION_FIND, "find file");
}
