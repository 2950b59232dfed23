#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "text.h"

#define DEPTH_MAX 64                /* folders within each other */
#define FILE_MAX ((size_t)64 << 20) /* bytes of one of many files */

static bool ends(const char *name, const char *ending)
{
    size_t len = strlen(name), n = strlen(ending);
    return len > n && strcasecmp(name + len - n, ending) == 0;
}

static int compare(const struct dirent **a, const struct dirent **b)
{
    int order = text_natural_compare((*a)->d_name, (*b)->d_name);
    return order ? order : strcmp((*a)->d_name, (*b)->d_name);
}

static int not_hidden(const struct dirent *d)
{
    return d->d_name[0] != '.';
}

static bool walk(const char *folder, const char *ending, tree_fn *fn, void *context, int depth,
                 struct error *err)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, not_hidden, compare);
    if (count < 0) {
        return error_errno(err, ERROR_IO, errno, "%s: cannot read the folder", folder);
    }
    bool ok = true;
    for (int i = 0; i < count; i++) {
        struct stat st;
        char *path = ok ? file_join(folder, entries[i]->d_name) : NULL;
        if (path && lstat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
            ok = depth >= DEPTH_MAX || walk(path, ending, fn, context, depth + 1, err);
        } else if (path && ends(path, ending)) {
            ok = fn(context, path, err);
        } else if (ok && !path) {
            ok = error_nomem(err, strlen(folder), "a path");
        }
        free(path);
        free(entries[i]);
    }
    free(entries);
    return ok;
}

bool tree_each(const char *folder, const char *ending, tree_fn *fn, void *context,
               struct error *err)
{
    return walk(folder, ending, fn, context, 0, err);
}

struct look {
    bool (*is)(const char *text);
    bool has;
    int left;
};

static bool look_at(void *context, const char *path, struct error *err)
{
    struct look *l = context;
    struct buf text = BUF_INIT;
    (void)err;
    l->has = tree_read(path, &text, NULL) && l->is(buf_text(&text));
    buf_release(&text);
    return !l->has && --l->left > 0;
}

bool tree_has(const char *folder, const char *ending, bool (*is)(const char *text))
{
    struct look l = { is, false, 100 };
    tree_each(folder, ending, look_at, &l, NULL);
    return l.has;
}

char *tree_top_find(const char *folder, bool (*is)(const char *name))
{
    DIR *d = opendir(folder);
    char *path = NULL;
    for (struct dirent *e; d && !path && (e = readdir(d));) {
        path = is(e->d_name) ? file_join(folder, e->d_name) : NULL;
    }
    if (d) {
        closedir(d);
    }
    return path;
}

bool tree_read(const char *path, struct buf *text, struct error *err)
{
    const char *was;
    buf_clear(text);
    return file_read(path, FILE_MAX, text, err) && text_to_utf8(path, text, &was, err);
}
