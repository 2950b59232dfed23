/* Opening a labels.csv: checks that its files can be written, reads it, and completes what
 * a killed session left undone. */
#include "labels_private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "advice.h"
#include "base/crc.h"
#include "base/file.h"
#include "base/mem.h"
#include "load.h"

/* Fails with advice (`way_out`) if the name exists but must not be used. */
static bool refuse(struct labels *l, const char *name, const char *way_out, struct error *err)
{
    struct error why;
    if (folder_look(&l->folder, name, &why) != FOLDER_REFUSED) {
        return true;
    }
    return error_set(err, why.kind, "%s; %s", why.message, way_out);
}

/* The same for the CSV itself: for a link the advice is to name its target. */
static bool refuse_csv(struct labels *l, struct error *err)
{
    struct buf way_out = BUF_INIT;
    char *target = file_follow(l->path);
    if (target && strcmp(target, l->path) != 0) {
        buf_addf(&way_out, "to use that file, name it: -o %s", target);
    } else {
        buf_adds(&way_out,
                 "use another file (-o FILE), or replace this one with a copy that is yours");
    }
    bool ok = way_out.failed ? error_nomem(err, 0, "a message")
                             : refuse(l, l->name, buf_text(&way_out), err);
    free(target);
    buf_release(&way_out);
    return ok;
}

/* True if the file does not exist or can be opened for writing. */
static bool may_write(const struct labels *l, const char *name, struct error *err)
{
    struct stat st;
    if (folder_look(&l->folder, name, NULL) == FOLDER_NOTHING) {
        return true;
    }
    int fd = folder_open_file(&l->folder, name, O_RDWR, &st, err);
    if (fd < 0) {
        return advise(&l->folder, name, errno, err);
    }
    close(fd);
    return true;
}

/* Opens the folder and checks all files that will be written, before any is. */
static bool open_folder(struct labels *l, struct error *err)
{
    static const char way_out[] = "remove it, or put the labels elsewhere (-o FILE)";
    if (!folder_open_of(&l->folder, l->path, &l->name, err) || !refuse_csv(l, err)) {
        return false;
    }
    l->history = sidecar_name(l->name, ".", ".history");
    l->torn = sidecar_name(l->name, "", ".torn");
    l->saved = sidecar_name(l->name, "", ".saved");
    if (!l->history || !l->torn || !l->saved) {
        return error_nomem(err, strlen(l->name), "a file name");
    }
    folder_like(&l->folder, l->name);
    return refuse(l, l->history, way_out, err) && may_write(l, l->name, err) &&
           may_write(l, l->history, err);
}

/* ----------------------------------------------------------------- reading */

/* If the working folder no longer exists, names are not converted. */
static void find_names(struct labels *l)
{
    l->names = calloc(1, sizeof *l->names);
    if (l->names && !names_init(l->names, l->path, NULL)) {
        free(l->names);
        l->names = NULL;
    }
}

/* State of loading, besides the table. */
struct opening {
    struct labels *l;
    struct buf formed;           /* a row as we would write it */
    struct buf session;          /* rows of a session that was killed */
    bool boundary;               /* a row begins at the recorded start of that session */
    size_t operation;            /* of that session: the next one to come, by number */
    uint32_t rows_missing;       /* of the operation before it: rows still to come */
    int64_t broken;              /* where an operation begins that has not happened; or -1 */
    char torn[LABELS_NAME_SIZE]; /* file that a torn row was saved in */
    char about[OPERATION_ABOUT_MAX + 1]; /* of the killed session's last operation */
    bool undone;                         /* that operation was undone */
    struct load_result res;
};

/* Adds to the session's rows the operations that begin before `offset` and have no rows. */
static void gather_empty(struct opening *o, int64_t offset)
{
    const struct lock *lock = &o->l->lock;
    for (; o->operation < lock->operation_count; o->operation++) {
        const struct lock_operation *op = &lock->operations[o->operation];
        const struct span mark = { op->mark, strlen(op->mark) };
        if (op->len > 0 || op->start > offset) {
            return;
        }
        labels_history_mark(&mark, &o->session);
    }
}

