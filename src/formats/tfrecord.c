/* Reads TFRecord files, and has their row in the table of formats. */
#include "tfrecord.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "tree.h"

static bool is_head(const uint8_t *head, size_t len)
{
    return len >= HEAD && get_little(head + 8, CHECKSUM) == masked_crc(head, 8);
}

struct bytes {
    const uint8_t *p, *end;
};

static bool take_varint(struct bytes *b, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; b->p < b->end && shift < 64; shift += 7) {
        uint8_t c = *b->p++;
        *value |= (uint64_t)(c & 0x7f) << shift;
        if (!(c & 0x80)) {
            return true;
        }
    }
    return false;
}

/* The next field: its number and, if it has a length, its content; that of fixed size is its
 * bytes, and of a varint *value. False at the end, or where it is damaged: then p < end. */
static bool take_tagged(struct bytes *b, unsigned *number, unsigned *wire, struct bytes *content,
                        uint64_t *value)
{
    uint64_t tag, len;
    struct bytes at = *b;
    if (at.p == at.end || !take_varint(&at, &tag)) {
        return false;
    }
    *number = (unsigned)(tag >> 3);
    *wire = (unsigned)(tag & 7);
    len = *wire == 1 ? 8 : *wire == 5 ? 4 : 0;
    if ((*wire == 0 && !take_varint(&at, value)) || (*wire == 2 && !take_varint(&at, &len)) ||
        (*wire != 0 && *wire != 1 && *wire != 2 && *wire != 5) || len > (uint64_t)(at.end - at.p)) {
        return false;
    }
    *content = (struct bytes){ at.p, at.p + len };
    *b = (struct bytes){ at.p + len, at.end };
    return true;
}

/* What is read of an example: lists by the names of the features. */
enum wanted {
    FILENAME,
    SOURCE_ID,
    HEIGHT,
    WIDTH,
    CLASS_TEXT,
    CLASS_LABEL,
    XMIN,
    YMIN,
    XMAX,
    YMAX,
    OBJECT_TEXT,
    OBJECT_LABEL,
    WANTED
};
static const char *const wanted_names[WANTED] = {
    "image/filename",
    "image/source_id",
    "image/height",
    "image/width",
    "image/class/text",
    "image/class/label",
    "image/object/bbox/xmin",
    "image/object/bbox/ymin",
    "image/object/bbox/xmax",
    "image/object/bbox/ymax",
    "image/object/class/text",
    "image/object/class/label",
};

struct example {
    struct bytes lists[WANTED];
    enum feature_kind kinds[WANTED];
};

/* An entry of the map of features. */
static bool take_entry(struct example *x, struct bytes entry)
{
    struct bytes key = { NULL, NULL }, feature = { NULL, NULL }, content;
    unsigned number, wire;
    uint64_t value;
    while (take_tagged(&entry, &number, &wire, &content, &value)) {
        if (wire == 2 && number == 1) {
            key = content;
        } else if (wire == 2 && number == 2) {
            feature = content;
        }
    }
    bool ok = entry.p == entry.end;
    for (size_t i = 0; ok && key.p && i < WANTED; i++) {
        if ((size_t)(key.end - key.p) == strlen(wanted_names[i]) &&
            memcmp(key.p, wanted_names[i], strlen(wanted_names[i])) == 0) {
            while (take_tagged(&feature, &number, &wire, &content, &value)) {
                x->lists[i] = content;
                x->kinds[i] = (enum feature_kind)number;
            }
            ok = feature.p == feature.end;
        }
    }
    return ok;
}

static bool take_example(struct example *x, struct bytes data)
{
    struct bytes features, entry;
    unsigned number, wire;
    uint64_t value;
    bool ok = true;
    *x = (struct example){ .kinds = { 0 } };
    while (ok && take_tagged(&data, &number, &wire, &features, &value)) {
        while (ok && number == 1 && wire == 2 &&
               take_tagged(&features, &number, &wire, &entry, &value)) {
            ok = take_entry(x, entry);
        }
        ok = ok && features.p == features.end;
    }
    return ok && data.p == data.end;
}

