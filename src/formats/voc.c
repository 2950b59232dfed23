/* Pascal VOC: an XML file for each picture, with the corners of each region in pixels counted
 * from 1, the last one included: a region at 0,0 of 2x2 pixels has xmin 1, ymin 1, xmax 2,
 * ymax 2. Read: one file, or all in a folder. Written: Annotations/, JPEGImages/ with the
 * pictures, and for splits ImageSets/Main/. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "format.h"
#include "tree.h"
#include "xml.h"

#define CORNERS 4

struct voc {
    struct dataset *data;
    const char *path;
    struct buf text; /* of the file */
    struct buf folder, name, label;
    double corners[CORNERS]; /* xmin, ymin, xmax, ymax */
    unsigned seen;           /* which of them */
    bool in_object, in_box, in_part;
    enum { UNKNOWN, FOUND, MISSING } state; /* of the picture */
    uint32_t picture;
    size_t objects;
};

static bool is_annotation(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '<' && strstr(text, "<annotation");
}

static bool voc_looks_like(const struct source *s)
{
    return s->folder ? tree_has(s->path, ".xml", is_annotation) : is_annotation(buf_text(&s->text));
}

static bool begin(void *context, const char *name, const char **attributes, uint64_t line,
                  struct error *err)
{
    struct voc *v = context;
    (void)attributes;
    (void)line;
    (void)err;
    if (strcmp(name, "object") == 0) {
        v->in_object = true;
        v->in_part = false;
        v->seen = 0;
        buf_clear(&v->label);
    } else if (strcmp(name, "part") == 0) {
        v->in_part = true;
    } else if (strcmp(name, "bndbox") == 0) {
        v->in_box = true;
    }
    return true;
}

/* folder/filename, else filename alone. */
static void find(struct voc *v)
{
    struct buf path = BUF_INIT;
    uint32_t picture;
    buf_addf(&path, "%s/%s", buf_text(&v->folder), buf_text(&v->name));
    const char *name = buf_text(&v->name);
    if (v->folder.len && pictures_find(dataset_pictures(v->data), buf_text(&path), path.len,
                                       &picture) == MATCH_PATH) {
        name = buf_text(&path);
    }
    v->state = dataset_find(v->data, name, strlen(name), &v->picture) ? FOUND : MISSING;
    buf_release(&path);
}

static bool end_object(struct voc *v, uint64_t line, struct error *err)
{
    struct sample sample = { .at = { v->path, line, NULL, 0 },
                             .label = buf_text(&v->label),
                             .label_len = v->label.len };
    double box[4] = { v->corners[0] - 1.0, v->corners[1] - 1.0, v->corners[2] - v->corners[0] + 1.0,
                      v->corners[3] - v->corners[1] + 1.0 };
    v->in_object = false;
    v->objects++;
    if (!v->label.len || v->seen != 15) {
        return error_set(err, ERROR_DATA, "%s:%llu: an object without %s", v->path,
                         (unsigned long long)line,
                         v->label.len ? "xmin, ymin, xmax and ymax" : "a name");
    }
    if (v->state == UNKNOWN) {
        if (!v->name.len) {
            return error_set(err, ERROR_DATA, "%s:%llu: an object before the filename", v->path,
                             (unsigned long long)line);
        }
        find(v);
    }
    sample.box = box;
    return v->state == MISSING || dataset_add_to(v->data, v->picture, &sample, err);
}

static bool corner(struct voc *v, const char *name, const char *text, uint64_t line,
                   struct error *err)
{
    static const char *const names[CORNERS] = { "xmin", "ymin", "xmax", "ymax" };
    for (unsigned i = 0; i < CORNERS; i++) {
        if (strcmp(name, names[i]) == 0) {
            char *rest;
            v->corners[i] = strtod(text, &rest);
            v->seen |= 1u << i;
            if (rest == text || *rest || !(fabs(v->corners[i]) < 1e9)) {
                return error_set(err, ERROR_DATA, "%s:%llu: %s '%.40s' is not a number", v->path,
                                 (unsigned long long)line, name, text);
            }
        }
    }
    return true;
}

static bool end(void *context, const char *name, const char *text, uint64_t line, struct error *err)
{
    struct voc *v = context;
    if (strcmp(name, "bndbox") == 0) {
        v->in_box = false;
    } else if (strcmp(name, "part") == 0) {
        v->in_part = false;
    } else if (strcmp(name, "object") == 0) {
        return end_object(v, line, err);
    } else if (v->in_box && v->in_object && !v->in_part) {
        return corner(v, name, text, line, err);
    } else if (v->in_object && !v->in_part && strcmp(name, "name") == 0) {
        buf_clear(&v->label);
        buf_adds(&v->label, text);
    } else if (!v->in_object && strcmp(name, "filename") == 0) {
        buf_clear(&v->name);
        buf_adds(&v->name, text);
    } else if (!v->in_object && strcmp(name, "folder") == 0) {
        buf_clear(&v->folder);
        buf_adds(&v->folder, text);
    }
    return true;
}

