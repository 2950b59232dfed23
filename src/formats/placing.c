/* Where the parts of an export go: what the formats need of it when they write. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "format.h"

const char *const split_names[SPLITS_MAX] = { "train", "val", "test" };

bool export_is_split(const struct export_options *o)
{
    return o->shares[0] + o->shares[1] + o->shares[2] > 0;
}

const char *export_split_prefix(const struct export *e, const struct export_picture *p)
{
    static const char *const prefixes[SPLITS_MAX] = { "train/", "val/", "test/" };
    return export_is_split(e->options) || e->always_split ? prefixes[p->split] : "";
}

bool export_wants(const struct export *e, const struct export_picture *p)
{
    return e->split < 0 || e->split == p->split ||
           (e->val_in_train && e->split == 0 && p->split == 1);
}

char *export_path(const struct export *e, const struct export_picture *p, struct error *err)
{
    char *path = p->name[0] == '/' ? mem_string(p->name, strlen(p->name))
                                   : file_join(e->options->folder, p->name);
    if (!path) {
        error_nomem(err, strlen(p->name), "a path");
    }
    return path;
}

bool export_place(const struct export *e, const struct export_picture *p, const char *name,
                  struct error *err)
{
    char *path = export_path(e, p, err);
    bool ok = path != NULL, shared = true;
    e->report->has_pictures = true;
    if (ok && e->options->pictures == EXPORT_CLONE) {
        ok = new_folder_clone(e->folder, name, path, &shared, err);
    } else if (ok && e->options->pictures == EXPORT_COPY) {
        ok = new_folder_copy(e->folder, name, path, err);
    } else if (ok) {
        char *target = realpath(path, NULL);
        ok = target ? new_folder_link(e->folder, name, target, err)
                    : error_errno(err, ERROR_IO, errno, "%s: cannot link to it", path);
        free(target);
    }
    e->report->copied += !shared;
    free(path);
    return ok;
}

void add_stem(struct buf *out, const char *name)
{
    const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name;
    const char *dot = strrchr(base, '.');
    buf_add(out, name, dot && dot != base ? (size_t)(dot - name) : strlen(name));
}

int export_compare_classes(const void *a, const void *b)
{
    const char *x = *(char *const *)a, *y = *(char *const *)b;
    int order = text_natural_compare(x, y);
    return order ? order : strcmp(x, y);
}

size_t export_class(const struct export *e, const char *name, size_t len)
{
    char text[CLASS_TEXT_MAX];
    const char *key = text;
    if (len >= sizeof text) {
        return 0;
    }
    memcpy(text, name, len);
    text[len] = '\0';
    char *const *found =
        bsearch(&key, e->classes, e->class_count, sizeof *e->classes, export_compare_classes);
    return found ? (size_t)(found - e->classes) : 0;
}
