/* Operations: their rows are appended and synced before they count. */
#include "labels_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

bool labels_writable(const struct labels *l, struct error *err)
{
    if ((l->mode & LABELS_READ_ONLY) == 0) {
        return true;
    }
    return error_set(err, ERROR_USAGE, "%s: opened read-only", l->path);
}

bool labels_make_room(struct labels *l, const struct row *row, struct error *err)
{
    unsigned needs = row_needs(row);
    if (needs == 0) {
        return true;
    }
    if ((needs & NEED_REGION) != 0 && !layout_takes_region(&l->layout)) {
        return error_set(err, ERROR_DATA,
                         "%s: has columns of its own named x, y, width or height, where a region "
                         "would stand; use another file (-o FILE)",
                         l->path);
    }
    return layout_need(&l->layout, needs, &l->incomplete) ||
           error_set(err, ERROR_DATA, "%s: more than %d columns, ours included", l->path,
                     CSV_FIELDS_MAX);
}

/* Creates the file if there is none. */
static bool prepare_file(struct labels *l, struct error *err)
{
    if (!l->has_header) {
        l->incomplete = false; /* the header is still to be written */
    }
    if (l->log.fd >= 0) {
        return true;
    }
    if (!file_log_open(&l->log, &l->folder, l->name, err)) {
        return false;
    }
    if (l->log.size != 0) {
        file_log_close(&l->log);
        return error_set(err, ERROR_BUSY, "%s: was created by another program meanwhile", l->path);
    }
    folder_like(&l->folder, l->name);
    return true;
}

bool labels_make_ready(struct labels *l, struct error *err)
{
    if (l->log.fd < 0) {
        return true; /* nothing has been written */
    }
    if (l->log.suspect || (l->incomplete && l->has_header)) {
        return labels_start_over(l, err);
    }
    bool full = l->noted ? l->lock.operation_count == LOCK_OPERATIONS_MAX : l->session.len > 0;
    return !full || labels_flush(l, err);
}

/* Notes in the lock file where the session's rows begin. */
static bool prepare_note(struct labels *l, int64_t begins, struct error *err)
{
    if (l->noted) {
        return true;
    }
    l->noted = lock_note(&l->lock, LOCK_SESSION, begins, l->history_len, err);
    return l->noted;
}

void written_release(struct written *w)
{
    buf_release(&w->file);
    buf_release(&w->history);
    buf_release(&w->mark);
}

void written_begin(struct written *w, enum deed deed, size_t rows, const char *annotator,
                   const char *about)
{
    if (rows != 1 || (about && about[0])) {
        mark_format(deed, rows, annotator, about, &w->mark);
    }
}

static struct span mark_of(const struct written *w)
{
    if (w->mark.len == 0 || w->rows > 0) {
        return (struct span){ MARK_FOLLOWS, w->mark.len == 0 ? 0 : sizeof MARK_FOLLOWS - 1 };
    }
    return (struct span){ w->mark.data, w->mark.len };
}

void labels_history_was(const struct labels *l, uint32_t entry, struct buf *out)
{
    static const struct span mark = { MARK_WAS, sizeof MARK_WAS - 1 };
    const struct entry *e = &l->table.entries[entry];
    struct row was;
    if (e->epoch == l->epoch || (record_equal(&e->now, &record_unanswered) && !e->listed)) {
        return;
    }
    table_row(&l->table, entry, &e->now, &was);
    labels_history_row(&was, &mark, out);
}

void written_add(struct written *w, const struct labels *l, uint32_t entry, const struct row *row)
{
    const struct span mark = mark_of(w);
    row_format(row, &l->layout, &w->file);
    labels_history_was(l, entry, &w->history);
    labels_history_row(row, &mark, &w->history);
    w->rows++;
}

bool written_failed(const struct written *w)
{
    return w->file.failed || w->history.failed || w->mark.failed;
}

static bool fits(const struct labels *l, size_t len, struct error *err)
{
    if (l->log.size + (int64_t)len <= LABELS_FILE_MAX) {
        return true;
    }
    return error_set(err, ERROR_USAGE,
                     "%s: with %zu more bytes it would be larger than %lld, the limit", l->path,
                     len, (long long)LABELS_FILE_MAX);
}

/* Puts the header in front of the rows, in place, for which there is room: those of an import are
 * too many to copy. */
