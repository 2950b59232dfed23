#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/text_fold.h"
#include "classes.h"
#include "config/class_list.h"

#define NAMED_MAX 4 /* classes that a message names one by one */
#define TYPED_MIN 4 /* letters of a name that may be another one, typed wrongly */

/* What names classes besides the list beside the labels. */
struct asked {
    struct classes classes;
    const char *source; /* for messages; NULL: nothing names any */
    bool ordered;       /* the order tells keys, and what is not named was left out: -c */
};

static bool ask_file(struct asked *a, const char *folder, struct error *err)
{
    char *path = file_join(folder, "classes.txt");
    bool there = path && access(path, F_OK) == 0;
    bool ok = path ? !there || classes_load(&a->classes, path, err)
                   : error_nomem(err, strlen(folder), "a path");
    a->source = there ? "classes.txt" : NULL;
    free(path);
    return ok;
}

/* An ini of the user's is for all folders: it names what a folder begins with. */
static bool ini_counts(const struct settings *s, bool list_there)
{
    char *user = settings_user_path();
    bool general = user && s->classes_path && strcmp(user, s->classes_path) == 0;
    free(user);
    return s->classes.count && !(general && list_there);
}

/* Takes the ini's classes out of the settings. */
static bool ask_sources(struct asked *a, struct settings *s, const char *folder, bool list_there,
                        struct error *err)
{
    const char *list = settings_text(s, OPTION_CLASSES);
    *a = (struct asked){ .source = NULL };
    classes_init(&a->classes);
    if (list[0]) {
        a->source = "-c";
        a->ordered = true;
        return classes_parse_list(&a->classes, list, "--classes", err);
    }
    if (ini_counts(s, list_there)) {
        a->source = "thumbtag.ini";
        a->classes = s->classes;
        classes_init(&s->classes);
        return true;
    }
    return ask_file(a, folder, err);
}

/* A name that differs from one that is there in nothing but how its accents are
 * encoded is that one. */
static bool respell(struct classes *asked, const char *name, struct error *err)
{
    size_t i = classes_find_alike(asked, name);
    if (i == asked->count || strcmp(asked->items[i].name, name) == 0 ||
        !text_same(asked->items[i].name, name)) {
        return true;
    }
    return classes_respell(asked, i, name, err);
}

static bool respell_all(struct classes *asked, const struct classes *saved,
                        const struct labels *labels, struct error *err)
{
    uint32_t cursor = 0;
    const char *label;
    size_t uses;
    bool ok = true;
    while (ok && labels_next_class(labels, &cursor, &label, &uses)) {
        ok = respell(asked, label, err);
    }
    for (size_t i = 0; ok && i < saved->count; i++) {
        ok = respell(asked, saved->items[i].name, err);
    }
    return ok;
}

static bool key_is_free(const struct classes *c, keycode key)
{
    for (size_t i = 0; i < c->count; i++) {
        if (c->items[i].key == key) {
            return false;
        }
    }
    return true;
}

/* Adds those that are new; a key that is somebody's stays with them. */
static bool merge(struct classes *c, const struct classes *asked, const char *source,
                  struct error *err)
{
    for (size_t i = 0; i < asked->count; i++) {
        const struct class *new = &asked->items[i];
        size_t at = classes_find(c, new->name);
        if (at < c->count) {
            struct class *old = &c->items[at];
            old->color = old->color == CLASS_COLOR_NONE ? new->color : old->color;
            continue;
        }
        bool mine = new->key != KEYCODE_NONE &&key_is_free(c, new->key);
        if (!classes_add(c, new->name, strlen(new->name), mine ? new->key : KEYCODE_NONE,
                         new->color, source, err)) {
            return false;
        }
        c->items[c->count - 1].key_given = mine || (new->key_given &&new->key == KEYCODE_NONE);
    }
    return true;
}

/* ------------------------------------------------------- what has come of it */

static void add_part(struct buf *out)
{
    buf_adds(out, out->len ? "; " : "");
}

static void add_key_name(struct buf *out, keycode key)
{
    char text[KEY_NAME_SIZE] = "none";
    if (key != KEYCODE_NONE) {
        keycode_name(key, text);
    }
    buf_adds(out, text);
}

static void add_key(struct buf *out, keycode key)
{
    buf_adds(out, key == KEYCODE_NONE ? "no key" : "key ");
    if (key != KEYCODE_NONE) {
        add_key_name(out, key);
    }
}

/* "'drss' is new; did you mean 'dress'?", of a single new class. */
static void tell_nearest(struct buf *out, const struct classes *c, size_t saved)
{
    char text[NEAREST_TEXT_MAX];
    if (c->count != saved + 1) {
        return;
    }
    struct nearest n = nearest_to(c->items[saved].name, "");
    for (size_t i = 0; i < saved; i++) {
        nearest_offer(&n, c->items[i].name);
    }
    if (strlen(n.word) >= TYPED_MIN && n.best) {
        add_part(out);
        buf_addf(out, "'%s' is new%s", n.word, nearest_text(&n, text));
    }
}

/* "new class 'skirt' (key 6)" */
static void tell_new(struct buf *out, const struct classes *c, size_t first)
{
    if (first == c->count) {
        return;
    }
    add_part(out);
    buf_adds(out, c->count - first > 1 ? "new classes " : "new class ");
    for (size_t i = first; i < c->count && i < first + NAMED_MAX; i++) {
        buf_addf(out, "%s'%s' (", i > first ? ", " : "", c->items[i].name);
        add_key(out, c->items[i].key);
        buf_addc(out, ')');
    }
    if (c->count - first > NAMED_MAX) {
        buf_addf(out, " and %zu more", c->count - first - NAMED_MAX);
    }
}

