/* TFRecord files of tf.train.Example, as TensorFlow's classifiers and its object detection API
 * read them. A record is
 *
 *   length of the data     8 bytes, the lowest first
 *   checksum of these      4
 *   data
 *   checksum of the data   4
 *
 * A checksum is CRC-32C, turned right by 15 bits, plus 0xa282ead8. The data is a protocol
 * buffer: Example { features = 1 }, Features { map feature = 1 }, Feature { bytes_list = 1,
 * float_list = 2, int64_list = 3 }, each list { value = 1 }. The features:
 *
 *   image/encoded, image/filename, image/format, image/source_id, image/height, image/width
 *   image/class/text, image/class/label     of the whole picture; numbers from 0, as in labels.txt
 *   image/object/bbox/xmin ...              of each region, as shares of the upright picture
 *   image/object/class/text, .../label      numbers from 1, as in label_map.pbtxt
 *
 * The encoded bytes are those of the file. A region of several classes stands there once for
 * each. Read: names and classes; the pictures themselves must be there as files. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc.h"
#include "base/file.h"
#include "base/mem.h"
#include "image/format.h"
#include "shards.h"
#include "tree.h"

#define RECORD_MAX ((uint64_t)1 << 30) /* bytes */
enum { HEAD = 12, CHECKSUM = 4 };      /* bytes */
enum { OBJECTS_MAX = 10000 };          /* of a picture */

enum feature_kind { BYTES = 1, FLOATS = 2, INTEGERS = 3 };

static uint32_t masked_crc(const void *bytes, size_t len)
{
    uint32_t crc = crc32c_of(bytes, len);
    return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

static void put_little(uint8_t *out, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        out[i] = (uint8_t)(value >> (8 * i));
    }
}

static uint64_t get_little(const uint8_t *p, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = bytes; i-- > 0;) {
        value = value << 8 | p[i];
    }
    return value;
}

static bool is_head(const uint8_t *head, size_t len)
{
    return len >= HEAD && get_little(head + 8, CHECKSUM) == masked_crc(head, 8);
}

/* ------------------------------------------------------------------- writing */

static void add_varint(struct buf *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7) {
        buf_addc(out, (char)(value | 0x80));
    }
    buf_addc(out, (char)value);
}

/* A field with a length. */
static void add_field(struct buf *out, unsigned number, const void *bytes, size_t len)
{
    buf_addc(out, (char)(number << 3 | 2));
    add_varint(out, len);
    buf_add(out, bytes, len);
}

struct writer {
    struct buf features, feature, entry;
    struct buf texts, numbers, edges[4]; /* of a list */
};

static void add_feature(struct writer *w, const char *name, enum feature_kind kind,
                        const struct buf *list)
{
    buf_clear(&w->feature);
    add_field(&w->feature, kind, list->data, list->len);
    buf_clear(&w->entry);
    add_field(&w->entry, 1, name, strlen(name));
    add_field(&w->entry, 2, w->feature.data, w->feature.len);
    w->features.failed |= w->feature.failed || w->entry.failed || list->failed;
    add_field(&w->features, 1, w->entry.data, w->entry.len);
}

static void add_bytes(struct writer *w, const char *name, const void *bytes, size_t len)
{
    buf_clear(&w->texts);
    add_field(&w->texts, 1, bytes, len);
    add_feature(w, name, BYTES, &w->texts);
}

/* Numbers and shares are packed: a field of all values. */
static void add_packed(struct writer *w, const char *name, enum feature_kind kind,
                       const struct buf *values)
{
    struct buf list = BUF_INIT;
    add_field(&list, 1, values->data, values->len);
    list.failed |= values->failed;
    add_feature(w, name, kind, &list);
    buf_release(&list);
}

static void add_number(struct writer *w, const char *name, uint64_t number)
{
    buf_clear(&w->numbers);
    add_varint(&w->numbers, number);
    add_packed(w, name, INTEGERS, &w->numbers);
}

/* The names and numbers of the classes of an annotation. */
static void add_classes(struct writer *w, const struct export *e, const struct annotation *a,
                        size_t first)
{
    size_t len = 0;
    for (const char *c = NULL; (c = label_class(true, a->label, c, &len));) {
        add_field(&w->texts, 1, c, len);
        add_varint(&w->numbers, export_class(e, c, len) + first);
    }
}

static void add_edge(struct buf *out, double pixels, int side)
{
    float share = (float)(pixels / side);
    uint32_t bits;
    uint8_t bytes[4];
    memcpy(&bits, &share, sizeof bits);
    put_little(bytes, bits, sizeof bytes);
    buf_add(out, bytes, sizeof bytes);
}

static void add_whole(struct writer *w, const struct export *e, const struct export_picture *p)
{
    const struct annotation *a = e->items[p->first].a;
    if (!region_is_whole(&a->region)) {
        return;
    }
    buf_clear(&w->texts);
    buf_clear(&w->numbers);
    add_classes(w, e, a, 0);
    add_packed(w, "image/class/label", INTEGERS, &w->numbers);
    add_feature(w, "image/class/text", BYTES, &w->texts);
}

