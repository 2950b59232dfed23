/* CVAT for images 1.1: one XML file with an <image> for each picture; its <tag>s are classes of
 * the whole picture, its <box>es regions, with corners in pixels. Other shapes are left out. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "xml.h"

struct cvat {
    struct dataset *data;
    const char *path;
    bool in_image, found;
    uint32_t picture;
    size_t shapes; /* in this picture */
    size_t others; /* shapes that are no boxes */
};

static bool cvat_looks_like(const struct source *s)
{
    return !s->folder && s->text.len && s->text.data[strspn(s->text.data, " \t\r\n")] == '<' &&
           strstr(s->text.data, "<annotations>") && strstr(s->text.data, "<image ");
}

static bool bad(const struct cvat *c, uint64_t line, const char *what, struct error *err)
{
    return error_set(err, ERROR_DATA, "%s:%llu: %s", c->path, (unsigned long long)line, what);
}

static bool begin_image(struct cvat *c, const char **attributes, uint64_t line, struct error *err)
{
    const char *name = xml_attribute(attributes, "name");
    if (!name) {
        return bad(c, line, "an image without a name", err);
    }
    c->in_image = true;
    c->shapes = 0;
    c->found = dataset_find(c->data, name, strlen(name), &c->picture);
    return true;
}

static bool read_box(const struct cvat *c, const char **attributes, uint64_t line, double box[4],
                     struct error *err)
{
    static const char *const names[] = { "xtl", "ytl", "xbr", "ybr" };
    for (size_t i = 0; i < 4; i++) {
        const char *text = xml_attribute(attributes, names[i]);
        char *rest = NULL, what[100];
        box[i] = text ? strtod(text, &rest) : 0.0;
        if (!text || rest == text || *rest || !(fabs(box[i]) < 1e9)) {
            snprintf(what, sizeof what, "a box whose %s is not a number: '%.40s'", names[i],
                     text ? text : "");
            return bad(c, line, what, err);
        }
    }
    box[2] -= box[0];
    box[3] -= box[1];
    return true;
}

static bool begin(void *context, const char *name, const char **attributes, uint64_t line,
                  struct error *err)
{
    static const char *const others[] = { "polygon", "polyline", "points",  "ellipse",
                                          "cuboid",  "mask",     "skeleton" };
    struct cvat *c = context;
    double values[4];
    bool box = strcmp(name, "box") == 0;
    struct sample sample = { .at = { c->path, line, NULL, 0 } };
    if (strcmp(name, "image") == 0) {
        return begin_image(c, attributes, line, err);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        c->others += c->in_image && strcmp(name, others[i]) == 0;
    }
    if (!c->in_image || !(box || strcmp(name, "tag") == 0)) {
        return true;
    }
    sample.label = xml_attribute(attributes, "label");
    if (!sample.label) {
        return bad(c, line, "without a label", err);
    }
    if (box && !read_box(c, attributes, line, values, err)) {
        return false;
    }
    c->shapes++;
    sample.label_len = strlen(sample.label);
    sample.box = box ? values : NULL;
    return !c->found || dataset_add_to(c->data, c->picture, &sample, err);
}

static bool end(void *context, const char *name, const char *text, uint64_t line, struct error *err)
{
    struct cvat *c = context;
    (void)text;
    (void)line;
    (void)err;
    if (strcmp(name, "image") == 0) {
        dataset_report(c->data)->unlabeled += !c->shapes;
        c->in_image = false;
    }
    return true;
}

static bool cvat_read(const struct source *s, struct dataset *d, struct error *err)
{
    static const struct xml_handler handler = { begin, end };
    struct cvat c = { .data = d, .path = s->path };
    if (s->folder) {
        return not_a_file(s, "CVAT", err);
    }
    dataset_join(d);
    bool ok = xml_read(s->path, &s->text, &handler, &c, err);
    if (ok && c.others) {
        struct dataset_report *r = dataset_report(d);
        snprintf(r->note, sizeof r->note, "left out %zu shapes that are no boxes", c.others);
    }
    return ok;
}

const struct format format_cvat = {
    .info = { "cvat", "CVAT for images, XML", NULL, true, false, 0 },
    .looks_like = cvat_looks_like,
    .read = cvat_read,
};