/* Item k of a list of texts. */
static bool text_at(const struct example *x, enum wanted which, size_t k, struct bytes *out)
{
    struct bytes list = x->lists[which];
    unsigned number, wire;
    uint64_t value;
    if (x->kinds[which] != BYTES) {
        return false;
    }
    while (take_tagged(&list, &number, &wire, out, &value)) {
        if (wire == 2 && k-- == 0) {
            return true;
        }
    }
    return false;
}

/* Item k of a list of numbers, packed or not. */
static bool number_at(const struct example *x, enum wanted which, size_t k, double *out)
{
    struct bytes list = x->lists[which], content;
    unsigned number, wire;
    uint64_t value;
    while (take_tagged(&list, &number, &wire, &content, &value)) {
        bool floats = x->kinds[which] == FLOATS;
        if (!floats && wire != 0 && wire != 2) {
            return false;
        }
        while (wire == 0 || content.p < content.end) {
            if (floats && content.end - content.p < 4) {
                return false;
            }
            if (!floats && wire == 2 && !take_varint(&content, &value)) {
                return false;
            }
            if (floats) {
                uint32_t bits = (uint32_t)get_little(content.p, 4);
                float share;
                memcpy(&share, &bits, sizeof share);
                *out = (double)share;
                content.p += 4;
            } else {
                *out = (double)(int64_t)value;
            }
            if (k-- == 0) {
                return true;
            }
            if (wire == 0) {
                break;
            }
        }
    }
    return false;
}

struct reader {
    struct dataset *data;
    struct place at;
    struct buf record, label;
};

static bool bad(const struct reader *r, const char *what, struct error *err)
{
    char where[PLACE_TEXT_MAX];
    place_text(&r->at, where);
    return error_set(err, ERROR_DATA, "%s: %s", where, what);
}

/* Appends class k of a list, its name if there is one, else its number. */
static bool add_label(struct reader *r, const struct example *x, enum wanted text,
                      enum wanted label, size_t k)
{
    struct bytes name;
    double number;
    bool named = text_at(x, text, k, &name) && name.p < name.end;
    if (!named && !number_at(x, label, k, &number)) {
        return false;
    }
    buf_adds(&r->label, r->label.len ? "|" : "");
    if (named) {
        buf_add(&r->label, name.p, (size_t)(name.end - name.p));
    } else {
        buf_addf(&r->label, "%.0f", number);
    }
    return true;
}

static bool add_sample(struct reader *r, uint32_t picture, const double *box, struct error *err)
{
    struct sample s = {
        .at = r->at, .label = buf_text(&r->label), .label_len = r->label.len, .box = box
    };
    return r->label.failed ? error_nomem(err, r->label.len, "a label")
                           : dataset_add_to(r->data, picture, &s, err);
}

static bool read_regions(struct reader *r, const struct example *x, uint32_t picture,
                         struct error *err)
{
    double width, height, edges[4];
    bool ok = true;
    for (size_t k = 0; ok && number_at(x, XMIN, k, &edges[0]); k++) {
        if (k >= OBJECTS_MAX) {
            return bad(r, "more than 10000 objects, the limit", err);
        }
        if (!number_at(x, YMIN, k, &edges[1]) || !number_at(x, XMAX, k, &edges[2]) ||
            !number_at(x, YMAX, k, &edges[3])) {
            return bad(r, "an object without ymin, xmax and ymax", err);
        }
        if (!number_at(x, WIDTH, 0, &width) || !number_at(x, HEIGHT, 0, &height)) {
            return bad(r, "objects, but no image/width and image/height", err);
        }
        buf_clear(&r->label);
        if (!add_label(r, x, OBJECT_TEXT, OBJECT_LABEL, k)) {
            return bad(r, "an object without a class", err);
        }
        const double box[4] = { edges[0] * width, edges[1] * height, (edges[2] - edges[0]) * width,
                                (edges[3] - edges[1]) * height };
        ok = add_sample(r, picture, box, err);
    }
    return ok;
}

