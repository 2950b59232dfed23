/* Label Studio's JSON export: tasks with results of the kinds `choices` (classes of the whole
 * picture) and `rectanglelabels` (regions, in per cent of the picture, whose size is beside
 * them). Of several annotations of a task the last counts that was not cancelled. Written in
 * the same form, as `annotations`, with the pictures' names as data.image. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

struct tasks {
    struct dataset *data;
    struct buf label, name;
};

static bool studio_looks_like(const struct source *s)
{
    json_t *first = json_first(s, '[');
    bool is = json_is_object(json_object_get(first, "data")) &&
              (json_is_array(json_object_get(first, "annotations")) ||
               json_is_array(json_object_get(first, "completions")));
    json_decref(first);
    return is;
}

/* -------------------------------------------------------------------- names */

static int hex(char c)
{
    return isdigit((unsigned char)c)    ? c - '0'
           : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10
                                        : -1;
}

/* Behind "?d=" where there is one, with %XX decoded. */
static void decode(const char *url, struct buf *out)
{
    const char *local = strstr(url, "?d=");
    buf_clear(out);
    for (const char *p = local ? local + 3 : url; *p; p++) {
        if (*p == '%' && hex(p[1]) >= 0 && hex(p[2]) >= 0) {
            buf_addc(out, (char)(hex(p[1]) * 16 + hex(p[2])));
            p += 2;
        } else {
            buf_addc(out, *p);
        }
    }
}

/* An uploaded file has eight hexadecimal digits and '-' in front of its name. */
static const char *without_prefix(const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *base = slash ? slash + 1 : name;
    size_t digits = strspn(base, "0123456789abcdef");
    return digits == 8 && base[8] == '-' ? base + 9 : NULL;
}

static bool find(struct tasks *t, const char *url, uint32_t *picture)
{
    struct pictures *p = dataset_pictures(t->data);
    decode(url, &t->name);
    const char *name = buf_text(&t->name), *short_name = without_prefix(name);
    if (short_name && pictures_find(p, name, strlen(name), picture) > MATCH_BASE_NAME) {
        name = short_name;
    }
    return dataset_find(t->data, name, strlen(name), picture);
}

/* data.image, or else its first text. */
static const char *url_of(const json_t *task)
{
    json_t *data = json_object_get(task, "data");
    const char *url = json_text(data, "image"), *key;
    json_t *value;
    if (!url) {
        json_object_foreach(data, key, value)
        {
            if (json_is_string(value)) {
                return json_text(data, key);
            }
        }
    }
    return url;
}

/* ------------------------------------------------------------------ results */

static double number_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : -1.0;
}

static bool read_box(const struct json_item *item, const json_t *result, const json_t *value,
                     double box[4], struct error *err)
{
    double width = number_of(result, "original_width"),
           height = number_of(result, "original_height");
    double x = number_of(value, "x"), y = number_of(value, "y");
    double w = number_of(value, "width"), h = number_of(value, "height");
    if (!(width > 0.0 && height > 0.0)) {
        return json_bad(item, "a region without original_width and original_height", err);
    }
    if (x < 0.0 || y < 0.0 || w < 0.0 || h < 0.0) {
        return json_bad(item, "a region without x, y, width and height in per cent", err);
    }
    box[0] = x * width / 100.0;
    box[1] = y * height / 100.0;
    box[2] = w * width / 100.0;
    box[3] = h * height / 100.0;
    return true;
}

static bool add_result(struct tasks *t, uint32_t picture, const struct json_item *item,
                       const json_t *result, struct error *err)
{
    double box[4];
    const json_t *value = json_object_get(result, "value");
    const json_t *choices = json_object_get(value, "choices");
    const json_t *labels = json_object_get(value, "rectanglelabels");
    struct sample sample = { .at = item->at };
    if (!choices && !labels) {
        return true; /* of another kind: polygons, texts, ratings */
    }
    if (labels && !read_box(item, result, value, box, err)) {
        return false;
    }
    if (!json_label(labels ? labels : choices, &t->label)) {
        return json_bad(item, "labels that are not texts", err);
    }
    sample.box = labels ? box : NULL;
    sample.label = buf_text(&t->label);
    sample.label_len = t->label.len;
    return dataset_add_to(t->data, picture, &sample, err);
}