static void put_header(struct buf *bytes, const struct buf *header)
{
    size_t len = bytes->len;
    if (header->len == 0) {
        return;
    }
    buf_add(bytes, header->data, header->len);
    memmove(bytes->data + header->len, bytes->data, len);
    memcpy(bytes->data, header->data, header->len);
}

/* Appends the header of the file, which may be empty, and the rows. */
static bool append(struct labels *l, struct written *w, const struct buf *header, struct error *err)
{
    int64_t start = l->log.size + (int64_t)header->len;
    struct buf *bytes = &w->file;
    if (!buf_reserve(bytes, header->len)) {
        return error_nomem(err, header->len, "the header");
    }
    if (!fits(l, header->len + bytes->len, err) || !prepare_note(l, start, err) ||
        (w->mark.len > 0 && !lock_note_operation(&l->lock, start, bytes, &w->mark, err))) {
        return false;
    }
    put_header(bytes, header);
    if (bytes->len == 0 || file_log_append(&l->log, bytes->data, bytes->len, err)) {
        return true;
    }
    if (w->mark.len > 0) {
        lock_forget_operation(&l->lock);
        l->noted = false; /* the file still has the operation */
    }
    return false;
}

/* The first rows of a session are taken over, later ones copied to where there is room. */
static void remember(struct labels *l, struct written *w)
{
    if (l->session.len > 0) {
        buf_add(&l->session, w->history.data, w->history.len);
        return;
    }
    buf_release(&l->session);
    l->session = w->history;
    buf_init(&w->history);
}

bool labels_commit(struct labels *l, struct written *w, struct error *err)
{
    struct buf header = BUF_INIT;
    if (written_failed(w)) {
        return error_nomem(err, w->file.len, "the rows");
    }
    if (!prepare_file(l, err)) {
        return false;
    }
    if (l->session.len > 0 && !buf_reserve(&l->session, w->history.len)) {
        l->session.failed = false;
        return error_nomem(err, w->history.len, "the session's rows");
    }
    if (!l->has_header) {
        layout_header(&l->layout, &header);
    }
    bool ok =
        header.failed ? error_nomem(err, header.len, "the header") : append(l, w, &header, err);
    buf_release(&header);
    if (!ok) {
        return false;
    }
    l->has_header = true;
    remember(l, w);
    return true;
}

bool labels_next_time(const struct labels *l, int64_t last, int64_t *at, struct error *err)
{
    int64_t now = clock_wall_ms();
    *at = now > last ? now : last + 1;
    if (*at > LABELED_AT_MAX) {
        return error_set(err, ERROR_DATA,
                         "%s: its latest labeled_at is the end of the year 9999, and no later "
                         "time can be written; correct that row",
                         l->path);
    }
    return true;
}

void labels_apply(struct labels *l, uint32_t entry, const struct record *rec)
{
    if (l->table.entries[entry].ordered || rec->status == STATUS_UNANSWERED) {
        l->tidy = false;
    }
    table_set(&l->table, entry, rec);
    l->table.entries[entry].epoch = l->epoch;
}

/* ---------------------------------------------------------------- planning */

/* An operation on its way: its changes lie on top of l->done, not counted there yet. */
struct plan {
    struct labels *l;
    size_t count;
    uint32_t about;
    int64_t last_at;
};

static struct change *next_change(struct plan *p)
{
    return &p->l->done.items[p->l->done.count + p->count];
}

static bool begin_plan(struct plan *p, struct labels *l, size_t most, const struct operation *op,
                       struct error *err)
{
    const char *about = !op || !op->about ? "" : op->about;
    *p = (struct plan){ .l = l, .last_at = l->last_at };
    if (!labels_writable(l, err)) {
        return false;
    }
    if (strlen(about) > OPERATION_ABOUT_MAX) {
        return error_set(err, ERROR_USAGE, "%s: an operation about %zu bytes, the limit is %d",
                         l->path, strlen(about), OPERATION_ABOUT_MAX);
    }
    if (!change_reserve(&l->done, most + 1) ||
        !table_string(&l->table, about, strlen(about), &p->about)) {
        return error_nomem(err, most * sizeof *l->done.items, "undo");
    }
    return true;
}

/* True if the annotation is identical to the item's current one. */
static bool is_known(const struct labels *l, const struct change *c)
{
    const struct entry *e = &l->table.entries[c->entry];
    return record_equal(&e->now, &c->after) &&
           (c->after.status == STATUS_UNANSWERED || l->table.items[e->item].current == c->entry);
}

