/* YOLO detection: for each picture a text file with a line "CLASS x y width height" for each
 * region, where x and y are its centre and all four are shares of the picture; class names in
 * data.yaml, classes.txt or obj.names. The text file stands beside the picture, or below
 * labels/ where the picture is below images/. Of a line with more numbers, a polygon, the
 * rectangle around it is taken.
 *
 * YOLO classification: a folder for each class below train/, val/ and test/. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "format.h"
#include "tree.h"
#include "yolo_names.h"

#define POINTS_MAX 4096 /* numbers in a line */

static const char *const name_files[] = { "data.yaml", "dataset.yaml", "classes.txt", "obj.names" };

static bool is_yaml(const char *path)
{
    size_t len = strlen(path);
    return (len > 5 && strcmp(path + len - 5, ".yaml") == 0) ||
           (len > 4 && strcmp(path + len - 4, ".yml") == 0);
}

/* The file of the class names: the source itself, or the first in the folder that is there. */
static char *names_path(const struct source *s)
{
    struct stat st;
    if (!s->folder) {
        return mem_string(s->path, strlen(s->path));
    }
    for (size_t i = 0; i < ARRAY_LEN(name_files); i++) {
        char *path = file_join(s->path, name_files[i]);
        if (path && stat(path, &st) == 0 && S_ISREG(st.st_mode)) {
            return path;
        }
        free(path);
    }
    return NULL;
}

/* The numbers of a line, the class first; 0 if one is no number. */
static size_t numbers_of(const char *line, double *values)
{
    size_t count = 0;
    for (const char *p = line; count < POINTS_MAX;) {
        char *rest;
        p += strspn(p, " \t\r");
        if (!*p) {
            return count;
        }
        values[count++] = strtod(p, &rest);
        if (rest == p || !(fabs(values[count - 1]) < 1e9)) {
            return 0;
        }
        p = rest;
    }
    return 0;
}

/* Its first line is one of a region: a list of class names has none. */
static bool is_regions(const char *text)
{
    double values[POINTS_MAX];
    size_t len = strcspn(text, "\n");
    char *line = mem_string(text, len);
    bool is = line && numbers_of(line, values) >= 5;
    free(line);
    return is;
}

static bool yolo_looks_like(const struct source *s)
{
    if (!s->folder) {
        const char *base = file_basename(s->path);
        return is_yaml(s->path) || strcmp(base, "classes.txt") == 0 ||
               strcmp(base, "obj.names") == 0;
    }
    char *path = names_path(s);
    bool is = path && tree_has(s->path, ".txt", is_regions);
    free(path);
    return is;
}

struct yolo {
    struct dataset *data;
    struct yolo_names names;
    struct buf text, path;
    uint32_t picture;
    int width, height; /* 0: not known yet */
};

/* Appends the name with "labels" for the last "images" among its folders, as readers of YOLO
 * do, and without its ending. False if there is none. */
static bool add_labels_path(struct buf *out, const char *name)
{
    const char *last = NULL;
    for (const char *p = name; (p = strstr(p, "images/")); p++) {
        last = p == name || p[-1] == '/' ? p : last;
    }
    if (!last) {
        return false;
    }
    buf_addf(out, "%.*slabels/", (int)(last - name), name);
    add_stem(out, last + 7);
    return true;
}

/* Reads the text file of a picture; *there is false if it has none. */
static bool read_text(struct yolo *y, const char *name, bool *there, struct error *err)
{
    struct stat st;
    const char *folder = pictures_folder(dataset_pictures(y->data));
    *there = false;
    for (int way = 0; way < 2 && !*there; way++) {
        buf_clear(&y->path);
        buf_addf(&y->path, "%s/", folder);
        if (way == 0) {
            add_stem(&y->path, name);
        } else if (!add_labels_path(&y->path, name)) {
            break;
        }
        buf_adds(&y->path, ".txt");
        if (y->path.failed) {
            return error_nomem(err, y->path.len, "a path");
        }
        *there = stat(y->path.data, &st) == 0 && S_ISREG(st.st_mode);
    }
    return !*there || tree_read(y->path.data, &y->text, err);
}

