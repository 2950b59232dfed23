/* JSON lines, an object for each picture: metadata.jsonl of Hugging Face's imagefolder
 * ({"file_name", "label"}; regions in "objects": {"bbox", "categories"}), and Azure ML's
 * ({"image_url", "label"}; regions as a list of labels with topX ... in fractions of the
 * picture, whose size is in "image_details"). */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "jsonl.h"

struct lines {
    struct dataset *data;
    struct buf label;
};

static const char *name_of(const json_t *entry)
{
    static const char *const keys[] = { "file_name", "image_url", "filename",  "file",
                                        "image",     "path",      "image_path" };
    const char *name = NULL;
    for (size_t i = 0; i < ARRAY_LEN(keys) && !name; i++) {
        name = json_text(entry, keys[i]);
    }
    return name;
}

static const json_t *label_of(const json_t *entry)
{
    static const char *const keys[] = { "label", "labels", "class", "category", "tags", "target" };
    const json_t *label = NULL;
    for (size_t i = 0; i < ARRAY_LEN(keys) && !label; i++) {
        label = json_object_get(entry, keys[i]);
    }
    return label;
}

static bool jsonl_looks_like(const struct source *s)
{
    json_t *first = json_first(s, '{');
    bool is = name_of(first) && (label_of(first) || json_object_get(first, "objects"));
    json_decref(first);
    return is;
}

static bool add_label(struct lines *l, uint32_t picture, const struct json_item *item,
                      const json_t *label, const double *box, struct error *err)
{
    struct sample sample = { .at = item->at, .box = box };
    if (!json_label(label, &l->label)) {
        return json_bad(item, "a label that is neither a text, nor a number, nor a list of them",
                        err);
    }
    sample.label = buf_text(&l->label);
    sample.label_len = l->label.len;
    return dataset_add_to(l->data, picture, &sample, err);
}

/* "objects": {"bbox": [[x, y, width, height], ...], "categories": [...]} */
static bool add_objects(struct lines *l, uint32_t picture, const struct json_item *item,
                        const json_t *objects, struct error *err)
{
    double box[4];
    const json_t *boxes = json_object_get(objects, "bbox");
    const json_t *labels = json_object_get(objects, "categories");
    labels = labels ? labels : json_object_get(objects, "category");
    labels = labels ? labels : json_object_get(objects, "label");
    if (!json_is_array(boxes) || !json_is_array(labels) ||
        json_array_size(boxes) != json_array_size(labels)) {
        return json_bad(item, "objects without as many bbox as categories", err);
    }
    bool ok = true;
    for (size_t i = 0; ok && i < json_array_size(boxes); i++) {
        ok = json_numbers(json_array_get(boxes, i), 4, box)
                 ? add_label(l, picture, item, json_array_get(labels, i), box, err)
                 : json_bad(item, "a bbox that is not four numbers", err);
    }
    return ok;
}

static double number_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : -1.0;
}

/* Azure ML: [{"label", "topX", "topY", "bottomX", "bottomY"}] */
static bool add_azure(struct lines *l, uint32_t picture, const struct json_item *item,
                      const json_t *list, struct error *err)
{
    const json_t *details = json_object_get(item->value, "image_details");
    double width = number_of(details, "width"), height = number_of(details, "height");
    if (!(width > 0.0 && height > 0.0)) {
        return json_bad(item, "regions, but no image_details with width and height as numbers",
                        err);
    }
    bool ok = true;
    for (size_t i = 0; ok && i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        double left = number_of(one, "topX"), top = number_of(one, "topY");
        double right = number_of(one, "bottomX"), bottom = number_of(one, "bottomY");
        double box[4] = { left * width, top * height, (right - left) * width,
                          (bottom - top) * height };
        ok = left < 0.0 || top < 0.0 || right < 0.0 || bottom < 0.0
                 ? json_bad(item, "a region without topX, topY, bottomX and bottomY", err)
                 : add_label(l, picture, item, json_object_get(one, "label"), box, err);
    }
    return ok;
}

static bool add_to(struct lines *l, uint32_t picture, const struct json_item *item,
                   struct error *err)
{
    const json_t *label = label_of(item->value);
    const json_t *objects = json_object_get(item->value, "objects");
    if (json_is_object(json_array_get(label, 0))) {
        return add_azure(l, picture, item, label, err);
    }
    return (!label || json_is_null(label) || add_label(l, picture, item, label, NULL, err)) &&
           (!objects || add_objects(l, picture, item, objects, err));
}

