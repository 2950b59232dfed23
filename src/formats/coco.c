/* COCO instances: images, categories, annotations. An annotation with a bbox
 * (left, top, width, height) is of a region, one without of the whole picture. */
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "base/map.h"
#include "base/mem.h"
#include "json.h"

#define NO_PICTURE UINT32_MAX

struct coco {
    struct dataset *data;
    struct arena arena;
    struct map images, categories; /* by the text of the id; value: picture; index of names */
    const char **names;
    size_t name_count, name_cap;
    struct buf key;
};

static bool coco_looks_like(const struct source *s)
{
    static const char *const words[] = { "\"images\"", "\"annotations\"", "\"categories\"" };
    size_t found = 0;
    if (s->folder || !s->text.len || s->text.data[strspn(s->text.data, " \t\r\n")] != '{') {
        return false;
    }
    for (size_t i = 0; i < 3; i++) {
        found += memmem(s->text.data, s->text.len, words[i], strlen(words[i])) != NULL;
    }
    return found >= 2 && strstr(s->text.data, "\"images\"");
}

/* The text of an id, a number or a string, in c->key. */
static bool take_id(struct coco *c, const struct json_item *item, const char *key,
                    struct error *err)
{
    const json_t *id = json_object_get(item->value, key);
    buf_clear(&c->key);
    if (json_is_integer(id)) {
        buf_addf(&c->key, "%lld", (long long)json_integer_value(id));
    } else if (json_is_string(id)) {
        buf_add(&c->key, json_string_value(id), json_string_length(id));
    } else {
        struct buf what = BUF_INIT;
        buf_addf(&what, "no %s that is a number or a string", key);
        json_bad(item, buf_text(&what), err);
        buf_release(&what);
        return false;
    }
    return !c->key.failed || error_nomem(err, c->key.len, "an id");
}

static bool put(struct coco *c, struct map *map, const struct json_item *item, uint32_t value,
                struct error *err)
{
    uint32_t before;
    if (map_get(map, buf_text(&c->key), c->key.len, &before)) {
        return json_bad(item, "an id that is there already", err);
    }
    const char *key = arena_string(&c->arena, buf_text(&c->key), c->key.len);
    return (key && map_put(map, key, c->key.len, value)) || error_nomem(err, c->key.len, "an id");
}

static bool add_image(struct coco *c, const struct json_item *item, struct error *err)
{
    uint32_t picture = NO_PICTURE;
    const char *name = json_text(item->value, "file_name");
    if (!name) {
        return json_bad(item, "no file_name", err);
    }
    dataset_find(c->data, name, strlen(name), &picture);
    return take_id(c, item, "id", err) && put(c, &c->images, item, picture, err);
}

static bool add_category(struct coco *c, const struct json_item *item, struct error *err)
{
    const char *name = json_text(item->value, "name");
    if (!name) {
        return json_bad(item, "no name", err);
    }
    const char *copy = arena_string(&c->arena, name, strlen(name));
    if (!copy || !mem_reserve(&c->names, &c->name_cap, c->name_count + 1, sizeof *c->names)) {
        return error_nomem(err, strlen(name), "a class");
    }
    c->names[c->name_count++] = copy;
    return take_id(c, item, "id", err) &&
           put(c, &c->categories, item, (uint32_t)c->name_count - 1, err);
}

static bool first_pass(void *context, const struct json_item *item, struct error *err)
{
    struct coco *c = context;
    return item->name                             ? true
           : strcmp(item->key, "images") == 0     ? add_image(c, item, err)
           : strcmp(item->key, "categories") == 0 ? add_category(c, item, err)
                                                  : true;
}

