/* FiftyOne's image classification data set: data/ with the pictures, and labels.json,
 *
 *   {"classes": ["cat", ...], "labels": {"NAME": 0, ...}}
 *
 * where NAME is a picture's path in data/ without its ending, and the number is an index of
 * classes; without classes it is the class itself. null is a picture without a label. With a
 * split each part is such a folder. FiftyOne's directory tree is `folders`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "json.h"
#include "keys.h"
#include "tree.h"

/* ------------------------------------------------------------------- reading */

struct fiftyone {
    struct dataset *data;
    struct arena arena;
    const char **classes;
    size_t count, cap;
};

/* labels.json in a folder; NULL: none. The caller frees it. */
static char *labels_in(const char *folder, const char *part)
{
    struct stat st;
    char *inner = part ? file_join(folder, part) : mem_string(folder, strlen(folder));
    char *path = inner ? file_join(inner, "labels.json") : NULL;
    free(inner);
    if (path && stat(path, &st) == 0 && S_ISREG(st.st_mode)) {
        return path;
    }
    free(path);
    return NULL;
}

static const char *const parts[] = { NULL, "train", "val", "validation", "test" };

static bool fiftyone_looks_like(const struct source *s)
{
    bool is = false;
    if (!s->folder) {
        const char *text = buf_text(&s->text), *labels = strstr(text, "\"labels\"");
        const char *colon = labels ? labels + 8 + strspn(labels + 8, " \t\r\n") : "";
        return text[strspn(text, " \t\r\n")] == '{' && *colon == ':' &&
               colon[1 + strspn(colon + 1, " \t\r\n")] == '{';
    }
    for (size_t i = 0; !is && i < ARRAY_LEN(parts); i++) {
        char *path = labels_in(s->path, parts[i]);
        is = path != NULL;
        free(path);
    }
    return is;
}

static bool take_class(void *context, const struct json_item *item, struct error *err)
{
    struct fiftyone *f = context;
    if (item->name || strcmp(item->key, "classes") != 0) {
        return true;
    }
    const char *name = json_string_value(item->value);
    if (!name) {
        return json_bad(item, "not the name of a class", err);
    }
    const char *copy = arena_string(&f->arena, name, strlen(name));
    if (!copy || !mem_reserve(&f->classes, &f->cap, f->count + 1, sizeof *f->classes)) {
        return error_nomem(err, strlen(name), "a class");
    }
    f->classes[f->count++] = copy;
    return true;
}

static bool take_label(void *context, const struct json_item *item, struct error *err)
{
    struct fiftyone *f = context;
    struct sample s = { .at = item->at };
    const json_t *value = item->value;
    if (!item->name || strcmp(item->key, "labels") != 0) {
        return true;
    }
    if (json_is_object(value)) { /* with a confidence */
        value = json_object_get(value, "label");
    }
    if (json_is_integer(value) && f->count) {
        json_int_t class = json_integer_value(value);
        if (class < 0 || class >= (json_int_t)f->count) {
            return json_bad(item, "its number is none of the classes", err);
        }
        s.label = f->classes[class];
    } else if (json_is_string(value)) {
        s.label = json_string_value(value);
    } else if (!json_is_null(value)) {
        return json_bad(item, "its label is neither a number of the classes nor a text", err);
    }
    s.label_len = s.label ? strlen(s.label) : 0;
    s.name = item->name;
    s.name_len = strlen(item->name);
    return dataset_add(f->data, &s, err);
}

static bool read_labels(const struct source *s, struct dataset *d, struct error *err)
{
    struct fiftyone f = { .data = d };
    bool ok = json_each_member(s, take_class, &f, err) && json_each_member(s, take_label, &f, err);
    arena_release(&f.arena);
    free(f.classes);
    return ok;
}

static bool fiftyone_read(const struct source *s, struct dataset *d, struct error *err)
{
    bool ok = true, any = false;
    if (!s->folder) {
        return read_labels(s, d, err);
    }
    for (size_t i = 0; ok && i < ARRAY_LEN(parts); i++) {
        char *path = labels_in(s->path, parts[i]);
        struct source file = { .path = path, .text = BUF_INIT, .options = s->options };
        if (path) {
            ok = tree_read(path, &file.text, err) && read_labels(&file, d, err);
            any = true;
        }
        buf_release(&file.text);
        free(path);
    }
    return ok && (any || error_set(err, ERROR_DATA, "%s: no labels.json in it", s->path));
}

/* ------------------------------------------------------------------- writing */

/* Places the pictures of a part, and appends their labels. */
static bool add_part(const struct export *e, int part, struct buf *out, struct error *err)
{
    struct keys keys;
    struct buf stem = BUF_INIT, name = BUF_INIT;
    bool ok = true, first = true;
    keys_init(&keys);
    for (size_t i = 0; ok && i < e->picture_count; i++) {
        const struct export_picture *p = &e->pictures[i];
        const char *label = e->items[p->first].a->label;
        if (p->split != part) {
            continue;
        }
        buf_clear(&stem);
        buf_clear(&name);
        add_stem(&stem, p->name);
        const char *key = stem.failed ? NULL : keys_take(&keys, stem.data, stem.len);
        buf_addf(&name, "%sdata/%s%s", export_split_prefix(e, p), key ? key : "",
                 p->name + stem.len);
        if (!key || name.failed) {
            ok = error_nomem(err, stem.len, "a name");
            break;
        }
        buf_adds(out, first ? "\n" : ",\n");
        json_add(out, key, strlen(key));
        buf_addf(out, ": %zu", export_class(e, label, strlen(label)));
        ok = export_place(e, p, name.data, err);
        first = false;
    }
    keys_release(&keys);
    buf_release(&stem);
    buf_release(&name);
    return ok;
}

static bool write_part(const struct export *e, int part, struct error *err)
{
    struct buf out = BUF_INIT, name = BUF_INIT;
    buf_adds(&out, "{\"classes\": [");
    for (size_t i = 0; i < e->class_count; i++) {
        buf_adds(&out, i ? ", " : "");
        json_add(&out, e->classes[i], strlen(e->classes[i]));
    }
    buf_adds(&out, "],\n\"labels\": {");
    bool ok = add_part(e, part, &out, err);
    buf_adds(&out, "}}\n");
    buf_addf(&name, "%s%slabels.json", export_is_split(e->options) ? split_names[part] : "",
             export_is_split(e->options) ? "/" : "");
    if (ok && (out.failed || name.failed)) {
        ok = error_nomem(err, out.len, "labels.json");
    }
    ok = ok && new_folder_write(e->folder, name.data, out.data, out.len, err);
    buf_release(&out);
    buf_release(&name);
    return ok;
}

static bool fiftyone_write(struct export *e, struct error *err)
{
    bool ok = true;
    for (int part = 0; ok && part < SPLITS_MAX; part++) {
        if (e->options->shares[part] || (!export_is_split(e->options) && part == 0)) {
            ok = write_part(e, part, err);
        }
    }
    return ok;
}

const struct format format_fiftyone = {
    .info = { "fiftyone", "FiftyOne's image classification: data/ and labels.json", NULL, true,
              true, HOLDS_CLASS },
    .looks_like = fiftyone_looks_like,
    .read = fiftyone_read,
    .utf8 = true,
    .write = fiftyone_write,
};
