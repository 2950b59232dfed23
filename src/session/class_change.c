#include "session/class_change.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "base/normalize.h"
#include "config/theme.h"

static const char *const verbs[CLASS_VERBS] = {
    [CLASS_ADD] = "add", [CLASS_RENAME] = "rename", [CLASS_MERGE] = "merge",
    [CLASS_KEY] = "key", [CLASS_COLOR] = "color",   [CLASS_REMOVE] = "remove",
};

/* --------------------------------------------------------------- preparing */

static struct class_state state_of(const struct classes *c, size_t i)
{
    const struct class *class = &c->items[i];
    struct class_state s = { .there = true, .at = i, .key = class->key, .color = class->color };
    snprintf(s.name, sizeof s.name, "%s", class->name);
    return s;
}

static bool find(const struct classes *c, const char *name, size_t *index, struct error *err)
{
    char suggestion[NEAREST_TEXT_MAX];
    struct nearest n = nearest_to(name, "");
    *index = classes_find(c, name);
    if (*index < c->count) {
        return true;
    }
    for (size_t i = 0; i < c->count; i++) {
        nearest_offer(&n, c->items[i].name);
    }
    return error_set(err, ERROR_USAGE, "there is no class '%s'%s", name,
                     nearest_text(&n, suggestion));
}

/* Begins a change of a class that exists. */
static bool begin(struct class_change *to, enum class_verb verb, const struct classes *c,
                  const char *name, struct error *err)
{
    size_t i;
    *to = (struct class_change){ .verb = verb };
    if (!find(c, name, &i, err)) {
        return false;
    }
    to->before = to->after = state_of(c, i);
    return true;
}

/* Whether a class, other than that at `except`, may have the name. */
static bool check_name(const struct classes *c, const char *name, size_t except, struct error *err)
{
    if (!classes_check_name(name, strlen(name), "new class", err)) {
        return false;
    }
    size_t i = classes_find(c, name);
    if (i == c->count || i == except) {
        i = classes_find_alike(c, name);
        i = i < c->count && text_same(c->items[i].name, name) ? i : c->count;
    }
    if (i < c->count && i != except) {
        return error_set(err, ERROR_USAGE, "there is a class '%s' already", c->items[i].name);
    }
    return true;
}

static bool check_key(const struct classes *c, const struct keymap *map, keycode key, size_t except,
                      struct error *err)
{
    char symbol[KEY_NAME_SIZE];
    enum action command = keymap_command(map, key);
    size_t i = classes_find_key(c, key);
    if (command == ACTION_NO_ACTION && (i == c->count || i == except)) {
        return true;
    }
    keycode_name(key, symbol);
    return command != ACTION_NO_ACTION
               ? error_set(err, ERROR_USAGE, "key '%s' is the key of the command '%s'", symbol,
                           action_info(command)->name)
               : error_set(err, ERROR_USAGE, "key '%s' is the key of class '%s'", symbol,
                           c->items[i].name);
}

bool class_change_add(struct class_change *to, const struct classes *c, const struct keymap *map,
                      const char *name, keycode key, struct error *err)
{
    *to = (struct class_change){ .verb = CLASS_ADD };
    if (!check_name(c, name, SIZE_MAX, err) || !check_key(c, map, key, SIZE_MAX, err)) {
        return false;
    }
    if (c->count >= CLASSES_MAX) {
        return error_set(err, ERROR_USAGE, "too many classes; the limit is %d", CLASSES_MAX);
    }
    to->after = (struct class_state){ .there = true,
                                      .at = c->count,
                                      .key = key ? key : keymap_free_key(map, c),
                                      .color = CLASS_COLOR_NONE };
    snprintf(to->after.name, sizeof to->after.name, "%s", name);
    return true;
}

bool class_change_rename(struct class_change *to, const struct classes *c, const char *name,
                         const char *new_name, struct error *err)
{
    if (!begin(to, CLASS_RENAME, c, name, err) || !check_name(c, new_name, to->before.at, err)) {
        return false;
    }
    if (strcmp(name, new_name) == 0) {
        return error_set(err, ERROR_USAGE, "class '%s' has that name already", name);
    }
    snprintf(to->after.name, sizeof to->after.name, "%s", new_name);
    return true;
}

