/* Undo and redo, also of earlier sessions. */
#include "labels_private.h"

#include <string.h>

/* Reads the history of earlier sessions and puts its changes below those of this session.
 * Called when the session has undone all its own operations: `done` is empty. */
static bool read_past(struct labels *l, struct error *err)
{
    struct change_stack done = { NULL, 0, 0 }, undone = { NULL, 0, 0 };
    struct error why = { .kind = ERROR_NONE };
    if (!history_replay(&l->folder, l->history, l->past_len, &l->table, l->undo_of, &done, &undone,
                        &why)) {
        /* Damaged data stays damaged; after other errors the next undo tries again. */
        l->past_read = why.kind == ERROR_DATA;
        return error_set(err, why.kind, "%s", why.message);
    }
    if (l->answered) {
        undone.count = 0;
    }
    if (!change_reserve(&undone, l->undone.count)) {
        change_release(&done);
        change_release(&undone);
        return error_nomem(err, l->undone.count * sizeof *undone.items, "undo");
    }
    if (l->undone.count > 0) {
        memcpy(undone.items + undone.count, l->undone.items,
               l->undone.count * sizeof *undone.items);
    }
    undone.count += l->undone.count;
    change_release(&l->done);
    change_release(&l->undone);
    l->done = done;
    l->undone = undone;
    l->moved = NULL;
    l->past_read = true;
    return true;
}

static bool holds(const struct labels *l, const struct change *c, bool undo)
{
    return c->entry == TABLE_NONE ||
           record_equal(&l->table.entries[c->entry].now, undo ? &c->after : &c->before);
}

/* Moves those changes of the operation on top to its end that apply to the present
 * annotations, in their order, and drops the others; drops whole operations of which none
 * applies. Returns the number of changes left of the one on top; 0: there is no operation. */
static size_t top_that_holds(const struct labels *l, struct change_stack *s, bool undo)
{
    size_t kept = 0;
    while (s->count > 0 && kept == 0) {
        size_t first = s->count - change_top(s);
        for (size_t i = first; i < s->count; i++) {
            if (holds(l, &s->items[i], undo)) {
                s->items[first + kept++] = s->items[i];
            }
        }
        s->count = first + kept;
    }
    return kept;
}

/* The row that sets the entry to rec. */
static void state_row(const struct labels *l, uint32_t entry, const struct record *rec,
                      struct row *row)
{
    table_row(&l->table, entry, rec, row);
    row->listed = rec->status == STATUS_UNANSWERED && rec->note != 0;
}

static const struct record *goal(const struct change *c, bool undo)
{
    return undo ? &c->before : &c->after;
}

static bool make_room(struct labels *l, const struct change *changes, size_t count, bool undo,
                      struct error *err)
{
    struct row row;
    for (size_t i = 0; i < count; i++) {
        state_row(l, changes[i].entry, goal(&changes[i], undo), &row);
        if (!labels_make_room(l, &row, err)) {
            return false;
        }
    }
    return true;
}

static bool add_state(struct labels *l, uint32_t entry, const struct record *rec, struct written *w,
                      int64_t *last_at, struct error *err)
{
    struct row row;
    state_row(l, entry, rec, &row);
    if (rec->status == STATUS_UNANSWERED && !labels_next_time(l, *last_at, &row.labeled_at, err)) {
        return false;
    }
    written_add(w, l, entry, &row);
    *last_at = row.labeled_at > *last_at ? row.labeled_at : *last_at;
    return true;
}

