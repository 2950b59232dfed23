/* The filter of a review: chooses which statuses and classes are shown. */
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "base/mem.h"

struct filter_state {
    struct list list;
    bool predictions;                  /* there are some in the labels */
    struct session_filter now, before; /* being edited; to restore on cancel */
};

static struct filter_state *state_of(const struct ui *ui)
{
    return view_state(ui, &view_filter);
}

/* Lines of statuses: all but STATUS_UNANSWERED, and STATUS_PREDICTED, which is the last, only where
 * there are any. */
static size_t status_lines(const struct ui *ui)
{
    return state_of(ui)->predictions ? STATUS_PREDICTED : STATUS_PREDICTED - 1;
}

/* Lines: the statuses, the classes, one for labels that are no class here, and one for notes. */
static size_t line_count(const struct ui *ui)
{
    return status_lines(ui) + ui->options.classes->count + 2;
}

static bool is_note_line(const struct ui *ui, size_t line)
{
    return line + 1 == line_count(ui);
}

static bool is_class_line(const struct ui *ui, size_t line)
{
    return line >= status_lines(ui) && !is_note_line(ui, line);
}

/* Of a class line only where pictures have one class; else line_want(). */
static bool *line_flag(struct ui *ui, size_t line)
{
    return is_note_line(ui, line)    ? &state_of(ui)->now.noted
           : line < status_lines(ui) ? &state_of(ui)->now.statuses[line + 1]
                                     : &state_of(ui)->now.classes[line - status_lines(ui)];
}

static uint8_t *line_want(struct ui *ui, size_t line)
{
    return multi_is_on(ui) && is_class_line(ui, line)
               ? &state_of(ui)->now.wanted[line - status_lines(ui)]
               : NULL;
}

static const char *line_text(const struct ui *ui, size_t line)
{
    if (line < status_lines(ui)) {
        return label_status_name((enum label_status)(line + 1));
    }
    if (is_note_line(ui, line)) {
        return "only with a note";
    }
    line -= status_lines(ui);
    return line < ui->options.classes->count ? ui->options.classes->items[line].name
                                             : "(other labels)";
}

static void draw_line(struct ui *ui, struct cells at, size_t line)
{
    static const char *const wants[] = { "either", "has", "has not" };
    enum style style = line == state_of(ui)->list.line ? STYLE_GUESS : STYLE_CLASS;
    const uint8_t *want = line_want(ui, line);
    int col = at.col + (is_class_line(ui, line) ? 7 : 5);
    if (want) {
        screen_put(ui->screen, at.row, at.col + 2, 8, style, wants[*want]);
        col = at.col + 10;
    } else {
        screen_put(ui->screen, at.row, at.col + 1, 4, style, *line_flag(ui, line) ? "[x]" : "[ ]");
    }
    screen_put(ui->screen, at.row, col, at.cols - (col - at.col) - 1, style, line_text(ui, line));
}

static void filter_draw(struct ui *ui)
{
    status_draw(ui);
    list_draw(ui, &state_of(ui)->list, "Show in this review", line_count(ui), draw_line);
    question_draw(ui,
                  multi_is_on(ui)
                      ? "↵ show   Space has/has not   o only this   a all   Esc cancel   ↑ ↓ move"
                      : "↵ show   Space on/off   o only this   a all   Esc cancel   ↑ ↓ move");
    pane_draw(ui);
}

static void move_line(struct ui *ui, size_t steps, bool down)
{
    list_move(&state_of(ui)->list, steps, down, line_count(ui));
}

static void filter_up(struct ui *ui)
{
    move_line(ui, 1, false);
}

static void filter_down(struct ui *ui)
{
    move_line(ui, 1, true);
}

static void filter_page_up(struct ui *ui)
{
    move_line(ui, list_rows(ui), false);
}

static void filter_page_down(struct ui *ui)
{
    move_line(ui, list_rows(ui), true);
}

static void filter_toggle(struct ui *ui)
{
    uint8_t *want = line_want(ui, state_of(ui)->list.line);
    bool *flag = line_flag(ui, state_of(ui)->list.line);
    if (want) {
        *want = (uint8_t)((*want + 1) % (WANT_HAS_NOT + 1));
    } else {
        *flag = !*flag;
    }
}

/* Everything is shown, whatever it has: a note is not asked for. */
static void filter_all(struct ui *ui)
{
    state_of(ui)->now.statuses[STATUS_UNANSWERED] = true; /* in a review if it has a note */
    for (size_t i = 0; i < line_count(ui); i++) {
        uint8_t *want = line_want(ui, i);
        if (want) {
            *want = WANT_EITHER;
        } else {
            *line_flag(ui, i) = !is_note_line(ui, i);
        }
    }
}

