/* Answers: one row each, appended and synced before it counts. */
#include "labels_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

bool labels_writable(const struct labels *l, struct error *err)
{
    if (l->mode == LABELS_READ_WRITE)
        return true;
    return error_set(err, ERROR_USAGE, "%s: opened read-only", l->path);
}

/* Prepares the file for appending: opens it, rewrites it if needed, notes the session. */
static bool prepare(struct labels *l, struct error *err)
{
    if (l->log.fd < 0) {
        if (!file_log_open(&l->log, &l->folder, l->name, err))
            return false;
        if (l->log.size != 0) {
            file_log_close(&l->log);
            return error_set(err, ERROR_BUSY, "%s: was created by another program meanwhile",
                             l->path);
        }
        folder_like(&l->folder, l->name);
    }
    if ((l->log.suspect || l->incomplete) && !labels_start_over(l, err))
        return false;
    if (l->noted)
        return true;
    if (!lock_note(&l->lock, LOCK_SESSION, l->log.size + (l->has_header ? 0 : HEADER_LEN),
                   l->history_len, err))
        return false;
    l->noted = true;
    return true;
}

void written_release(struct written *rows)
{
    buf_release(&rows->file);
    buf_release(&rows->history);
}

void written_add(struct written *rows, const struct labels *l, const struct row *row)
{
    row_format(row, &l->layout, &rows->file);
    labels_history_row(row, &rows->history);
}

bool written_failed(const struct written *rows)
{
    return rows->file.failed || rows->history.failed;
}

bool labels_commit(struct labels *l, const struct written *rows, struct error *err)
{
    struct buf first = BUF_INIT;
    const struct buf *bytes = &rows->file;

    if (!prepare(l, err))
        return false;
    if (!buf_reserve(&l->session, rows->history.len)) {
        l->session.failed = false;
        return error_nomem(err, rows->history.len, "the session's rows");
    }
    if (!l->has_header) {
        buf_add(&first, LABELS_HEADER, HEADER_LEN);
        buf_add(&first, bytes->data, bytes->len);
        bytes = &first;
    }
    bool ok = first.failed ? error_nomem(err, rows->file.len, "the first row")
                           : file_log_append(&l->log, bytes->data, bytes->len, err);
    buf_release(&first);
    if (!ok)
        return false;
    l->has_header = true;
    buf_add(&l->session, rows->history.data, rows->history.len);
    return true;
}

bool labels_next_time(const struct labels *l, int64_t last, int64_t *at, struct error *err)
{
    int64_t now = clock_wall_ms();

    *at = now > last ? now : last + 1;
    if (*at > LABELED_AT_MAX)
        return error_set(err, ERROR_DATA,
                         "%s: its latest labeled_at is the end of the year 9999, and no later "
                         "time can be written; correct that row",
                         l->path);
    return true;
}

/* Adds an answer as a change on top of l->done, without counting it there yet, and its row
 * to `rows`. `planned`: changes already added this way. */
static bool plan_answer(struct labels *l, const struct answer *a, int64_t *last, size_t planned,
                        struct written *rows, struct error *err)
{
    struct row row;
    size_t start = rows->file.len;
    const char *wrong = row_from_answer(a, &row);
    struct change *c = &l->done.items[l->done.count + planned];

    if (wrong != NULL)
        return error_set(err, ERROR_USAGE, "%s: %s: %s", l->path,
                         a->file_name == NULL ? "" : a->file_name, wrong);
    if (row.labeled_at == 0 && !labels_next_time(l, *last, &row.labeled_at, err))
        return false;
    if (!table_place(&l->table, &row, &c->entry, &c->after))
        return error_nomem(err, row.name.len, "an answer");
    if (row.labeled_at > *last)
        *last = row.labeled_at;
    table_row(&l->table, c->entry, &c->after, &row);
    written_add(rows, l, &row);
    if (rows->file.len - start > LABELS_ROW_MAX)
        return error_set(err, ERROR_USAGE, "%s: a row of %zu bytes, the limit is 1 MiB", l->path,
                         rows->file.len - start);
    return written_failed(rows) ? error_nomem(err, rows->file.len, "the rows") : true;
}

void labels_apply(struct labels *l, uint32_t entry, const struct record *rec)
{
    if (l->table.entries[entry].ordered || rec->status == STATUS_UNANSWERED)
        l->tidy = false;
    table_set(&l->table, entry, rec);
}

/* True if the answer is identical to the picture's current one. */
static bool is_known(const struct labels *l, const struct change *c)
{
    const struct entry *e = &l->table.entries[c->entry];

    return record_equal(&e->now, &c->after) && l->table.pictures[e->picture].current == c->entry;
}

bool labels_answer_all(struct labels *l, const struct answer *list, size_t count, struct error *err)
{
    struct written rows = { BUF_INIT, BUF_INIT };
    int64_t last = l->last_at;
    size_t planned = 0;
    bool ok = labels_writable(l, err);

    if (ok && !change_reserve(&l->done, count))
        ok = error_nomem(err, count * sizeof *l->done.items, "undo");
    for (size_t i = 0; ok && i < count; i++) {
        size_t start = rows.file.len, history = rows.history.len;
        ok = plan_answer(l, &list[i], &last, planned, &rows, err);
        if (ok && is_known(l, &l->done.items[l->done.count + planned])) {
            rows.file.len = start;
            rows.history.len = history;
        } else {
            planned++;
        }
    }
    ok = ok && (planned == 0 || labels_commit(l, &rows, err));
    written_release(&rows);
    if (!ok)
        return false;

    for (size_t i = 0; i < planned; i++) {
        struct change *c = &l->done.items[l->done.count++];
        c->before = l->table.entries[c->entry].now;
        labels_apply(l, c->entry, &c->after);
        l->undone.count = 0;
        l->answered = true;
    }
    l->last_at = last;
    return true;
}

bool labels_answer(struct labels *l, const struct answer *a, struct error *err)
{
    return labels_answer_all(l, a, 1, err);
}