/* The mark of the row at that offset. */
static struct span mark_at(struct opening *o, int64_t offset)
{
    const struct lock *lock = &o->l->lock;
    const struct lock_operation *op = &lock->operations[o->operation];
    struct mark m;
    if (o->rows_missing > 0) {
        o->rows_missing--;
        return (struct span){ MARK_FOLLOWS, sizeof MARK_FOLLOWS - 1 };
    }
    if (o->operation == lock->operation_count || op->start != offset ||
        !mark_parse(op->mark, strlen(op->mark), &m) || m.rows == 0) {
        return (struct span){ "", 0 };
    }
    o->operation++;
    o->rows_missing = m.rows - 1;
    return (struct span){ op->mark, strlen(op->mark) };
}

/* Collects the rows of a killed session. */
static void gather_session(struct opening *o, const struct load_row *row, uint32_t entry)
{
    const struct lock *lock = &o->l->lock;
    struct labels *l = o->l;
    if (lock->state != LOCK_SESSION || row->offset < lock->csv_bytes) {
        return;
    }
    if (row->offset == lock->csv_bytes) {
        o->boundary = true;
    }
    gather_empty(o, row->offset);
    const struct span mark = mark_at(o, row->offset);
    labels_history_was(l, entry, &o->session);
    labels_history_row(&row->row, &mark, &o->session);
    l->table.entries[entry].epoch = l->epoch;
}

static bool take_row(void *context, const struct load_row *row, struct error *err)
{
    struct opening *o = context;
    struct labels *l = o->l;
    bool lists = o->res.layout.at[COLUMN_X] != LAYOUT_ABSENT;
    struct record rec;
    uint32_t entry;
    if (!table_place(&l->table, &row->row, &entry, &rec)) {
        return error_nomem(err, row->len, "the labels");
    }
    gather_session(o, row, entry);
    if (o->session.failed || !table_note(&l->table, entry, &row->row, lists)) {
        return error_nomem(err, row->len, "the labels");
    }
    if (l->tidy) {
        buf_clear(&o->formed);
        row_format(&row->row, &o->res.layout, &o->formed);
        l->tidy = !l->table.entries[entry].ordered &&
                  (rec.status != STATUS_UNANSWERED || row->row.listed) &&
                  o->formed.len == row->len && memcmp(o->formed.data, row->bytes, row->len) == 0;
    }
    table_set(&l->table, entry, &rec);
    /* What a killed session wrote with an earlier time was restored by an undo. */
    if (l->lock.state == LOCK_SESSION && row->offset >= l->lock.csv_bytes &&
        table_restore(&l->table, entry)) {
        l->tidy = false;
    }
    if (row->row.labeled_at > l->last_at) {
        l->last_at = row->row.labeled_at;
    }
    return true;
}

static bool load_labels(struct opening *o, const struct load_source *source, struct error *err)
{
    struct labels *l = o->l;
    if (!load_rows(source, take_row, o, &o->res, err)) {
        return false;
    }
    l->has_header = o->res.header;
    if (o->res.odd) {
        l->tidy = false;
    }
    layout_release(&l->layout);
    l->layout = o->res.layout;
    o->res.layout.foreign = (struct buf)BUF_INIT;
    if (!layout_complete(&l->layout, &l->incomplete)) {
        return error_set(err, ERROR_DATA, "%s: more than %d columns, ours included", l->path,
                         CSV_FIELDS_MAX);
    }
    return !l->layout.foreign.failed || error_nomem(err, 0, "the header");
}

/* The bytes of the file from `start` on, at most `most`. */
static bool read_from(const struct labels *l, int64_t start, size_t most, struct buf *bytes,
                      struct error *err)
{
    struct file_reader file;
    size_t got = 1;
    if (!folder_reader_open(&l->folder, &file, l->name, LABELS_FILE_MAX, err)) {
        return false;
    }
    int64_t there = file.size > start ? file.size - start : 0;
    if ((uint64_t)there < most) {
        most = (size_t)there;
    }
    bool ok = file_reader_seek(&file, start, err) &&
              (buf_reserve(bytes, most) || error_nomem(err, most, "the labels"));
    while (ok && got > 0 && bytes->len < most) {
        ok = file_reader_read(&file, bytes->data + bytes->len, most - bytes->len, &got, err);
        bytes->len += ok ? got : 0;
    }
    file_reader_close(&file);
    return ok;
}

