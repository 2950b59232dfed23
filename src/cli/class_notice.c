#include "class_notice.h"

#include <string.h>

#include "base/nearest.h"
#include "tell.h"

#define NAMED_MAX 4 /* classes that a message names one by one */
#define TYPED_MIN 4 /* least length of a name that may be a misspelling */

static void add_part(struct buf *out)
{
    buf_adds(out, out->len ? "; " : "");
}

static void add_key(struct buf *out, keycode key)
{
    buf_adds(out, key == KEYCODE_NONE ? "no key" : "key ");
    if (key != KEYCODE_NONE) {
        keycode_add_name(out, key);
    }
}

/* The key that the source requests for the class of that name; KEYCODE_NONE: any. */
static keycode key_asked(const struct asked *a, const char *name)
{
    size_t i = classes_find(&a->classes, name);
    return i < a->classes.count ? a->classes.items[i].key : KEYCODE_NONE;
}

/* "key 6", or "key 6; 2 belongs to 'pants'" */
static void add_new_key(struct buf *out, const struct asked *a, const struct classes *c,
                        const struct class *class)
{
    keycode wanted = key_asked(a, class->name);
    add_key(out, class->key);
    for (size_t i = 0; wanted != KEYCODE_NONE && wanted != class->key && i < c->count; i++) {
        if (c->items[i].key == wanted) {
            buf_adds(out, "; ");
            keycode_add_name(out, wanted);
            buf_addf(out, " belongs to '%s'", c->items[i].name);
        }
    }
}

/* "new class 'skirt' (key 6)" */
static void tell_new(struct buf *out, const struct asked *a, const struct classes *c, size_t first)
{
    struct naming n = { out, NAMED_MAX, 0 };
    if (first == c->count) {
        return;
    }
    add_part(out);
    buf_adds(out, c->count - first > 1 ? "new classes " : "new class ");
    for (size_t i = first; i < c->count; i++) {
        if (naming_next(&n)) {
            buf_addf(out, "'%s' (", c->items[i].name);
            add_new_key(out, a, c, &c->items[i]);
            buf_addc(out, ')');
        }
    }
    naming_end(&n);
}

/* "'drss' is new; did you mean 'dress'?", if there is a single new class. */
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
        keycode_add_name(out, asked->key);
    }
}

/* "keys kept from labels.classes: 'shirt' 5, 'pants' 2", where the order
 * of -c would give other keys. */
static void tell_order(struct buf *out, const struct asked *a, const struct classes *wanted,
                       const struct class_file *file, const struct classes *c)
{
    struct naming n = { out, NAMED_MAX, 0 };
    for (size_t i = 0; i < wanted->count; i++) {
        size_t at = classes_find(c, wanted->items[i].name);
        if (at >= file->count || a->classes.items[i].key != KEYCODE_NONE ||
            wanted->items[i].key == c->items[at].key) {
            continue;
        }
        if (n.count == 0) {
            add_part(out);
            buf_addf(out, "keys kept from %s: ", file->name);
        }
        if (naming_next(&n)) {
            buf_addf(out, "'%s' ", c->items[at].name);
            keycode_add_name(out, c->items[at].key);
        }
    }
    naming_end(&n);
}

/* "labels.classes also has 'dress', 'shoes'" */
static void tell_also(struct buf *out, const struct asked *a, const struct classes *c,
                      const struct class_file *file)
{
    struct naming n = { out, NAMED_MAX, 0 };
    for (size_t i = 0; i < file->count; i++) {
        if (classes_find(&a->classes, c->items[i].name) < a->classes.count) {
            continue;
        }
        if (n.count == 0) {
            add_part(out);
            buf_addf(out, "%s also has ", file->name);
        }
        if (naming_next(&n)) {
            buf_addf(out, "'%s'", c->items[i].name);
        }
    }
    naming_end(&n);
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

/* Fills *wanted with the keys that the source alone would have given. */
static bool keys_asked(struct classes *wanted, const struct asked *a, const struct keymap *map,
                       struct error *err)
{
    struct error clash;
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

bool class_notice(struct found_classes *found, const struct asked *asked, const struct settings *s,
                  struct error *err)
{
    const struct class_file *file = &found->file;
    const struct classes *c = &s->classes;
    struct classes wanted;
    tell_alike(&found->notice, c, file->count);
    if (!file->there || !asked->source) {
        return true;
    }
    classes_init(&wanted);
    bool ok = keys_asked(&wanted, asked, &s->keymap, err);
    if (ok) {
        tell_new(&found->notice, asked, c, file->count);
        tell_refused(&found->notice, asked, c, file->count);
        tell_nearest(&found->more, c, file->count);
    }
    if (ok && asked->ordered) {
        tell_order(&found->notice, asked, &wanted, file, c);
        tell_also(&found->more, asked, c, file);
    }
    classes_release(&wanted);
    return ok;
}