bool class_change_merge(struct class_change *to, const struct classes *c, const char *name,
                        const char *into, struct error *err)
{
    size_t i;
    if (!begin(to, CLASS_MERGE, c, name, err) || !find(c, into, &i, err)) {
        return false;
    }
    if (i == to->before.at) {
        return error_set(err, ERROR_USAGE, "class '%s' cannot be merged into itself", name);
    }
    to->after = (struct class_state){ .there = false };
    snprintf(to->into, sizeof to->into, "%s", into);
    return true;
}

bool class_change_key(struct class_change *to, const struct classes *c, const struct keymap *map,
                      const char *name, keycode key, struct error *err)
{
    if (!begin(to, CLASS_KEY, c, name, err) || !check_key(c, map, key, to->before.at, err)) {
        return false;
    }
    to->after.key = key;
    return true;
}

bool class_change_color(struct class_change *to, const struct classes *c, const char *name,
                        int32_t color, struct error *err)
{
    if (!begin(to, CLASS_COLOR, c, name, err)) {
        return false;
    }
    to->after.color = color;
    return true;
}

bool class_change_remove(struct class_change *to, const struct classes *c, const char *name,
                         struct error *err)
{
    if (!begin(to, CLASS_REMOVE, c, name, err)) {
        return false;
    }
    if (c->count == 1) {
        return error_set(err, ERROR_USAGE, "'%s' is the last class; rename it instead", name);
    }
    to->after = (struct class_state){ .there = false };
    return true;
}

/* -------------------------------------------------------------------- text */

static void add_color(struct buf *out, int32_t color)
{
    if (color == CLASS_COLOR_NONE) {
        buf_adds(out, "none");
    } else {
        buf_addf(out, "#%06x", (unsigned)color);
    }
}

static void add_state(struct buf *out, const struct class_state *s)
{
    if (!s->there) {
        buf_adds(out, "\n-");
        return;
    }
    buf_addf(out, "\n%zu ", s->at);
    keycode_add_name(out, s->key);
    buf_addc(out, ' ');
    add_color(out, s->color);
    buf_addf(out, " %s", s->name);
}

void class_change_format(const struct class_change *change, struct buf *out)
{
    buf_addf(out, "class %s", verbs[change->verb]);
    add_state(out, &change->before);
    add_state(out, &change->after);
    if (change->into[0]) {
        buf_addf(out, "\n%s", change->into);
    }
}

/* Copies the text up to `end` and steps behind that; false if it is too long or not there. */
static bool take(const char **text, const char *end, char *out, size_t size)
{
    size_t len = strcspn(*text, end);
    if (len >= size) {
        return false;
    }
    memcpy(out, *text, len);
    out[len] = '\0';
    *text += len + ((*text)[len] != '\0');
    return len > 0;
}

static bool parse_key(const char *text, keycode *key)
{
    *key = KEYCODE_NONE;
    return strcmp(text, "none") == 0 || keycode_parse(text, key);
}

static bool parse_color(const char *text, int32_t *color)
{
    *color = CLASS_COLOR_NONE;
    return strcmp(text, "none") == 0 || theme_parse_color(text, color);
}

static bool is_name(const char *name)
{
    struct error why;
    return classes_check_name(name, strlen(name), "", &why);
}

static bool parse_state(const char **text, struct class_state *s)
{
    char at[24], key[KEY_NAME_SIZE], color[16];
    char *end;
    if (strncmp(*text, "-", 1) == 0 && ((*text)[1] == '\n' || !(*text)[1])) {
        *text += 1 + ((*text)[1] == '\n');
        return true;
    }
    if (!take(text, " ", at, sizeof at) || !take(text, " ", key, sizeof key) ||
        !take(text, " ", color, sizeof color) || !take(text, "\n", s->name, sizeof s->name)) {
        return false;
    }
    s->there = true;
    s->at = strtoul(at, &end, 10);
    return !*end && at[0] >= '0' && at[0] <= '9' && s->at < CLASSES_MAX &&
           parse_key(key, &s->key) && parse_color(color, &s->color) && is_name(s->name);
}