/* Finds whether the file ends with a part of an operation, or with one damaged: nothing that
 * came after it can be in the file then, as its rows had not been synced. What the lock file
 * says is not trusted: it only ever leads to rows being moved to NAME.torn. */
static bool find_broken(struct opening *o, int64_t size, struct error *err)
{
    const struct lock *lock = &o->l->lock;
    struct buf bytes = BUF_INIT;
    o->broken = -1;
    if (lock->state != LOCK_SESSION || lock->operation_count == 0) {
        return true;
    }
    const struct lock_operation *op = &lock->operations[lock->operation_count - 1];
    if (op->start < lock->csv_bytes || size <= op->start || size - op->start > op->len) {
        return true;
    }
    bool ok = read_from(o->l, op->start, (size_t)(size - op->start), &bytes, err);
    if (ok && ((int64_t)bytes.len != op->len || crc32_of(bytes.data, bytes.len) != op->crc)) {
        o->broken = op->start;
    }
    buf_release(&bytes);
    return ok;
}

/* For writing, the file in the open folder is read; read-only, whatever the path leads to,
 * links included. */
static bool open_reader(const struct labels *l, struct file_reader *file, struct error *err)
{
    return (l->mode & LABELS_READ_ONLY) == 0
               ? folder_reader_open(&l->folder, file, l->name, LABELS_FILE_MAX, err)
               : file_reader_open(file, l->path, LABELS_FILE_MAX, err);
}

static bool load_file(struct opening *o, struct error *err)
{
    struct labels *l = o->l;
    bool writing = (l->mode & LABELS_READ_ONLY) == 0;
    struct file_reader file;
    if (writing ? folder_look(&l->folder, l->name, NULL) == FOLDER_NOTHING
                : access(l->path, F_OK) != 0 && errno == ENOENT) {
        return true;
    }
    if (!open_reader(l, &file, err)) {
        return false;
    }
    struct load_source source = {
        .file = &file,
        .limit = -1,
        .name = l->path,
        .names = l->names,
        .torn_end = writing && l->lock.state == LOCK_SESSION,
    };
    bool ok = !writing || find_broken(o, file.size, err);
    source.limit = o->broken;
    ok = ok && load_labels(o, &source, err);
    file_reader_close(&file);
    return ok;
}

/* Saves the incomplete row or operation in a file of its own before it is truncated. */
static bool save_torn(struct labels *l, const struct buf *tail, char *made, struct error *err)
{
    struct buf line = BUF_INIT;
    buf_add(&line, tail->data, tail->len);
    buf_addc(&line, '\n');
    bool ok = line.failed
                  ? error_nomem(err, tail->len, "a torn row")
                  : folder_create_numbered(&l->folder, l->torn, line.data, line.len, made, err);
    buf_release(&line);
    return ok;
}

/* Adds the operation that has not happened to the incomplete row in front of it, if any. */
static bool take_broken(struct opening *o, struct error *err)
{
    struct buf rest = BUF_INIT;
    if (o->broken < 0) {
        return true;
    }
    bool ok = read_from(o->l, o->broken, LABELS_FILE_MAX, &rest, err);
    if (ok) {
        buf_add(&o->res.tail, rest.data, rest.len);
    }
    buf_release(&rest);
    return ok && (!o->res.tail.failed || error_nomem(err, o->res.tail.len, "torn rows"));
}

static bool repair(struct opening *o, struct error *err)
{
    struct labels *l = o->l;
    if (!take_broken(o, err)) {
        return false;
    }
    if (o->res.tail.len > 0) {
        if (!save_torn(l, &o->res.tail, o->torn, err) ||
            !folder_truncate(&l->folder, l->name, o->res.good_end, err)) {
            return false;
        }
    }
    if (!o->res.row_ended) {
        return true;
    }
    struct file_log log;
    bool ok = file_log_open(&log, &l->folder, l->name, err) && file_log_append(&log, "\n", 1, err);
    file_log_close(&log);
    return ok;
}

/* What the last operation was about, if all of it is there. */
static void tell_about(struct opening *o)
{
    const struct lock *lock = &o->l->lock;
    struct mark m;
    if (lock->operation_count == 0 || o->operation < lock->operation_count || o->rows_missing > 0) {
        return;
    }
    const char *mark = lock->operations[lock->operation_count - 1].mark;
    if (!mark_parse(mark, strlen(mark), &m)) {
        return;
    }
    snprintf(o->about, sizeof o->about, "%s", m.about);
    o->undone = m.deed == DEED_UNDO;
}

