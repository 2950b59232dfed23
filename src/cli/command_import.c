#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "box.h"
#include "command_settings.h"
#include "commands.h"
#include "fail.h"
#include "formats/formats.h"
#include "found.h"
#include "paths.h"
#include "say.h"
#include "store/names.h"

struct import {
    const char *source;
    char *folder; /* of the pictures */
    char *csv;
    bool add, beside; /* beside: the CSV is in the folder of the pictures */
    struct import_options options;
    char *file_column, *label_column;
    const char *annotator;
    struct pictures *pictures; /* NULL, as the two below, when they are no longer needed */
    struct dataset *data;
    char **names; /* of the items, relative to the CSV; NULL: the pictures' own */
    size_t name_count;
};

/* ---------------------------------------------------------------- arguments */

/* file=NAME,label=NAME */
static bool read_columns(struct import *i, const char *list, struct error *err)
{
    for (const char *s = list; *s;) {
        size_t len = strcspn(s, ",");
        const char *equal = memchr(s, '=', len);
        size_t key = equal ? (size_t)(equal - s) : 0, rest = equal ? len - key - 1 : 0;
        char **to = key == 4 && memcmp(s, "file", 4) == 0    ? &i->file_column
                    : key == 5 && memcmp(s, "label", 5) == 0 ? &i->label_column
                                                             : NULL;
        if (!to || *to || !rest) {
            return error_set(err, ERROR_USAGE, "--columns '%s': expected file=NAME,label=NAME",
                             list);
        }
        *to = mem_string(equal + 1, rest);
        if (!*to) {
            return error_nomem(err, rest, "a column's name");
        }
        s += len + (s[len] == ',');
    }
    i->options.file_column = i->file_column;
    i->options.label_column = i->label_column;
    return true;
}

