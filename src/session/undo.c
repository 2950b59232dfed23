/* Undo and redo of operations. */
#include "session_private.h"

#include <string.h>

#include "base/map.h"

/* Reads the marks anew of all items that the last undo or redo has changed; of all there are when
 * out of memory. */
static void take_changed(struct session *s)
{
    struct map changed;
    struct annotation a;
    uint32_t value;
    bool ok = true;
    map_init(&changed);
    for (size_t i = 0; ok && labels_changed(s->labels, i, &a); i++) {
        ok = map_put(&changed, a.file_name, strlen(a.file_name), 0);
    }
    assist_hold(s->assist, true);
    for (uint32_t id = 0; id < s->marked; id++) {
        if (!ok || (session_name(s, id, &s->name) &&
                    map_get(&changed, s->name.data, s->name.len, &value))) {
            session_check_mark(s, id);
        }
    }
    assist_hold(s->assist, false);
    s->measured = false;
    map_release(&changed);
}

/* Makes the item current that the annotation is of. */
static bool go_to_item(struct session *s, const struct annotation *a)
{
    const char *name = a->file_name;
    for (size_t i = 0; i < s->marked; i++) {
        /* Searched backwards: the last answers are mostly just before the current picture. */
        uint32_t here = session_here(s);
        size_t from = here == CATALOG_NO_ID ? 0 : session_place(s, here);
        uint32_t id = session_at(s, (from + s->marked - i) % s->marked);
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

/* An operation about predictions changes any number of items. */
static enum undo_result move_predictions(struct session *s, const struct labels_step *step)
{
    s->predictions_moved = step->count;
    for (size_t id = 0; id < s->marked; id++) {
        struct mark *m = &s->marks[id];
        session_check_mark(s, (uint32_t)id);
        if (!m->shown && session_filter_takes(s, *m)) { /* its prediction was sure */
            m->shown = true;
            s->shown_total++;
        }
    }
    s->up.there = false;
    return UNDO_PREDICTIONS;
}

size_t session_predictions_moved(const struct session *s)
{
    return s->predictions_moved;
}

/* Whether the last undo or redo changed an answer, not only a note or whether it is checked. */
static bool changed_answer(const struct session *s)
{
    return !s->note_changed && !s->check_changed;
}

bool session_changed_check(const struct session *s)
{
    return s->check_changed;
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
    s->moved = 0;
    if (s->options.read_only) {
        error_set(err, ERROR_USAGE, "read-only: nothing is changed");
        return UNDO_FAILED;
    }
    s->note_changed = s->check_changed = false;
    if (!change(s->labels, &step, err)) {
        return UNDO_FAILED;
    }
    if (!step.done) {
        return UNDO_NOTHING;
    }
    if (step.about && strcmp(step.about, OPERATION_PREDICTIONS) == 0) {
        return move_predictions(s, &step);
    }
    if (!session_move_classes(s, &step, undo, err)) {
        back(s->labels, &taken_back, &why);
        return UNDO_FAILED;
    }
    if (s->reclassed && (s->reclass.change.verb != CLASS_ADD || !step.count)) {
        return UNDO_CLASSES;
    }
    *a = step.moved;
    s->check_changed = step.about && strcmp(step.about, OPERATION_CHECK) == 0;
    s->note_changed = !s->check_changed && session_is_note(&step);
    s->moved = !changed_answer(s) ? 0 : step.count;
    struct annotation first = step.moved;
    if (step.count > 1) { /* a page */
        take_changed(s);
        labels_changed(s->labels, 0, &first);
    }
    buf_clear(name);
    buf_adds(name, first.file_name);
    region_add_text(name, &first.region);
    if (!go_to_item(s, &first)) {
        return UNDO_ELSEWHERE;
    }
    if (s->draft.id == s->current &&
        changed_answer(s)) { /* it began with the answer that is gone */
        session_drop_draft(s);
    }
    return UNDO_DONE;
}

enum undo_result session_undo(struct session *s, struct buf *name, struct annotation *moved,
                              struct error *err)
{
    struct annotation a;
    enum undo_result result = undo_or_redo(s, true, &a, name, err);
    if ((result == UNDO_DONE || result == UNDO_ELSEWHERE) && changed_answer(s)) {
        for (size_t i = 0; i < s->moved; i++) {
            session_uncount(s, &a);
        }
        session_forget_done(s);
    }
    if (result == UNDO_DONE) {
        session_reopen_page(s, s->current);
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
    if (result == UNDO_DONE && changed_answer(s)) {
        session_note_done(s, s->current);
        session_reclose_page(s, s->current);
        for (size_t i = 0; i < s->moved; i++) {
            session_count_answer(s);
        }
        session_advance(s, STATUS_UNANSWERED);
    }
    if (moved) {
        *moved = a;
    }
    return result;
}

size_t session_moved(const struct session *s)
{
    return s->moved;
}
