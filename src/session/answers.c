/* Answers, undo and redo, and statistics. */
#include "session_private.h"

#include <string.h>

#define PAUSE_MS 60000      /* a longer gap between answers is a pause */
#define SCRIPT_STEP_MS 1000 /* advance of the fixed clock per answer */

static void count_rate(struct session *s)
{
    s->times_ms[s->given % RATE_ANSWERS] = session_now_ms(s);
    s->given++;
}

/* Whether the answer says if its recorded prediction is right. Where pictures may have several
 * classes, "none of these" may be predicted: then only the confidence is recorded. */
static bool can_be_judged(const struct session *s, const struct annotation *a)
{
    return s->classes->multi
               ? a->confidence >= 0.0f && (a->status == STATUS_LABELED || a->status == STATUS_NONE)
               : a->status == STATUS_LABELED && a->guess && a->guess[0];
}

static void judge_guess(struct session *s, const struct annotation *a)
{
    if (can_be_judged(s, a)) {
        s->judged[s->judged_count++ % JUDGED_GUESSES] =
            strcmp(a->guess, a->label ? a->label : "") == 0;
    }
}

static void note_done(struct session *s, uint32_t id)
{
    s->done[s->done_count++ % DONE_MAX] = id;
}

uint32_t session_last_answered(const struct session *s, size_t i)
{
    return i < s->done_count && i < DONE_MAX ? s->done[(s->done_count - 1 - i) % DONE_MAX]
                                             : CATALOG_NO_ID;
}

/* Sets the prediction that is recorded in the row of the current picture; true if it is the
 * present one.
 *
 * While labelling, the prediction made before the picture's first answer is recorded: a
 * model that has learned from that answer cannot be measured by it. In a review nothing
 * is learned, so the present prediction is recorded. */
static bool note_guess(struct session *s, struct annotation *a)
{
    struct annotation before;
    struct guess guess;
    bool learned = s->options.mode == SESSION_LABEL && session_answer_of(s, s->current, &before) &&
                   before.status != STATUS_SKIPPED;
    a->confidence = -1.0f;
    if (learned) {
        a->guess = before.guess;
        a->confidence = before.confidence;
    } else if (session_guess(s, &guess) && guess.best < s->classes->count) {
        bool multi = s->classes->multi;
        a->guess = multi && session_predicted_label(s, &guess, &s->up.label)
                       ? buf_text(&s->up.label)
                       : s->classes->items[guess.best].name;
        a->confidence = guess.confidence;
        return true;
    }
    return false;
}

/* Saves the class list before the answer, so that every label in the CSV is in the list. If
 * that fails the answer is saved nevertheless, and the next answer tries again. */
static void keep_classes(struct session *s)
{
    struct class_file *file = s->options.class_file;
    s->class_trouble = file && !class_file_save(file, s->classes, &s->class_why);
}

const char *session_class_trouble(const struct session *s)
{
    return s->class_trouble ? s->class_why.message : NULL;
}

/* Writes the annotation; `added`: with its class, which is new, as one operation. */
static bool write_row(struct session *s, const struct annotation *a,
                      const struct class_change *added, struct session_reclass *done,
                      struct error *err)
{
    struct class_owner owner = session_owner(s);
    if (!added) {
        keep_classes(s);
        return labels_write(s->labels, a, 1, NULL, err);
    }
    *done = (struct session_reclass){ .change = *added };
    if (!class_change_do(&owner, added, a, &done->rows, &done->shift, err)) {
        return false;
    }
    s->class_trouble = false;
    session_take_classes(s, done);
    return true;
}

static bool write_answer(struct session *s, enum label_status status, const char *label,
                         const struct class_change *added, struct session_reclass *done,
                         struct error *err)
{
    uint32_t id = s->current;
    struct annotation a = { .status = status };
    if (s->options.read_only) {
        return error_set(err, ERROR_USAGE, "read-only: nothing is changed");
    }
    bool guessed = id != CATALOG_NO_ID && note_guess(s, &a);
    if (id == CATALOG_NO_ID || !session_name(s, id, &s->name)) {
        return error_set(err, ERROR_USAGE, "there is no picture to answer");
    }
    enum label_status before = (enum label_status)s->marks[id].status;
    a.file_name = s->name.data;
    a.region = session_region(s, id);
    a.label = status == STATUS_LABELED ? label : NULL;
    a.seconds = s->shown == id ? (float)(session_now_ns(s) - s->shown_at_ns) / 1e9f : -1.0f;
    a.annotator = s->options.annotator;
    a.labeled_at_ms = session_now_ms(s);
    if (!write_row(s, &a, added, done, err)) {
        return false;
    }
    if (before == STATUS_UNANSWERED && guessed) { /* re-labelling does not count */
        judge_guess(s, &a);
    }
    session_drop_draft(s);
    session_update_mark(s, id);
    note_done(s, id);
    count_rate(s);
    if (s->clock_ms) {
        s->clock_ms += SCRIPT_STEP_MS;
    }
    session_advance(s, before);
    return true;
}

bool session_write_answer(struct session *s, enum label_status status, const char *label,
                          struct error *err)
{
    return write_answer(s, status, label, NULL, NULL, err);
}

bool session_answer(struct session *s, enum label_status status, size_t class_index,
                    struct error *err)
{
    const char *name = status == STATUS_LABELED ? s->classes->items[class_index].name : NULL;
    return session_write_answer(s, status, name, err);
}

