#include "history.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "load.h"

enum { HEADER_LEN = sizeof LABELS_HEADER - 1 };

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

struct replay_picture {
    struct record now;
    uint32_t top; /* its last change in done */
};

struct replay {
    struct table *table;
    struct replay_picture *pictures;
    size_t count, cap;
    struct change_stack *done, *undone;
};

static bool replay_picture(struct replay *r, uint32_t picture)
{
    if (picture < r->count)
        return true;
    if (!mem_reserve(&r->pictures, &r->cap, r->table->picture_count, sizeof *r->pictures))
        return false;
    for (; r->count < r->table->picture_count; r->count++)
        r->pictures[r->count] = (struct replay_picture){ record_unanswered, NO_CHANGE };
    return true;
}

static bool is_redo(const struct replay *r, uint32_t picture, const struct record *rec)
{
    if (r->undone->count == 0)
        return false;
    const struct change *c = &r->undone->items[r->undone->count - 1];
    return c->picture == picture && record_equal(&c->after, rec) &&
           record_equal(&c->before, &r->pictures[picture].now);
}

static bool is_undo(const struct replay *r, uint32_t picture, const struct record *rec)
{
    const struct replay_picture *p = &r->pictures[picture];

    if (p->top == NO_CHANGE)
        return false;
    const struct change *c = &r->done->items[p->top];
    return record_equal(&c->before, rec) && record_equal(&c->after, &p->now);
}

/* The caller has made room. */
static void push_done(struct replay *r, const struct change *c)
{
    struct replay_picture *p = &r->pictures[c->picture];
    struct change *top = &r->done->items[r->done->count];

    *top = *c;
    top->below = p->top;
    p->top = (uint32_t)r->done->count++;
    p->now = c->after;
}

/* Changes above that of the picture are those that the undo had skipped. */
static void pop_undone(struct replay *r, uint32_t picture)
{
    uint32_t at = r->pictures[picture].top;

    while (r->done->count > (size_t)at + 1) {
        const struct change *skipped = &r->done->items[--r->done->count];
        r->pictures[skipped->picture].top = skipped->below;
    }
    const struct change *c = &r->done->items[--r->done->count];
    r->undone->items[r->undone->count++] = *c;
    r->pictures[picture].top = c->below;
    r->pictures[picture].now = c->before;
}

static bool replay_row(void *context, const struct load_row *row, struct error *err)
{
    struct replay *r = context;
    struct record rec;
    uint32_t picture;

    if (!table_add(r->table, row->row.name.text, row->row.name.len, &picture) ||
        !table_record(r->table, &row->row, &rec) || !replay_picture(r, picture) ||
        !change_reserve(r->done, 1) || !change_reserve(r->undone, 1))
        return error_nomem(err, r->done->cap * sizeof *r->done->items, "the history");

    struct replay_picture *p = &r->pictures[picture];
    if (record_equal(&rec, &p->now))
        return true;
    if (is_redo(r, picture, &rec)) {
        push_done(r, &r->undone->items[--r->undone->count]);
    } else if (is_undo(r, picture, &rec)) {
        pop_undone(r, picture);
    } else {
        r->undone->count = 0;
        if (rec.status == STATUS_UNANSWERED)
            p->now = rec;
        else
            push_done(r, &(struct change){ .picture = picture, .before = p->now, .after = rec });
    }
    return true;
}

static bool load_history(const char *path, int64_t end, load_row_fn *fn, void *context,
                         struct load_result *res, struct error *err)
{
    struct file_reader file;

    *res = (struct load_result){ .tail = BUF_INIT };
    if (!file_reader_open(&file, path, INT64_MAX, err))
        return false;
    struct load_source source = { .file = &file, .limit = end, .name = path };
    bool ok = load_rows(&source, fn, context, res, err);
    file_reader_close(&file);
    return ok;
}