static bool add_line(void *context, const struct json_item *item, struct error *err)
{
    struct lines *l = context;
    const char *name = name_of(item->value);
    uint32_t picture;
    if (!name) {
        return json_bad(item, "no file_name", err);
    }
    return !dataset_find(l->data, name, strlen(name), &picture) || add_to(l, picture, item, err);
}

const char *jsonl_name(const json_t *entry)
{
    return name_of(entry);
}

bool jsonl_has_label(const json_t *entry)
{
    const json_t *label = label_of(entry);
    return (label && !json_is_null(label)) || json_object_get(entry, "objects");
}

bool jsonl_read_entry(struct dataset *d, uint32_t picture, const struct json_item *item,
                      struct error *err)
{
    struct lines l = { d, BUF_INIT };
    bool ok = add_to(&l, picture, item, err);
    buf_release(&l.label);
    return ok;
}

static bool jsonl_read(const struct source *s, struct dataset *d, struct error *err)
{
    struct lines l = { d, BUF_INIT };
    if (s->folder) {
        return not_a_file(s, "JSON lines", err);
    }
    dataset_join(d);
    bool ok = json_each_value(s, add_line, &l, err);
    buf_release(&l.label);
    return ok;
}

/* ------------------------------------------------------------------- writing */

struct jsonl_form jsonl_form(const struct export *e)
{
    struct jsonl_form u = { false, false, false };
    for (size_t i = 0; i < e->item_count; i++) {
        const struct annotation *a = e->items[i].a;
        bool whole = region_is_whole(&a->region);
        u.whole = u.whole || whole;
        u.regions = u.regions || !whole;
        u.several = u.several || (whole && strchr(a->label, LABEL_SEPARATOR));
    }
    return u;
}

static void add_whole(const struct export *e, const struct export_picture *p, bool several,
                      struct buf *out)
{
    const struct annotation *a = e->items[p->first].a;
    size_t len = 0, written = 0;
    if (!region_is_whole(&a->region)) {
        buf_adds(out, several ? ", \"label\": []" : ", \"label\": null");
        return;
    }
    buf_adds(out, several ? ", \"label\": [" : ", \"label\": ");
    for (const char *c = NULL; (c = label_class(true, a->label, c, &len));) {
        buf_adds(out, written++ ? ", " : "");
        json_add(out, c, len);
    }
    buf_adds(out, several ? "]" : "");
}

/* A region of several classes stands there once for each. */
static void add_regions(const struct export *e, const struct export_picture *p, struct buf *out)
{
    for (int names = 0; names < 2; names++) {
        size_t len = 0, written = 0;
        buf_adds(out, names ? "], \"categories\": [" : ", \"objects\": {\"bbox\": [");
        for (size_t k = p->first; k < p->first + p->count; k++) {
            const struct annotation *a = e->items[k].a;
            const struct region *r = &a->region;
            for (const char *c = NULL;
                 !region_is_whole(r) && (c = label_class(true, a->label, c, &len));) {
                buf_adds(out, written++ ? ", " : "");
                if (names) {
                    json_add(out, c, len);
                } else {
                    buf_addf(out, "[%d, %d, %d, %d]", r->x, r->y, r->width, r->height);
                }
            }
        }
    }
    buf_adds(out, "]}");
}

void jsonl_add(const struct export *e, const struct export_picture *p,
               const struct jsonl_form *form, struct buf *out)
{
    buf_adds(out, "{\"file_name\": ");
    json_add(out, p->name, strlen(p->name));
    if (form->whole) {
        add_whole(e, p, form->several, out);
    }
    if (form->regions) {
        add_regions(e, p, out);
    }
    buf_adds(out, "}\n");
}

static bool jsonl_write(struct export *e, struct error *err)
{
    struct jsonl_form form = jsonl_form(e);
    (void)err;
    for (size_t i = 0; i < e->picture_count; i++) {
        if (export_wants(e, &e->pictures[i])) {
            jsonl_add(e, &e->pictures[i], &form, e->out);
        }
    }
    return true;
}

const struct format format_jsonl = {
    .info = { "jsonl", "JSON lines: metadata.jsonl of Hugging Face, Azure ML", NULL, true, true,
              HOLDS_CLASS | HOLDS_SEVERAL | HOLDS_REGIONS },
    .looks_like = jsonl_looks_like,
    .read = jsonl_read,
    .ending = ".jsonl",
    .utf8 = true,
    .write = jsonl_write,
};
