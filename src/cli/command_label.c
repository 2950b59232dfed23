#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "box.h"
#include "command_settings.h"
#include "commands.h"
#include "fail.h"
#include "listed_items.h"
#include "paths.h"
#include "start_guesser.h"
#include "work.h"

/* Where a session's items come from, and where its labels go. */
struct places {
    char *csv;        /* the labels */
    const char *list; /* a CSV of items that is only read; NULL: none */
    bool listed;      /* the items are those of the labels alone */
};

/* Finds the classes: those of find_classes(), else of the model (added later), else the
 * labels in use, also in the list of regions, else those that the user enters when asked. */
static bool need_classes(struct found_classes *found, struct settings *s, const char *folder,
                         struct labels *labels, const struct labels *list,
                         const struct labels_report *report, const struct places *p,
                         struct error *err)
{
    bool script = settings_text(s, OPTION_SCRIPT)[0] != '\0';
    if (!find_classes(found, s, folder, p->csv, labels, report, err)) {
        return false;
    }
    if (s->classes.count || model_has_classes(s)) {
        return true;
    }
    if (!add_labels_in_use(&s->classes, labels, p->csv, err) ||
        (list && !add_labels_in_use(&s->classes, list, p->list, err))) {
        return false;
    }
    if (s->classes.count || (!script && ask_classes(&s->classes, folder, err))) {
        return true;
    }
    return error_set(
        err, ERROR_USAGE,
        "no classes are defined; name them: thumbtag %s -c cat,dog,other (or list them "
        "in classes.txt in that folder, one per line)",
        folder);
}

static bool same_file(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static bool find_places(struct places *p, const struct command_line *line, const struct settings *s,
                        const char *folder, struct error *err)
{
    const char *output = settings_text(s, OPTION_OUTPUT);
    const char *regions = settings_text(s, OPTION_REGIONS);
    const char *csv =
        line->operand_count == 1 && is_csv(line->operands[0]) ? line->operands[0] : NULL;
    p->list = regions[0] ? regions : NULL;
    if (csv && !regions[0] && output[0] && !same_file(csv, output)) {
        p->list = csv;
    }
    p->listed = csv && !p->list;
    p->csv = output[0]   ? mem_string(output, strlen(output))
             : p->listed ? mem_string(csv, strlen(csv))
                         : file_join(folder, "labels.csv");
    if (!p->csv) {
        return error_nomem(err, strlen(folder), "the path of the labels");
    }
    if (p->list && same_file(p->list, p->csv)) {
        error_set(err, ERROR_USAGE,
                  "%s: --regions never writes to its file; name another for the labels (-o FILE), "
                  "or label in this one: thumbtag %s",
                  p->list, p->list);
        free(p->csv);
        return false;
    }
    return true;
}

/* Chooses the source of the catalog. *list: the labels of places->list, or NULL. */
static bool find_source(struct catalog_source *source, struct listed_items *items,
                        const struct places *p, const struct command_line *line,
                        const struct labels *labels, const struct labels *list, struct error *err)
{
    bool operands = line->stdin_list || (line->operand_count && line->operands[0] != p->list);
    unsigned which = !list ? LISTED_ALL : LISTED_AS_FILED | (operands ? LISTED_ALONE : LISTED_ALL);
    *items = (struct listed_items){ .alone = false };
    *source = (struct catalog_source){ .paths = (const char *const *)line->operands,
                                       .count = line->operand_count,
                                       .list_fd = line->stdin_list ? STDIN_FILENO : -1,
                                       .separator = line->stdin_list_nul ? '\0' : '\n' };
    if (!list && !p->listed && !labels_has_regions(labels)) {
        return true;
    }
    if (!listed_items_init(items, list ? list : labels, list ? p->list : p->csv, which, err)) {
        return false;
    }
    if (list && !listed_items_exist(items, p->list, err)) {
        listed_items_release(items);
        return false;
    }
    if (p->listed || !operands) {
        listed_items_source(items, source);
    } else {
        source->regions = listed_items_of;
        source->regions_context = items;
    }
    return true;
}

/* Runs the session; closes the labels. */
static int label_items(const struct command_line *line, struct settings *s, const char *folder,
                       const struct places *p, struct labels *labels, const struct labels *list,
                       const struct labels_report *report)
{
    struct error err;
    struct listed_items items;
    struct found_classes found = { .file = CLASS_FILE_NONE };
    struct catalog_source source;
    int code;
    if (!find_source(&source, &items, p, line, labels, list, &err)) {
        labels_close(labels, NULL);
        return fail(&err);
    }
    if (!need_classes(&found, s, folder, labels, list, report, p, &err)) {
        code = fail(&err);
        labels_close(labels, NULL);
    } else {
        struct work work = {
            .settings = s,
            .classes = &s->classes,
            .found = &found,
            .csv_path = p->csv,
            .title = line->operand_count ? line->operands[0]
                     : p->list           ? p->list
                                         : "standard input",
            .mode = SESSION_LABEL,
            .below = (float)settings_real(s, OPTION_BELOW),
            .labels = labels,
            .source = source,
            .report = report,
        };
        code = work_run(&work);
    }
    found_classes_release(&found);
    listed_items_release(&items);
    return code;
}

static int run_label(const struct command_line *line, struct settings *s, const char *folder)
{
    struct error err;
    struct places places;
    struct labels_report report;
    if (!find_places(&places, line, s, folder, &err)) {
        return fail(&err);
    }
    struct box box = { .output = places.csv, .cache = true, .terminal = true };
    if (!find_annotator(s, &err) || !box_enter(s, &box, NULL, &err)) {
        free(places.csv);
        return fail(&err);
    }
    struct labels *list = places.list ? open_listed(places.list, &err) : NULL;
    enum labels_mode mode = LABELS_READ_WRITE;
    if (settings_number(s, OPTION_MULTI) || class_file_is_multi(places.csv)) {
        mode = LABELS_MULTI;
    }
    struct labels *labels =
        places.list && !list ? NULL : labels_open(places.csv, mode, &report, &err);
    int code = labels ? label_items(line, s, folder, &places, labels, list, &report) : fail(&err);
    if (list) {
        labels_close(list, NULL);
    }
    free(places.csv);
    return code;
}

/* Suggests a command: the first word may be a misspelt one. */
static int no_such_operand(const char *operand)
{
    struct error err;
    char suggestion[NEAREST_TEXT_MAX];
    struct nearest n = nearest_to(operand, "thumbtag ");
    for (enum command_id id = 0; id < COMMAND_COUNT; id++) {
        nearest_offer(&n, command_info(id)->name);
    }
    error_set(&err, ERROR_IO, "%s: no such file, folder or command%s", operand,
              nearest_text(&n, suggestion));
    return fail(&err);
}

int command_label(const struct command_line *line)
{
    struct error err;
    struct settings settings;
    if (!line->operand_count && !line->stdin_list && !line->values[OPTION_REGIONS]) {
        error_set(&err, ERROR_USAGE,
                  "usage: thumbtag DIR|FILE|LIST… [-c CLASSES]: name a folder, pictures or a list "
                  "of pictures");
        return fail(&err);
    }
    for (size_t i = 0; i < line->operand_count; i++) {
        if (access(line->operands[i], F_OK) != 0) {
            return no_such_operand(line->operands[i]);
        }
    }
    char *folder = data_folder(line);
    int code;
    if (!folder || !command_settings(&settings, line, folder, &err)) {
        code = folder ? fail(&err) : fail_nomem("a folder's name");
    } else {
        code = run_label(line, &settings, folder);
        settings_release(&settings);
    }
    free(folder);
    return code;
}
