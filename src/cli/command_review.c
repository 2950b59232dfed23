#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/nearest.h"
#include "box.h"
#include "changes_report.h"
#include "command_settings.h"
#include "commands.h"
#include "fail.h"
#include "listed_items.h"
#include "paths.h"
#include "work.h"

typedef size_t index_fn(const void *context, const char *word); /* SIZE_MAX: unknown */

/* Sets the flag of each word in a comma-separated list. On failure `unknown` is the word
 * that is not known. */
static bool flag_list(const char *list, bool *flags, index_fn *index, const void *context,
                      char *unknown, size_t size)
{
    for (const char *s = list;;) {
        size_t len = strcspn(s, ",");
        snprintf(unknown, size, "%.*s", (int)len, s);
        size_t i = index(context, unknown);
        if (i == SIZE_MAX) {
            return false;
        }
        flags[i] = true;
        if (!s[len]) {
            return true;
        }
        s += len + 1;
    }
}

static size_t status_index(const void *context, const char *word)
{
    (void)context;
    for (size_t i = STATUS_LABELED; i < STATUS_COUNT; i++) {
        if (strcmp(label_status_name((enum label_status)i), word) == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

static size_t class_index(const void *context, const char *word)
{
    const struct classes *c = context;
    size_t i = classes_find(c, word);
    return i < c->count ? i : SIZE_MAX;
}

static const char *nearest_class(const struct classes *c, const char *word,
                                 char suggestion[NEAREST_TEXT_MAX])
{
    struct nearest n = nearest_to(word, "");
    for (size_t i = 0; i < c->count; i++) {
        nearest_offer(&n, c->items[i].name);
    }
    return nearest_text(&n, suggestion);
}

/* Where pictures may have several classes: those chosen must all be there. */
static bool want_classes(struct session_filter *filter, size_t n, struct error *err)
{
    filter->wanted = calloc(n, sizeof *filter->wanted);
    for (size_t i = 0; filter->wanted && i < n; i++) {
        filter->wanted[i] = filter->classes[i] ? WANT_HAS : WANT_EITHER;
    }
    return filter->wanted || error_nomem(err, n, "the filter");
}

/* The caller frees filter->classes and filter->wanted. */
static bool make_filter(struct session_filter *filter, const struct settings *s, struct error *err)
{
    const char *statuses = settings_text(s, OPTION_FILTER_STATUS);
    const char *classes = settings_text(s, OPTION_FILTER_CLASS);
    char word[300] = "", suggestion[NEAREST_TEXT_MAX];
    size_t n = s->classes.count + 1;
    filter->classes = calloc(n, sizeof *filter->classes);
    if (!filter->classes) {
        return error_nomem(err, n, "the filter");
    }
    filter->noted = settings_number(s, OPTION_NOTED);
    memset(filter->statuses, !statuses[0] && !classes[0], sizeof filter->statuses);
    filter->statuses[STATUS_PREDICTED] = false; /* only where it is asked for */
    memset(filter->classes, !classes[0], n);
    if (statuses[0] &&
        !flag_list(statuses, filter->statuses, status_index, NULL, word, sizeof word)) {
        return error_set(err, ERROR_USAGE,
                         "--status %s: '%s' is not a status; use labeled, skipped, unsure, none or "
                         "predicted",
                         statuses, word);
    }
    if (classes[0] &&
        !flag_list(classes, filter->classes, class_index, &s->classes, word, sizeof word)) {
        return error_set(err, ERROR_USAGE, "--class %s: there is no class '%s'%s", classes, word,
                         nearest_class(&s->classes, word, suggestion));
    }
    if (classes[0] && !statuses[0]) {
        filter->statuses[STATUS_LABELED] = true;
    }
    return !classes[0] || !s->classes.multi || want_classes(filter, n, err);
}

/* Whether the labels can be judged, and the report written. */
static bool check_options(const struct settings *s, const char *csv, struct error *err)
{
    const char *report = settings_text(s, OPTION_REPORT);
    bool suspects = settings_number(s, OPTION_SUSPECTS) != 0;
    if (suspects && strcmp(settings_text(s, OPTION_MODEL), "none") == 0) {
        return error_set(err, ERROR_USAGE,
                         "--suspects needs a network to look at the pictures; leave out -m none");
    }
    if (suspects && s->classes.multi) {
        return error_set(err, ERROR_USAGE,
                         "%s: --suspects judges labels of one class a picture, and here pictures "
                         "may have several",
                         csv);
    }
    return !report[0] || changes_report_can_write(report, err);
}

/* The items with an answer or a note, by name. */
static bool collect_items(struct listed_items *items, const char *csv, const struct labels *labels,
                          struct error *err)
{
    if (!listed_items_init(items, labels, csv, LISTED_ANSWERED, err)) {
        return false;
    }
    if (!items->count) {
        listed_items_release(items);
        return error_set(err, ERROR_DATA, "%s: contains no answers yet", csv);
    }
    return true;
}

static int run_review(const char *csv, const char *folder, struct settings *s,
                      struct labels *labels, const struct labels_report *report)
{
    bool read_only = settings_number(s, OPTION_READ_ONLY) != 0;
    struct error err;
    struct listed_items items = { .alone = false };
    struct session_filter filter = { 0 };
    struct found_classes found = { .file = CLASS_FILE_NONE };
    int code;
    if (!find_classes(&found, s, folder, csv, labels, report, &err) ||
        !add_labels_in_use(&s->classes, labels, csv, &err) || !make_filter(&filter, s, &err) ||
        !check_options(s, csv, &err) || !collect_items(&items, csv, labels, &err)) {
        code = fail(&err);
        labels_close(labels, NULL);
    } else {
        struct work work = {
            .settings = s,
            .classes = &s->classes,
            .found = &found,
            .csv_path = csv,
            .title = csv,
            .mode = SESSION_REVIEW,
            .read_only = read_only,
            .suspects = settings_number(s, OPTION_SUSPECTS) != 0,
            .changes = settings_text(s, OPTION_REPORT)[0] ? settings_text(s, OPTION_REPORT) : NULL,
            .labels = labels,
            .filter = &filter,
            .report = report,
        };
        listed_items_source(&items, &work.source);
        code = work_run(&work);
    }
    listed_items_release(&items);
    free(filter.classes);
    free(filter.wanted);
    found_classes_release(&found);
    return code;
}

/* Checks that the file exists and can be read. */
static bool check_csv(const char *csv, const char *operand, struct error *err)
{
    if (access(csv, R_OK) == 0) {
        return true;
    }
    if (errno == ENOENT && is_folder(operand)) {
        return error_set(err, ERROR_IO,
                         "%s: contains no labels.csv to review; label first (thumbtag %s), or name "
                         "the file",
                         operand, operand);
    }
    return error_errno(err, ERROR_IO, errno, "%s", csv);
}

static int review(const struct command_line *line, const char *csv)
{
    struct error err;
    struct settings settings;
    char *folder = file_dirname(csv);
    if (!folder || !command_settings(&settings, line, folder, &err)) {
        int code = folder ? fail(&err) : fail_nomem("a folder's name");
        free(folder);
        return code;
    }
    bool read_only = settings_number(&settings, OPTION_READ_ONLY) != 0;
    struct box box = { .output = read_only ? NULL : csv, .cache = true, .terminal = true };
    const char *changes = settings_text(&settings, OPTION_REPORT);
    char *report_folder = changes[0] ? file_dirname(changes) : NULL;
    box.folder = report_folder;
    if (!find_annotator(&settings, &err) || !box_enter(&settings, &box, NULL, &err)) {
        settings_release(&settings);
        free(folder);
        free(report_folder);
        return fail(&err);
    }
    free(report_folder);
    struct labels_report report;
    int mode = (read_only ? LABELS_READ_ONLY : LABELS_READ_WRITE) |
               (class_file_is_multi(csv) ? LABELS_MULTI : 0);
    struct labels *labels = labels_open(csv, (enum labels_mode)mode, &report, &err);
    int code = labels ? run_review(csv, folder, &settings, labels, &report) : fail(&err);
    settings_release(&settings);
    free(folder);
    return code;
}

int command_review(const struct command_line *line)
{
    struct error err;
    if (line->operand_count != 1 || line->stdin_list) {
        error_set(&err, ERROR_USAGE,
                  "usage: thumbtag review LABELS.csv|DIR: name one labels.csv, or the folder that "
                  "contains it");
        return fail(&err);
    }
    char *csv = labels_path(line->operands[0]);
    int code = EXIT_IO;
    if (!csv) {
        error_nomem(&err, strlen(line->operands[0]), "a path");
        code = fail(&err);
    } else {
        code = check_csv(csv, line->operands[0], &err) ? review(line, csv) : fail(&err);
    }
    free(csv);
    return code;
}