static bool find_size(struct yolo *y, struct error *err)
{
    struct pictures *p = dataset_pictures(y->data);
    if (y->width) {
        return true;
    }
    char *path = file_join(pictures_folder(p), pictures_name(p, y->picture));
    bool ok = path ? picture_size(path, &y->width, &y->height, err) : error_nomem(err, 1, "a path");
    free(path);
    return ok;
}

static bool bad(const struct yolo *y, uint64_t line, const char *what, const char *text,
                struct error *err)
{
    return error_set(err, ERROR_DATA, "%s:%llu: %s: '%.60s'", buf_text(&y->path),
                     (unsigned long long)line, what, text);
}

/* Left, top, width and height in shares of the picture. */
static void to_box(const double *values, size_t count, double box[4])
{
    if (count <= 6) { /* a confidence may be the sixth */
        box[0] = values[1] - values[3] / 2.0;
        box[1] = values[2] - values[4] / 2.0;
        box[2] = values[3];
        box[3] = values[4];
        return;
    }
    double low[2] = { HUGE_VAL, HUGE_VAL }, high[2] = { -HUGE_VAL, -HUGE_VAL };
    for (size_t i = 1; i < count; i++) {
        size_t axis = (i - 1) % 2;
        low[axis] = fmin(low[axis], values[i]);
        high[axis] = fmax(high[axis], values[i]);
    }
    box[0] = low[0];
    box[1] = low[1];
    box[2] = high[0] - low[0];
    box[3] = high[1] - low[1];
}

static bool read_line(struct yolo *y, char *text, uint64_t line, double *values, struct error *err)
{
    double box[4];
    size_t count = numbers_of(text, values);
    if (!text[strspn(text, " \t\r")]) {
        return true;
    }
    if (count < 5 || (count > 6 && count % 2 == 0)) {
        return bad(y, line, "not CLASS x y width height", text, err);
    }
    if (!(values[0] >= 0.0 && values[0] < (double)y->names.count) ||
        floor(values[0]) != values[0]) {
        char what[80];
        snprintf(what, sizeof what, "class %g of %zu", values[0], y->names.count);
        return bad(y, line, what, text, err);
    }
    if (!find_size(y, err)) {
        return false;
    }
    to_box(values, count, box);
    for (size_t i = 0; i < 4; i++) {
        box[i] *= i % 2 ? y->height : y->width;
    }
    const char *label = y->names.names[(size_t)values[0]];
    struct sample sample = { .at = { buf_text(&y->path), line, NULL, 0 },
                             .label = label,
                             .label_len = strlen(label),
                             .box = box };
    return dataset_add_to(y->data, y->picture, &sample, err);
}

static bool read_picture(struct yolo *y, double *values, struct error *err)
{
    bool there,
        ok = read_text(y, pictures_name(dataset_pictures(y->data), y->picture), &there, err);
    uint64_t line = 1;
    if (!ok || !there || !y->text.len) {
        dataset_report(y->data)->unlabeled += ok;
        return ok;
    }
    dataset_report(y->data)->by_path++;
    y->width = 0;
    for (char *p = y->text.data, *end; ok && *p; p = end, line++) {
        end = p + strcspn(p, "\n");
        if (*end) {
            *end++ = '\0';
        }
        ok = read_line(y, p, line, values, err);
    }
    return ok;
}

static bool read_names(struct yolo *y, const struct source *s, struct error *err)
{
    char *path = names_path(s);
    if (!path) {
        return error_set(err, ERROR_DATA, "%s: no data.yaml, classes.txt or obj.names in it",
                         s->path);
    }
    bool ok = tree_read(path, &y->text, err) &&
              (is_yaml(path) ? yolo_names_of_yaml(&y->names, path, &y->text, err)
                             : yolo_names_of_lines(&y->names, path, &y->text, err));
    free(path);
    return ok;
}

