#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "box.h"
#include "start_guesser.h"
#include "work.h"

int command_with_settings(const struct command_line *line,
                          int (*run)(const struct command_line *line, const struct settings *s))
{
    struct error err;
    struct settings settings;
    char *folder = data_folder(line);
    if (!folder || !args_settings(&settings, line, folder, &err)) {
        int code = folder ? fail(&err) : fail_nomem("a folder's name");
        free(folder);
        return code;
    }
    int code = run(line, &settings);
    settings_release(&settings);
    free(folder);
    return code;
}

/* Finds the classes: those of find_classes(), else of the model (added later), else the
 * labels in use, else those that the user enters when asked. */
static bool need_classes(struct found_classes *found, struct settings *s, const char *folder,
                         const struct labels *labels, const char *csv, struct error *err)
{
    bool script = settings_text(s, OPTION_SCRIPT)[0] != '\0';
    if (!find_classes(found, s, folder, csv, labels, err)) {
        return false;
    }
    if (s->classes.count || model_has_classes(s)) {
        return true;
    }
    if (!add_labels_in_use(&s->classes, labels, csv, err)) {
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

static int run_label(const struct command_line *line, struct settings *s, const char *folder)
{
    struct error err;
    const char *output = settings_text(s, OPTION_OUTPUT);
    char *csv = output[0] ? mem_string(output, strlen(output)) : file_join(folder, "labels.csv");
    struct labels_report report;
    struct found_classes found = { .file = CLASS_FILE_NONE };
    struct box box = { .output = csv, .cache = true, .terminal = true };
    if (!csv || !find_annotator(s, &err) || !box_enter(s, &box, NULL, &err)) {
        int code = csv ? fail(&err) : fail_nomem("the path of the labels");
        free(csv);
        return code;
    }
    enum labels_mode mode = LABELS_READ_WRITE;
    if (settings_number(s, OPTION_MULTI) || class_file_is_multi(csv)) {
        mode = LABELS_MULTI;
    }
    struct labels *labels = labels_open(csv, mode, &report, &err);
    int code;
    if (!labels) {
        code = fail(&err);
    } else if (!need_classes(&found, s, folder, labels, csv, &err)) {
        code = fail(&err);
        labels_close(labels, NULL);
    } else {
        struct work work = {
            .settings = s,
            .classes = &s->classes,
            .found = &found,
            .csv_path = csv,
            .title = line->operand_count ? line->operands[0] : "standard input",
            .mode = SESSION_LABEL,
            .labels = labels,
            .source = { .paths = (const char *const *)line->operands,
                        .count = line->operand_count,
                        .list_fd = line->stdin_list ? STDIN_FILENO : -1,
                        .separator = line->stdin_list_nul ? '\0' : '\n' },
            .report = &report,
        };
        code = work_run(&work);
    }
    found_classes_release(&found);
    free(csv);
    return code;
}

/* Suggests a command: the first word may be a misspelt one. */
static int no_such_operand(const char *operand)
{
    struct error err;
    char suggestion[NEAREST_TEXT_MAX];
    struct nearest n = nearest_to(operand, "thumbtag ");
    for (size_t i = 0; command_at(i); i++) {
        nearest_offer(&n, command_at(i)->name);
    }
    error_set(&err, ERROR_IO, "%s: no such file, folder or command%s", operand,
              nearest_text(&n, suggestion));
    return fail(&err);
}

int command_label(const struct command_line *line)
{
    struct error err;
    struct settings settings;
    if (!line->operand_count && !line->stdin_list) {
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
    if (!folder || !args_settings(&settings, line, folder, &err)) {
        code = folder ? fail(&err) : fail_nomem("a folder's name");
    } else {
        code = run_label(line, &settings, folder);
        settings_release(&settings);
    }
    free(folder);
    return code;
}
