#include "history.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "load.h"
#include "operation.h"

enum { HEADER_LEN = sizeof LABELS_HEADER - 1 };

size_t change_top(const struct change_stack *s)
{
    size_t n = 0;
    while (n < s->count &&
           s->items[s->count - 1 - n].operation == s->items[s->count - 1].operation) {
        n++;
    }
    return n;
}

bool change_reserve(struct change_stack *s, size_t more)
{
    return s->count + more < NO_CHANGE &&
           mem_reserve(&s->items, &s->cap, s->count + more, sizeof *s->items);
}

void change_release(struct change_stack *s)
{
    free(s->items);
    *s = (struct change_stack){ NULL, 0, 0 };
}

/* -------------------------------------------------------------- the replay */

struct replay_entry {
    struct record now;
    uint32_t top; /* index of its last change in `done`, or NO_CHANGE */
    uint32_t row; /* index of its first row in the operation being read, or NO_CHANGE */
};

/* A row of the operation being read. */
struct replay_row {
    uint32_t entry;
    struct record rec;
};

struct replay {
    struct table *table;
    uint32_t annotator; /* whose operations are wanted, or TABLE_NONE */
    struct replay_entry *entries;
    size_t count, cap;
    struct change_stack *done, *undone;
    uint32_t operations; /* the last number given */

    struct replay_row *rows; /* of the operation being read */
    size_t row_count, row_cap;
    size_t rows_missing; /* still to come; 0: none is being read */
    enum deed deed;
    uint32_t about;
    bool wanted;
};

static bool make_entries(struct replay *r)
{
    if (!mem_reserve(&r->entries, &r->cap, r->table->entry_count, sizeof *r->entries)) {
        return false;
    }
    for (; r->count < r->table->entry_count; r->count++) {
        r->entries[r->count] = (struct replay_entry){ record_unanswered, NO_CHANGE, NO_CHANGE };
    }
    return true;
}

/* The entry of an item and annotator. A prediction whose entry an annotator has taken over belongs
 * to that one. */
static bool entry_of(struct replay *r, uint32_t item, uint32_t annotator, bool predicted,
                     uint32_t *entry)
{
    uint32_t current = r->table->items[item].current;
    *entry = table_entry_lookup(r->table, item, annotator);
    if (*entry == TABLE_NONE && predicted && annotator == 0) {
        *entry = current;
    }
    return *entry != TABLE_NONE || table_entry(r->table, item, annotator, entry);
}

/* The entry that a row belongs to. An undo row without an annotator, as version 0.1.0 wrote
 * them, belongs to the item's latest annotation. */
static bool find_entry(struct replay *r, const struct row *row, uint32_t *entry, struct record *rec)
{
    uint32_t item, annotator, latest = TABLE_NONE;
    if (!table_add(r->table, &row->name, &row->region, &item) ||
        !table_string(r->table, row->annotator.text, row->annotator.len, &annotator) ||
        !table_record(r->table, row, rec) ||
        !entry_of(r, item, annotator, rec->status == STATUS_PREDICTED, entry) || !make_entries(r)) {
        return false;
    }
    if (rec->status != STATUS_UNANSWERED || annotator != 0 || rec->note != 0 ||
        r->entries[*entry].now.status != STATUS_UNANSWERED) {
        return true;
    }
    for (uint32_t e = r->table->items[item].entries; e != TABLE_NONE;
         e = r->table->entries[e].next) {
        const struct record *now = &r->entries[e].now;
        if (now->status != STATUS_UNANSWERED &&
            (latest == TABLE_NONE || now->labeled_at > r->entries[latest].now.labeled_at)) {
            latest = e;
        }
    }
    if (latest != TABLE_NONE) {
        *entry = latest;
    }
    return true;
}

static bool is_redo(const struct replay *r, uint32_t entry, const struct record *rec)
{
    if (r->undone->count == 0) {
        return false;
    }
    const struct change *c = &r->undone->items[r->undone->count - 1];
    return c->entry == entry && change_top(r->undone) == 1 && record_equal(&c->after, rec) &&
           record_equal(&c->before, &r->entries[entry].now);
}

