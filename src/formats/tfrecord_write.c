/* Writes TFRecord files: a protocol buffer for each picture, by hand. */
#include "tfrecord.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "image/format.h"
#include "shards.h"

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

bool tfrecord_write(struct export *e, struct error *err)
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
