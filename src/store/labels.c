/* How a session's rows are moved to the history, so that a kill at any moment loses neither
 * an answer nor an undo step:
 *
 *   first answer   .NAME.lock records where the session's rows begin, in labels.csv
 *                  (offset C) and in the history (offset H); synced
 *   each answer    a row is appended to labels.csv; synced
 *   operation of   .NAME.lock records the place and the checksum of its rows; synced; then they
 *   several rows   are appended to labels.csv; synced
 *   close          1. the rows from C on are written to the history at H; synced
 *                  2. .NAME.lock records "tidying"; synced
 *                  3. labels.csv is replaced by its compacted form
 *                  4. .NAME.lock is removed
 *
 * After a kill before step 2 the next session reads the rows from C on and writes them at
 * H again: what follows H is a beginning of them, or nothing. After a later kill it resumes
 * at step 3. If labels.csv no longer has a row boundary at C, or the history does not
 * match, another program has changed them: nothing is moved, and undo skips uncertain
 * answers. An operation of several rows of which labels.csv has only a part, or damaged, has
 * not happened: that part is moved to NAME.torn.
 *
 * After a failed sync the page cache cannot be trusted, so steps 1 to 3 are done before
 * the next answer counts. */
#include "labels_private.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"

/* Operations of this session; those of the history are numbered from 1 on. */
#define FIRST_OPERATION (UINT32_C(1) << 31)

void labels_discard(struct labels *l)
{
    table_release(&l->table);
    file_log_close(&l->log);
    buf_release(&l->session);
    layout_release(&l->layout);
    if (l->names) {
        names_release(l->names);
    }
    free(l->names);
    change_release(&l->done);
    change_release(&l->undone);
    folder_close(&l->folder);
    free(l->path);
    free(l->history);
    free(l->torn);
    free(l->saved);
    free(l);
}

struct labels *labels_new(const char *path, enum labels_mode mode, struct error *err)
{
    struct labels *l = calloc(1, sizeof *l);
    if (!l) {
        error_nomem(err, sizeof *l, "the labels");
        return NULL;
    }
    l->mode = mode;
    l->log.fd = -1;
    l->lock.fd = -1;
    l->folder.fd = -1;
    l->tidy = true;
    l->undo_of = TABLE_NONE;
    l->operations = FIRST_OPERATION;
    l->epoch = 1;
    layout_standard(&l->layout);
    l->path = mem_string(path, strlen(path));
    if (!table_init(&l->table, (mode & LABELS_MULTI) != 0) || !l->path) {
        labels_discard(l);
        error_nomem(err, strlen(path), "the labels");
        return NULL;
    }
    return l;
}

bool labels_format(const struct labels *l, struct buf *out, struct error *err)
{
    const struct table *t = &l->table;
    layout_header(&l->layout, out);
    for (uint32_t e = t->first; e != TABLE_NONE; e = t->entries[e].after) {
        struct row row;
        table_row(t, e, &t->entries[e].now, &row);
        row_format(&row, &l->layout, out);
    }
    return out->failed ? error_nomem(err, out->len, "the compacted file") : true;
}

void labels_history_row(const struct row *row, const struct span *mark, struct buf *out)
{
    struct layout layout;
    struct row plain = *row;
    layout_history(&layout);
    plain.written.text = NULL;
    plain.foreign.len = 0;
    plain.listed = row->listed && row->note.len > 0;
    plain.mark = *mark;
    row_format(&plain, &layout, out);
}

void labels_history_mark(const struct span *mark, struct buf *out)
{
    const struct row row = {
        .name = { MARK_NO_ITEM, sizeof MARK_NO_ITEM - 1 },
        .foreign = { "", 0 },
        .label = { "", 0 },
        .guess = { "", 0 },
        .source = { "", 0 },
        .note = { "", 0 },
        .annotator = { "", 0 },
        .mark = *mark,
        .confidence = CONFIDENCE_ABSENT,
        .seconds_ms = SECONDS_ABSENT,
        .labeled_at = LABELED_AT_ABSENT,
    };
    struct layout layout;
    layout_history(&layout);
    row_format(&row, &layout, out);
}

