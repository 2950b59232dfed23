#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "agreed.h"
#include "base/file.h"
#include "base/mem.h"
#include "box.h"
#include "command_settings.h"
#include "commands.h"
#include "fail.h"
#include "formats/formats.h"
#include "paths.h"
#include "say.h"

struct export
{
    char *csv, *folder, *out;
    bool statuses[STATUS_COUNT];
    double min_agreement; /* 0: what was answered last counts */
    struct export_options options;
};

/* Annotations that are not exported. */
struct left_out {
    size_t status, disagreed;
};

/* ---------------------------------------------------------------- arguments */

static bool read_split(int shares[SPLITS_MAX], const char *text, struct error *err)
{
    int end = 0;
    if (!text[0]) {
        return true;
    }
    int n = sscanf(text, "%3d,%3d,%3d%n", &shares[0], &shares[1], &shares[2], &end);
    if (n != 3 || text[end]) {
        end = 0;
        shares[2] = 0;
        n = sscanf(text, "%3d,%3d%n", &shares[0], &shares[1], &end);
    }
    if (n < 2 || text[end] || shares[0] < 0 || shares[1] < 0 || shares[2] < 0 ||
        shares[0] + shares[1] + shares[2] != 100) {
        return error_set(err, ERROR_USAGE,
                         "--split '%s': expected per cent for train, val and test, 100 together, "
                         "as in 80,10,10 or 80,20",
                         text);
    }
    return true;
}

static bool read_statuses(bool statuses[STATUS_COUNT], const char *list, struct error *err)
{
    list = list[0] ? list : "labeled";
    for (const char *s = list; *s;) {
        size_t len = strcspn(s, ",");
        bool known = false;
        for (int i = STATUS_LABELED; i < STATUS_COUNT; i++) {
            const char *name = label_status_name((enum label_status)i);
            if (strlen(name) == len && memcmp(name, s, len) == 0) {
                known = statuses[i] = true;
            }
        }
        if (!known) {
            return error_set(
                err, ERROR_USAGE,
                "--status '%.*s': expected labeled, skipped, unsure, none or predicted", (int)len,
                s);
        }
        s += len + (s[len] == ',');
    }
    return true;
}