static bool second_pass(void *context, const struct json_item *item, struct error *err)
{
    struct coco *c = context;
    double box[4];
    uint32_t picture, category;
    const json_t *bbox = json_object_get(item->value, "bbox");
    struct sample sample = { .at = item->at };
    if (item->name || strcmp(item->key, "annotations") != 0) {
        return true;
    }
    if (!take_id(c, item, "image_id", err)) {
        return false;
    }
    if (!map_get(&c->images, buf_text(&c->key), c->key.len, &picture)) {
        return json_bad(item, "its image_id is none of the images", err);
    }
    if (!take_id(c, item, "category_id", err)) {
        return false;
    }
    if (!map_get(&c->categories, buf_text(&c->key), c->key.len, &category)) {
        return json_bad(item, "its category_id is none of the categories", err);
    }
    if (bbox && !json_is_null(bbox) && json_array_size(bbox)) {
        if (!json_numbers(bbox, 4, box)) {
            return json_bad(item, "its bbox is not four numbers", err);
        }
        sample.box = box;
    }
    sample.label = c->names[category];
    sample.label_len = strlen(sample.label);
    return picture == NO_PICTURE || dataset_add_to(c->data, picture, &sample, err);
}

static bool coco_read(const struct source *s, struct dataset *d, struct error *err)
{
    struct coco c = { .data = d, .key = BUF_INIT };
    if (s->folder) {
        return not_a_file(s, "COCO", err);
    }
    map_init(&c.images);
    map_init(&c.categories);
    dataset_join(d);
    bool ok = json_each_member(s, first_pass, &c, err) && json_each_member(s, second_pass, &c, err);
    map_release(&c.images);
    map_release(&c.categories);
    arena_release(&c.arena);
    buf_release(&c.key);
    free(c.names);
    return ok;
}

/* ------------------------------------------------------------------- writing */

static void add_images(const struct export *e)
{
    const char *comma = "";
    buf_adds(e->out, "{\"images\": [");
    for (size_t i = 0; i < e->picture_count; i++) {
        const struct export_picture *p = &e->pictures[i];
        if (export_wants(e, p)) {
            buf_addf(e->out, "%s\n{\"id\": %zu, \"file_name\": ", comma, i + 1);
            json_add(e->out, p->name, strlen(p->name));
            buf_addf(e->out, ", \"width\": %d, \"height\": %d}", p->width, p->height);
            comma = ",";
        }
    }
    buf_adds(e->out, "],\n\"categories\": [");
    for (size_t i = 0; i < e->class_count; i++) {
        buf_addf(e->out, "%s\n{\"id\": %zu, \"name\": ", i ? "," : "", i + 1);
        json_add(e->out, e->classes[i], strlen(e->classes[i]));
        buf_adds(e->out, "}");
    }
}

static void add_annotation(const struct export *e, const struct export_item *item, size_t id,
                           size_t category)
{
    const struct region *r = &item->a->region;
    buf_addf(e->out, "%s\n{\"id\": %zu, \"image_id\": %zu, \"category_id\": %zu", id > 1 ? "," : "",
             id, item->picture + 1, category + 1);
    if (!region_is_whole(r)) {
        buf_addf(e->out, ", \"bbox\": [%d, %d, %d, %d], \"area\": %lld, \"iscrowd\": 0", r->x, r->y,
                 r->width, r->height, (long long)r->width * r->height);
    }
    buf_adds(e->out, "}");
}

static bool coco_write(struct export *e, struct error *err)
{
    size_t id = 0, len = 0;
    (void)err;
    add_images(e);
    buf_adds(e->out, "],\n\"annotations\": [");
    for (size_t i = 0; i < e->item_count; i++) {
        if (!export_wants(e, &e->pictures[e->items[i].picture])) {
            continue;
        }
        for (const char *c = NULL; (c = label_class(true, e->items[i].a->label, c, &len));) {
            add_annotation(e, &e->items[i], ++id, export_class(e, c, len));
        }
    }
    buf_adds(e->out, "]}\n");
    return true;
}

const struct format format_coco = {
    .info = { "coco", "COCO instances, JSON", NULL, true, true,
              HOLDS_CLASS | HOLDS_SEVERAL | HOLDS_REGIONS },
    .looks_like = coco_looks_like,
    .read = coco_read,
    .ending = ".json",
    .utf8 = true,
    .sizes = true,
    .write = coco_write,
};