/* Behind the last row: operations that have none. If the rows of the last operation are not
 * there, nor are what came after it. */
static void gather_last(struct opening *o)
{
    if (o->l->lock.state != LOCK_SESSION) {
        return;
    }
    if (o->res.good_end == o->l->lock.csv_bytes) {
        o->boundary = true;
    }
    gather_empty(o, o->res.good_end);
    tell_about(o);
}

static bool recover(struct opening *o, struct error *err)
{
    struct labels *l = o->l;
    if (!l->lock.left_over) {
        return true;
    }
    folder_remove_leftovers(&l->folder, l->name);
    if (l->lock.state == LOCK_IDLE) {
        return true;
    }
    gather_last(o);
    if (l->lock.state == LOCK_SESSION && o->boundary &&
        !history_complete(&l->folder, l->history, l->lock.history_bytes, &o->session, err)) {
        return false;
    }
    if (!l->tidy && !(lock_note(&l->lock, LOCK_TIDYING, 0, 0, err) && labels_rewrite(l, err))) {
        return false;
    }
    l->epoch++;
    return lock_note(&l->lock, LOCK_IDLE, 0, 0, err);
}

static bool open_for_writing(struct opening *o, struct error *err)
{
    struct labels *l = o->l;
    if (!repair(o, err) || !recover(o, err) ||
        !history_end(&l->folder, l->history, &l->history_len, err)) {
        return false;
    }
    l->past_len = l->history_len;
    if (folder_look(&l->folder, l->name, NULL) == FOLDER_NOTHING) {
        return true;
    }
    return file_log_open(&l->log, &l->folder, l->name, err);
}

static void fill_report(const struct opening *o, struct labels_report *report)
{
    if (!report) {
        return;
    }
    *report = (struct labels_report){
        .rows = o->res.rows,
        .unclean = o->l->lock.left_over,
        .row_ended = o->res.row_ended,
        .torn_bytes = (int64_t)o->res.tail.len,
        .unlocked = o->l->lock.weak,
        .broken_off = o->broken >= 0,
    };
    memcpy(report->torn, o->torn, sizeof report->torn);
    memcpy(report->about, o->about, sizeof report->about);
    report->undone = o->undone;
    if ((o->l->mode & LABELS_READ_ONLY) == 0) {
        report->copies = labels_copies(o->l, report->saved);
    }
}

/* Frees the state of opening, and the labels if opening failed. */
static struct labels *end_opening(struct opening *o, bool ok)
{
    buf_release(&o->formed);
    buf_release(&o->session);
    load_release(&o->res);
    if (ok) {
        return o->l;
    }
    if (o->l->lock.left_over) {
        lock_leave(&o->l->lock);
    } else {
        lock_release(&o->l->lock);
    }
    labels_discard(o->l);
    return NULL;
}

struct labels *labels_open(const char *csv_path, enum labels_mode mode,
                           struct labels_report *report, struct error *err)
{
    struct opening o = { .l = labels_new(csv_path, mode, err), .broken = -1 };
    bool writing = (mode & LABELS_READ_ONLY) == 0;
    if (!o.l) {
        return NULL;
    }
    find_names(o.l);
    bool ok = (!writing ||
               (open_folder(o.l, err) && lock_take(&o.l->lock, &o.l->folder, o.l->name, err))) &&
              load_file(&o, err) && (!writing || open_for_writing(&o, err));
    if (ok) {
        fill_report(&o, report);
    }
    return end_opening(&o, ok);
}

struct labels *labels_parse(const char *name, const char *bytes, size_t len, enum labels_mode mode,
                            struct labels_report *report, struct error *err)
{
    struct opening o = { .l = labels_new(name, mode | LABELS_READ_ONLY, err), .broken = -1 };
    struct load_source source = { .bytes = bytes, .len = len, .limit = -1, .name = name };
    if (!o.l) {
        return NULL;
    }
    bool ok = load_labels(&o, &source, err);
    if (ok) {
        fill_report(&o, report);
    }
    return end_opening(&o, ok);
}
