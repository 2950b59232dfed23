/* Compares the labels of the CSV with the classes: which are in use, which are no class. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "classes.h"
#include "tell.h"

#define NAMED_MAX 5 /* labels named in the message */
#define FIRST_MAX 9 /* existing classes repeated in its advice */

/* Labels with several classes, one by one. */
static bool add_parts_in_use(struct classes *c, const struct labels *labels, const char *csv,
                             struct error *err)
{
    uint32_t cursor = 0;
    const char *name;
    size_t uses;
    while (labels_next_class(labels, &cursor, &name, &uses)) {
        if (classes_find(c, name) == c->count &&
            !classes_add(c, name, strlen(name), KEYCODE_NONE, CLASS_COLOR_NONE, csv, err) &&
            err->kind != ERROR_USAGE) {
            return false;
        }
    }
    return true;
}

bool add_labels_in_use(struct classes *c, const struct labels *labels, const char *csv,
                       struct error *err)
{
    uint32_t cursor = 0;
    const char *last = NULL; /* equal labels are one string */
    struct annotation a;
    if (c->multi) {
        return add_parts_in_use(c, labels, csv, err);
    }
    while (labels_next(labels, &cursor, &a)) {
        if (a.status != STATUS_LABELED || a.label == last) {
            continue;
        }
        last = a.label;
        if (classes_find(c, last) == c->count &&
            !classes_add(c, last, strlen(last), KEYCODE_NONE, CLASS_COLOR_NONE, csv, err) &&
            err->kind != ERROR_USAGE) {
            return false;
        }
    }
    return true;
}

struct other {
    const char *label;
    size_t count;
};

static int compare_counts(const void *a, const void *b)
{
    size_t x = ((const struct other *)a)->count;
    size_t y = ((const struct other *)b)->count;
    return x < y   ? 1
           : x > y ? -1
                   : strcmp(((const struct other *)a)->label, ((const struct other *)b)->label);
}

/* True if the name can be typed after -c in a shell without quotes. */
static bool is_easy(const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < len;) {
        uint32_t code;
        i += text_decode(name + i, len - i, &code);
        if (code == UINT32_MAX || text_unsafe(code)) {
            return false;
        }
    }
    return !strpbrk(name, ",= '\"\\$`!*?#;&|<>(){}[]~");
}

/* Appends "; add them with -c skirt,hat", to be pasted into a shell; nothing if that would
 * be long or need quotes. `first`: classes that -c must repeat. */
static void advise(const struct classes *first, const struct other *others, size_t count,
                   struct buf *out)
{
    bool easy = count <= NAMED_MAX && first->count <= FIRST_MAX;
    for (size_t i = 0; easy && i < count; i++) {
        easy = is_easy(others[i].label);
    }
    for (size_t i = 0; easy && i < first->count; i++) {
        char key[KEY_NAME_SIZE];
        keycode_name(first->items[i].key, key);
        easy = is_easy(first->items[i].name) && (!first->items[i].key_given || is_easy(key));
    }
    if (!easy) {
        return;
    }
    buf_addf(out, "; add %s with -c ", count == 1 ? "it" : "them");
    for (size_t i = 0; i < first->count; i++) {
        char key[KEY_NAME_SIZE] = "";
        bool given = first->items[i].key_given;
        if (given) {
            keycode_name(first->items[i].key, key);
        }
        buf_addf(out, "%s%s%s,", key, given ? "=" : "", first->items[i].name);
    }
    for (size_t i = 0; i < count; i++) {
        buf_addf(out, "%s%s", i ? "," : "", others[i].label);
    }
}

static void list_others(const struct other *others, size_t count, size_t pictures, struct buf *out)
{
    struct naming n = { out, NAMED_MAX, 0 };
    buf_addf(out, "%zu %s: ", pictures,
             pictures == 1 ? "picture has a label that is not a class"
                           : "pictures have labels that are not classes");
    for (size_t i = 0; i < count; i++) {
        if (naming_next(&n)) {
            buf_addf(out, "%s %zu", others[i].label, others[i].count);
        }
    }
    naming_end(&n);
}

size_t tell_other_labels(const struct classes *c, const struct labels *labels, bool listed,
                         struct buf *out)
{
    static const struct classes none;
    struct other *others = NULL;
    size_t count = 0, cap = 0, pictures = 0, told = out->len, uses;
    uint32_t cursor = 0;
    const char *label;
    while (labels_next_class(labels, &cursor, &label, &uses)) {
        if (classes_find(c, label) < c->count) {
            continue;
        }
        if (!mem_reserve(&others, &cap, count + 1, sizeof *others)) {
            out->failed = true;
            break;
        }
        others[count++] = (struct other){ label, uses };
        pictures += uses;
    }
    if (count) {
        qsort(others, count, sizeof *others, compare_counts);
        list_others(others, count, pictures, out);
        told = out->len;
        advise(listed ? &none : c, others, count, out);
    }
    free(others);
    return told;
}