static void add_regions(struct writer *w, const struct export *e, const struct export_picture *p)
{
    static const char *const names[] = { "image/object/bbox/xmin", "image/object/bbox/ymin",
                                         "image/object/bbox/xmax", "image/object/bbox/ymax" };
    bool any = false;
    buf_clear(&w->texts);
    buf_clear(&w->numbers);
    for (int k = 0; k < 4; k++) {
        buf_clear(&w->edges[k]);
    }
    for (size_t i = p->first; i < p->first + p->count; i++) {
        const struct annotation *a = e->items[i].a;
        const struct region *r = &a->region;
        size_t len = 0;
        if (region_is_whole(r)) {
            continue;
        }
        for (const char *c = NULL; (c = label_class(true, a->label, c, &len));) {
            add_edge(&w->edges[0], r->x, p->width);
            add_edge(&w->edges[1], r->y, p->height);
            add_edge(&w->edges[2], (double)r->x + r->width, p->width);
            add_edge(&w->edges[3], (double)r->y + r->height, p->height);
        }
        add_classes(w, e, a, 1);
        any = true;
    }
    for (int k = 0; any && k < 4; k++) {
        add_packed(w, names[k], FLOATS, &w->edges[k]);
    }
    if (any) {
        add_packed(w, "image/object/class/label", INTEGERS, &w->numbers);
        add_feature(w, "image/object/class/text", BYTES, &w->texts);
    }
}

/* "jpeg", "png" ...; tf.io.decode_image() reads four of them. */
static void add_format(struct writer *w, const struct export *e, const struct buf *picture)
{
    static const char *const decoded[] = { "JPEG", "PNG", "GIF", "BMP" };
    const struct image_format *f =
        image_format_of_bytes((const uint8_t *)picture->data, picture->len);
    const char *name = f ? f->name : "unknown";
    struct buf low = BUF_INIT;
    bool known = false;
    for (size_t i = 0; i < ARRAY_LEN(decoded); i++) {
        known = known || strcmp(name, decoded[i]) == 0;
    }
    if (!known && !e->report->note[0]) {
        snprintf(e->report->note, sizeof e->report->note,
                 "some pictures are %s, which TensorFlow does not decode: it reads JPEG, PNG, GIF "
                 "and BMP",
                 name);
    }
    for (const char *c = name; *c; c++) {
        buf_addc(&low, (char)tolower((unsigned char)*c));
    }
    add_bytes(w, "image/format", low.data, low.len);
    w->features.failed |= low.failed;
    buf_release(&low);
}

static bool add_record(void *context, const struct export *e, const struct export_picture *p,
                       const struct buf *picture, struct buf *out, struct error *err)
{
    struct writer *w = context;
    uint8_t head[HEAD], sum[CHECKSUM];
    (void)err;
    buf_clear(&w->features);
    add_bytes(w, "image/encoded", picture->data, picture->len);
    add_bytes(w, "image/filename", p->name, strlen(p->name));
    add_bytes(w, "image/source_id", p->name, strlen(p->name));
    add_format(w, e, picture);
    add_number(w, "image/height", (uint64_t)p->height);
    add_number(w, "image/width", (uint64_t)p->width);
    add_whole(w, e, p);
    add_regions(w, e, p);
    buf_clear(&w->entry);
    add_field(&w->entry, 1, w->features.data, w->features.len);
    put_little(head, w->entry.len, 8);
    put_little(head + 8, masked_crc(head, 8), CHECKSUM);
    put_little(sum, masked_crc(w->entry.data, w->entry.len), CHECKSUM);
    buf_add(out, head, sizeof head);
    buf_add(out, w->entry.data, w->entry.len);
    buf_add(out, sum, sizeof sum);
    out->failed |= w->features.failed || w->entry.failed;
    return true;
}

static void name_shard(struct buf *out, const char *part, size_t index, size_t count)
{
    buf_addf(out, "%s-%05zu-of-%05zu.tfrecord", part, index, count);
}

/* A string of a protocol buffer as text. */
static void add_quoted(struct buf *out, const char *text)
{
    buf_addc(out, '\'');
    for (const char *c = text; *c; c++) {
        buf_adds(out, *c == '\'' || *c == '\\' ? "\\" : "");
        buf_addc(out, *c);
    }
    buf_addc(out, '\'');
}

static bool write_classes(const struct export *e, struct error *err)
{
    struct buf list = BUF_INIT, map = BUF_INIT;
    bool whole = false, regions = false;
    for (size_t i = 0; i < e->item_count; i++) {
        bool is = region_is_whole(&e->items[i].a->region);
        whole = whole || is;
        regions = regions || !is;
    }
    for (size_t i = 0; i < e->class_count; i++) {
        buf_addf(&list, "%s\n", e->classes[i]);
        buf_addf(&map, "item {\n  id: %zu\n  name: ", i + 1);
        add_quoted(&map, e->classes[i]);
        buf_adds(&map, "\n}\n");
    }
    bool ok =
        list.failed || map.failed
            ? error_nomem(err, list.len, "the classes")
            : (!whole || new_folder_write(e->folder, "labels.txt", list.data, list.len, err)) &&
                  (!regions ||
                   new_folder_write(e->folder, "label_map.pbtxt", map.data, map.len, err));
    buf_release(&list);
    buf_release(&map);
    return ok;
}

static bool tfrecord_write(struct export *e, struct error *err)
{
    static const struct shard_form form = { name_shard, add_record, 0 };
    struct writer w = { .features = BUF_INIT };
    bool ok = write_classes(e, err) && shards_write(e, &form, &w, err);
    struct buf *const all[] = { &w.features, &w.feature,  &w.entry,    &w.texts,   &w.numbers,
                                &w.edges[0], &w.edges[1], &w.edges[2], &w.edges[3] };
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        buf_release(all[i]);
    }
    return ok;
}

/* ------------------------------------------------------------------- reading */

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
