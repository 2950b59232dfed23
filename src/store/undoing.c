/* Undo and redo, also of earlier sessions. */
#include "labels_private.h"

#include <string.h>

/* Reads the history of earlier sessions and puts its changes below those of this session.
 * Called when the session has undone all its own answers: `done` is empty. */
static bool read_past(struct labels *l, struct error *err)
{
    struct change_stack done = { NULL, 0, 0 }, undone = { NULL, 0, 0 };
    struct error why = { .kind = ERROR_NONE };

    if (!history_replay(&l->folder, l->history, l->past_len, &l->table, l->undo_of, &done,
                        &undone, &why)) {
        /* Damaged data stays damaged; after other errors the next undo tries again. */
        l->past_read = why.kind == ERROR_DATA;
        return error_set(err, why.kind, "%s", why.message);
    }
    if (l->answered)
        undone.count = 0;
    if (!change_reserve(&undone, l->undone.count)) {
        change_release(&done);
        change_release(&undone);
        return error_nomem(err, l->undone.count * sizeof *undone.items, "undo");
    }
    if (l->undone.count > 0)
        memcpy(undone.items + undone.count, l->undone.items,
               l->undone.count * sizeof *undone.items);
    undone.count += l->undone.count;
    change_release(&l->done);
    change_release(&l->undone);
    l->done = done;
    l->undone = undone;
    l->past_read = true;
    return true;
}

/* Drops changes from the top until one applies to the present answers; NULL: none. */
static const struct change *top_that_holds(struct labels *l, struct change_stack *s, bool undo)
{
    for (; s->count > 0; s->count--) {
        const struct change *c = &s->items[s->count - 1];
        if (record_equal(&l->table.entries[c->entry].now, undo ? &c->after : &c->before))
            return c;
    }
    return NULL;
}

/* Writes the row that sets the entry's answer to rec, and applies it. */
static bool write_state(struct labels *l, uint32_t entry, const struct record *rec,
                        struct error *err)
{
    struct written rows = { BUF_INIT, BUF_INIT };
    struct row row;

    table_row(&l->table, entry, rec, &row);
    row.listed = false;
    if (rec->status == STATUS_UNANSWERED && !labels_next_time(l, l->last_at, &row.labeled_at, err))
        return false;
    written_add(&rows, l, &row);
    bool ok = written_failed(&rows) ? error_nomem(err, rows.file.len, "a row")
                                    : labels_commit(l, &rows, err);
    written_release(&rows);
    if (ok) {
        labels_apply(l, entry, rec);
        l->last_at = row.labeled_at > l->last_at ? row.labeled_at : l->last_at;
    }
    return ok;
}

/* Undo and redo move the top change from one stack to the other. */
static bool move_change(struct labels *l, bool undo, struct answer *moved, struct error *err)
{
    struct change_stack *from = undo ? &l->done : &l->undone;
    struct change_stack *to = undo ? &l->undone : &l->done;
    const struct change *top;

    *moved = (struct answer){ .file_name = NULL };
    if (!labels_writable(l, err))
        return false;
    while ((top = top_that_holds(l, from, undo)) == NULL) {
        if (l->past_read || l->past_len == 0)
            return true;
        if (!undo && l->done.count > 0)
            return true;
        if (!read_past(l, err))
            return false;
    }
    struct change c = *top;
    if (!change_reserve(to, 1))
        return error_nomem(err, sizeof *top, "undo");
    if (!write_state(l, c.entry, undo ? &c.before : &c.after, err))
        return false;
    from->count--;
    to->items[to->count++] = c;
    table_answer(&l->table, c.entry, &c.after, moved);
    return true;
}

bool labels_undo_only(struct labels *l, const char *annotator, struct error *err)
{
    return table_string(&l->table, annotator, strlen(annotator), &l->undo_of) ||
           error_nomem(err, strlen(annotator), "the annotator");
}

bool labels_undo(struct labels *l, struct answer *undone, struct error *err)
{
    return move_change(l, true, undone, err);
}

bool labels_redo(struct labels *l, struct answer *redone, struct error *err)
{
    return move_change(l, false, redone, err);
}

static bool past_unread(const struct labels *l)
{
    return l->mode == LABELS_READ_WRITE && !l->past_read && l->past_len > HEADER_LEN;
}

bool labels_can_undo(const struct labels *l)
{
    return l->done.count > 0 || past_unread(l);
}

bool labels_can_redo(const struct labels *l)
{
    return l->undone.count > 0 || (!l->answered && past_unread(l));
}