static bool read_text(struct voc *v, const char *path, const struct buf *text, struct error *err)
{
    static const struct xml_handler handler = { begin, end };
    v->path = path;
    v->state = UNKNOWN;
    v->in_object = v->in_box = v->in_part = false;
    v->objects = 0;
    buf_clear(&v->name);
    buf_clear(&v->folder);
    bool ok = xml_read(path, text, &handler, v, err);
    if (ok && !v->objects) {
        dataset_report(v->data)->unlabeled++;
    }
    return ok;
}

static bool read_file(void *context, const char *path, struct error *err)
{
    struct voc *v = context;
    return tree_read(path, &v->text, err) && read_text(v, path, &v->text, err);
}

static bool voc_read(const struct source *s, struct dataset *d, struct error *err)
{
    struct voc v = { .data = d };
    dataset_join(d);
    bool ok = s->folder ? tree_each(s->path, ".xml", read_file, &v, err)
                        : read_text(&v, s->path, &s->text, err);
    buf_release(&v.text);
    buf_release(&v.folder);
    buf_release(&v.name);
    buf_release(&v.label);
    return ok;
}

/* ------------------------------------------------------------------- writing */

static void add_element(struct buf *out, const char *name, const char *text, size_t len)
{
    buf_addf(out, "<%s>", name);
    xml_add(out, text, len);
    buf_addf(out, "</%s>\n", name);
}

static void write_picture(const struct export *e, const struct export_picture *p, struct buf *out)
{
    size_t len = 0;
    const char *slash = strrchr(p->name, '/');
    buf_clear(out);
    buf_adds(out, "<annotation>\n");
    add_element(out, "folder", p->name, slash ? (size_t)(slash - p->name) : 0);
    add_element(out, "filename", slash ? slash + 1 : p->name, strlen(slash ? slash + 1 : p->name));
    buf_addf(out,
             "<size><width>%d</width><height>%d</height><depth>3</depth></size>\n"
             "<segmented>0</segmented>\n",
             p->width, p->height);
    for (size_t i = p->first; i < p->first + p->count; i++) {
        const struct region *r = &e->items[i].a->region;
        for (const char *c = NULL; (c = label_class(true, e->items[i].a->label, c, &len));) {
            buf_adds(out, "<object>\n");
            add_element(out, "name", c, len);
            buf_addf(
                out,
                "<pose>Unspecified</pose><truncated>0</truncated><difficult>0</difficult>\n"
                "<bndbox><xmin>%d</xmin><ymin>%d</ymin><xmax>%d</xmax><ymax>%d</ymax></bndbox>\n"
                "</object>\n",
                r->x + 1, r->y + 1, r->x + r->width, r->y + r->height);
        }
    }
    buf_adds(out, "</annotation>\n");
}

static bool write_sets(const struct export *e, struct error *err)
{
    struct buf list = BUF_INIT, name = BUF_INIT;
    bool ok = true;
    for (int split = 0; ok && split < SPLITS_MAX; split++) {
        if (!e->options->shares[split]) {
            continue;
        }
        buf_clear(&list);
        buf_clear(&name);
        buf_addf(&name, "ImageSets/Main/%s.txt", split_names[split]);
        for (size_t i = 0; i < e->picture_count; i++) {
            if (e->pictures[i].split == split) {
                add_stem(&list, e->pictures[i].name);
                buf_addc(&list, '\n');
            }
        }
        ok = list.failed || name.failed
                 ? error_nomem(err, list.len, "a list")
                 : new_folder_write(e->folder, name.data, buf_text(&list), list.len, err);
    }
    buf_release(&list);
    buf_release(&name);
    return ok;
}

static bool voc_write(struct export *e, struct error *err)
{
    struct buf text = BUF_INIT, name = BUF_INIT;
    bool ok = true;
    for (size_t i = 0; ok && i < e->picture_count; i++) {
        const struct export_picture *p = &e->pictures[i];
        write_picture(e, p, &text);
        buf_clear(&name);
        buf_adds(&name, "Annotations/");
        add_stem(&name, p->name);
        buf_adds(&name, ".xml");
        ok = text.failed || name.failed
                 ? error_nomem(err, text.len, "an annotation")
                 : new_folder_write(e->folder, name.data, text.data, text.len, err);
        buf_clear(&name);
        buf_addf(&name, "JPEGImages/%s", p->name);
        ok = ok && (name.failed ? error_nomem(err, name.len, "a name")
                                : export_place(e, p, name.data, err));
    }
    buf_release(&text);
    buf_release(&name);
    return ok && write_sets(e, err);
}

const struct format format_voc = {
    .info = { "voc", "Pascal VOC, an XML file for each picture", NULL, true, true,
              HOLDS_SEVERAL | HOLDS_REGIONS },
    .looks_like = voc_looks_like,
    .read = voc_read,
    .utf8 = true,
    .sizes = true,
    .write = voc_write,
};