static bool yolo_read(const struct source *s, struct dataset *d, struct error *err)
{
    struct yolo y = { .data = d };
    double *values = mem_array(POINTS_MAX, sizeof *values);
    bool ok = values ? read_names(&y, s, err) : error_nomem(err, POINTS_MAX, "numbers");
    dataset_join(d);
    for (y.picture = 0; ok && y.picture < pictures_count(dataset_pictures(d)); y.picture++) {
        ok = read_picture(&y, values, err);
    }
    yolo_names_release(&y.names);
    buf_release(&y.text);
    buf_release(&y.path);
    free(values);
    return ok;
}

/* ------------------------------------------------------------------- writing */

static void add_line(const struct export *e, const struct export_picture *p,
                     const struct annotation *a, size_t class, struct buf *out)
{
    const struct region *r = &a->region;
    (void)e;
    buf_addf(out, "%zu %.10g %.10g %.10g %.10g\n", class, (r->x + r->width / 2.0) / p->width,
             (r->y + r->height / 2.0) / p->height, (double)r->width / p->width,
             (double)r->height / p->height);
}

static bool write_picture(struct export *e, const struct export_picture *p, struct error *err)
{
    struct buf text = BUF_INIT, name = BUF_INIT, place = BUF_INIT;
    size_t len = 0;
    for (size_t i = p->first; i < p->first + p->count; i++) {
        const struct annotation *a = e->items[i].a;
        for (const char *c = NULL; (c = label_class(true, a->label, c, &len));) {
            add_line(e, p, a, export_class(e, c, len), &text);
        }
    }
    buf_addf(&place, "images/%s%s", export_split_prefix(e, p), p->name);
    add_labels_path(&name, buf_text(&place));
    buf_adds(&name, ".txt");
    bool ok = text.failed || name.failed || place.failed
                  ? error_nomem(err, text.len, "the regions")
                  : new_folder_write(e->folder, name.data, text.data, text.len, err);
    ok = ok && export_place(e, p, place.data, err);
    buf_release(&place);
    buf_release(&text);
    buf_release(&name);
    return ok;
}

/* In double quotes, as YAML reads them. */
static void add_quoted(struct buf *out, const char *text)
{
    buf_addc(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') {
            buf_addc(out, '\\');
        }
        buf_addc(out, *text);
    }
    buf_addc(out, '"');
}

static bool write_yaml(struct export *e, struct error *err)
{
    struct buf text = BUF_INIT;
    const int *shares = e->options->shares;
    buf_addf(&text, "path: .\ntrain: images/train\nval: images/%s\n", shares[1] ? "val" : "train");
    if (shares[2]) {
        buf_adds(&text, "test: images/test\n");
    }
    buf_addf(&text, "nc: %zu\nnames:\n", e->class_count);
    for (size_t i = 0; i < e->class_count; i++) {
        buf_addf(&text, "  %zu: ", i);
        add_quoted(&text, e->classes[i]);
        buf_addc(&text, '\n');
    }
    bool ok = text.failed ? error_nomem(err, text.len, "data.yaml")
                          : new_folder_write(e->folder, "data.yaml", text.data, text.len, err);
    buf_release(&text);
    return ok;
}

static bool yolo_write(struct export *e, struct error *err)
{
    bool ok = write_yaml(e, err);
    for (size_t i = 0; ok && i < e->picture_count; i++) {
        ok = write_picture(e, &e->pictures[i], err);
    }
    return ok;
}

const struct format format_yolo = {
    .info = { "yolo", "YOLO detection, a text file for each picture", NULL, true, true,
              HOLDS_SEVERAL | HOLDS_REGIONS },
    .looks_like = yolo_looks_like,
    .read = yolo_read,
    .utf8 = true,
    .sizes = true,
    .always_split = true,
    .write = yolo_write,
};

const struct format format_yolo_cls = {
    .info = { "yolo-cls", "YOLO classification, a folder for each class", "folders", false, true,
              HOLDS_CLASS },
    .always_split = true,
    .write = folders_write,
};