bool session_answer_new(struct session *s, const struct class_change *added,
                        struct session_reclass *done, struct error *err)
{
    return write_answer(s, STATUS_LABELED, added->after.name, added, done, err);
}

/* Makes the item current that the annotation is of. */
static bool go_to_item(struct session *s, const struct annotation *a)
{
    const char *name = a->file_name;

    for (size_t i = 0; i < s->marked; i++) {
        /* Searched backwards: the last answers are mostly just before the current picture. */
        uint32_t here = session_here(s);
        size_t from = here == CATALOG_NO_ID ? 0 : catalog_position(s->catalog, here);
        uint32_t id = catalog_id(s->catalog, (from + s->marked - i) % s->marked);
        size_t len = strlen(name);
        const char *tail = catalog_name(s->catalog, id);
        size_t tail_len = strlen(tail);
        struct region region = session_region(s, id);
        if (tail_len <= len && memcmp(name + len - tail_len, tail, tail_len) == 0 &&
            region_equal(&region, &a->region) && session_name(s, id, &s->name) &&
            strcmp(s->name.data, name) == 0) {
            session_update_mark(s, id);
            if (id != s->current) {
                session_visit(s, id, VISIT_AGAIN);
            }
            return true;
        }
    }
    return false;
}

typedef bool change_fn(struct labels *, struct labels_step *, struct error *);

static enum undo_result undo_or_redo(struct session *s, bool undo, struct annotation *a,
                                     struct buf *name, struct error *err)
{
    change_fn *change = undo ? labels_undo : labels_redo, *back = undo ? labels_redo : labels_undo;
    struct labels_step step, taken_back;
    struct error why;
    *a = (struct annotation){ 0 };
    s->reclassed = false;
    if (s->options.read_only) {
        error_set(err, ERROR_USAGE, "read-only: nothing is changed");
        return UNDO_FAILED;
    }
    s->note_changed = false;
    if (!change(s->labels, &step, err)) {
        return UNDO_FAILED;
    }
    if (!step.done) {
        return UNDO_NOTHING;
    }
    if (!session_move_classes(s, &step, undo, err)) {
        back(s->labels, &taken_back, &why);
        return UNDO_FAILED;
    }
    if (s->reclassed && (s->reclass.change.verb != CLASS_ADD || !step.count)) {
        return UNDO_CLASSES;
    }
    *a = step.moved;
    s->note_changed = session_is_note(&step);
    buf_clear(name);
    buf_adds(name, a->file_name);
    region_add_text(name, &a->region);
    if (!go_to_item(s, a)) {
        return UNDO_ELSEWHERE;
    }
    if (s->draft.id == s->current && !s->note_changed) { /* it began with the answer that is gone */
        session_drop_draft(s);
    }
    return UNDO_DONE;
}

enum undo_result session_undo(struct session *s, struct buf *name, struct annotation *moved,
                              struct error *err)
{
    struct annotation a;
    enum undo_result result = undo_or_redo(s, true, &a, name, err);
    if ((result == UNDO_DONE || result == UNDO_ELSEWHERE) && !s->note_changed) {
        bool judged = can_be_judged(s, &a);
        s->given -= s->given > 0;
        s->done_count -= s->done_count > 0;
        s->judged_count -= s->judged_count > 0 && judged;
    }
    if (moved) {
        *moved = a;
    }
    return result;
}

enum undo_result session_redo(struct session *s, struct buf *name, struct annotation *moved,
                              struct error *err)
{
    struct annotation a;
    enum undo_result result = undo_or_redo(s, false, &a, name, err);
    if (result == UNDO_DONE && !s->note_changed) {
        note_done(s, s->current);
        count_rate(s);
        session_advance(s, STATUS_UNANSWERED);
    }
    if (moved) {
        *moved = a;
    }
    return result;
}

static void measure_rate(const struct session *s, struct session_stats *stats)
{
    size_t n = s->given < RATE_ANSWERS ? s->given : RATE_ANSWERS;
    int64_t worked = 0;
    size_t steps = 0;
    for (size_t i = 1; i < n; i++) {
        int64_t later = s->times_ms[(s->given - i) % RATE_ANSWERS];
        int64_t step = later - s->times_ms[(s->given - i - 1) % RATE_ANSWERS];
        if (step >= 0 && step < PAUSE_MS) {
            worked += step;
            steps++;
        }
    }
    stats->seconds_left = -1.0f;
    if (steps >= 3 && worked > 0) {
        stats->per_minute = (float)steps * 60000.0f / (float)worked;
        stats->seconds_left = (float)(stats->total - stats->answered) * 60.0f / stats->per_minute;
    }
}

void session_stats(struct session *s, struct session_stats *stats)
{
    memset(stats, 0, sizeof *stats);
    stats->total = s->marked;
    stats->answered = s->marked - s->by_status[STATUS_UNANSWERED];
    stats->listing = !catalog_done(s->catalog);
    memcpy(stats->by_status, s->by_status, sizeof stats->by_status);
    stats->given = s->given;
    measure_rate(s, stats);
    session_measure(s);
    stats->any_judged = s->any_judged;
    stats->any_right = s->any_right;
    stats->guesses_judged = s->judged_count < JUDGED_GUESSES ? s->judged_count : JUDGED_GUESSES;
    for (size_t i = 0; i < stats->guesses_judged; i++) {
        stats->guesses_right += s->judged[i];
    }
}