bool history_replay(const char *path, int64_t end, struct table *t, struct change_stack *done,
                    struct change_stack *undone, struct error *err)
{
    struct replay r = { .table = t, .done = done, .undone = undone };
    struct load_result res;

    if (end == 0)
        return true;
    bool ok = load_history(path, end, replay_row, &r, &res, err);
    buf_release(&res.tail);
    free(r.pictures);
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

/* The end of the last row that has its line end. */
static bool find_end(const char *path, int64_t *end, struct error *err)
{
    struct load_result res;
    int64_t last_row = 0;
    bool ok = load_history(path, -1, note_offset, &last_row, &res, err);

    *end = res.row_ended ? last_row : res.good_end;
    buf_release(&res.tail);
    return ok;
}

bool history_end(const char *path, int64_t *end, struct error *err)
{
    struct file_reader file;
    struct stat st;
    char last = '\n';
    size_t got;

    *end = 0;
    if (stat(path, &st) != 0 && errno == ENOENT)
        return true;
    if (!file_reader_open(&file, path, INT64_MAX, err))
        return false;
    *end = file.size;
    bool ok = file.size == 0 || (file_reader_seek(&file, file.size - 1, err) &&
                                 file_reader_read(&file, &last, 1, &got, err));
    file_reader_close(&file);
    if (!ok || last == '\n')
        return ok;
    return find_end(path, end, err);
}

bool history_append(const char *path, int64_t start, const struct buf *rows, struct error *err)
{
    struct file_log log;
    struct buf bytes = BUF_INIT;

    if (start == 0)
        buf_add(&bytes, LABELS_HEADER, HEADER_LEN);
    buf_add(&bytes, rows->data, rows->len);
    if (bytes.failed) {
        buf_release(&bytes);
        return error_nomem(err, rows->len, "the history");
    }
    bool ok = file_log_open(&log, path, err);
    if (ok && log.size > start) {
        file_log_close(&log);
        ok = file_truncate(path, start, err) && file_log_open(&log, path, err);
    }
    if (ok && log.size < start)
        ok = error_set(err, ERROR_DATA, "%s: %lld bytes, expected %lld", path, (long long)log.size,
                       (long long)start);
    ok = ok && file_log_append(&log, bytes.data, bytes.len, err);
    file_log_close(&log);
    buf_release(&bytes);
    return ok;
}

/* Bytes that the history has behind start, at most one more than the rows, and
 * how many of them are as in the rows. */
static bool compare_tail(const char *path, int64_t start, const struct buf *rows, size_t *tail,
                         size_t *same, struct error *err)
{
    struct file_reader file;
    struct buf have = BUF_INIT;
    size_t got = 1;

    *tail = *same = 0;
    if (!file_reader_open(&file, path, INT64_MAX, err))
        return false;
    bool ok = file_reader_seek(&file, start, err) && buf_reserve(&have, rows->len + 1);
    while (ok && got > 0 && have.len <= rows->len) {
        ok = file_reader_read(&file, have.data + have.len, rows->len + 1 - have.len, &got, err);
        have.len += ok ? got : 0;
    }
    while (*same < have.len && *same < rows->len && have.data[*same] == rows->data[*same])
        ++*same;
    *tail = have.len;
    file_reader_close(&file);
    buf_release(&have);
    return ok;
}

bool history_complete(const char *path, int64_t start, const struct buf *rows, struct error *err)
{
    int64_t end;
    size_t tail, same;
    struct stat st;

    if (rows->len == 0)
        return true;
    if (start == 0)
        return history_append(path, 0, rows, err);
    if (stat(path, &st) != 0 || st.st_size < start)
        return history_end(path, &end, err) && history_append(path, end, rows, err);
    if (!compare_tail(path, start, rows, &tail, &same, err))
        return false;
    if (tail > rows->len || (tail > 0 && same == 0))
        return true;
    return same == rows->len || history_append(path, start, rows, err);
}