/* Writes the rows that undo or redo the changes, and applies them. */
static bool write_states(struct labels *l, const struct change *changes, size_t count, bool undo,
                         struct error *err)
{
    struct written w = { .file = BUF_INIT, .history = BUF_INIT, .mark = BUF_INIT };
    const struct table *t = &l->table;
    bool none = changes[0].entry == TABLE_NONE;
    bool ok = make_room(l, changes, none ? 0 : count, undo, err) && labels_make_ready(l, err);
    int64_t last_at = l->last_at;
    const char *annotator = l->undo_of == TABLE_NONE ? "" : t->strings[l->undo_of].text;
    written_begin(&w, undo ? DEED_UNDO : DEED_REDO, none ? 0 : count, annotator,
                  t->strings[changes[0].about].text);
    if (none) {
        const struct span mark = { w.mark.data, w.mark.len };
        labels_history_mark(&mark, &w.history);
    }
    for (size_t i = 0; ok && i < count && !none; i++) {
        ok = add_state(l, changes[i].entry, goal(&changes[i], undo), &w, &last_at, err);
    }
    ok = ok && labels_commit(l, &w, err);
    written_release(&w);
    for (size_t i = 0; ok && i < count && !none; i++) {
        labels_apply(l, changes[i].entry, goal(&changes[i], undo));
        if (undo && table_restore(&l->table, changes[i].entry)) {
            l->tidy = false;
        }
    }
    if (ok) {
        l->last_at = last_at;
    }
    return ok;
}

static void fill_step(struct labels *l, const struct change *changes, size_t count,
                      struct labels_step *step)
{
    const struct change *last = &changes[count - 1];
    step->done = true;
    if (last->entry != TABLE_NONE) {
        step->count = count;
        table_annotation(&l->table, last->entry, &last->after, &step->moved);
    }
    if (last->about != 0) {
        step->about = l->table.strings[last->about].text;
    }
}

/* Finds the operation to move; 0 changes: there is none. */
static bool find_top(struct labels *l, struct change_stack *from, bool undo, size_t *count,
                     struct error *err)
{
    while ((*count = top_that_holds(l, from, undo)) == 0) {
        if (l->past_read || l->past_len == 0) {
            return true;
        }
        if (!undo && l->done.count > 0) {
            return true;
        }
        if (!read_past(l, err)) {
            return false;
        }
    }
    return true;
}

/* Undo and redo move the operation on top from one stack to the other. */
static bool move_operation(struct labels *l, bool undo, struct labels_step *step, struct error *err)
{
    struct change_stack *from = undo ? &l->done : &l->undone;
    struct change_stack *to = undo ? &l->undone : &l->done;
    size_t count;
    *step = (struct labels_step){ .done = false };
    l->moved = NULL;
    if (!labels_writable(l, err) || !find_top(l, from, undo, &count, err)) {
        return false;
    }
    if (count == 0) {
        return true;
    }
    if (!change_reserve(to, count)) {
        return error_nomem(err, count * sizeof *to->items, "undo");
    }
    struct change *changes = &from->items[from->count - count];
    if (!write_states(l, changes, count, undo, err)) {
        return false;
    }
    from->count -= count;
    memcpy(&to->items[to->count], changes, count * sizeof *changes);
    to->count += count;
    l->moved = to;
    l->moved_count = count;
    fill_step(l, changes, count, step);
    return true;
}

bool labels_undo_only(struct labels *l, const char *annotator, struct error *err)
{
    return table_string(&l->table, annotator, strlen(annotator), &l->undo_of) ||
           error_nomem(err, strlen(annotator), "the annotator");
}

bool labels_undo(struct labels *l, struct labels_step *undone, struct error *err)
{
    return move_operation(l, true, undone, err);
}

bool labels_redo(struct labels *l, struct labels_step *redone, struct error *err)
{
    return move_operation(l, false, redone, err);
}

static bool past_unread(const struct labels *l)
{
    return (l->mode & LABELS_READ_ONLY) == 0 && !l->past_read && l->past_len > HEADER_LEN;
}

bool labels_can_undo(const struct labels *l)
{
    return l->done.count > 0 || past_unread(l);
}

bool labels_can_redo(const struct labels *l)
{
    return l->undone.count > 0 || (!l->answered && past_unread(l));
}