static const json_t *last_annotation(const json_t *task)
{
    const json_t *list = json_object_get(task, "annotations");
    list = list ? list : json_object_get(task, "completions");
    for (size_t i = json_array_size(list); i-- > 0;) {
        const json_t *one = json_array_get(list, i);
        if (!json_is_true(json_object_get(one, "was_cancelled"))) {
            return one;
        }
    }
    return NULL;
}

static bool add_task(void *context, const struct json_item *item, struct error *err)
{
    struct tasks *t = context;
    const json_t *results = json_object_get(last_annotation(item->value), "result");
    const char *url = url_of(item->value);
    uint32_t picture;
    bool ok = true;
    if (!url) {
        return json_bad(item, "no image in data", err);
    }
    if (!json_array_size(results)) {
        dataset_report(t->data)->unlabeled++;
        return true;
    }
    if (find(t, url, &picture)) {
        for (size_t i = 0; ok && i < json_array_size(results); i++) {
            ok = add_result(t, picture, item, json_array_get(results, i), err);
        }
    }
    return ok;
}

static bool studio_read(const struct source *s, struct dataset *d, struct error *err)
{
    struct tasks t = { d, BUF_INIT, BUF_INIT };
    if (s->folder) {
        return not_a_file(s, "Label Studio", err);
    }
    dataset_join(d);
    bool ok = json_each_item(s, add_task, &t, err);
    buf_release(&t.label);
    buf_release(&t.name);
    return ok;
}

/* ------------------------------------------------------------------- writing */

static void add_classes(struct buf *out, const char *label)
{
    size_t len = 0, written = 0;
    buf_adds(out, "[");
    for (const char *c = NULL; (c = label_class(true, label, c, &len));) {
        buf_adds(out, written++ ? ", " : "");
        json_add(out, c, len);
    }
    buf_adds(out, "]");
}

static void write_result(struct buf *out, const struct export_picture *p,
                         const struct annotation *a, size_t id)
{
    const struct region *r = &a->region;
    bool whole = region_is_whole(r);
    buf_addf(out,
             "{\"id\": \"r%zu\", \"type\": \"%s\", \"from_name\": \"%s\", \"to_name\": \"image\", ",
             id, whole ? "choices" : "rectanglelabels", whole ? "class" : "region");
    if (!whole) {
        buf_addf(out,
                 "\"original_width\": %d, \"original_height\": %d, \"image_rotation\": 0, "
                 "\"value\": {\"x\": %.10g, \"y\": %.10g, \"width\": %.10g, \"height\": %.10g, "
                 "\"rotation\": 0, \"rectanglelabels\": ",
                 p->width, p->height, r->x * 100.0 / p->width, r->y * 100.0 / p->height,
                 r->width * 100.0 / p->width, r->height * 100.0 / p->height);
    } else {
        buf_adds(out, "\"value\": {\"choices\": ");
    }
    add_classes(out, a->label);
    buf_adds(out, "}}");
}

static bool studio_write(struct export *e, struct error *err)
{
    const char *comma = "";
    (void)err;
    buf_adds(e->out, "[");
    for (size_t i = 0; i < e->picture_count; i++) {
        const struct export_picture *p = &e->pictures[i];
        if (!export_wants(e, p)) {
            continue;
        }
        buf_addf(e->out, "%s\n{\"id\": %zu, \"data\": {\"image\": ", comma, i + 1);
        json_add(e->out, p->name, strlen(p->name));
        buf_adds(e->out, "}, \"annotations\": [{\"result\": [");
        for (size_t k = 0; k < p->count; k++) {
            buf_adds(e->out, k ? ",\n  " : "");
            write_result(e->out, p, e->items[p->first + k].a, k + 1);
        }
        buf_adds(e->out, "]}]}");
        comma = ",";
    }
    buf_adds(e->out, "]\n");
    return true;
}

const struct format format_labelstudio = {
    .info = { "labelstudio", "Label Studio, JSON", NULL, true, true,
              HOLDS_CLASS | HOLDS_SEVERAL | HOLDS_REGIONS },
    .looks_like = studio_looks_like,
    .read = studio_read,
    .ending = ".json",
    .utf8 = true,
    .sizes = true,
    .write = studio_write,
};