static bool read_example(struct reader *r, struct error *err)
{
    struct example x;
    struct bytes name;
    uint32_t picture;
    const uint8_t *p = (const uint8_t *)r->record.data;
    if (!take_example(&x, (struct bytes){ p, p + r->record.len })) {
        return bad(r, "not a tf.train.Example", err);
    }
    if (!text_at(&x, FILENAME, 0, &name) && !text_at(&x, SOURCE_ID, 0, &name)) {
        return bad(r, "no image/filename", err);
    }
    if (!dataset_find(r->data, (const char *)name.p, (size_t)(name.end - name.p), &picture)) {
        return true;
    }
    buf_clear(&r->label);
    size_t classes = 0;
    while (classes < OBJECTS_MAX && add_label(r, &x, CLASS_TEXT, CLASS_LABEL, classes)) {
        classes++;
    }
    return (!classes || add_sample(r, picture, NULL, err)) && read_regions(r, &x, picture, err);
}

/* Exactly so many bytes; none at the end of the file if that may be: *end. */
static bool read_bytes(struct reader *r, struct file_reader *file, void *out, size_t len, bool *end,
                       struct error *err)
{
    size_t have = 0, got = 1;
    while (have < len && got) {
        if (!file_reader_read(file, (char *)out + have, len - have, &got, err)) {
            return false;
        }
        have += got;
    }
    if (end && !have) {
        *end = true;
        return true;
    }
    return have == len || bad(r, "the file ends within a record", err);
}

static bool read_record(struct reader *r, struct file_reader *file, bool *end, struct error *err)
{
    uint8_t head[HEAD], sum[CHECKSUM];
    if (!read_bytes(r, file, head, sizeof head, end, err) || *end) {
        return *end;
    }
    uint64_t len = get_little(head, 8);
    if (!is_head(head, sizeof head)) {
        return bad(r, "the checksum of its length is wrong", err);
    }
    if (len > RECORD_MAX) {
        return bad(r, "has more than 1 GiB, the limit", err);
    }
    buf_clear(&r->record);
    if (!buf_reserve(&r->record, (size_t)len + 1)) {
        return error_nomem(err, len, "a record");
    }
    r->record.len = (size_t)len;
    if (!read_bytes(r, file, r->record.data, (size_t)len, NULL, err) ||
        !read_bytes(r, file, sum, sizeof sum, NULL, err)) {
        return false;
    }
    if (get_little(sum, CHECKSUM) != masked_crc(r->record.data, (size_t)len)) {
        return bad(r, "its checksum is wrong", err);
    }
    return read_example(r, err);
}

static bool read_file(struct reader *r, const char *path, struct error *err)
{
    struct file_reader file;
    bool ok = file_reader_open(&file, path, INT64_MAX, err), end = false;
    for (size_t i = 0; ok && !end; i++) {
        r->at = (struct place){ path, 0, "record", i };
        ok = read_record(r, &file, &end, err);
    }
    file_reader_close(&file);
    return ok;
}

static bool is_name(const char *name)
{
    return strstr(name, ".tfrecord") != NULL; /* also train.tfrecord-00000-of-00004 */
}

static bool read_named(void *context, const char *path, struct error *err)
{
    return !is_name(file_basename(path)) || read_file(context, path, err);
}

static bool tfrecord_looks_like(const struct source *s)
{
    char *file = s->folder ? tree_top_find(s->path, is_name) : NULL;
    bool is = file || (!s->folder && is_head(s->head, s->head_len));
    free(file);
    return is;
}

static bool tfrecord_read(const struct source *s, struct dataset *d, struct error *err)
{
    struct reader r = { .data = d };
    dataset_join(d);
    bool ok = s->folder ? tree_each(s->path, "", read_named, &r, err) : read_file(&r, s->path, err);
    buf_release(&r.record);
    buf_release(&r.label);
    return ok;
}

const struct format format_tfrecord = {
    .info = { "tfrecord", "TFRecord files of tf.train.Example, with the pictures in them", NULL,
              true, true, HOLDS_CLASS | HOLDS_SEVERAL | HOLDS_REGIONS },
    .looks_like = tfrecord_looks_like,
    .bytes = true,
    .read = tfrecord_read,
    .always_split = true,
    .sizes = true,
    .write = tfrecord_write,
};