/* The note stays as it was where none is given; without an answer only the note changes. */
static bool keep_rest(struct plan *p, const struct annotation *a, struct change *c,
                      struct error *err)
{
    struct table *t = &p->l->table;
    const struct entry *e = &t->entries[c->entry];
    if (!a->note) {
        c->after.note = e->now.note;
    }
    if (a->status == STATUS_UNANSWERED &&
        label_status_is_answer((enum label_status)e->now.status)) {
        return error_set(err, ERROR_USAGE, "%s: %s: has an answer", p->l->path, a->file_name);
    }
    return true;
}

/* True for a prediction of an item that has an answer. */
static bool is_late(const struct labels *l, const struct change *c)
{
    uint32_t current = l->table.items[l->table.entries[c->entry].item].current;
    return c->after.status == STATUS_PREDICTED && current != TABLE_NONE &&
           label_status_is_answer((enum label_status)l->table.entries[current].now.status);
}

static bool plan_annotation(struct plan *p, const struct annotation *a, struct error *err)
{
    struct labels *l = p->l;
    struct row row;
    struct change *c = next_change(p);
    const char *wrong = row_from_annotation(a, &row);
    if (wrong) {
        return error_set(err, ERROR_USAGE, "%s: %s: %s", l->path, a->file_name ? a->file_name : "",
                         wrong);
    }
    if (row.labeled_at == 0 && !labels_next_time(l, p->last_at, &row.labeled_at, err)) {
        return false;
    }
    if (!table_place(&l->table, &row, &c->entry, &c->after)) {
        return error_nomem(err, row.name.len, "an annotation");
    }
    if (!keep_rest(p, a, c, err)) {
        return false;
    }
    c->before = l->table.entries[c->entry].now;
    if (is_known(l, c) || is_late(l, c)) {
        return true;
    }
    p->count++;
    if (row.labeled_at > p->last_at) {
        p->last_at = row.labeled_at;
    }
    return true;
}

/* Formats the rows of the planned changes. */
static bool write_plan(struct plan *p, const char *annotator, struct written *w, struct error *err)
{
    struct labels *l = p->l;
    struct row row;
    written_begin(w, DEED_DO, p->count, annotator, l->table.strings[p->about].text);
    for (size_t i = 0; i < p->count; i++) {
        const struct change *c = &l->done.items[l->done.count + i];
        table_row(&l->table, c->entry, &c->after, &row);
        if (!labels_make_room(l, &row, err)) {
            return false;
        }
    }
    if (!labels_make_ready(l, err)) {
        return false;
    }
    for (size_t i = 0; i < p->count; i++) {
        const struct change *c = &l->done.items[l->done.count + i];
        size_t start = w->file.len;
        table_row(&l->table, c->entry, &c->after, &row);
        written_add(w, l, c->entry, &row);
        if (w->file.len - start > LABELS_ROW_MAX) {
            return error_set(err, ERROR_USAGE, "%s: a row of %zu bytes, the limit is 1 MiB",
                             l->path, w->file.len - start);
        }
    }
    if (w->rows == 0) {
        const struct span mark = { w->mark.data, w->mark.len };
        labels_history_mark(&mark, &w->history);
    }
    return true;
}

/* Counts and applies what has been committed. */
static void apply_plan(struct plan *p)
{
    struct labels *l = p->l;
    size_t count = p->count;
    if (count == 0) { /* stands for an operation that changed no annotation */
        *next_change(p) = (struct change){ .entry = TABLE_NONE };
        count = 1;
    }
    l->operations++;
    for (size_t i = 0; i < count; i++) {
        struct change *c = &l->done.items[l->done.count++];
        c->operation = l->operations;
        c->about = p->about;
        if (c->entry != TABLE_NONE) {
            labels_apply(l, c->entry, &c->after);
        }
    }
    l->moved = &l->done;
    l->moved_count = count;
    l->undone.count = 0;
    l->answered = true;
    l->last_at = p->last_at;
}

static bool commit_plan(struct plan *p, const char *annotator, struct error *err)
{
    struct written w = { .file = BUF_INIT, .history = BUF_INIT, .mark = BUF_INIT };
    if (p->count == 0 && p->about == 0) {
        p->l->moved = NULL;
        return true;
    }
    bool ok = write_plan(p, annotator, &w, err) && labels_commit(p->l, &w, err);
    written_release(&w);
    if (ok) {
        apply_plan(p);
    }
    return ok;
}

