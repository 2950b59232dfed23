#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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
    struct export_options options;
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
            return error_set(err, ERROR_USAGE,
                             "--status '%.*s': expected labeled, skipped, unsure or none", (int)len,
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

static bool read_arguments(struct export *e, const struct command_line *line,
                           const struct settings *s, struct error *err)
{
    bool copy = settings_number(s, OPTION_COPY) != 0;
    if (copy && settings_number(s, OPTION_LINK)) {
        return error_set(err, ERROR_USAGE, "--link and --copy: choose one");
    }
    if (!read_paths(e, line, s, err)) {
        return false;
    }
    e->options = (struct export_options){
        .to = settings_text(s, OPTION_TO), .folder = e->folder, .out = e->out, .copy = copy
    };
    return read_split(e->options.shares, settings_text(s, OPTION_SPLIT), err) &&
           read_statuses(e->statuses, settings_text(s, OPTION_FILTER_STATUS), err);
}

/* ---------------------------------------------------------------------- run */

static bool collect(const struct export *e, const struct labels *l, struct annotation **list,
                    size_t *count, size_t *left_out, struct error *err)
{
    size_t cap = 0;
    struct annotation a;
    for (uint32_t cursor = 0; labels_next(l, &cursor, &a);) {
        if (!e->statuses[a.status]) {
            ++*left_out;
            continue;
        }
        if (!mem_reserve(list, &cap, *count + 1, sizeof **list)) {
            return error_nomem(err, (*count + 1) * sizeof **list, "the annotations");
        }
        (*list)[(*count)++] = a;
    }
    return *count ||
           error_set(err, ERROR_DATA, "%s: no annotations with the wanted status", e->csv);
}

static void tell(const struct export *e, const struct export_report *r, size_t left_out)
{
    say(stdout, "%s: %zu annotations of %zu pictures (%s", e->out, r->annotations, r->pictures,
        e->options.to);
    static const char *const names[SPLITS_MAX] = { "train", "val", "test" };
    for (int i = 0; i < SPLITS_MAX; i++) {
        if (e->options.shares[i]) {
            say(stdout, "; %s %zu", names[i], r->per_split[i]);
        }
    }
    say(stdout, ")\n");
    if (left_out) {
        say(stderr, "thumbtag: left out: %zu with another status (see --status)\n", left_out);
    }
}

static int export(const struct export *e)
{
    struct error err;
    struct annotation *list = NULL;
    struct export_report report;
    size_t count = 0, left_out = 0;
    struct labels *l = labels_open(e->csv, LABELS_READ_ONLY | LABELS_MULTI, NULL, &err);
    if (!l) {
        return fail(&err);
    }
    bool ok = collect(e, l, &list, &count, &left_out, &err) &&
              formats_export(list, count, &e->options, &report, &err);
    free(list);
    labels_close(l, NULL);
    if (!ok) {
        return fail(&err);
    }
    tell(e, &report, left_out);
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