static bool parse_verb(const char **text, enum class_verb *verb)
{
    char word[16];
    if (!take(text, " ", word, sizeof word) || strcmp(word, "class") != 0 ||
        !take(text, "\n", word, sizeof word)) {
        return false;
    }
    for (*verb = 0; *verb < CLASS_VERBS; (*verb)++) {
        if (strcmp(word, verbs[*verb]) == 0) {
            return true;
        }
    }
    return false;
}

bool class_change_parse(const char *text, struct class_change *out)
{
    *out = (struct class_change){ .verb = CLASS_ADD };
    if (!parse_verb(&text, &out->verb) || !parse_state(&text, &out->before) ||
        !parse_state(&text, &out->after)) {
        return false;
    }
    bool before = out->verb != CLASS_ADD;
    bool after = out->verb != CLASS_MERGE && out->verb != CLASS_REMOVE;
    bool ok = out->before.there == before && out->after.there == after;
    if (ok && out->verb == CLASS_MERGE) {
        ok = take(&text, "\n", out->into, sizeof out->into) && is_name(out->into);
    }
    return ok && !*text;
}

void class_change_tell(const struct class_change *change, size_t rows, struct buf *out)
{
    const struct class_state *before = &change->before, *after = &change->after;
    switch (change->verb) {
    case CLASS_ADD:
        buf_addf(out, "added '%s' (", after->name);
        buf_adds(out, after->key == KEYCODE_NONE ? "no key" : "key ");
        if (after->key != KEYCODE_NONE) {
            keycode_add_name(out, after->key);
        }
        buf_addc(out, ')');
        break;
    case CLASS_RENAME:
        buf_addf(out, "renamed '%s' to '%s'", before->name, after->name);
        break;
    case CLASS_MERGE:
        buf_addf(out, "merged '%s' into '%s'", before->name, change->into);
        break;
    case CLASS_KEY:
        if (after->key == KEYCODE_NONE) {
            buf_addf(out, "took the key of '%s' away", before->name);
            break;
        }
        buf_addf(out, "gave '%s' the key ", before->name);
        keycode_add_name(out, after->key);
        break;
    case CLASS_COLOR:
        if (after->color == CLASS_COLOR_NONE) {
            buf_addf(out, "took the colour of '%s' away", before->name);
            break;
        }
        buf_addf(out, "gave '%s' the colour ", before->name);
        add_color(out, after->color);
        break;
    default:
        buf_addf(out, "removed '%s'", before->name);
    }
    if (change->verb == CLASS_REMOVE) {
        buf_addf(out, ", which %zu answer%s had", rows, rows == 1 ? "" : "s");
    } else if (rows) {
        buf_addf(out, " in %zu answer%s", rows, rows == 1 ? "" : "s");
    }
}

/* -------------------------------------------------------------------- list */

/* What is to be done with the list, as it is now. */
struct step {
    struct class_list_edit edit;
    struct class comes;
    char name[CLASS_NAME_MAX + 1]; /* of `comes` */
    bool nothing;                  /* the list is so already */
};

static bool key_is_free(const struct classes *c, keycode key, size_t except)
{
    size_t i = classes_find_key(c, key);
    return i == c->count || i == except;
}

static void set_name(struct step *p, const char *name)
{
    snprintf(p->name, sizeof p->name, "%s", name);
    p->comes.name = p->name;
}

static void plan_coming(struct step *p, const struct classes *c, const struct class_state *to)
{
    p->nothing = classes_find(c, to->name) < c->count || c->count >= CLASSES_MAX;
    p->edit.at = to->at < c->count ? to->at : c->count;
    set_name(p, to->name);
    p->comes.key = key_is_free(c, to->key, c->count) ? to->key : KEYCODE_NONE;
    p->comes.color = to->color;
}

static void plan_leaving(struct step *p, const struct class_owner *o,
                         const struct class_state *from, bool undo)
{
    bool used = undo && labels_class_count(o->labels, from->name) > 0;
    p->edit.at = classes_find(o->classes, from->name);
    p->nothing = p->edit.at == o->classes->count || o->classes->count == 1 || used;
    p->edit.leaves = true;
    p->edit.comes = NULL;
}