/* The line alone of its kind; a class is that of labelled pictures, while a note may stand on
 * any picture. */
static void filter_only(struct ui *ui)
{
    size_t line = state_of(ui)->list.line;
    bool class_line = is_class_line(ui, line);
    filter_all(ui);
    if (is_note_line(ui, line)) {
        state_of(ui)->now.noted = true;
        return;
    }
    state_of(ui)->now.statuses[STATUS_UNANSWERED] = false;
    for (size_t i = 0; i < line_count(ui); i++) {
        uint8_t *want = line_want(ui, i);
        if (want) {
            *want = i == line ? WANT_HAS : WANT_EITHER;
        } else if (class_line || !is_class_line(ui, i)) {
            *line_flag(ui, i) = i == line;
        }
    }
    if (class_line) {
        state_of(ui)->now.statuses[STATUS_LABELED] = true;
    }
}

static void filter_show(struct ui *ui)
{
    session_set_filter(ui->session, &state_of(ui)->now);
    ui_pop(ui);
    ui_message(ui, STYLE_DIM, "Pictures shown: %zu.", session_total(ui->session));
}

static void copy_filter(const struct ui *ui, struct session_filter *to,
                        const struct session_filter *from)
{
    memcpy(to->statuses, from->statuses, sizeof to->statuses);
    memcpy(to->classes, from->classes, (ui->options.classes->count + 1) * sizeof *to->classes);
    memcpy(to->wanted, from->wanted, (ui->options.classes->count + 1) * sizeof *to->wanted);
    to->noted = from->noted;
}

static void filter_leave(struct ui *ui)
{
    copy_filter(ui, &state_of(ui)->now, &state_of(ui)->before);
    ui_pop(ui);
    ui_message(ui, STYLE_DIM, "The filter is unchanged.");
}

void filter_start(struct ui *ui)
{
    if (ui->options.mode != SESSION_REVIEW) {
        ui_message(ui, STYLE_DIM, "The filter works only in `thumbtag review`.");
        return;
    }
    struct session_stats stats;
    session_stats(ui->session, &stats);
    state_of(ui)->predictions = stats.by_status[STATUS_PREDICTED] > 0;
    copy_filter(ui, &state_of(ui)->before, &state_of(ui)->now);
    ui_push(ui, &view_filter);
}

static bool make_room(struct session_filter *f)
{
    f->classes = calloc(CLASSES_MAX + 1, sizeof *f->classes);
    f->wanted = calloc(CLASSES_MAX + 1, sizeof *f->wanted);
    return f->classes && f->wanted;
}

/* With what the user has chosen to see at first. */
static bool filter_open(struct ui *ui, struct error *err)
{
    struct filter_state *state = state_of(ui);
    const struct session_filter *given = ui->options.filter;
    size_t n = ui->options.classes->count + 1;
    if (!make_room(&state->now) || !make_room(&state->before)) {
        return error_nomem(err, CLASSES_MAX + 1, "the filter");
    }
    memset(state->now.classes, true, n);
    memset(state->now.statuses, true, sizeof state->now.statuses);
    if (given) {
        memcpy(state->now.statuses, given->statuses, sizeof state->now.statuses);
        memcpy(state->now.classes, given->classes, n);
        if (given->wanted) {
            memcpy(state->now.wanted, given->wanted, n);
        }
        state->now.noted = given->noted;
        session_set_filter(ui->session, &state->now);
    }
    return true;
}

static void filter_close(struct ui *ui)
{
    struct filter_state *state = state_of(ui);
    free(state->now.classes);
    free(state->now.wanted);
    free(state->before.classes);
    free(state->before.wanted);
}

static void filter_reclass(struct ui *ui, const struct session_reclass *done)
{
    struct filter_state *state = state_of(ui);
    size_t count = ui->options.classes->count;
    session_shift_flags(state->now.classes, count, &done->shift);
    session_shift_flags(state->before.classes, count, &done->shift);
    session_shift_wanted(state->now.wanted, count, &done->shift);
    session_shift_wanted(state->before.wanted, count, &done->shift);
}

static const struct view_key rows[] = {
#define FILTER_KEY VIEW_KEY
#include "config/view_keys.def"
};

static const struct key_table keys = { rows, ARRAY_LEN(rows), false, NULL };

const struct view view_filter = { .name = "filter",
                                  .state_size = sizeof(struct filter_state),
                                  .tables = { &keys },
                                  .open = filter_open,
                                  .close = filter_close,
                                  .reclass = filter_reclass,
                                  .draw = filter_draw };
