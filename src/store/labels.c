/* How a session's rows become the history, so that a kill at any moment loses
 * neither an answer nor a step of undo:
 *
 *   first answer   .NAME.lock notes where in labels.csv (C) and in the history
 *                  (H) the session's rows begin; synced
 *   each answer    a row is appended to labels.csv; synced
 *   close          1. the rows from C on are written at H; synced
 *                  2. .NAME.lock notes "tidying"; synced
 *                  3. labels.csv is replaced by its tidy form
 *                  4. .NAME.lock is removed
 *
 * Killed before 2, the next session finds the rows from C on and writes them
 * at H again: the history behind H is either a beginning of them or nothing.
 * Killed later, it starts at 3. When labels.csv no longer has a row boundary at
 * C, or the history does not fit, somebody else has been there: nothing is
 * moved, and undo skips what it cannot be sure of.
 *
 * After a failed sync the page cache cannot be believed, so steps 1 to 3 are
 * gone through before the next answer counts. */
#include "store/labels.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "advice.h"
#include "base/clock.h"
#include "base/folder.h"
#include "base/mem.h"
#include "history.h"
#include "layout.h"
#include "load.h"
#include "lock.h"
#include "store/names.h"
#include "table.h"

enum { HEADER_LEN = sizeof LABELS_HEADER - 1 };

struct labels {
    struct table table;
    enum labels_mode mode;
    char *path;           /* as given, for messages */
    struct folder folder; /* open while writing is meant */
    const char *name;     /* in it: the last part of path */
    char *history, *torn, *saved;
    struct lock lock;
    struct file_log log; /* fd -1 until the file exists */
    bool replacing;      /* what is open may no longer be what the path names */
    bool has_header;
    struct layout layout;
    bool incomplete;     /* the file lacks columns of ours: it is rewritten before a row is added */
    struct names *names; /* to know absolute names by, or NULL */
    bool tidy;           /* one row a picture and person, in our form, nothing else */
    struct buf session;  /* the rows written since the last tidying, as the history has them */
    bool noted;          /* the lock file knows where they begin */
    int64_t history_len; /* where they will go in the history */
    int64_t last_at;     /* the latest labeled_at in the file */
    struct change_stack done, undone;
    int64_t past_len; /* the history as it was before this session */
    bool past_read;   /* done and undone reach back into it */
    bool answered;    /* in this session: what was undone before is gone */
};

/* ------------------------------------------------------------ small helpers */