static bool same_file(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static char *pictures_folder_of(const struct settings *s, const char *source)
{
    const char *named = settings_text(s, OPTION_PICTURES);
    const char *from = named[0] ? named : source;
    return named[0] || is_folder(source) ? mem_string(from, strlen(from)) : file_dirname(source);
}

static bool read_arguments(struct import *i, const struct command_line *line,
                           const struct settings *s, struct error *err)
{
    const char *from = settings_text(s, OPTION_IMPORT_FROM);
    const char *output = settings_text(s, OPTION_OUTPUT);
    i->source = line->operands[0];
    i->add = settings_number(s, OPTION_ADD) != 0;
    i->beside = !output[0];
    i->annotator = line->values[OPTION_ANNOTATOR] ? line->values[OPTION_ANNOTATOR] : "import";
    i->options.from = strcmp(from, "auto") == 0 ? NULL : from;
    i->options.multi = settings_number(s, OPTION_MULTI) != 0;
    i->folder = pictures_folder_of(s, i->source);
    i->csv = output[0]   ? mem_string(output, strlen(output))
             : i->folder ? file_join(i->folder, "labels.csv")
                         : NULL;
    if (!i->folder || !i->csv) {
        return error_nomem(err, strlen(i->source), "a path");
    }
    if (!is_folder(i->folder)) {
        return error_set(err, ERROR_USAGE, "%s: no such folder (of the pictures)", i->folder);
    }
    if (same_file(i->source, i->csv)) {
        return error_set(err, ERROR_USAGE,
                         "%s: the source itself would be written; name another file with -o",
                         i->csv);
    }
    return read_columns(i, settings_text(s, OPTION_COLUMNS), err);
}

/* ----------------------------------------------------------------- pictures */

static struct pictures *list_pictures(const char *folder, struct error *err)
{
    struct catalog_source source = { .paths = &folder, .count = 1, .list_fd = -1 };
    struct catalog *catalog = catalog_list_all(&source, err);
    struct pictures *p = catalog && !catalog_problems(catalog, err) ? pictures_new(folder) : NULL;
    struct buf path = BUF_INIT;
    size_t skip = strlen(folder);
    skip += skip && folder[skip - 1] != '/';
    bool ok = p != NULL;
    for (size_t n = 0; ok && n < catalog_count(catalog); n++) {
        catalog_path(catalog, catalog_id(catalog, n), &path);
        ok = !path.failed && pictures_add(p, path.data + skip, path.len - skip);
        ok = ok || error_nomem(err, path.len, "the list of pictures");
    }
    buf_release(&path);
    catalog_free(catalog);
    if (!ok) {
        pictures_free(p);
        p = NULL;
    }
    return p;
}

/* Names the pictures as a CSV in another folder does. */
static bool rename_items(struct import *i, struct error *err)
{
    struct names n;
    struct annotation *items = dataset_items(i->data);
    size_t count = dataset_count(i->data);
    i->names = mem_array(count, sizeof *i->names);
    if (!i->names) {
        return error_nomem(err, count * sizeof *i->names, "names");
    }
    bool ok = names_init(&n, i->csv, err);
    for (; ok && i->name_count < count; i->name_count++) {
        struct annotation *a = &items[i->name_count];
        char *path = file_join(i->folder, a->file_name);
        char *name = path ? names_relative(&n, path, err) : NULL;
        free(path);
        i->names[i->name_count] = name;
        a->file_name = name;
        ok = name != NULL;
    }
    names_release(&n);
    return ok;
}

/* Frees what was read. */
static void forget_source(struct import *i)
{
    dataset_free(i->data);
    pictures_free(i->pictures);
    for (size_t k = 0; k < i->name_count; k++) {
        free(i->names[k]);
    }
    free(i->names);
    i->data = NULL;
    i->pictures = NULL;
    i->names = NULL;
    i->name_count = 0;
}

/* -------------------------------------------------------------------- store */

struct written {
    size_t count, kept;
};

/* Moves what its annotator has not answered yet to the front; returns its number. */
static size_t leave_out_known(const struct labels *l, struct annotation *items, size_t count)
{
    size_t left = 0;
    struct annotation known;
    for (size_t k = 0; k < count; k++) {
        if (!labels_find_by(l, items[k].file_name, &items[k].region, items[k].annotator, &known)) {
            items[left++] = items[k];
        }
    }
    return left;
}

static bool has_answers(const struct labels *l)
{
    size_t answers = 0;
    for (int s = STATUS_LABELED; s < STATUS_COUNT; s++) {
        answers += labels_count(l, (enum label_status)s);
    }
    return answers > 0;
}

/* The items on their way into the store, which has copies when all were taken: then the source
 * goes, as a million rows to be written need the room. */
struct taking {
    struct import *import;
    size_t next, count;
};

static bool take_item(void *context, struct annotation *out)
{
    struct taking *t = context;
    if (t->next == t->count) {
        forget_source(t->import);
        return false;
    }
    *out = dataset_items(t->import->data)[t->next++];
    return true;
}

static bool write_items(struct import *i, struct labels *l, const char *from,
                        struct written *written, struct error *err)
{
    struct annotation *items = dataset_items(i->data);
    size_t count = dataset_count(i->data);
    char about[OPERATION_ABOUT_MAX + 1], name[256];
    if (has_answers(l) && !i->add) {
        return error_set(err, ERROR_USAGE,
                         "%s: has answers already; add to them with --add, or name another file "
                         "with -o",
                         i->csv);
    }
    written->count = leave_out_known(l, items, count);
    written->kept = count - written->count;
    text_printable(name, sizeof name, i->source, strlen(i->source), -1);
    snprintf(about, sizeof about, "import %s %s", from, name);
    struct operation op = { .annotator = i->annotator, .about = about };
    struct taking taking = { .import = i, .count = written->count };
    return !written->count || labels_write_from(l, take_item, &taking, written->count, &op, err);
}

static bool store(struct import *i, const char *from, struct written *written, struct error *err)
{
    struct labels *l = labels_open(i->csv, LABELS_READ_WRITE | LABELS_MULTI, NULL, err);
    if (!l) {
        return false;
    }
    bool ok = write_items(i, l, from, written, err);
    return labels_close(l, ok ? err : NULL) && ok;
}

/* ------------------------------------------------------------------ telling */

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static void tell_left_out(const struct dataset_report *r)
{
    if (!r->missing && !r->ambiguous) {
        return;
    }
    say(stderr, "thumbtag: left out: ");
    if (r->missing) {
        say(stderr, "%zu with no such picture%s", r->missing, r->ambiguous ? ", " : "");
    }
    if (r->ambiguous) {
        say(stderr, "%zu whose name several pictures have", r->ambiguous);
    }
    for (size_t k = 0; k < DATASET_EXAMPLES && r->examples[k][0]; k++) {
        say(stderr, "%s%s", k ? ", " : ": ", r->examples[k]);
    }
    bool more =
        r->examples[DATASET_EXAMPLES - 1][0] && r->missing + r->ambiguous > DATASET_EXAMPLES;
    say(stderr, "%s\n", more ? " …" : "");
}

static void tell(const struct import *i, const struct dataset_report *r, const char *from,
                 const struct written *written)
{
    say(stdout, "%s: %zu annotation%s from %s (%s)\n", i->csv, written->count,
        plural(written->count), i->source, from);
    if (r->note[0]) {
        say(stderr, "thumbtag: %s: %s\n", i->source, r->note);
    }
    if (r->by_base_name) {
        say(stderr, "thumbtag: %zu found by the last part of the name only\n", r->by_base_name);
    }
    if (written->kept) {
        say(stderr, "thumbtag: %zu kept as %s had answered them before\n", written->kept,
            i->annotator);
    }
    if (r->unlabeled) {
        say(stderr, "thumbtag: %zu without a label\n", r->unlabeled);
    }
    if (r->clipped) {
        say(stderr, "thumbtag: %zu regions reached out of the picture or had no area\n",
            r->clipped);
    }
    if (r->several) {
        say(stderr, "thumbtag: some have several labels, with '|' between: go on with --multi\n");
    }
    tell_left_out(r);
}

static bool found_any(const struct import *i, struct error *err)
{
    const struct dataset_report *r = dataset_report(i->data);
    if (dataset_count(i->data)) {
        return true;
    }
    if (r->missing + r->ambiguous) {
        tell_left_out(r);
        return error_set(err, ERROR_DATA,
                         "%s: none of its pictures is below %s; name their folder with --pictures",
                         i->source, i->folder);
    }
    return error_set(err, ERROR_DATA, "%s: no labels in it", i->source);
}

/* ---------------------------------------------------------------------- run */

static bool read_source(struct import *i, const char **from, struct error *err)
{
    i->pictures = list_pictures(i->folder, err);
    if (!i->pictures) {
        return false;
    }
    i->data = dataset_new(i->pictures, i->annotator);
    if (!i->data) {
        return error_nomem(err, pictures_count(i->pictures), "the annotations");
    }
    return formats_import(i->source, &i->options, i->data, from, err) && found_any(i, err);
}

static int import(struct import *i)
{
    struct error err;
    const char *from = NULL;
    struct written written = { 0 };
    struct dataset_report report;
    if (!read_source(i, &from, &err)) {
        return fail(&err);
    }
    report = *dataset_report(i->data);
    pictures_forget_index(i->pictures);
    if ((!i->beside && !rename_items(i, &err)) || !store(i, from, &written, &err)) {
        return fail(&err);
    }
    tell(i, &report, from, &written);
    return report.missing || report.ambiguous ? EXIT_FINDINGS : EXIT_DONE;
}

/* Of a million rows the memory is in arrays that grow and go; unlike that of pictures (main.c)
 * what is freed of it is not soon needed again at the same size. */
static void return_freed_memory(void)
{
    mallopt(M_MMAP_THRESHOLD, 128 << 10);
    mallopt(M_TRIM_THRESHOLD, 128 << 10);
}

static int run_import(const struct command_line *line, const struct settings *s)
{
    struct error err;
    struct import i = { 0 };
    return_freed_memory();
    bool ok = read_arguments(&i, line, s, &err) &&
              box_enter(s, &(struct box){ .output = i.csv }, NULL, &err);
    int code = ok ? import(&i) : fail(&err);
    forget_source(&i);
    free(i.folder);
    free(i.csv);
    free(i.file_column);
    free(i.label_column);
    return code;
}

int command_import(const struct command_line *line)
{
    struct error err;
    if (line->operand_count != 1 || line->stdin_list) {
        error_set(&err, ERROR_USAGE,
                  "usage: thumbtag import SOURCE: name one file or folder with labels");
        return fail(&err);
    }
    return command_with_settings(line, run_import);
}