static bool is_undo(const struct replay *r, uint32_t entry, const struct record *rec)
{
    const struct replay_entry *e = &r->entries[entry];
    if (e->top == NO_CHANGE) {
        return false;
    }
    const struct change *c = &r->done->items[e->top];
    return record_equal(&c->before, rec) && record_equal(&c->after, &e->now);
}

/* The caller has reserved room. */
static void push_done(struct replay *r, const struct change *c)
{
    struct change *top = &r->done->items[r->done->count];
    *top = *c;
    if (c->entry != TABLE_NONE) {
        struct replay_entry *e = &r->entries[c->entry];
        top->below = e->top;
        e->top = (uint32_t)r->done->count;
        e->now = c->after;
    }
    r->done->count++;
}

/* Drops the topmost change: an undo had skipped it. */
static void drop_top(struct replay *r)
{
    const struct change *c = &r->done->items[--r->done->count];
    if (c->entry != TABLE_NONE) {
        r->entries[c->entry].top = c->below;
    }
}

/* Moves the topmost change to the undone ones. */
static void move_top(struct replay *r)
{
    const struct change *c = &r->done->items[--r->done->count];
    r->undone->items[r->undone->count++] = *c;
    if (c->entry != TABLE_NONE) {
        r->entries[c->entry].top = c->below;
        r->entries[c->entry].now = c->before;
    }
}

static void pop_undone(struct replay *r, uint32_t entry)
{
    size_t at = r->entries[entry].top;
    while (r->done->count > at + 1) {
        drop_top(r);
    }
    move_top(r);
}

static void do_row(struct replay *r, uint32_t entry, const struct record *rec, uint32_t about)
{
    struct replay_entry *e = &r->entries[entry];
    if (rec->status == STATUS_UNANSWERED && rec->note == e->now.note && about == 0) {
        e->now = *rec;
    } else {
        push_done(r, &(struct change){ .entry = entry,
                                       .operation = r->operations,
                                       .about = about,
                                       .before = e->now,
                                       .after = *rec });
    }
}

/* A row that is an operation of its own. */
static void replay_single(struct replay *r, uint32_t entry, const struct record *rec)
{
    struct replay_entry *e = &r->entries[entry];
    if (record_equal(rec, &e->now)) {
        return;
    }
    if (r->annotator != TABLE_NONE && r->table->entries[entry].annotator != r->annotator) {
        e->now = *rec;
    } else if (is_redo(r, entry, rec)) {
        push_done(r, &r->undone->items[--r->undone->count]);
    } else if (is_undo(r, entry, rec)) {
        pop_undone(r, entry);
    } else {
        r->undone->count = 0;
        r->operations++;
        do_row(r, entry, rec, 0);
    }
}

/* ------------------------------------------------- operations with a mark */

static bool reserve(struct replay *r, size_t more)
{
    return change_reserve(r->done, more) && change_reserve(r->undone, more);
}

static void do_rows(struct replay *r)
{
    r->undone->count = 0;
    r->operations++;
    for (size_t i = 0; i < r->row_count; i++) {
        do_row(r, r->rows[i].entry, &r->rows[i].rec, r->about);
    }
    if (r->row_count == 0) {
        push_done(r, &(struct change){
                         .entry = TABLE_NONE, .operation = r->operations, .about = r->about });
    }
}

/* Whether the change is what a row of the undo takes back. */
static bool takes_back(const struct replay *r, const struct change *c)
{
    if (c->entry == TABLE_NONE) {
        return r->row_count == 0;
    }
    uint32_t row = r->entries[c->entry].row;
    return row != NO_CHANGE && record_equal(&r->rows[row].rec, &c->before);
}

/* Undoes the topmost operation about the same thing that the rows take back, and drops those
 * above it, and of it what the rows leave out: the undo had skipped all these. */
