/* Any bytes as a labels.csv with a lock file and a history that another program planted or
 * damaged: opened, undone, redone and written without harm. No byte of labels.csv is lost
 * but by an undo, the answers are those that reading it alone gives, nothing is written
 * elsewhere, and what is opened again is as it was closed.
 *
 * options: -max_len=20000
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "store/labels.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define require(truth) require_at(truth, __LINE__)
static void require_at(bool truth, int line)
{
    if (!truth) {
        fprintf(stderr, "line %d\n", line);
        abort();
    }
}

/* An own folder per process, in memory where there is such a place. */
static char folder[64];

static void remove_folder(void)
{
    rmdir(folder);
}

static const char *place(const char *name)
{
    static char path[4][512];
    static unsigned at;

    if (!folder[0]) {
        snprintf(folder, sizeof folder, "%s/thumbtag-fuzz-XXXXXX",
                 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        require(mkdtemp(folder) != NULL);
        atexit(remove_folder);
    }
    at = (at + 1) % 4;
    snprintf(path[at], sizeof path[at], "%s/%s", folder, name);
    return path[at];
}

static void put(const char *name, const struct buf *bytes)
{
    FILE *f = fopen(place(name), "we");

    require(f != NULL);
    require(bytes->len == 0 || fwrite(bytes->data, 1, bytes->len, f) == bytes->len);
    require(fclose(f) == 0);
}

/* Removes what is there; each is one of the files that the store may write. */
static void clear(void)
{
    static const char *const ours[] = { "labels.csv", ".labels.csv.lock", ".labels.csv.history",
                                        "labels.csv.torn" };
    DIR *d = opendir(place(""));

    require(d != NULL);
    for (struct dirent *e; (e = readdir(d));) {
        if (e->d_name[0] == '.' && (!e->d_name[1] || e->d_name[1] == '.')) {
            continue;
        }
        bool known = false;
        for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
            known = known || strcmp(e->d_name, ours[i]) == 0;
        }
        require(known || strncmp(e->d_name, "labels.csv.torn-", 16) == 0);
        require(unlink(place(e->d_name)) == 0);
    }
    closedir(d);
}

/* The input is three texts with NUL bytes between. A text that begins with '!' has behind
 * it what most of them need at their beginning. */
static void take(const uint8_t **data, size_t *size, const char *usual, struct buf *out)
{
    const uint8_t *end = memchr(*data, '\0', *size);
    size_t len = end ? (size_t)(end - *data) : *size;
    bool with = len > 0 && (*data)[0] == '!';

    if (with) {
        buf_adds(out, usual);
    }
    if (len > with) {
        buf_add(out, (const char *)*data + with, len - with);
    }
    *data += len + (end != NULL);
    *size -= len + (end != NULL);
}

static char *state_of(const struct labels *l)
{
    struct buf b = BUF_INIT;

    require(labels_format(l, &b, NULL));
    return buf_take(&b);
}

static struct labels *open_it(enum labels_mode mode, struct labels_report *report)
{
    struct error err = { .kind = ERROR_NONE };
    struct labels *l = labels_open(place("labels.csv"), mode, report, &err);

    require(l || err.message[0]);
    return l;
}

static void close_it(struct labels *l)
{
    struct error err = { .kind = ERROR_NONE };

    if (!labels_close(l, &err)) {
        fprintf(stderr, "%s\n", err.message);
        abort();
    }
}

static void check_step(const struct labels *l, const struct labels_step *step)
{
    struct annotation a;
    size_t n = 0;

    while (labels_changed(l, n, &a)) {
        n++;
    }
    require(n == (step->done ? step->count : 0));
    require(!step->about || strlen(step->about) <= OPERATION_ABOUT_MAX);
}

enum { STEPS = 12 };

/* Undoes and redoes; as many redone as were undone lead back. */
static void go_back(struct labels *l)
{
    struct labels_step step;
    struct error err;
    int undone = 0, redone = 0;
    char *before = state_of(l);

    while (undone < STEPS && labels_undo(l, &step, &err) && step.done) {
        check_step(l, &step);
        undone++;
    }
    while (redone < undone && labels_redo(l, &step, &err)) {
        require(step.done);
        check_step(l, &step);
        redone++;
    }
    require(redone == undone || undone == 0 || err.message[0]);
    free(before);
}

static void answer(struct labels *l, const char *name, const char *label)
{
    struct error err = { .kind = ERROR_NONE };
    const struct operation op = { "me", "what it is about" };
    const struct annotation list[] = {
        { .file_name = name,
          .label = label,
          .status = STATUS_LABELED,
          .confidence = -1,
          .seconds = -1,
          .annotator = "me" },
        { .file_name = name,
          .region = { 1, 2, 3, 4 },
          .label = label,
          .status = STATUS_LABELED,
          .confidence = -1,
          .seconds = -1,
          .annotator = "me" },
    };

    if (!labels_write(l, list, 2, &op, &err)) {
        require(err.message[0] != '\0');
        return;
    }
    struct labels_step step;
    require(labels_undo(l, &step, &err) && step.done && step.about);
    require(labels_redo(l, &step, &err) && step.done && step.about);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf csv = BUF_INIT, history = BUF_INIT, lock = BUF_INIT;
    struct labels_report report;
    enum labels_mode mode = size > 0 && data[size - 1] % 2 ? LABELS_MULTI : LABELS_READ_WRITE;

    take(&data, &size, LABELS_HEADER, &csv);
    take(&data, &size, LABELS_HEADER, &history);
    take(&data, &size, "pid 1\nhost h\nuser u\nsince s\n", &lock);
    put("labels.csv", &csv);
    put(".labels.csv.history", &history);
    if (lock.len > 0) {
        put(".labels.csv.lock", &lock);
    }
    struct labels *l = open_it(mode, &report);
    if (l) {
        struct labels *alone = labels_parse("alone", csv.data, csv.len, mode, NULL, NULL);
        if (alone && report.torn_bytes == 0 && lock.len == 0) {
            char *a = state_of(l), *b = state_of(alone);
            require(strcmp(a, b) == 0);
            free(a);
            free(b);
        }
        labels_close(alone, NULL);
        go_back(l);
        answer(l, "a", "cat");
        char *closed = state_of(l);
        close_it(l);
        l = open_it(mode, &report);
        require(l && !report.unclean && report.torn_bytes == 0);
        char *opened = state_of(l);
        require(strcmp(closed, opened) == 0);
        free(closed);
        free(opened);
        go_back(l);
        close_it(l);
    }
    clear();
    buf_release(&csv);
    buf_release(&history);
    buf_release(&lock);
    return 0;
}
