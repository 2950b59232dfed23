/* thumbtag classes: shows and changes the classes of a labels.csv. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "box.h"
#include "classes.h"
#include "command_classes.h"
#include "command_settings.h"
#include "commands.h"
#include "config/theme.h"
#include "fail.h"
#include "paths.h"
#include "say.h"
#include "session/class_change.h"
#include "store/csv.h"

#define ARGUMENTS_MAX 2

typedef bool prepare_fn(struct class_change *to, const struct settings *s, char **arguments,
                        struct error *err);

static bool parse_key(const char *text, keycode *key, struct error *err)
{
    *key = KEYCODE_NONE;
    return strcmp(text, "none") == 0 || keycode_parse(text, key) ||
           error_set(err, ERROR_USAGE,
                     "'%s' is not a key: write one character, a name such as f1, or none", text);
}

static bool prepare_add(struct class_change *to, const struct settings *s, char **arguments,
                        struct error *err)
{
    keycode key = KEYCODE_NONE;
    return (!arguments[1] || parse_key(arguments[1], &key, err)) &&
           class_change_add(to, &s->classes, &s->keymap, arguments[0], key, err);
}

static bool prepare_rename(struct class_change *to, const struct settings *s, char **arguments,
                           struct error *err)
{
    return class_change_rename(to, &s->classes, arguments[0], arguments[1], err);
}

static bool prepare_merge(struct class_change *to, const struct settings *s, char **arguments,
                          struct error *err)
{
    return class_change_merge(to, &s->classes, arguments[0], arguments[1], err);
}

static bool prepare_key(struct class_change *to, const struct settings *s, char **arguments,
                        struct error *err)
{
    keycode key;
    return parse_key(arguments[1], &key, err) &&
           class_change_key(to, &s->classes, &s->keymap, arguments[0], key, err);
}

static bool prepare_color(struct class_change *to, const struct settings *s, char **arguments,
                          struct error *err)
{
    int32_t color = CLASS_COLOR_NONE;
    if (strcmp(arguments[1], "none") != 0 && !theme_parse_color(arguments[1], &color)) {
        return error_set(
            err, ERROR_USAGE,
            "'%s' is not a colour: write #rrggbb, such as '#ff8000', its name, such as "
            "red, or none",
            arguments[1]);
    }
    return class_change_color(to, &s->classes, arguments[0], color, err);
}

static bool prepare_remove(struct class_change *to, const struct settings *s, char **arguments,
                           struct error *err)
{
    return class_change_remove(to, &s->classes, arguments[0], err);
}

/* What can be done, with the number of its arguments. */
static const struct deed {
    struct class_action info;
    size_t least, most;
    prepare_fn *prepare; /* NULL: the list is printed */
} deeds[] = {
    { { "list", "", "print the classes as CSV, with keys, colours and the number of pictures" },
      0,
      0,
      NULL },
    { { "add", " NAME [KEY]", "add a class" }, 1, 2, prepare_add },
    { { "rename", " OLD NEW", "give a class another name, in the answers of all annotators" },
      2,
      2,
      prepare_rename },
    { { "merge", " FROM INTO", "make one class of two: answers FROM become INTO" },
      2,
      2,
      prepare_merge },
    { { "key", " NAME KEY", "give a class another key, or none" }, 2, 2, prepare_key },
    { { "color", " NAME COLOR", "give a class another colour: #rrggbb, its name, or none" },
      2,
      2,
      prepare_color },
    { { "remove", " NAME", "remove a class; pictures of it alone are open again" },
      1,
      1,
      prepare_remove },
};

const struct class_action *class_action_at(size_t index)
{
    return index < ARRAY_LEN(deeds) ? &deeds[index].info : NULL;
}

static const struct deed *deed_named(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(deeds); i++) {
        if (strcmp(deeds[i].info.name, name) == 0) {
            return &deeds[i];
        }
    }
    return NULL;
}

static int usage(void)
{
    struct error err;
    struct buf text = BUF_INIT;
    for (size_t i = 0; i < ARRAY_LEN(deeds); i++) {
        buf_addf(&text, "%s%s%s", i ? ", " : "", deeds[i].info.name, deeds[i].info.arguments);
    }
    error_set(&err, ERROR_USAGE, "usage: thumbtag classes [LABELS.csv|DIR] ACTION; actions are: %s",
              buf_text(&text));
    buf_release(&text);
    return fail(&err);
}

/* --------------------------------------------------------------- the list */

static void add_row(struct buf *out, const struct class *class, size_t count)
{
    char key[KEY_NAME_SIZE] = "";
    csv_add_field(out, class->name, strlen(class->name));
    if (class->key != KEYCODE_NONE) {
        keycode_name(class->key, key);
    }
    buf_addc(out, ',');
    csv_add_field(out, key, strlen(key));
    buf_addc(out, ',');
    if (class->color != CLASS_COLOR_NONE) {
        buf_addf(out, "#%06x", (unsigned)class->color);
    }
    buf_addf(out, ",%zu\n", count);
}