static void undo_rows(struct replay *r)
{
    size_t found = r->done->count;
    while (found > 0 && !(r->done->items[found - 1].about == r->about &&
                          takes_back(r, &r->done->items[found - 1]))) {
        found--;
    }
    if (found == 0) {
        return;
    }
    uint32_t operation = r->done->items[found - 1].operation;
    size_t start = r->undone->count;
    while (r->done->count > found) {
        drop_top(r);
    }
    while (r->done->count > 0 && r->done->items[r->done->count - 1].operation == operation) {
        if (takes_back(r, &r->done->items[r->done->count - 1])) {
            move_top(r);
        } else {
            drop_top(r);
        }
    }
    /* In the order in which they were done. */
    for (size_t i = start, j = r->undone->count; i + 1 < j; i++) {
        struct change c = r->undone->items[i];
        r->undone->items[i] = r->undone->items[--j];
        r->undone->items[j] = c;
    }
}

static void redo_rows(struct replay *r)
{
    size_t count = change_top(r->undone);
    if (count == 0 || r->undone->items[r->undone->count - 1].about != r->about) {
        return;
    }
    r->undone->count -= count;
    for (size_t i = 0; i < count; i++) {
        push_done(r, &r->undone->items[r->undone->count + i]);
    }
}

/* Replays the operation whose rows have been read. */
static bool replay_operation(struct replay *r)
{
    r->rows_missing = 0;
    if (!reserve(r, r->row_count + r->done->count + r->undone->count + 1)) {
        return false;
    }
    if (r->wanted && r->deed == DEED_DO) {
        do_rows(r);
    } else if (r->wanted && r->deed == DEED_UNDO) {
        undo_rows(r);
    } else if (r->wanted) {
        redo_rows(r);
    }
    for (size_t i = 0; i < r->row_count; i++) {
        r->entries[r->rows[i].entry].now = r->rows[i].rec;
        r->entries[r->rows[i].entry].row = NO_CHANGE;
    }
    r->row_count = 0;
    return true;
}

static bool begin_operation(struct replay *r, const struct mark *m)
{
    uint32_t annotator;
    if (!table_string(r->table, m->annotator, strlen(m->annotator), &annotator) ||
        !table_string(r->table, m->about, strlen(m->about), &r->about)) {
        return false;
    }
    r->deed = m->deed;
    r->wanted = r->annotator == TABLE_NONE || r->annotator == annotator;
    r->rows_missing = m->rows;
    return m->rows > 0 || replay_operation(r);
}

static bool add_row(struct replay *r, uint32_t entry, const struct record *rec)
{
    if (!mem_reserve(&r->rows, &r->row_cap, r->row_count + 1, sizeof *r->rows)) {
        return false;
    }
    if (r->entries[entry].row == NO_CHANGE) {
        r->entries[entry].row = (uint32_t)r->row_count;
    }
    r->rows[r->row_count++] = (struct replay_row){ entry, *rec };
    return --r->rows_missing > 0 || replay_operation(r);
}

/* What was there when the rows that follow were written. */
static bool take_was(struct replay *r, const struct row *row)
{
    struct record rec;
    uint32_t entry;
    if (!find_entry(r, row, &entry, &rec)) {
        return false;
    }
    r->entries[entry].now = rec;
    return true;
}

static bool take_row(struct replay *r, const struct row *row)
{
    struct mark m;
    struct record rec;
    uint32_t entry;
    bool begins = row->mark.len > 0 && mark_parse(row->mark.text, row->mark.len, &m);
    if (row->mark.len == sizeof MARK_WAS - 1 &&
        memcmp(row->mark.text, MARK_WAS, row->mark.len) == 0) {
        return take_was(r, row);
    }
    /* A file edited by hand may lack rows of an operation. */
    if (r->rows_missing > 0 && (begins || row->mark.len == 0) && !replay_operation(r)) {
        return false;
    }
    if (begins && !begin_operation(r, &m)) {
        return false;
    }
    if (begins && m.rows == 0) {
        return true;
    }
    if (!find_entry(r, row, &entry, &rec) || !reserve(r, 1)) {
        return false;
    }
    if (r->rows_missing > 0) {
        return add_row(r, entry, &rec);
    }
    replay_single(r, entry, &rec);
    return true;
}