static void free_labels(struct labels *l)
{
    table_release(&l->table);
    file_log_close(&l->log);
    buf_release(&l->session);
    layout_release(&l->layout);
    if (l->names != NULL)
        names_release(l->names);
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

static struct labels *new_labels(const char *path, enum labels_mode mode, struct error *err)
{
    struct labels *l = calloc(1, sizeof *l);

    if (l == NULL) {
        error_nomem(err, sizeof *l, "the labels");
        return NULL;
    }
    l->mode = mode;
    l->log.fd = -1;
    l->lock.fd = -1;
    l->folder.fd = -1;
    l->tidy = true;
    layout_standard(&l->layout);
    l->path = mem_string(path, strlen(path));
    if (!table_init(&l->table) || l->path == NULL) {
        free_labels(l);
        error_nomem(err, strlen(path), "the labels");
        return NULL;
    }
    return l;
}

/* Says what to do about a name in the folder that is not used. */
static bool refuse(struct labels *l, const char *name, const char *way_out, struct error *err)
{
    struct error why;

    if (folder_look(&l->folder, name, &why) != FOLDER_REFUSED)
        return true;
    return error_set(err, why.kind, "%s; %s", why.message, way_out);
}

/* The CSV itself: a link may be meant, and then its target can be named. */
static bool refuse_csv(struct labels *l, struct error *err)
{
    struct buf way_out = BUF_INIT;
    char *target = file_follow(l->path);

    if (target != NULL && strcmp(target, l->path) != 0)
        buf_addf(&way_out, "if that file is meant, name it: -o %s", target);
    else
        buf_adds(&way_out,
                 "use another file (-o FILE), or replace this one by a copy that is yours");
    bool ok = way_out.failed ? error_nomem(err, 0, "a message")
                             : refuse(l, l->name, buf_text(&way_out), err);
    free(target);
    buf_release(&way_out);
    return ok;
}

/* A file that is there can be written, or *err tells why not. */
static bool may_write(const struct labels *l, const char *name, struct error *err)
{
    struct stat st;

    if (folder_look(&l->folder, name, NULL) == FOLDER_NOTHING)
        return true;
    int fd = folder_open_file(&l->folder, name, O_RDWR, &st, err);
    if (fd < 0)
        return advise(&l->folder, name, errno, err);
    close(fd);
    return true;
}

/* Opens the folder and looks at all that will be written, before anything is. */
static bool open_folder(struct labels *l, struct error *err)
{
    static const char way_out[] = "remove it, or put the labels elsewhere (-o FILE)";

    if (!folder_open_of(&l->folder, l->path, &l->name, err) || !refuse_csv(l, err))
        return false;
    l->history = sidecar_name(l->name, ".", ".history");
    l->torn = sidecar_name(l->name, "", ".torn");
    l->saved = sidecar_name(l->name, "", ".saved");
    if (l->history == NULL || l->torn == NULL || l->saved == NULL)
        return error_nomem(err, strlen(l->name), "a file name");
    folder_like(&l->folder, l->name);
    return refuse(l, l->history, way_out, err) && may_write(l, l->name, err) &&
           may_write(l, l->history, err);
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
    return out->failed ? error_nomem(err, out->len, "the tidy file") : true;
}

/* ------------------------------------------------------------------ tidying */

static bool rewrite(struct labels *l, struct error *err)
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

/* Steps 1 to 3. What it has done when it fails, it does again when called
 * again. */
static bool tidy_up(struct labels *l, struct error *err)
{
    if (l->session.len > 0 &&
        !history_append(&l->folder, l->history, l->history_len, &l->session, err))
        return false;
    if (l->tidy && !l->log.suspect && !l->incomplete)
        return true;
    return lock_note(&l->lock, LOCK_TIDYING, 0, 0, err) && rewrite(l, err);
}

/* False with ERROR_BUSY if another program has been at the file. */
static bool untouched(const struct labels *l, struct error *err)
{
    return l->replacing || file_log_check(&l->log, err);
}

/* After a failed write: all is written anew, from memory. */
static bool start_over(struct labels *l, struct error *err)
{
    struct file_log log;

    if (!untouched(l, err) || !tidy_up(l, err) ||
        !history_end(&l->folder, l->history, &l->history_len, err) ||
        !file_log_open(&log, &l->folder, l->name, err))
        return false;
    file_log_close(&l->log);
    l->log = log;
    l->replacing = false;
    buf_clear(&l->session);
    l->noted = false;
    return true;
}

/* ----------------------------------------------------------------- opening */

/* Where the working folder is gone, absolute names stay as they are. */
static void find_names(struct labels *l)
{
    l->names = calloc(1, sizeof *l->names);
    if (l->names != NULL && !names_init(l->names, l->path, NULL)) {
        free(l->names);
        l->names = NULL;
    }
}

/* What loading gathers besides the table. */
struct opening {
    struct labels *l;
    struct buf formed;  /* a row as we would write it */
    struct buf session; /* rows of a session that was killed */
    bool boundary;      /* a row begins or the file ends where they do */
    struct load_result res;
};

/* A row as the history has it: in the standard layout, by its picture's name. */
static void format_for_history(const struct row *row, struct buf *out)
{
    struct layout standard;
    struct row plain = *row;

    layout_standard(&standard);
    plain.written.text = NULL;
    plain.listed = false;
    row_format(&plain, &standard, out);
}

/* Rows of the session that was killed. */
static void gather_session(struct opening *o, const struct load_row *row)
{
    const struct lock *lock = &o->l->lock;

    if (lock->state != LOCK_SESSION || row->offset < lock->csv_bytes)
        return;
    if (row->offset == lock->csv_bytes)
        o->boundary = true;
    format_for_history(&row->row, &o->session);
}

static bool take_row(void *context, const struct load_row *row, struct error *err)
{
    struct opening *o = context;
    struct labels *l = o->l;
    struct record rec;
    uint32_t entry;

    gather_session(o, row);
    if (!table_place(&l->table, &row->row, &entry, &rec) ||
        !table_note(&l->table, entry, &row->row) || o->session.failed)
        return error_nomem(err, row->len, "the labels");
    if (l->tidy) {
        buf_clear(&o->formed);
        row_format(&row->row, &o->res.layout, &o->formed);
        l->tidy = !l->table.entries[entry].ordered &&
                  (rec.status != STATUS_UNANSWERED || row->row.listed) &&
                  o->formed.len == row->len && memcmp(o->formed.data, row->bytes, row->len) == 0;
    }
    table_set(&l->table, entry, &rec);
    if (row->row.labeled_at > l->last_at)
        l->last_at = row->row.labeled_at;
    return true;
}

static bool load(struct opening *o, const struct load_source *source, struct error *err)
{
    struct labels *l = o->l;

    if (!load_rows(source, take_row, o, &o->res, err))
        return false;
    l->has_header = o->res.header;
    if (o->res.odd)
        l->tidy = false;
    layout_release(&l->layout);
    l->layout = o->res.layout;
    o->res.layout.foreign = (struct buf)BUF_INIT;
    if (!layout_complete(&l->layout, &l->incomplete))
        return error_set(err, ERROR_DATA, "%s: over %d columns with ours", l->path, CSV_FIELDS_MAX);
    return !l->layout.foreign.failed || error_nomem(err, 0, "the header");
}

/* While writing is meant, the file in the folder that is open; to look only,
 * whatever the path leads to. */
static bool load_file(struct opening *o, struct error *err)
{
    struct labels *l = o->l;
    bool writing = l->mode == LABELS_READ_WRITE;
    struct file_reader file;

    if (writing ? folder_look(&l->folder, l->name, NULL) == FOLDER_NOTHING
                : access(l->path, F_OK) != 0 && errno == ENOENT)
        return true;
    if (!(writing ? folder_reader_open(&l->folder, &file, l->name, LABELS_FILE_MAX, err)
                  : file_reader_open(&file, l->path, LABELS_FILE_MAX, err)))
        return false;
    struct load_source source = { .file = &file, .limit = -1, .name = l->path, .names = l->names };
    bool ok = load(o, &source, err);
    file_reader_close(&file);
    return ok;
}

/* Torn bytes are kept in a file of their own before they are cut off. */
static bool save_torn(struct labels *l, const struct buf *tail, struct error *err)
{
    char made[NAME_MAX + 1];
    struct buf line = BUF_INIT;

    buf_add(&line, tail->data, tail->len);
    buf_addc(&line, '\n');
    bool ok = line.failed
                  ? error_nomem(err, tail->len, "a torn row")
                  : folder_create_numbered(&l->folder, l->torn, line.data, line.len, made, err);
    buf_release(&line);
    return ok;
}

static bool repair(struct opening *o, struct error *err)
{
    struct labels *l = o->l;

    if (o->res.tail.len > 0) {
        if (!save_torn(l, &o->res.tail, err) ||
            !folder_truncate(&l->folder, l->name, o->res.good_end, err))
            return false;
    }
    if (!o->res.row_ended)
        return true;
    struct file_log log;
    bool ok = file_log_open(&log, &l->folder, l->name, err) && file_log_append(&log, "\n", 1, err);
    file_log_close(&log);
    return ok;
}

static bool recover(struct opening *o, struct error *err)
{
    struct labels *l = o->l;

    if (!l->lock.left_over)
        return true;
    folder_remove_leftovers(&l->folder, l->name);
    if (l->lock.state == LOCK_IDLE)
        return true;
    if (l->lock.state == LOCK_SESSION && o->boundary &&
        !history_complete(&l->folder, l->history, l->lock.history_bytes, &o->session, err))
        return false;
    if (!l->tidy && !(lock_note(&l->lock, LOCK_TIDYING, 0, 0, err) && rewrite(l, err)))
        return false;
    return lock_note(&l->lock, LOCK_IDLE, 0, 0, err);
}

static bool open_for_writing(struct opening *o, struct error *err)
{
    struct labels *l = o->l;

    if (!repair(o, err) || !recover(o, err) ||
        !history_end(&l->folder, l->history, &l->history_len, err))
        return false;
    l->past_len = l->history_len;
    if (folder_look(&l->folder, l->name, NULL) == FOLDER_NOTHING)
        return true;
    return file_log_open(&l->log, &l->folder, l->name, err);
}

static void fill_report(const struct opening *o, struct labels_report *report)
{
    if (report == NULL)
        return;
    *report = (struct labels_report){
        .rows = o->res.rows,
        .unclean = o->l->lock.left_over,
        .row_ended = o->res.row_ended,
        .torn_bytes = (int64_t)o->res.tail.len,
        .unlocked = o->l->lock.weak,
    };
}

/* Frees what opening gathered, and the labels if it failed. */
static struct labels *end_opening(struct opening *o, bool ok)
{
    buf_release(&o->formed);
    buf_release(&o->session);
    load_release(&o->res);
    if (ok)
        return o->l;
    if (o->l->lock.left_over)
        lock_leave(&o->l->lock);
    else
        lock_release(&o->l->lock);
    free_labels(o->l);
    return NULL;
}

struct labels *labels_open(const char *csv_path, enum labels_mode mode,
                           struct labels_report *report, struct error *err)
{
    struct opening o = { .l = new_labels(csv_path, mode, err) };
    bool writing = mode == LABELS_READ_WRITE;

    if (o.l == NULL)
        return NULL;
    find_names(o.l);
    bool ok = (!writing ||
               (open_folder(o.l, err) && lock_take(&o.l->lock, &o.l->folder, o.l->name, err))) &&
              load_file(&o, err) && (!writing || open_for_writing(&o, err));
    if (ok)
        fill_report(&o, report);
    return end_opening(&o, ok);
}

struct labels *labels_parse(const char *name, const char *bytes, size_t len,
                            struct labels_report *report, struct error *err)
{
    struct opening o = { .l = new_labels(name, LABELS_READ_ONLY, err) };
    struct load_source source = { .bytes = bytes, .len = len, .limit = -1, .name = name };

    if (o.l == NULL)
        return NULL;
    bool ok = load(&o, &source, err);
    if (ok)
        fill_report(&o, report);
    return end_opening(&o, ok);
}

/* ----------------------------------------------------------------- closing */

/* Another program has replaced or changed the file: it keeps what it made of
 * it, and ours goes beside it. */
static bool save_aside(struct labels *l, const struct error *why, struct error *err)
{
    char made[NAME_MAX + 1];
    struct buf bytes = BUF_INIT;
    bool ok = (l->session.len == 0 ||
               history_append(&l->folder, l->history, l->history_len, &l->session, err)) &&
              labels_format(l, &bytes, err) &&
              folder_create_numbered(&l->folder, l->saved, bytes.data, bytes.len, made, err);

    buf_release(&bytes);
    if (ok)
        error_set(err, ERROR_BUSY, "%s; the answers of this session are in %s%s", why->message,
                  l->folder.prefix, made);
    return ok;
}

bool labels_close(struct labels *l, struct error *err)
{
    struct error changed;
    bool ok = true, done = true;

    if (l == NULL)
        return true;
    if (l->session.len > 0 || l->log.suspect) {
        if (untouched(l, &changed)) {
            ok = done = tidy_up(l, err);
        } else {
            done = save_aside(l, &changed, err);
            ok = false;
        }
    }
    if (done)
        lock_release(&l->lock);
    else
        lock_leave(&l->lock);
    free_labels(l);
    return ok;
}

/* ----------------------------------------------------------------- writing */

static bool writable(const struct labels *l, struct error *err)
{
    if (l->mode == LABELS_READ_WRITE)
        return true;
    return error_set(err, ERROR_USAGE, "%s: opened for reading only", l->path);
}

/* Makes the file ready for a row to be appended. */
static bool prepare(struct labels *l, struct error *err)
{
    if (l->log.fd < 0) {
        if (!file_log_open(&l->log, &l->folder, l->name, err))
            return false;
        if (l->log.size != 0) {
            file_log_close(&l->log);
            return error_set(err, ERROR_BUSY, "%s: another program has created it meanwhile",
                             l->path);
        }
        folder_like(&l->folder, l->name);
    }
    if ((l->log.suspect || l->incomplete) && !start_over(l, err))
        return false;
    if (l->noted)
        return true;
    if (!lock_note(&l->lock, LOCK_SESSION, l->log.size + (l->has_header ? 0 : HEADER_LEN),
                   l->history_len, err))
        return false;
    l->noted = true;
    return true;
}

/* Rows as they are written: in the layout of the file, and for the history. */
struct rows {
    struct buf file, history;
};

static void rows_release(struct rows *rows)
{
    buf_release(&rows->file);
    buf_release(&rows->history);
}

static void rows_add(struct rows *rows, const struct labels *l, const struct row *row)
{
    row_format(row, &l->layout, &rows->file);
    format_for_history(row, &rows->history);
}

static bool rows_failed(const struct rows *rows)
{
    return rows->file.failed || rows->history.failed;
}

/* Writes the rows and remembers them for the history. On failure nothing has
 * changed. */
static bool commit(struct labels *l, const struct rows *rows, struct error *err)
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

/* A time later than any in the file. */
static bool next_time(const struct labels *l, int64_t last, int64_t *at, struct error *err)
{
    int64_t now = clock_wall_ms();

    *at = now > last ? now : last + 1;
    if (*at > LABELED_AT_MAX)
        return error_set(err, ERROR_DATA, "%s: its last labeled_at is the end of the year 9999",
                         l->path);
    return true;
}

/* The answers to be given as changes on top of l->done, not yet counted there,
 * and their rows. */
static bool plan_answer(struct labels *l, const struct answer *a, int64_t *last, size_t planned,
                        struct rows *rows, struct error *err)
{
    struct row row;
    size_t start = rows->file.len;
    const char *wrong = row_from_answer(a, &row);
    struct change *c = &l->done.items[l->done.count + planned];

    if (wrong != NULL)
        return error_set(err, ERROR_USAGE, "%s: %s: %s", l->path,
                         a->file_name == NULL ? "" : a->file_name, wrong);
    if (row.labeled_at == 0 && !next_time(l, *last, &row.labeled_at, err))
        return false;
    if (!table_place(&l->table, &row, &c->entry, &c->after))
        return error_nomem(err, row.name.len, "an answer");
    if (row.labeled_at > *last)
        *last = row.labeled_at;
    table_row(&l->table, c->entry, &c->after, &row);
    rows_add(rows, l, &row);
    if (rows->file.len - start > LABELS_ROW_MAX)
        return error_set(err, ERROR_USAGE, "%s: a row of %zu bytes, the limit is 1 MiB", l->path,
                         rows->file.len - start);
    return rows_failed(rows) ? error_nomem(err, rows->file.len, "the rows") : true;
}

static void apply_change(struct labels *l, uint32_t entry, const struct record *rec)
{
    if (l->table.entries[entry].ordered || rec->status == STATUS_UNANSWERED)
        l->tidy = false;
    table_set(&l->table, entry, rec);
}

/* True if the answer is, in all, the one the picture has. */
static bool is_known(const struct labels *l, const struct change *c)
{
    const struct entry *e = &l->table.entries[c->entry];

    return record_equal(&e->now, &c->after) && l->table.pictures[e->picture].current == c->entry;
}

bool labels_answer_all(struct labels *l, const struct answer *list, size_t count, struct error *err)
{
    struct rows rows = { BUF_INIT, BUF_INIT };
    int64_t last = l->last_at;
    size_t planned = 0;
    bool ok = writable(l, err);

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
    ok = ok && (planned == 0 || commit(l, &rows, err));
    rows_release(&rows);
    if (!ok)
        return false;

    for (size_t i = 0; i < planned; i++) {
        struct change *c = &l->done.items[l->done.count++];
        c->before = l->table.entries[c->entry].now;
        apply_change(l, c->entry, &c->after);
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

/* -------------------------------------------------------------------- undo */

/* Puts what the history knows under what this session has done and undone. It
 * is called when the session has undone all it did, so that done is empty. */
static bool read_past(struct labels *l, struct error *err)
{
    struct change_stack done = { NULL, 0, 0 }, undone = { NULL, 0, 0 };
    struct error why = { .kind = ERROR_NONE };

    if (!history_replay(&l->folder, l->history, l->past_len, &l->table, &done, &undone, &why)) {
        /* What is damaged stays so; all else may go better the next time. */
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

/* Drops changes from the top until one starts from what is so. */
static const struct change *top_that_holds(struct labels *l, struct change_stack *s, bool undo)
{
    for (; s->count > 0; s->count--) {
        const struct change *c = &s->items[s->count - 1];
        if (record_equal(&l->table.entries[c->entry].now, undo ? &c->after : &c->before))
            return c;
    }
    return NULL;
}

/* Writes the row that makes the entry's answer be rec. */
static bool write_state(struct labels *l, uint32_t entry, const struct record *rec,
                        struct error *err)
{
    struct rows rows = { BUF_INIT, BUF_INIT };
    struct row row;

    table_row(&l->table, entry, rec, &row);
    row.listed = false;
    if (rec->status == STATUS_UNANSWERED && !next_time(l, l->last_at, &row.labeled_at, err))
        return false;
    rows_add(&rows, l, &row);
    bool ok = rows_failed(&rows) ? error_nomem(err, rows.file.len, "a row") : commit(l, &rows, err);
    rows_release(&rows);
    if (ok) {
        apply_change(l, entry, rec);
        l->last_at = row.labeled_at > l->last_at ? row.labeled_at : l->last_at;
    }
    return ok;
}

/* Undo and redo are one move, from the top of one stack to that of the other. */
static bool move_change(struct labels *l, bool undo, struct answer *moved, struct error *err)
{
    struct change_stack *from = undo ? &l->done : &l->undone;
    struct change_stack *to = undo ? &l->undone : &l->done;
    const struct change *top;

    *moved = (struct answer){ .file_name = NULL };
    if (!writable(l, err))
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

/* ------------------------------------------------------------------ asking */

bool labels_find(const struct labels *l, const char *file_name, struct answer *out)
{
    uint32_t p = table_lookup(&l->table, file_name, strlen(file_name));

    uint32_t current = p == TABLE_NONE ? TABLE_NONE : l->table.pictures[p].current;
    if (current == TABLE_NONE) {
        *out = (struct answer){ file_name, "", "", "", STATUS_UNANSWERED, -1, -1, 0 };
        return false;
    }
    table_answer(&l->table, current, &l->table.entries[current].now, out);
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

/* To the next entry in the order: of all, or of those that are current. */
static bool step(const struct table *t, bool all, uint32_t *cursor, struct answer *out)
{
    uint32_t e = *cursor == 0 ? t->first : t->entries[*cursor - 1].after;

    while (e != TABLE_NONE && (all ? t->entries[e].now.status == STATUS_UNANSWERED
                                   : t->pictures[t->entries[e].picture].current != e))
        e = t->entries[e].after;
    if (e == TABLE_NONE)
        return false;
    table_answer(t, e, &t->entries[e].now, out);
    *cursor = e + 1;
    return true;
}

bool labels_next(const struct labels *l, uint32_t *cursor, struct answer *out)
{
    return step(&l->table, false, cursor, out);
}

bool labels_next_row(const struct labels *l, uint32_t *cursor, struct answer *out)
{
    return step(&l->table, true, cursor, out);
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