static bool print_list(const struct classes *c, const struct labels *labels, struct error *err)
{
    struct buf out = BUF_INIT;
    buf_adds(&out, "class,key,color,count\n");
    for (size_t i = 0; i < c->count; i++) {
        add_row(&out, &c->items[i], labels_class_count(labels, c->items[i].name));
    }
    bool ok = out.failed ? error_nomem(err, out.len, "the list")
                         : (say_bytes(stdout, out.data, out.len) && fflush(stdout) == 0) ||
                               error_errno(err, ERROR_IO, errno, "standard output");
    buf_release(&out);
    return ok;
}

/* --------------------------------------------------------------- a change */

static void tell(const struct class_change *change, size_t rows, const char *csv)
{
    struct buf text = BUF_INIT;
    class_change_tell(change, rows, &text);
    say(stderr, "thumbtag: %s: %s (Backspace in a session undoes it)\n", csv, buf_text(&text));
    buf_release(&text);
}

static bool run_change(const struct deed *deed, char **arguments, struct settings *s,
                       struct found_classes *found, struct labels *labels, const char *csv,
                       struct error *err)
{
    struct class_change change;
    struct class_shift shift;
    size_t rows;
    struct class_owner owner = { .labels = labels,
                                 .classes = &s->classes,
                                 .file = &found->file,
                                 .annotator = settings_text(s, OPTION_ANNOTATOR) };
    class_file_recover(&found->file);
    if (!deed->prepare(&change, s, arguments, err) ||
        !class_change_do(&owner, &change, NULL, &rows, &shift, err)) {
        return false;
    }
    tell(&change, rows, csv);
    return true;
}

/* A change writes; a list only reads. */
static enum labels_mode mode_of(const char *csv, bool writes)
{
    int mode = writes ? LABELS_READ_WRITE : LABELS_READ_ONLY;
    return (enum labels_mode)(mode | (class_file_is_multi(csv) ? LABELS_MULTI : 0));
}

static int run(const struct deed *deed, char **arguments, struct settings *s, const char *folder,
               const char *csv)
{
    struct error err;
    struct labels_report report;
    struct found_classes found = { .file = CLASS_FILE_NONE };
    struct labels *labels = labels_open(csv, mode_of(csv, deed->prepare), &report, &err);
    if (!labels) {
        return fail(&err);
    }
    bool ok = find_classes(&found, s, folder, csv, labels, &report, &err) &&
              add_labels_in_use(&s->classes, labels, csv, &err) &&
              keymap_assign(&s->keymap, &s->classes, &err) &&
              (deed->prepare ? run_change(deed, arguments, s, &found, labels, csv, &err)
                             : print_list(&s->classes, labels, &err));
    int code = ok ? EXIT_DONE : fail(&err);
    if (!labels_close(labels, &err)) {
        int close_code = fail(&err);
        code = code ? code : close_code;
    }
    found_classes_release(&found);
    return code;
}

static int run_boxed(const struct command_line *line, const struct deed *deed, char **arguments,
                     const char *csv)
{
    struct error err;
    struct settings settings;
    struct box box = { .output = deed->prepare ? csv : NULL };
    char *folder = file_dirname(csv);
    if (!folder || !command_settings(&settings, line, folder, &err)) {
        int code = folder ? fail(&err) : fail_nomem("a folder's name");
        free(folder);
        return code;
    }
    int code = find_annotator(&settings, &err) && box_enter(&settings, &box, NULL, &err)
                   ? run(deed, arguments, &settings, folder, csv)
                   : fail(&err);
    settings_release(&settings);
    free(folder);
    return code;
}

static int no_such_operand(const char *operand)
{
    struct error err;
    char suggestion[NEAREST_TEXT_MAX];
    struct nearest n = nearest_to(operand, "thumbtag classes ");
    for (size_t i = 0; i < ARRAY_LEN(deeds); i++) {
        nearest_offer(&n, deeds[i].info.name);
    }
    error_set(&err, ERROR_IO, "%s: no such file, folder or action%s", operand,
              nearest_text(&n, suggestion));
    return fail(&err);
}

/* The file comes first, if it is not left out; the rest is what to do. */
int command_classes(const struct command_line *line)
{
    const struct deed *deed = &deeds[0];
    char *arguments[ARGUMENTS_MAX + 1] = { NULL };
    size_t at = 0;
    const char *operand = ".";
    if (line->operand_count && !deed_named(line->operands[0])) {
        operand = line->operands[at++];
        if (access(operand, F_OK) != 0) {
            return no_such_operand(operand);
        }
    }
    if (at < line->operand_count) {
        deed = deed_named(line->operands[at++]);
    }
    size_t left = line->operand_count - at;
    if (!deed || line->stdin_list || left < deed->least || left > deed->most) {
        return usage();
    }
    for (size_t i = 0; i < left; i++) {
        arguments[i] = line->operands[at + i];
    }
    char *csv = labels_path(operand);
    int code = csv ? run_boxed(line, deed, arguments, csv) : fail_nomem("a path");
    free(csv);
    return code;
}
