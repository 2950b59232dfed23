#include "config/class_file.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "config/class_list.h"

/* "labels.classes" for "labels.csv". */
static char *list_name(const char *csv)
{
    struct buf name = BUF_INIT;
    size_t len = strlen(csv);
    bool ends = len > 4 && strcasecmp(csv + len - 4, ".csv") == 0;
    buf_add(&name, csv, len - (ends ? 4 : 0));
    buf_adds(&name, ".classes");
    return buf_take(&name);
}

/* Reads the file as it is now; *text stays empty if it does not exist. */
static bool read_now(const struct class_file *f, struct buf *text, bool *there, struct error *err)
{
    struct error why;
    enum folder_entry entry = folder_look(&f->folder, f->name, &why);
    *there = entry == FOLDER_FILE;
    if (entry == FOLDER_REFUSED) {
        return error_set(err, why.kind,
                         "%s; replace it with a file of your own, or remove it and name the "
                         "classes with -c",
                         why.message);
    }
    return entry == FOLDER_NOTHING || folder_read(&f->folder, f->name, CLASS_LIST_MAX, text, err);
}

static bool open_beside(struct class_file *f, const char *csv_path, struct error *err)
{
    const char *csv;
    if (!folder_open_of(&f->folder, csv_path, &csv, err)) {
        return false;
    }
    f->csv = mem_string(csv, strlen(csv));
    f->name = list_name(csv);
    return (f->csv && f->name) || error_nomem(err, strlen(csv), "a file name");
}

static bool parse(struct class_file *f, struct classes *c, struct error *err)
{
    struct buf path = BUF_INIT;
    buf_addf(&path, "%s%s", f->folder.prefix, f->name);
    bool ok = path.failed ? error_nomem(err, path.len, "a file name")
                          : class_list_parse(c, buf_text(&f->text), f->text.len, path.data, err);
    buf_release(&path);
    return ok;
}

bool class_file_load(struct class_file *f, const char *csv_path, struct classes *c,
                     struct error *err)
{
    *f = (struct class_file)CLASS_FILE_NONE;
    buf_init(&f->text);
    if (!open_beside(f, csv_path, err) || !read_now(f, &f->text, &f->there, err) ||
        !parse(f, c, err)) {
        return false;
    }
    f->count = c->count;
    f->multi = c->multi;
    return true;
}

bool class_file_is_multi(const char *csv_path)
{
    struct class_file file;
    struct classes classes;
    struct error ignored;
    classes_init(&classes);
    bool multi = class_file_load(&file, csv_path, &classes, &ignored) && file.multi;
    class_file_release(&file);
    classes_release(&classes);
    return multi;
}

void class_file_recover(const struct class_file *f)
{
    folder_remove_leftovers(&f->folder, f->name);
}

void class_file_release(struct class_file *f)
{
    folder_close(&f->folder);
    free(f->name);
    free(f->csv);
    buf_release(&f->text);
    f->name = f->csv = NULL;
}

static bool check_unchanged(const struct class_file *f, struct error *err)
{
    struct buf now = BUF_INIT;
    bool there;
    bool ok = read_now(f, &now, &there, err);
    if (ok && (there != f->there || now.len != f->text.len ||
               (now.len && memcmp(now.data, f->text.data, now.len) != 0))) {
        ok = error_set(err, ERROR_BUSY, "%s%s: changed by another program; restart to use it",
                       f->folder.prefix, f->name);
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
        class_list_add_heading(text, f->csv);
    }
    if (c->multi && !f->multi) {
        class_list_add_multi(text);
    }
    for (size_t i = f->count; i < c->count; i++) {
        class_list_add(text, &c->items[i]);
    }
}

/* Replaces the file; owns the text. */
static bool replace(struct class_file *f, struct buf *text, size_t count, struct error *err)
{
    folder_like(&f->folder, f->csv);
    bool ok = text->failed ? error_nomem(err, text->len, "the class list")
                           : folder_replace(&f->folder, f->name, text->data, text->len, err);
    if (!ok) {
        buf_release(text);
        return false;
    }
    buf_release(&f->text);
    f->text = *text;
    f->there = true;
    f->count = count;
    return true;
}

bool class_file_save(struct class_file *f, const struct classes *c, struct error *err)
{
    struct buf text = BUF_INIT;
    if (c->count <= f->count && c->multi == f->multi) {
        return true;
    }
    if (!check_unchanged(f, err)) {
        return false;
    }
    add_new(f, c, &text);
    if (!replace(f, &text, c->count, err)) {
        return false;
    }
    f->multi = c->multi;
    return true;
}

bool class_file_prepare(struct class_file *f, const struct classes *c, struct error *err)
{
    return check_unchanged(f, err) && class_file_save(f, c, err) &&
           folder_can_replace(&f->folder, f->name, err);
}

bool class_file_edit(struct class_file *f, const struct class_list_edit *edit, struct error *err)
{
    struct buf text = BUF_INIT;
    if (!check_unchanged(f, err)) {
        return false;
    }
    if (!f->there) {
        class_list_add_heading(&text, f->csv);
    }
    class_list_apply(&text, buf_text(&f->text), f->text.len, edit);
    return replace(f, &text, f->count + (edit->comes != NULL) - edit->leaves, err);
}