/* --------------------------------------------------------------- compacting */

bool labels_rewrite(struct labels *l, struct error *err)
{
    struct buf bytes = BUF_INIT;
    bool ok = labels_format(l, &bytes, err);
    if (ok) {
        l->replacing = true;
        ok = folder_replace(&l->folder, l->name, bytes.data, bytes.len, err);
    }
    buf_release(&bytes);
    if (ok) {
        l->tidy = true;
        l->has_header = true;
        l->incomplete = false;
    }
    return ok;
}

bool labels_tidy(struct labels *l, struct error *err)
{
    if (l->session.len > 0 &&
        !history_append(&l->folder, l->history, l->history_len, &l->session, err)) {
        return false;
    }
    if (l->tidy && !l->log.suspect && !l->incomplete) {
        return true;
    }
    return lock_note(&l->lock, LOCK_TIDYING, 0, 0, err) && labels_rewrite(l, err);
}

bool labels_flush(struct labels *l, struct error *err)
{
    if (l->session.len > 0 &&
        !history_append(&l->folder, l->history, l->history_len, &l->session, err)) {
        return false;
    }
    /* Until the lock file says so, a restart finds the rows in the history, complete. */
    l->noted = false;
    if (!history_end(&l->folder, l->history, &l->history_len, err)) {
        return false;
    }
    buf_clear(&l->session);
    l->epoch++;
    l->noted = lock_note(&l->lock, LOCK_SESSION, l->log.size, l->history_len, err);
    return l->noted;
}

bool labels_untouched(const struct labels *l, struct error *err)
{
    return l->replacing || file_log_check(&l->log, err);
}

/* After a failed write: rewrites everything from memory. */
bool labels_start_over(struct labels *l, struct error *err)
{
    struct file_log log;
    if (!labels_untouched(l, err) || !labels_tidy(l, err) ||
        !history_end(&l->folder, l->history, &l->history_len, err) ||
        !file_log_open(&log, &l->folder, l->name, err)) {
        return false;
    }
    file_log_close(&l->log);
    l->log = log;
    l->replacing = false;
    buf_clear(&l->session);
    l->epoch++;
    l->noted = false;
    return true;
}

/* ----------------------------------------------------------------- closing */

/* Another program has replaced or changed the file: its version stays, and ours is saved
 * beside it. */
static bool save_aside(struct labels *l, const struct error *why, struct error *err)
{
    char made[NAME_MAX + 1];
    struct buf bytes = BUF_INIT;
    bool ok = (l->session.len == 0 ||
               history_append(&l->folder, l->history, l->history_len, &l->session, err)) &&
              labels_format(l, &bytes, err) &&
              folder_create_numbered(&l->folder, l->saved, bytes.data, bytes.len, made, err);
    buf_release(&bytes);
    if (ok) {
        error_set(err, ERROR_BUSY, "%s; the answers of this session were saved in %s%s",
                  why->message, l->folder.prefix, made);
    }
    return ok;
}

bool labels_multi(const struct labels *l)
{
    return (l->mode & LABELS_MULTI) != 0;
}

bool labels_close(struct labels *l, struct error *err)
{
    struct error changed;
    bool ok = true, done = true;
    if (!l) {
        return true;
    }
    if (l->session.len > 0 || l->log.suspect) {
        if (labels_untouched(l, &changed)) {
            ok = done = labels_tidy(l, err);
        } else {
            done = save_aside(l, &changed, err);
            ok = false;
        }
    }
    if (done) {
        lock_release(&l->lock);
    } else {
        lock_leave(&l->lock);
    }
    labels_discard(l);
    return ok;
}

/* ----------------------------------------------------------------- queries */

