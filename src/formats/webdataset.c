/* webdataset: tar archives in which the files of a sample have the same name up to the first dot
 * of its last part, and stand behind each other:
 *
 *   KEY.jpg    the picture's file as it is
 *   KEY.cls    the number of its class, from 0, as in classes.txt; only where it has just one
 *   KEY.json   file_name and all of its labels, as a line of metadata.jsonl
 *
 * KEY is the picture's name without its ending, and with '_' for dots. Read: names and classes;
 * the pictures themselves must be there as files. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "image/format.h"
#include "jsonl.h"
#include "keys.h"
#include "shards.h"
#include "tar.h"
#include "tree.h"
#include "yolo_names.h"

#define MEMBER_MAX ((size_t)16 << 20) /* bytes of a .json or .cls */
#define ENDING_MAX 16                 /* bytes, with its NUL */

/* ------------------------------------------------------------------- writing */

struct writer {
    struct jsonl_form form;
    struct keys keys;
    struct buf key, name, json;
};

/* The ending of a picture's file, in small letters. */
static void ending_of(const struct export_picture *p, const struct buf *picture,
                      char out[ENDING_MAX])
{
    const char *slash = strrchr(p->name, '/'), *dot = strrchr(slash ? slash : p->name, '.');
    const struct image_format *f =
        image_format_of_bytes((const uint8_t *)picture->data, picture->len);
    const char *ending = dot && image_format_of_name(p->name) ? dot + 1 : f ? f->endings : "img";
    size_t len = 0;
    for (; ending[len] && ending[len] != ' ' && len < ENDING_MAX - 1; len++) {
        out[len] = (char)tolower((unsigned char)ending[len]);
    }
    out[len] = '\0';
}

/* A key that no other picture has, and that is not too long for the archive. */
static const char *take_key(struct writer *w, const struct export_picture *p)
{
    enum { ROOM = 32 }; /* for endings and numbers */
    const char *name = p->name + strspn(p->name, "/");
    buf_clear(&w->key);
    add_stem(&w->key, name);
    for (size_t i = 0; !w->key.failed && i < w->key.len; i++) {
        w->key.data[i] = w->key.data[i] == '.' ? '_' : w->key.data[i];
    }
    if (w->key.len > TAR_NAME_MAX - ROOM) {
        struct hash128 h = hash128(name, strlen(name), 0);
        buf_clear(&w->key);
        buf_addf(&w->key, "%016llx%016llx", (unsigned long long)h.high, (unsigned long long)h.low);
    }
    return w->key.failed ? NULL : keys_take(&w->keys, w->key.data, w->key.len);
}

static void add_member(struct writer *w, const char *key, const char *ending, const void *bytes,
                       size_t len, struct buf *out)
{
    buf_clear(&w->name);
    buf_addf(&w->name, "%s.%s", key, ending);
    tar_add(out, buf_text(&w->name), bytes, len);
    out->failed |= w->name.failed;
}

static bool add_sample(void *context, const struct export *e, const struct export_picture *p,
                       const struct buf *picture, struct buf *out, struct error *err)
{
    struct writer *w = context;
    const struct annotation *a = e->items[p->first].a;
    const char *key = take_key(w, p);
    char ending[ENDING_MAX], number[24];
    if (!key) {
        return error_nomem(err, strlen(p->name), "a name");
    }
    ending_of(p, picture, ending);
    add_member(w, key, ending, picture->data, picture->len, out);
    if (p->count == 1 && region_is_whole(&a->region) && !strchr(a->label, LABEL_SEPARATOR)) {
        int len =
            snprintf(number, sizeof number, "%zu", export_class(e, a->label, strlen(a->label)));
        add_member(w, key, "cls", number, (size_t)len, out);
    }
    buf_clear(&w->json);
    jsonl_add(e, p, &w->form, &w->json);
    add_member(w, key, "json", w->json.data, w->json.len, out);
    out->failed |= w->json.failed;
    return true;
}

static void name_shard(struct buf *out, const char *part, size_t index, size_t count)
{
    (void)count;
    buf_addf(out, "%s-%06zu.tar", part, index);
}

static bool write_classes(const struct export *e, struct error *err)
{
    struct buf list = BUF_INIT;
    for (size_t i = 0; i < e->class_count; i++) {
        buf_addf(&list, "%s\n", e->classes[i]);
    }
    bool ok = list.failed ? error_nomem(err, list.len, "the classes")
                          : new_folder_write(e->folder, "classes.txt", list.data, list.len, err);
    buf_release(&list);
    return ok;
}

static bool webdataset_write(struct export *e, struct error *err)
{
    static const struct shard_form form = { name_shard, add_sample, 2 * TAR_BLOCK };
    struct writer w = { .form = jsonl_form(e) };
    keys_init(&w.keys);
    bool ok = write_classes(e, err) && shards_write(e, &form, &w, err);
    keys_release(&w.keys);
    buf_release(&w.key);
    buf_release(&w.name);
    buf_release(&w.json);
    return ok;
}

/* ------------------------------------------------------------------- reading */

/* The files of a sample, as far as they were read. */
struct reader {
    struct dataset *data;
    struct yolo_names classes; /* none: the numbers are the classes */
    struct place at;
    struct buf key, picture, class, json; /* picture: its name; the others: the contents */
};

static bool bad(const struct reader *r, const char *what, struct error *err)
{
    char where[PLACE_TEXT_MAX];
    place_text(&r->at, where);
    return error_set(err, ERROR_DATA, "%s (%s): %s", where, buf_text(&r->key), what);
}