static void plan_altering(struct step *p, const struct classes *c, enum class_verb verb,
                          const struct class_state *from, const struct class_state *to)
{
    size_t i = classes_find(c, from->name);
    p->edit.at = i;
    p->edit.leaves = true;
    p->nothing = i == c->count;
    if (p->nothing) {
        return;
    }
    p->comes = c->items[i];
    if (verb == CLASS_RENAME) {
        size_t twin = classes_find(c, to->name);
        p->nothing = twin < c->count; /* done, or another class has the name */
        set_name(p, to->name);
    } else if (verb == CLASS_KEY) {
        p->nothing = to->key == c->items[i].key || !key_is_free(c, to->key, i);
        p->comes.key = to->key;
    } else {
        p->nothing = to->color == c->items[i].color;
        p->comes.color = to->color;
    }
}

static void plan(struct step *p, const struct class_owner *o, const struct class_change *change,
                 bool undo)
{
    const struct class_state *from = undo ? &change->after : &change->before;
    const struct class_state *to = undo ? &change->before : &change->after;
    *p = (struct step){ .edit = { .comes = &p->comes } };
    if (!from->there) {
        plan_coming(p, o->classes, to);
    } else if (!to->there) {
        plan_leaving(p, o, from, undo);
    } else {
        plan_altering(p, o->classes, change->verb, from, to);
    }
}

static bool apply(struct classes *c, const struct step *p, struct class_shift *shift,
                  struct error *err)
{
    size_t at = p->edit.at;
    const struct class *to = p->edit.comes;
    if (!p->edit.leaves) {
        *shift = (struct class_shift){ CLASSES_GREW, at };
        return classes_insert(c, at, to->name, to->key, to->color, "class", err);
    }
    if (!to) {
        *shift = (struct class_shift){ CLASSES_SHRANK, at };
        return classes_remove(c, at, err);
    }
    if (strcmp(to->name, c->items[at].name) != 0 &&
        !classes_rename(c, at, to->name, "class", err)) {
        return false;
    }
    c->items[at].key_given |= to->key != c->items[at].key;
    c->items[at].key = to->key;
    c->items[at].color = to->color;
    return true;
}

/* Takes back apply(), as far as there is memory. */
static void restore(struct classes *c, const struct step *p, const struct class *old)
{
    struct error ignored;
    if (!p->edit.leaves) {
        classes_remove(c, p->edit.at, &ignored);
    } else if (!p->edit.comes) {
        classes_insert(c, p->edit.at, old->name, old->key, old->color, "class", &ignored);
    } else {
        classes_rename(c, p->edit.at, old->name, "class", &ignored);
        c->items[p->edit.at].key = old->key;
        c->items[p->edit.at].color = old->color;
    }
}

static bool do_step(const struct class_owner *o, const struct step *p, struct class_shift *shift,
                    struct error *err)
{
    char name[CLASS_NAME_MAX + 1] = "";
    struct class old = { .name = name };
    *shift = (struct class_shift){ CLASSES_STAY, 0 };
    if (p->nothing) {
        return true;
    }
    if (p->edit.leaves) {
        old = o->classes->items[p->edit.at];
        old.name = memcpy(name, old.name, strlen(old.name) + 1);
    }
    if (!apply(o->classes, p, shift, err)) {
        return false;
    }
    if (o->file && !class_file_edit(o->file, &p->edit, err)) {
        restore(o->classes, p, &old);
        return false;
    }
    return true;
}

bool class_change_list(const struct class_owner *o, const struct class_change *change, bool undo,
                       struct class_shift *shift, struct error *err)
{
    struct step p;
    plan(&p, o, change, undo);
    *shift = (struct class_shift){ CLASSES_STAY, 0 };
    return (!o->file || class_file_save(o->file, o->classes, err)) && do_step(o, &p, shift, err);
}

bool class_change_complete(const struct class_owner *o, const struct labels_report *report,
                           struct error *err)
{
    struct class_change change;
    struct class_shift shift;
    if (!o->file->there || !class_change_parse(report->about, &change)) {
        return true;
    }
    return class_change_list(o, &change, report->undone, &shift, err);
}

/* -------------------------------------------------------------------- rows */