static const struct region whole = { 0, 0, 0, 0 };

static void not_found(const struct labels *l, const char *file_name, const struct region *region,
                      uint32_t item, struct annotation *out)
{
    uint32_t note = item == TABLE_NONE ? 0 : table_note_of(&l->table, item);
    *out = (struct annotation){
        .file_name = file_name,
        .region = *region,
        .label = "",
        .note = l->table.strings[note].text,
        .guess = "",
        .source = "",
        .annotator = "",
        .confidence = -1,
        .seconds = -1,
    };
}

bool labels_find(const struct labels *l, const char *file_name, const struct region *region,
                 struct annotation *out)
{
    const struct region *r = region ? region : &whole;
    uint32_t item = table_lookup(&l->table, file_name, r);
    uint32_t current = item == TABLE_NONE ? TABLE_NONE : l->table.items[item].current;
    if (current == TABLE_NONE) {
        not_found(l, file_name, r, item, out);
        return false;
    }
    table_annotation(&l->table, current, &l->table.entries[current].now, out);
    return true;
}

bool labels_find_by(const struct labels *l, const char *file_name, const struct region *region,
                    const char *annotator, struct annotation *out)
{
    const struct region *r = region ? region : &whole;
    uint32_t item = table_lookup(&l->table, file_name, r);
    uint32_t who = table_string_lookup(&l->table, annotator, strlen(annotator));
    uint32_t e = item == TABLE_NONE || who == UINT32_MAX ? TABLE_NONE
                                                         : table_entry_lookup(&l->table, item, who);
    if (e == TABLE_NONE || l->table.entries[e].now.status == STATUS_UNANSWERED) {
        not_found(l, file_name, r, item, out);
        return false;
    }
    table_annotation(&l->table, e, &l->table.entries[e].now, out);
    return true;
}

size_t labels_count(const struct labels *l, enum label_status status)
{
    return (unsigned)status < STATUS_COUNT ? l->table.counts[status] : 0;
}

size_t labels_class_count(const struct labels *l, const char *label)
{
    uint32_t id = table_string_lookup(&l->table, label, strlen(label));
    return id == UINT32_MAX ? 0 : l->table.strings[id].used;
}

/* Advances to the next annotation in the order: of all, or only of the current ones. */
static bool next_entry(const struct table *t, bool all, uint32_t *cursor, struct annotation *out)
{
    uint32_t e = *cursor == 0 ? t->first : t->entries[*cursor - 1].after;
    while (e != TABLE_NONE && (all ? t->entries[e].now.status == STATUS_UNANSWERED
                                   : t->items[t->entries[e].item].current != e)) {
        e = t->entries[e].after;
    }
    if (e == TABLE_NONE) {
        return false;
    }
    table_annotation(t, e, &t->entries[e].now, out);
    *cursor = e + 1;
    return true;
}

bool labels_next(const struct labels *l, uint32_t *cursor, struct annotation *out)
{
    return next_entry(&l->table, false, cursor, out);
}

bool labels_next_row(const struct labels *l, uint32_t *cursor, struct annotation *out)
{
    return next_entry(&l->table, true, cursor, out);
}

bool labels_next_item(const struct labels *l, uint32_t *cursor, struct annotation *out)
{
    if (*cursor >= l->table.item_count) {
        return false;
    }
    const struct item *it = &l->table.items[(*cursor)++];
    labels_find(l, it->name, table_region(&l->table, it), out);
    return true;
}

bool labels_has_regions(const struct labels *l)
{
    return l->layout.at[COLUMN_X] != LAYOUT_ABSENT;
}

bool labels_next_class(const struct labels *l, uint32_t *cursor, const char **label, size_t *count)
{
    const struct table *t = &l->table;
    while (*cursor < t->string_count) {
        const struct table_string *s = &t->strings[(*cursor)++];
        if (s->used > 0) {
            *label = s->text;
            *count = s->used;
            return true;
        }
    }
    return false;
}