static bool replay_row(void *context, const struct load_row *row, struct error *err)
{
    struct replay *r = context;
    return take_row(r, &row->row) ||
           error_nomem(err, r->done->cap * sizeof *r->done->items, "the history");
}

static bool load_history(const struct folder *f, const char *name, int64_t end, load_row_fn *fn,
                         void *context, struct load_result *res, struct error *err)
{
    struct file_reader file;
    *res = (struct load_result){ .tail = BUF_INIT, .layout = { .foreign = BUF_INIT } };
    char *path = file_join(f->path, name);
    if (!path) {
        return error_nomem(err, strlen(name), "a file name");
    }
    bool ok = folder_reader_open(f, &file, name, INT64_MAX, err);
    if (ok) {
        struct load_source source = { .file = &file, .limit = end, .name = path, .history = true };
        ok = load_rows(&source, fn, context, res, err);
        file_reader_close(&file);
    }
    free(path);
    return ok;
}

bool history_replay(const struct folder *f, const char *name, int64_t end, struct table *t,
                    uint32_t annotator, struct change_stack *done, struct change_stack *undone,
                    struct error *err)
{
    struct replay r = { .table = t, .annotator = annotator, .done = done, .undone = undone };
    struct load_result res;
    if (end == 0) {
        return true;
    }
    bool ok = load_history(f, name, end, replay_row, &r, &res, err);
    if (ok && r.rows_missing > 0 && !replay_operation(&r)) {
        ok = error_nomem(err, r.row_count * sizeof *r.rows, "the history");
    }
    load_release(&res);
    free(r.entries);
    free(r.rows);
    if (!ok) {
        change_release(done);
        change_release(undone);
    }
    return ok;
}

/* ---------------------------------------------------------------- the file */

static bool note_offset(void *context, const struct load_row *row, struct error *err)
{
    int64_t *offset = context;
    (void)err;
    *offset = row->offset;
    return true;
}

/* Sets *end behind the last row that has a line end. */
static bool find_end(const struct folder *f, const char *name, int64_t *end, struct error *err)
{
    struct load_result res;
    int64_t last_row = 0;
    bool ok = load_history(f, name, -1, note_offset, &last_row, &res, err);
    *end = res.row_ended ? last_row : res.good_end;
    load_release(&res);
    return ok;
}

bool history_end(const struct folder *f, const char *name, int64_t *end, struct error *err)
{
    struct file_reader file;
    char last = '\n';
    size_t got;
    *end = 0;
    switch (folder_look(f, name, err)) {
    case FOLDER_NOTHING:
        return true;
    case FOLDER_REFUSED:
        return false;
    case FOLDER_FILE:
        break;
    }
    if (!folder_reader_open(f, &file, name, INT64_MAX, err)) {
        return false;
    }
    *end = file.size;
    bool ok = file.size == 0 || (file_reader_seek(&file, file.size - 1, err) &&
                                 file_reader_read(&file, &last, 1, &got, err));
    file_reader_close(&file);
    if (!ok || last == '\n') {
        return ok;
    }
    return find_end(f, name, end, err);
}

bool history_append(const struct folder *f, const char *name, int64_t start, const struct buf *rows,
                    struct error *err)
{
    struct file_log log;
    struct buf bytes = BUF_INIT;
    if (start == 0) {
        buf_add(&bytes, LABELS_HEADER, HEADER_LEN);
    }
    buf_add(&bytes, rows->data, rows->len);
    if (bytes.failed) {
        buf_release(&bytes);
        return error_nomem(err, rows->len, "the history");
    }
    bool ok = file_log_open(&log, f, name, err);
    if (ok && log.size > start) {
        file_log_close(&log);
        ok = folder_truncate(f, name, start, err) && file_log_open(&log, f, name, err);
    }
    if (ok && log.size < start) {
        ok = error_set(err, ERROR_DATA, "%s%s: %lld bytes, expected %lld", f->prefix, name,
                       (long long)log.size, (long long)start);
    }
    ok = ok && file_log_append(&log, bytes.data, bytes.len, err);
    file_log_close(&log);
    buf_release(&bytes);
    return ok;
}

