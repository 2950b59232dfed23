/* CreateML, as LabelImg writes it: an array of {"image", "annotations"}, where the coordinates
 * are the centre and the size of a region in pixels; an annotation without them is of the
 * whole picture. */
#include <string.h>

#include "json.h"

static const json_t *annotations_of(const json_t *entry)
{
    const json_t *list = json_object_get(entry, "annotations");
    return list ? list : json_object_get(entry, "annotation");
}

static const char *name_of(const json_t *entry)
{
    const char *name = json_text(entry, "image");
    return name ? name : json_text(entry, "imagefilename");
}

static bool createml_looks_like(const struct source *s)
{
    json_t *first = json_first(s, '[');
    bool is = name_of(first) && json_is_array(annotations_of(first));
    json_decref(first);
    return is;
}

static bool read_box(const json_t *coordinates, double box[4])
{
    static const char *const keys[] = { "x", "y", "width", "height" };
    for (size_t i = 0; i < 4; i++) {
        const json_t *number = json_object_get(coordinates, keys[i]);
        if (!json_is_number(number)) {
            return false;
        }
        box[i] = json_number_value(number);
    }
    box[0] -= box[2] / 2.0;
    box[1] -= box[3] / 2.0;
    return true;
}

static bool add_one(struct dataset *d, uint32_t picture, const struct json_item *item,
                    const json_t *annotation, struct error *err)
{
    double box[4];
    const json_t *coordinates = json_object_get(annotation, "coordinates");
    struct sample sample = { .at = item->at, .label = json_text(annotation, "label") };
    if (!sample.label) {
        return json_bad(item, "an annotation without a label", err);
    }
    sample.label_len = strlen(sample.label);
    if (coordinates && !read_box(coordinates, box)) {
        return json_bad(item, "coordinates that are not x, y, width and height", err);
    }
    sample.box = coordinates ? box : NULL;
    return dataset_add_to(d, picture, &sample, err);
}

static bool add_entry(void *context, const struct json_item *item, struct error *err)
{
    struct dataset *d = context;
    const char *name = name_of(item->value);
    const json_t *list = annotations_of(item->value);
    uint32_t picture;
    if (!name || !json_is_array(list)) {
        return json_bad(item, "no image with annotations", err);
    }
    bool ok = true;
    if (json_array_size(list) && dataset_find(d, name, strlen(name), &picture)) {
        for (size_t i = 0; ok && i < json_array_size(list); i++) {
            ok = add_one(d, picture, item, json_array_get(list, i), err);
        }
    }
    return ok;
}

static bool createml_read(const struct source *s, struct dataset *d, struct error *err)
{
    dataset_join(d);
    return s->folder ? not_a_file(s, "CreateML", err) : json_each_item(s, add_entry, d, err);
}

/* ------------------------------------------------------------------- writing */

static void add_annotation(struct buf *out, const struct annotation *a, const char *class,
                           size_t len)
{
    const struct region *r = &a->region;
    buf_adds(out, "{\"label\": ");
    json_add(out, class, len);
    if (!region_is_whole(r)) {
        buf_addf(out,
                 ", \"coordinates\": {\"x\": %.1f, \"y\": %.1f, \"width\": %d, \"height\": %d}",
                 r->x + r->width / 2.0, r->y + r->height / 2.0, r->width, r->height);
    }
    buf_adds(out, "}");
}

static bool createml_write(struct export *e, struct error *err)
{
    const char *comma = "";
    (void)err;
    buf_adds(e->out, "[");
    for (size_t i = 0; i < e->picture_count; i++) {
        const struct export_picture *p = &e->pictures[i];
        size_t written = 0, len = 0;
        if (!export_wants(e, p)) {
            continue;
        }
        buf_addf(e->out, "%s\n{\"image\": ", comma);
        json_add(e->out, p->name, strlen(p->name));
        buf_adds(e->out, ", \"annotations\": [");
        for (size_t k = p->first; k < p->first + p->count; k++) {
            for (const char *c = NULL; (c = label_class(true, e->items[k].a->label, c, &len));) {
                buf_adds(e->out, written++ ? ", " : "");
                add_annotation(e->out, e->items[k].a, c, len);
            }
        }
        buf_adds(e->out, "]}");
        comma = ",";
    }
    buf_adds(e->out, "]\n");
    return true;
}

const struct format format_createml = {
    .info = { "createml", "CreateML, JSON", NULL, true, true,
              HOLDS_CLASS | HOLDS_SEVERAL | HOLDS_REGIONS },
    .looks_like = createml_looks_like,
    .read = createml_read,
    .ending = ".json",
    .utf8 = true,
    .write = createml_write,
};