/* What happens to the labels that name a class. */
struct naming {
    bool multi;
    const char *from;
    const char *to; /* NULL: the class is removed */
    struct buf label, guess;
};

static bool is_class(const char *class, size_t len, const char *name)
{
    return strlen(name) == len && memcmp(class, name, len) == 0;
}

/* The label with the class renamed, or left out where it is removed or there twice. */
static void rewrite(const struct naming *n, const char *label, struct buf *out)
{
    bool drop = !n->to || label_has_class(n->multi, label, n->to, strlen(n->to));
    size_t len = 0;
    buf_clear(out);
    for (const char *c = NULL; (c = label_class(n->multi, label, c, &len));) {
        bool it = is_class(c, len, n->from);
        if (it && drop) {
            continue;
        }
        if (out->len) {
            buf_addc(out, LABEL_SEPARATOR);
        }
        buf_add(out, it ? n->to : c, it ? strlen(n->to) : len);
    }
}

static bool amend(void *context, const struct annotation *a, struct amendment *to)
{
    struct naming *n = context;
    bool labeled = label_status_has_label(a->status) &&
                   label_has_class(n->multi, a->label, n->from, strlen(n->from));
    bool guessed = n->to && label_has_class(n->multi, a->guess, n->from, strlen(n->from));
    if (labeled) {
        rewrite(n, a->label, &n->label);
        to->label = buf_text(&n->label);
        to->status = n->label.len ? a->status : STATUS_UNANSWERED;
    }
    if (guessed) {
        rewrite(n, a->guess, &n->guess);
        to->guess = buf_text(&n->guess);
    }
    return labeled || guessed;
}

static bool write_rows(const struct class_owner *o, const struct class_change *change,
                       const struct annotation *answer, size_t *rows, struct error *err)
{
    struct buf about = BUF_INIT;
    class_change_format(change, &about);
    struct operation op = { .annotator = o->annotator, .about = buf_text(&about) };
    struct naming n = { labels_multi(o->labels), change->before.name,
                        change->verb == CLASS_MERGE    ? change->into
                        : change->verb == CLASS_RENAME ? change->after.name
                                                       : NULL,
                        BUF_INIT, BUF_INIT };
    bool ok;
    if (about.failed) {
        ok = error_nomem(err, about.len, "a class");
    } else if (change->verb == CLASS_ADD || change->verb == CLASS_KEY ||
               change->verb == CLASS_COLOR) {
        *rows = answer ? 1 : 0;
        ok = labels_write(o->labels, answer, *rows, &op, err);
    } else {
        ok = labels_amend(o->labels, amend, &n, &op, rows, err);
        /* A label that could not be written down would be empty: nobody's answer is lost. */
        if (ok && (n.label.failed || n.guess.failed)) {
            struct labels_step step;
            labels_undo(o->labels, &step, NULL);
            ok = error_nomem(err, CLASS_NAME_MAX, "a label");
        }
    }
    buf_release(&n.label);
    buf_release(&n.guess);
    buf_release(&about);
    return ok;
}

static bool check_separator(const struct class_owner *o, const struct class_change *change,
                            struct error *err)
{
    bool wrong = labels_multi(o->labels) && strchr(change->after.name, LABEL_SEPARATOR);
    return !wrong ||
           error_set(err, ERROR_USAGE, "class name '%s' contains '%c', which separates classes",
                     change->after.name, LABEL_SEPARATOR);
}

bool class_change_do(const struct class_owner *o, const struct class_change *change,
                     const struct annotation *answer, size_t *rows, struct class_shift *shift,
                     struct error *err)
{
    struct step p;
    struct labels_step undone;
    struct error why;
    *rows = 0;
    if (!check_separator(o, change, err) ||
        (o->file && !class_file_prepare(o->file, o->classes, err)) ||
        !write_rows(o, change, answer, rows, err)) {
        return false;
    }
    plan(&p, o, change, false);
    if (do_step(o, &p, shift, err)) {
        return true;
    }
    if (!labels_undo(o->labels, &undone, &why)) {
        char list[sizeof err->message];
        snprintf(list, sizeof list, "%s", err->message);
        return error_set(err, err->kind, "%.300s; and its answers are not restored: %.300s", list,
                         why.message);
    }
    return false;
}