static const char *annotator_of(const struct operation *op, const struct annotation *first)
{
    if (op && op->annotator) {
        return op->annotator;
    }
    return first && first->annotator ? first->annotator : "";
}

bool labels_write_from(struct labels *l, labels_next_fn *next, void *context, size_t most,
                       const struct operation *op, struct error *err)
{
    struct plan p;
    struct annotation a;
    bool ok = begin_plan(&p, l, most, op, err);
    while (ok && next(context, &a)) {
        ok = plan_annotation(&p, &a, err);
    }
    return ok && commit_plan(&p, annotator_of(op, NULL), err);
}

struct list {
    const struct annotation *next, *end;
};

static bool next_of_list(void *context, struct annotation *out)
{
    struct list *list = context;
    if (list->next == list->end) {
        return false;
    }
    *out = *list->next++;
    return true;
}

bool labels_write(struct labels *l, const struct annotation *list, size_t count,
                  const struct operation *op, struct error *err)
{
    struct list rest = { list, list + count };
    struct operation whose = { .annotator = annotator_of(op, count > 0 ? list : NULL),
                               .about = op ? op->about : NULL };
    return labels_write_from(l, next_of_list, &rest, count, &whose, err);
}

/* --------------------------------------------------------------- amendments */

static bool plan_amendment(struct plan *p, uint32_t entry, labels_amend_fn *fn, void *context,
                           struct error *err)
{
    struct table *t = &p->l->table;
    struct annotation a;
    table_annotation(t, entry, &t->entries[entry].now, &a);
    struct amendment to = { a.status, a.label, a.guess };
    if (!fn(context, &a, &to)) {
        return true;
    }
    struct change *c = next_change(p);
    c->entry = entry;
    c->before = c->after = t->entries[entry].now;
    if (to.status == STATUS_UNANSWERED) {
        c->after = record_unanswered;
        c->after.note = c->before.note;
    } else if (!table_label(t, to.label, &c->after.label) ||
               !table_string(t, to.guess, strlen(to.guess), &c->after.guess)) {
        return error_nomem(err, strlen(to.label), "a label");
    }
    if (!record_equal(&c->before, &c->after)) {
        p->count++;
    }
    return true;
}

bool labels_amend(struct labels *l, labels_amend_fn *fn, void *context, const struct operation *op,
                  size_t *changed, struct error *err)
{
    struct plan p;
    bool ok = begin_plan(&p, l, l->table.entry_count, op, err);
    *changed = 0;
    for (uint32_t e = l->table.first; ok && e != TABLE_NONE; e = l->table.entries[e].after) {
        if (l->table.entries[e].now.status != STATUS_UNANSWERED) {
            ok = plan_amendment(&p, e, fn, context, err);
        }
    }
    ok = ok && commit_plan(&p, annotator_of(op, NULL), err);
    *changed = ok ? p.count : 0;
    return ok;
}

bool labels_check(struct labels *l, const char *file_name, const struct region *region,
                  const struct operation *op, struct error *err)
{
    static const struct region whole = { 0, 0, 0, 0 };
    struct plan p;
    uint32_t item = table_lookup(&l->table, file_name, region ? region : &whole);
    uint32_t current = item == TABLE_NONE ? TABLE_NONE : l->table.items[item].current;
    if (!begin_plan(&p, l, 1, op, err)) {
        return false;
    }
    if (current == TABLE_NONE ||
        !label_status_is_answer((enum label_status)l->table.entries[current].now.status)) {
        return error_set(err, ERROR_USAGE, "%s: %s: has no answer to check", l->path, file_name);
    }
    struct change *c = next_change(&p);
    c->entry = current;
    c->before = c->after = l->table.entries[current].now;
    c->after.checked = true;
    if (record_equal(&c->before, &c->after)) {
        l->moved = NULL;
        return true;
    }
    p.count = 1;
    return commit_plan(&p, annotator_of(op, NULL), err);
}

bool labels_changed(const struct labels *l, size_t i, struct annotation *now)
{
    if (!l->moved || i >= l->moved_count) {
        return false;
    }
    const struct change *c = &l->moved->items[l->moved->count - l->moved_count + i];
    if (c->entry == TABLE_NONE) {
        return false;
    }
    table_annotation(&l->table, c->entry, &l->table.entries[c->entry].now, now);
    return true;
}