/* "'pants' keeps key 2 although -c asks for 3" */
static void tell_refused(struct buf *out, const struct asked *a, const struct classes *c,
                         size_t saved)
{
    for (size_t i = 0; i < a->classes.count; i++) {
        const struct class *asked = &a->classes.items[i];
        size_t at = classes_find(c, asked->name);
        if (at >= saved || asked->key == KEYCODE_NONE || asked->key == c->items[at].key) {
            continue;
        }
        add_part(out);
        buf_addf(out, "'%s' keeps ", asked->name);
        add_key(out, c->items[at].key);
        buf_addf(out, " although %s asks for ", a->source);
        add_key_name(out, asked->key);
    }
}

/* "keys stay as in labels.classes: 'shirt' 5, 'pants' 2", where those of -c in
 * their order would be others. */
static void tell_order(struct buf *out, const struct asked *a, const struct classes *wanted,
                       const struct found_classes *f, const struct classes *c)
{
    size_t told = 0;
    for (size_t i = 0; i < wanted->count; i++) {
        size_t at = classes_find(c, wanted->items[i].name);
        if (at >= f->file.count || a->classes.items[i].key != KEYCODE_NONE ||
            wanted->items[i].key == c->items[at].key) {
            continue;
        }
        if (told == 0) {
            add_part(out);
            buf_addf(out, "keys stay as in %s: ", f->file.name);
        }
        if (told < NAMED_MAX) {
            buf_addf(out, "%s'%s' ", told ? ", " : "", c->items[at].name);
            add_key_name(out, c->items[at].key);
        }
        told++;
    }
    if (told > NAMED_MAX) {
        buf_addf(out, " and %zu more", told - NAMED_MAX);
    }
}

/* "labels.classes also has 'dress', 'shoes'" */
static void tell_also(struct buf *out, const struct asked *a, const struct classes *c, size_t saved,
                      const char *file)
{
    size_t told = 0;
    for (size_t i = 0; i < saved; i++) {
        if (classes_find(&a->classes, c->items[i].name) < a->classes.count) {
            continue;
        }
        if (told == 0) {
            add_part(out);
            buf_addf(out, "%s also has ", file);
        }
        if (told < NAMED_MAX) {
            buf_addf(out, "%s'%s'", told ? ", " : "", c->items[i].name);
        }
        told++;
    }
    if (told > NAMED_MAX) {
        buf_addf(out, " and %zu more", told - NAMED_MAX);
    }
}

/* "'Dress' and 'dress' are two classes" */
static void tell_alike(struct buf *out, const struct classes *c, size_t first)
{
    for (size_t i = first; i < c->count; i++) {
        size_t other = classes_find_alike(c, c->items[i].name);
        if (other < i) {
            add_part(out);
            buf_addf(out, "'%s' and '%s' are two classes", c->items[i].name, c->items[other].name);
        }
    }
}

/* The keys that the source alone would have given. */
static bool keys_asked(struct classes *wanted, const struct asked *a, const struct keymap *map,
                       struct error *err)
{
    struct error clash;
    classes_init(wanted);
    for (size_t i = 0; i < a->classes.count; i++) {
        const struct class *class = &a->classes.items[i];
        if (!classes_add(wanted, class->name, strlen(class->name), class->key, CLASS_COLOR_NONE,
                         a->source, err)) {
            return false;
        }
    }
    keymap_assign(map, wanted, &clash);
    return true;
}

static bool tell_differences(struct found_classes *f, const struct asked *a,
                             const struct settings *s, struct error *err)
{
    struct classes wanted;
    const struct classes *c = &s->classes;
    tell_alike(&f->notice, c, f->file.count);
    if (!f->file.there || !a->source) {
        return true;
    }
    if (keys_asked(&wanted, a, &s->keymap, err)) {
        tell_new(&f->notice, c, f->file.count);
        tell_refused(&f->notice, a, c, f->file.count);
        tell_nearest(&f->more, c, f->file.count);
        if (a->ordered) {
            tell_order(&f->notice, a, &wanted, f, c);
            tell_also(&f->more, a, c, f->file.count, f->file.name);
        }
        classes_release(&wanted);
        return true;
    }
    classes_release(&wanted);
    return false;
}

/* What the list itself asks for must be possible. */
static bool check_saved(const struct found_classes *found, struct classes *saved,
                        const struct keymap *map, struct error *err)
{
    struct error why;
    return keymap_assign(map, saved, &why) ||
           error_set(err, ERROR_DATA, "%s%s: %s", found->file.folder.prefix, found->file.name,
                     why.message);
}

bool find_classes(struct found_classes *found, struct settings *s, const char *folder,
                  const char *csv, const struct labels *labels, struct error *err)
{
    struct classes saved;
    struct asked asked;
    classes_init(&saved);
    classes_init(&asked.classes);
    buf_init(&found->notice);
    buf_init(&found->more);
    bool ok = class_file_load(&found->file, csv, &saved, err) &&
              check_saved(found, &saved, &s->keymap, err) &&
              ask_sources(&asked, s, folder, found->file.there, err) &&
              respell_all(&asked.classes, &saved, labels, err);
    if (ok) {
        classes_release(&s->classes);
        s->classes = saved;
        classes_init(&saved);
        ok = merge(&s->classes, &asked.classes, asked.source, err) &&
             keymap_assign(&s->keymap, &s->classes, err) && tell_differences(found, &asked, s, err);
    }
    classes_release(&saved);
    classes_release(&asked.classes);
    return ok;
}

void found_classes_release(struct found_classes *found)
{
    class_file_release(&found->file);
    buf_release(&found->notice);
    buf_release(&found->more);
}