/* A class by its number, or by name. */
static bool add_class(struct reader *r, uint32_t picture, struct error *err)
{
    struct sample s = { .at = r->at, .label = buf_text(&r->class), .label_len = r->class.len };
    char *end;
    unsigned long number = strtoul(s.label, &end, 10);
    end += strspn(end, " \r\n");
    if (r->classes.count && s.label_len && !*end) {
        if (number >= r->classes.count) {
            return bad(r, "the number in .cls is none of the classes", err);
        }
        s.label = r->classes.names[number];
        s.label_len = strlen(s.label);
    }
    return dataset_add_to(r->data, picture, &s, err);
}

static bool end_sample(struct reader *r, struct error *err)
{
    json_error_t why;
    uint32_t picture;
    json_t *entry = r->json.len ? json_loadb(r->json.data, r->json.len, 0, &why) : NULL;
    struct json_item item = { .at = r->at, .value = entry };
    const char *name = jsonl_name(entry) ? jsonl_name(entry) : buf_text(&r->picture);
    bool ok = !r->json.len || entry || bad(r, why.text, err);
    if (ok && *name && (jsonl_has_label(entry) || r->class.len) &&
        dataset_find(r->data, name, strlen(name), &picture)) {
        ok = jsonl_has_label(entry) ? jsonl_read_entry(r->data, picture, &item, err)
                                    : add_class(r, picture, err);
    }
    json_decref(entry);
    buf_clear(&r->key);
    buf_clear(&r->picture);
    buf_clear(&r->class);
    buf_clear(&r->json);
    return ok;
}

/* The first dot of the last part of a name; NULL: none. */
static const char *first_dot(const char *name)
{
    const char *slash = strrchr(name, '/');
    return strchr(slash ? slash : name, '.');
}

static bool add_file(struct reader *r, struct tar_reader *tar, const struct tar_entry *entry,
                     struct error *err)
{
    const char *dot = first_dot(entry->name);
    size_t len = dot ? (size_t)(dot - entry->name) : 0;
    if (!len || entry->name[len - 1] == '/') {
        return true;
    }
    if (r->key.len != len || memcmp(r->key.data, entry->name, len) != 0) {
        if (!end_sample(r, err)) {
            return false;
        }
        buf_add(&r->key, entry->name, len);
        r->at.index++;
    }
    if (strcmp(dot, ".cls") == 0 || strcmp(dot, ".json") == 0) {
        return tar_read(tar, entry, MEMBER_MAX, dot[1] == 'c' ? &r->class : &r->json, err);
    }
    if (image_format_of_name(entry->name)) {
        buf_clear(&r->picture);
        buf_adds(&r->picture, entry->name);
    }
    return true;
}

static bool read_classes(struct reader *r, const char *folder, struct error *err)
{
    struct buf text = BUF_INIT;
    char *path = file_join(folder, "classes.txt");
    bool ok = path || error_nomem(err, strlen(folder), "a path");
    if (ok && tree_read(path, &text, NULL)) {
        ok = yolo_names_of_lines(&r->classes, path, &text, err);
    }
    buf_release(&text);
    free(path);
    return ok;
}

static bool read_archive(void *context, const char *path, struct error *err)
{
    struct reader *r = context;
    struct tar_reader tar;
    struct tar_entry entry;
    bool end = false;
    r->at = (struct place){ path, 0, "sample", SIZE_MAX };
    bool ok = tar_open(&tar, path, err);
    while (ok && !end) {
        ok = tar_next(&tar, &entry, &end, err) && (end || add_file(r, &tar, &entry, err));
    }
    ok = ok && end_sample(r, err);
    tar_close(&tar);
    return ok;
}

static bool is_tar(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && strcmp(dot, ".tar") == 0;
}

/* True if there is a label among the first files: other archives may stand beside pictures. */
static bool has_samples(const char *path)
{
    enum { LOOK = 20 };
    struct tar_reader tar;
    struct tar_entry entry;
    bool end = false, has = false, ok = tar_open(&tar, path, NULL);
    for (int i = 0; ok && !has && i < LOOK; i++) {
        ok = tar_next(&tar, &entry, &end, NULL) && !end;
        const char *dot = ok ? first_dot(entry.name) : NULL;
        has = dot && (strcmp(dot, ".cls") == 0 || strcmp(dot, ".json") == 0);
    }
    tar_close(&tar);
    return has;
}

static bool webdataset_looks_like(const struct source *s)
{
    char *file = s->folder ? tree_top_find(s->path, is_tar) : NULL;
    bool is = s->folder ? file && has_samples(file) : tar_is(s->head, s->head_len);
    free(file);
    return is;
}

static bool webdataset_read(const struct source *s, struct dataset *d, struct error *err)
{
    struct reader r = { .data = d };
    char *folder = s->folder ? mem_string(s->path, strlen(s->path)) : file_dirname(s->path);
    bool ok = folder || error_nomem(err, strlen(s->path), "a path");
    dataset_join(d);
    ok = ok && read_classes(&r, folder, err) &&
         (s->folder ? tree_each(s->path, ".tar", read_archive, &r, err)
                    : read_archive(&r, s->path, err));
    yolo_names_release(&r.classes);
    buf_release(&r.key);
    buf_release(&r.picture);
    buf_release(&r.class);
    buf_release(&r.json);
    free(folder);
    return ok;
}

const struct format format_webdataset = {
    .info = { "webdataset", "webdataset: tar archives with the pictures in them", NULL, true, true,
              HOLDS_CLASS | HOLDS_SEVERAL | HOLDS_REGIONS },
    .looks_like = webdataset_looks_like,
    .bytes = true,
    .read = webdataset_read,
    .utf8 = true,
    .always_split = true,
    .write = webdataset_write,
};
