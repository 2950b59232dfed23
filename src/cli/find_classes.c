#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/normalize.h"
#include "class_notice.h"
#include "session/class_change.h"

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

/* The classes in the user's own ini are only the default for folders without a list. */
static bool ini_counts(const struct settings *s, bool list_there)
{
    char *user = settings_user_path();
    bool general = user && s->classes_path && strcmp(user, s->classes_path) == 0;
    free(user);
    return s->classes.count && !(general && list_there);
}

/* Fills *a from -c, the ini or classes.txt. Classes of the ini are moved out of *s. */
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

/* Adopts the spelling `name` for a requested class that differs from it only in Unicode
 * normalisation. */
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

/* Adds the requested classes that are new; keys in use are not reassigned. */
static bool merge(struct classes *c, const struct classes *asked, const char *source,
                  struct error *err)
{
    for (size_t i = 0; i < asked->count; i++) {
        const struct class *item = &asked->items[i];
        size_t at = classes_find(c, item->name);
        if (at < c->count) {
            struct class *old = &c->items[at];
            old->color = old->color == CLASS_COLOR_NONE ? item->color : old->color;
            continue;
        }
        bool mine = item->key != KEYCODE_NONE && key_is_free(c, item->key);
        if (!classes_add(c, item->name, strlen(item->name), mine ? item->key : KEYCODE_NONE,
                         item->color, source, err)) {
            return false;
        }
        c->items[c->count - 1].key_given = mine || (item->key_given && item->key == KEYCODE_NONE);
    }
    return true;
}

/* The keys in the saved list must be assignable. */
static bool check_saved(const struct found_classes *found, struct classes *saved,
                        const struct keymap *map, struct error *err)
{
    struct error why;
    return keymap_assign(map, saved, &why) ||
           error_set(err, ERROR_DATA, "%s%s: %s", found->file.folder.prefix, found->file.name,
                     why.message);
}

bool find_classes(struct found_classes *found, struct settings *s, const char *folder,
                  const char *csv, struct labels *labels, const struct labels_report *report,
                  struct error *err)
{
    struct classes saved;
    struct asked asked;
    struct class_owner owner = { .labels = labels, .classes = &saved, .file = &found->file };
    classes_init(&saved);
    classes_init(&asked.classes);
    buf_init(&found->notice);
    buf_init(&found->more);
    bool ok = class_file_load(&found->file, csv, &saved, err) &&
              class_change_complete(&owner, report, err) &&
              check_saved(found, &saved, &s->keymap, err) &&
              ask_sources(&asked, s, folder, found->file.there, err) &&
              respell_all(&asked.classes, &saved, labels, err);
    if (ok) {
        classes_release(&s->classes);
        s->classes = saved;
        classes_init(&saved);
        ok =
            (!settings_number(s, OPTION_MULTI) || classes_set_multi(&s->classes, "--multi", err)) &&
            merge(&s->classes, &asked.classes, asked.source, err) &&
            keymap_assign(&s->keymap, &s->classes, err) && class_notice(found, &asked, s, err);
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