static bool same_file(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static bool read_paths(struct export *e, const struct command_line *line, const struct settings *s,
                       struct error *err)
{
    const char *out = settings_text(s, OPTION_OUTPUT);
    size_t len = strlen(out);
    while (len > 1 && out[len - 1] == '/') {
        len--;
    }
    e->csv = labels_path(line->operands[0]);
    e->folder = e->csv ? file_dirname(e->csv) : NULL;
    e->out = mem_string(out, len);
    if (!e->folder || !e->out) {
        return error_nomem(err, strlen(line->operands[0]), "a path");
    }
    if (!line->values[OPTION_TO] || !out[0]) {
        return error_set(err, ERROR_USAGE,
                         "usage: thumbtag export LABELS.csv|DIR --to WHICH -o OUT: name the form "
                         "and the file or folder to write");
    }
    return !same_file(e->csv, e->out) ||
           error_set(err, ERROR_USAGE,
                     "%s: the labels themselves would be written; name another "
                     "file with -o",
                     e->out);
}

static bool read_pictures(struct export *e, const struct settings *s, struct error *err)
{
    bool copy = settings_number(s, OPTION_COPY) != 0;
    bool clone = settings_number(s, OPTION_REFLINK) != 0;
    e->options.pictures = copy ? EXPORT_COPY : clone ? EXPORT_CLONE : EXPORT_LINK;
    return copy + clone + (settings_number(s, OPTION_LINK) != 0) <= 1 ||
           error_set(err, ERROR_USAGE, "--link, --copy and --reflink: choose one");
}

static bool read_arguments(struct export *e, const struct command_line *line,
                           const struct settings *s, struct error *err)
{
    const char *by = settings_text(s, OPTION_BY_NAME);
    if (!read_paths(e, line, s, err)) {
        return false;
    }
    e->min_agreement = (double)settings_real(s, OPTION_MIN_AGREEMENT);
    e->options =
        (struct export_options){ .to = settings_text(s, OPTION_TO),
                                 .folder = e->folder,
                                 .out = e->out,
                                 .by = by[0] ? by : NULL,
                                 .no_near = settings_number(s, OPTION_NO_NEAR) != 0,
                                 .shard_bytes = (size_t)settings_number(s, OPTION_SHARD) << 20 };
    if ((by[0] || e->options.no_near) && !settings_text(s, OPTION_SPLIT)[0]) {
        return error_set(err, ERROR_USAGE, "--by and --no-near: only with --split");
    }
    return read_pictures(e, s, err) &&
           read_split(e->options.shares, settings_text(s, OPTION_SPLIT), err) &&
           read_statuses(e->statuses, settings_text(s, OPTION_FILTER_STATUS), err);
}

/* ---------------------------------------------------------------------- run */

/* What was answered last of each item. */
static bool collect_last(struct agreed *all, const struct labels *l, struct error *err)
{
    size_t cap = 0;
    struct annotation a;
    for (uint32_t cursor = 0; labels_next(l, &cursor, &a);) {
        if (!mem_reserve(&all->list, &cap, all->count + 1, sizeof *all->list)) {
            return error_nomem(err, (all->count + 1) * sizeof *all->list, "the annotations");
        }
        all->list[all->count++] = a;
    }
    return true;
}

static bool collect(const struct export *e, const struct labels *l, struct agreed *all,
                    struct left_out *left, struct error *err)
{
    size_t kept = 0;
    if (e->min_agreement > 0.0 ? !agreed_collect(all, l, e->min_agreement, err)
                               : !collect_last(all, l, err)) {
        return false;
    }
    for (size_t i = 0; i < all->count; i++) {
        if (e->statuses[all->list[i].status]) {
            all->list[kept++] = all->list[i];
        }
    }
    *left = (struct left_out){ all->count - kept, all->disagreed };
    all->count = kept;
    return kept || error_set(err, ERROR_DATA, "%s: no annotations with the wanted status%s", e->csv,
                             all->disagreed ? " and agreement" : "");
}

static void tell_split(const struct export *e, const struct export_report *r)
{
    if (r->captures) {
        say(stderr, "thumbtag: --by: %zu group%s", r->captures, r->captures == 1 ? "" : "s");
        if (r->uncaptured) {
            say(stderr, "; %zu pictures whose names it does not match are each alone",
                r->uncaptured);
        }
        say(stderr, "\n");
    }
    if (r->near_groups) {
        say(stderr, "thumbtag: %zu pictures look like others: %zu group%s, each in one part\n",
            r->near_pictures, r->near_groups, r->near_groups == 1 ? "" : "s");
    }
    if (r->unread && !e->options.no_near) {
        say(stderr,
            "thumbtag: %zu pictures could not be read, so those that look the same among them may "
            "be "
            "in different parts\n",
            r->unread);
    }
}

static void tell(const struct export *e, const struct export_report *r, const struct left_out *left)
{
    say(stdout, "%s: %zu annotations of %zu pictures (%s", e->out, r->annotations, r->pictures,
        e->options.to);
    static const char *const names[SPLITS_MAX] = { "train", "val", "test" };
    for (int i = 0; i < SPLITS_MAX; i++) {
        if (e->options.shares[i]) {
            say(stdout, "; %s %zu", names[i], r->per_split[i]);
        }
    }
    if (r->shards) {
        say(stdout, "; files %zu", r->shards);
    }
    say(stdout, ")\n");
    tell_split(e, r);
    if (r->copied) {
        say(stderr,
            "thumbtag: %zu pictures copied, as this file system cannot share their blocks\n",
            r->copied);
    }
    if (r->note[0]) {
        say(stderr, "thumbtag: %s: %s\n", e->out, r->note);
    }
    if (left->disagreed) {
        say(stderr, "thumbtag: left out: %zu on which fewer agree (see --min-agreement)\n",
            left->disagreed);
    }
    if (left->status) {
        say(stderr, "thumbtag: left out: %zu with another status (see --status)\n", left->status);
    }
}

static int export(const struct export *e)
{
    struct error err;
    struct agreed all = { NULL, 0, 0 };
    struct left_out left = { 0, 0 };
    struct export_report report;
    struct labels *l = labels_open(e->csv, LABELS_READ_ONLY | LABELS_MULTI, NULL, &err);
    if (!l) {
        return fail(&err);
    }
    bool ok = collect(e, l, &all, &left, &err) &&
              formats_export(all.list, all.count, &e->options, &report, &err);
    agreed_release(&all);
    labels_close(l, NULL);
    if (!ok) {
        return fail(&err);
    }
    tell(e, &report, &left);
    return EXIT_DONE;
}

static int run_export(const struct command_line *line, const struct settings *s)
{
    struct error err;
    struct export e = { 0 };
    bool ok = read_arguments(&e, line, s, &err) &&
              box_enter(s, &(struct box){ .output = e.out, .links = true }, NULL, &err);
    int code = ok ? export(&e) : fail(&err);
    free(e.csv);
    free(e.folder);
    free(e.out);
    return code;
}

int command_export(const struct command_line *line)
{
    struct error err;
    if (line->operand_count != 1 || line->stdin_list) {
        error_set(
            &err, ERROR_USAGE,
            "usage: thumbtag export LABELS.csv|DIR --to WHICH -o OUT: name one labels.csv, or "
            "the folder that contains it");
        return fail(&err);
    }
    return command_with_settings(line, run_export);
}
