#include "session/class_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "config/class_list.h"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* "labels.csv": labels.classes */
static char *path_beside(const char *csv)
{
    struct buf path = BUF_INIT;
    const char *name = base_name(csv);
    size_t len = strlen(name);
    bool ends = len > 4 && strcasecmp(name + len - 4, ".csv") == 0;
    buf_add(&path, csv, strlen(csv) - (ends ? 4 : 0));
    buf_adds(&path, ".classes");
    return buf_take(&path);
}

const char *class_file_name(const struct class_file *f)
{
    return base_name(f->path);
}

/* *text: what is there now, empty if there is no file. */
static bool read_now(const struct class_file *f, struct buf *text, bool *there, struct error *err)
{
    struct stat st;
    *there = lstat(f->path, &st) == 0;
    if (!*there) {
        return errno == ENOENT || errno == ENOTDIR ||
               error_errno(err, ERROR_IO, errno, "%s", f->path);
    }
    if (S_ISLNK(st.st_mode)) {
        return error_set(err, ERROR_DATA,
                         "%s: is a symbolic link; the class list is never read or written through "
                         "one: put the file itself there, or remove the link",
                         f->path);
    }
    return file_read(f->path, CLASS_LIST_MAX, text, err);
}

bool class_file_load(struct class_file *f, const char *csv_path, struct classes *c,
                     struct error *err)
{
    *f = (struct class_file){ .path = path_beside(csv_path),
                              .csv = mem_string(csv_path, strlen(csv_path)) };
    buf_init(&f->text);
    if (!f->path || !f->csv) {
        return error_nomem(err, strlen(csv_path), "a file name");
    }
    if (!read_now(f, &f->text, &f->there, err) ||
        !class_list_parse(c, buf_text(&f->text), f->text.len, f->path, err)) {
        return false;
    }
    f->count = c->count;
    return true;
}

void class_file_release(struct class_file *f)
{
    free(f->path);
    free(f->csv);
    buf_release(&f->text);
    *f = (struct class_file){ .path = NULL };
}

static bool check_unchanged(const struct class_file *f, struct error *err)
{
    struct buf now = BUF_INIT;
    bool there;
    bool ok = read_now(f, &now, &there, err);
    if (ok && (there != f->there || now.len != f->text.len ||
               (now.len && memcmp(now.data, f->text.data, now.len) != 0))) {
        ok = error_set(err, ERROR_BUSY,
                       "%s: was changed by somebody else since thumbtag read it; start thumbtag "
                       "again to use it",
                       f->path);
    }
    buf_release(&now);
    return ok;
}

static void add_new(const struct class_file *f, const struct classes *c, struct buf *text)
{
    if (f->there) {
        buf_add(text, f->text.data, f->text.len);
        if (text->len && text->data[text->len - 1] != '\n') {
            buf_addc(text, '\n');
        }
    } else {
        class_list_add_heading(text, base_name(f->csv));
    }
    for (size_t i = f->count; i < c->count; i++) {
        class_list_add(text, &c->items[i]);
    }
}

bool class_file_save(struct class_file *f, const struct classes *c, struct error *err)
{
    struct buf text = BUF_INIT;
    if (c->count <= f->count) {
        return true;
    }
    if (!check_unchanged(f, err)) {
        return false;
    }
    add_new(f, c, &text);
    bool ok = text.failed ? error_nomem(err, text.len, "the class list")
                          : file_replace(f->path, text.data, text.len, err);
    if (!ok) {
        buf_release(&text);
        return false;
    }
    buf_release(&f->text);
    f->text = text;
    f->there = true;
    f->count = c->count;
    return true;
}