/* Reads the history from offset `from` on, at most `most` bytes. */
static bool read_tail(const struct folder *f, const char *name, int64_t from, size_t most,
                      struct buf *tail, struct error *err)
{
    struct file_reader file;
    size_t got = 1;
    if (!folder_reader_open(f, &file, name, INT64_MAX, err)) {
        return false;
    }
    bool ok = file_reader_seek(&file, from, err) &&
              (buf_reserve(tail, most) || error_nomem(err, most, "the history"));
    while (ok && got > 0 && tail->len < most) {
        ok = file_reader_read(&file, tail->data + tail->len, most - tail->len, &got, err);
        tail->len += ok ? got : 0;
    }
    file_reader_close(&file);
    return ok;
}

/* True if the bytes are a beginning of `want`, or such a beginning with trailing NUL bytes
 * instead of the rest, as a power loss may leave it. */
static bool is_beginning(const char *have, size_t len, const struct buf *want)
{
    size_t same = 0;
    if (len > want->len) {
        return false;
    }
    while (same < len && have[same] == want->data[same]) {
        same++;
    }
    while (same < len && have[same] == '\0') {
        same++;
    }
    return same == len;
}

enum tail { TAIL_NONE, TAIL_BEGUN, TAIL_WHOLE, TAIL_OTHER };

/* Compares the bytes after `start`, where a row must end, with the rows. */
static bool judge_tail(const struct folder *f, const char *name, int64_t start,
                       const struct buf *rows, enum tail *found, struct error *err)
{
    struct buf tail = BUF_INIT;
    size_t before = start > 0; /* the line end in front */
    bool ok = read_tail(f, name, start - (int64_t)before, rows->len + 2, &tail, err);
    size_t len = tail.len < before ? 0 : tail.len - before;
    if (ok && (tail.len < before || (before > 0 && tail.data[0] != '\n'))) {
        *found = TAIL_OTHER;
    } else if (ok && len == 0) {
        *found = TAIL_NONE;
    } else if (ok && len == rows->len && memcmp(tail.data + before, rows->data, len) == 0) {
        *found = TAIL_WHOLE;
    } else if (ok) {
        *found = is_beginning(tail.data + before, len, rows) ? TAIL_BEGUN : TAIL_OTHER;
    }
    buf_release(&tail);
    return ok;
}

/* The same for a history that starts with these rows, after its header. */
static bool judge_first(const struct folder *f, const char *name, const struct buf *rows,
                        enum tail *found, struct error *err)
{
    struct buf all = BUF_INIT;
    buf_add(&all, LABELS_HEADER, HEADER_LEN);
    buf_add(&all, rows->data, rows->len);
    bool ok = all.failed ? error_nomem(err, rows->len, "the history")
                         : judge_tail(f, name, 0, &all, found, err);
    buf_release(&all);
    return ok;
}

bool history_complete(const struct folder *f, const char *name, int64_t start,
                      const struct buf *rows, struct error *err)
{
    enum tail tail = TAIL_OTHER;
    int64_t end;
    if (rows->len == 0) {
        return true;
    }
    enum folder_entry there = folder_look(f, name, err);
    if (there == FOLDER_REFUSED) {
        return false;
    }
    if (there == FOLDER_FILE && !(start == 0 ? judge_first(f, name, rows, &tail, err)
                                             : judge_tail(f, name, start, rows, &tail, err))) {
        return false;
    }
    if (tail == TAIL_WHOLE) {
        return true;
    }
    if (tail != TAIL_OTHER) {
        return history_append(f, name, start, rows, err);
    }
    /* The file ends elsewhere: in a partial row of earlier, or before `start`. */
    return history_end(f, name, &end, err) &&
           (end > start || history_append(f, name, end, rows, err));
}
