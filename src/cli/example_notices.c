#include "example_notices.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "paths.h"
#include "tell.h"

#define NAMED_MAX 8 /* classes that a message names */

static bool is_inner_folder(const char *path, const struct dirent *entry)
{
    if (entry->d_name[0] == '.' || (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN)) {
        return false;
    }
    char *inner = file_join(path, entry->d_name);
    bool is = inner && is_folder(inner);
    free(inner);
    return is;
}

static bool has_folders(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    bool found = false;
    while (dir && !found && (entry = readdir(dir))) {
        found = is_inner_folder(path, entry);
    }
    if (dir) {
        closedir(dir);
    }
    return found;
}

void tell_choice(const char *folder, const char *csv)
{
    struct buf text = BUF_INIT;
    if (has_folders(folder)) {
        buf_addf(&text,
                 "using the labels in %s; to use the sub-folders as classes instead, move that "
                 "file away",
                 csv);
        tell_line(&text);
    }
    buf_release(&text);
}

/* Adds the list's name and `what` in front of the first name. */
static bool next(struct naming *n, const struct class_file *file, const char *what)
{
    if (n->count == 0) {
        buf_addf(n->out, "%s%s: %s: ", file->folder.prefix, file->name, what);
    }
    return naming_next(n);
}

static void end(struct naming *n)
{
    naming_end(n);
    tell_line(n->out);
    buf_release(n->out);
}

void tell_unlisted(const struct examples *e, const struct class_file *file,
                   const struct classes *listed)
{
    static const char what[] = "these labels are not listed, but also become classes";
    struct buf text = BUF_INIT;
    struct naming n = { &text, NAMED_MAX, 0 };
    size_t at = 0;
    for (size_t c = 0; c < e->class_count; c++) {
        size_t from = at;
        while (at < e->count && e->items[at].class_index == c) {
            at++;
        }
        if (classes_find(listed, e->classes[c]) == listed->count && next(&n, file, what)) {
            buf_addf(&text, "%s %zu", e->classes[c], at - from);
        }
    }
    end(&n);
}

static bool is_used(const struct examples *e, const char *name)
{
    size_t c = 0;
    while (c < e->class_count && strcmp(e->classes[c], name) != 0) {
        c++;
    }
    return c < e->class_count;
}

void tell_unused(const struct examples *e, const struct class_file *file,
                 const struct classes *listed)
{
    static const char what[] = "these classes have no labelled pictures and are left out";
    struct buf text = BUF_INIT;
    struct naming n = { &text, NAMED_MAX, 0 };
    for (size_t i = 0; i < listed->count; i++) {
        if (!is_used(e, listed->items[i].name) && next(&n, file, what)) {
            buf_adds(&text, listed->items[i].name);
        }
    }
    end(&n);
}
