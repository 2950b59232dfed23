#include "store/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/normalize.h"

/* The absolute path, without "//", "." and a trailing slash. ".." is kept, and reported in
 * *dot_dot. NULL when out of memory. */
static char *make_absolute(const char *cwd, const char *path, bool *dot_dot)
{
    struct buf b = BUF_INIT;
    *dot_dot = false;
    if (path[0] != '/' && strcmp(cwd, "/") != 0) {
        buf_adds(&b, cwd);
    }
    while (*path) {
        size_t len = strcspn(path, "/");
        if (len == 2 && memcmp(path, "..", 2) == 0) {
            *dot_dot = true;
        }
        if (len > 0 && !(len == 1 && path[0] == '.')) {
            buf_addc(&b, '/');
            buf_add(&b, path, len);
        }
        path += len + (path[len] == '/');
    }
    if (b.len == 0) {
        buf_addc(&b, '/');
    }
    return buf_take(&b);
}

/* The part of the path after the folder, or NULL if the path is not below it. */
static const char *below(const char *folder, const char *path)
{
    size_t len = strlen(folder);
    if (strcmp(folder, "/") == 0) {
        return path + 1;
    }
    if (strncmp(path, folder, len) != 0 || path[len] != '/') {
        return NULL;
    }
    return path + len + 1;
}

bool names_init(struct names *n, const char *csv_path, struct error *err)
{
    bool dot_dot = false;
    *n = (struct names){ .cwd = NULL };
    n->cwd = getcwd(NULL, 0);
    if (!n->cwd) {
        return error_errno(err, ERROR_IO, errno, "cannot find the working folder");
    }
    n->folder = file_dirname(csv_path);
    if (n->folder) {
        n->written = make_absolute(n->cwd, n->folder, &dot_dot);
    }
    if (!n->written) {
        names_release(n);
        return error_nomem(err, strlen(csv_path), "a folder name");
    }
    n->physical = realpath(n->folder, NULL);
    if (dot_dot) {
        free(n->written);
        n->written = NULL;
    }
    return true;
}

void names_release(struct names *n)
{
    free(n->cwd);
    free(n->folder);
    free(n->written);
    free(n->physical);
    free(n->last_dir);
    free(n->last_physical);
    *n = (struct names){ .cwd = NULL };
}

/* The picture's folder with links resolved; the last result is cached. */
static const char *physical_folder(struct names *n, const char *picture_path)
{
    char *dir = file_dirname(picture_path);
    if (dir && n->last_dir && strcmp(dir, n->last_dir) == 0) {
        free(dir);
        return n->last_physical;
    }
    free(n->last_dir);
    free(n->last_physical);
    n->last_dir = dir;
    n->last_physical = dir ? realpath(dir, NULL) : NULL;
    return n->last_physical;
}

/* The relative path from one physical folder to a file in another. */
static char *relative_path(const char *from, const char *to, const char *file)
{
    struct buf b = BUF_INIT;
    size_t common = 0;
    /* The longest common prefix that ends at a path separator. */
    for (size_t i = 0;; i++) {
        bool from_ends = !from[i] || from[i] == '/';
        bool to_ends = !to[i] || to[i] == '/';
        if (from_ends && to_ends) {
            common = i;
        }
        if (from[i] != to[i] || !from[i]) {
            break;
        }
    }
    for (const char *p = from + common; *p; p++) {
        if (*p == '/' && p[1]) {
            buf_adds(&b, "../");
        }
    }
    to += common;
    to += *to == '/';
    buf_adds(&b, to);
    if (*to) {
        buf_addc(&b, '/');
    }
    buf_adds(&b, file);
    return buf_take(&b);
}

char *names_relative(struct names *n, const char *picture_path, struct error *err)
{
    bool dot_dot;
    char *path = make_absolute(n->cwd, picture_path, &dot_dot);
    char *name = NULL;
    if (!path) {
        error_nomem(err, strlen(picture_path), "a file name");
        return NULL;
    }
    const char *rest = dot_dot || !n->written ? NULL : below(n->written, path);
    if (rest) {
        name = mem_string(rest, strlen(rest));
    } else if (n->physical) {
        const char *to = physical_folder(n, path);
        if (to) {
            name = relative_path(n->physical, to, strrchr(path, '/') + 1);
        } else {
            error_errno(err, ERROR_IO, errno, "%s: cannot find its folder", picture_path);
        }
    } else {
        error_set(err, ERROR_IO, "%s: cannot find this folder", n->folder);
    }
    free(path);
    return name;
}

bool names_is_odd(const char *file_name, size_t len)
{
    const char *end = file_name + len;
    bool at_part = true; /* at the start of a part */
    for (const char *p = file_name; p < end; p++) {
        if (at_part && (*p == '/' || (*p == '.' && (p + 1 == end || p[1] == '/')))) {
            return true;
        }
        if ((unsigned char)*p >= 0x80) {
            return true;
        }
        at_part = *p == '/';
    }
    return false;
}

/* Appends the name without "//" and "." parts. */
static void add_squeezed(const char *name, size_t len, struct buf *out)
{
    const char *end = name + len;
    size_t start = out->len;
    while (name < end) {
        const char *slash = memchr(name, '/', (size_t)(end - name));
        size_t part = (size_t)((slash ? slash : end) - name);
        if (part > 0 && !(part == 1 && name[0] == '.')) {
            if (out->len > start) {
                buf_addc(out, '/');
            }
            buf_add(out, name, part);
        }
        name += part + (slash != NULL);
    }
}

static bool is_there(const struct names *n, const char *name)
{
    char *path = names_path(n, name);
    bool there = path && access(path, F_OK) == 0;
    free(path);
    return there;
}

/* If no file of that name exists, but one whose name is its NFC or NFD form, as happens
 * between macOS and other systems, replaces the name by that form. */
static void match_form(const struct names *n, struct buf *name)
{
    bool missing = false;
    for (int composed = 0; composed < 2 && !name->failed; composed++) {
        struct buf form = BUF_INIT;
        bool other = text_normalize(name->data, name->len, composed, &form) &&
                     (form.len != name->len || memcmp(form.data, name->data, form.len) != 0);
        missing = other && (missing || !is_there(n, buf_text(name)));
        if (missing && is_there(n, buf_text(&form))) {
            buf_release(name);
            *name = form;
            return;
        }
        buf_release(&form);
        if (other && !missing) {
            return;
        }
    }
}

static void add_relative(struct names *n, const char *file_name, size_t len, struct buf *out)
{
    if (len > 0 && file_name[0] != '/') {
        add_squeezed(file_name, len, out);
        if (out->len == 0) {
            buf_add(out, file_name, len);
        }
        return;
    }
    char *path = n ? mem_string(file_name, len) : NULL;
    char *name = path ? names_relative(n, path, NULL) : NULL;
    if (name) {
        buf_adds(out, name);
    } else {
        buf_add(out, file_name, len);
    }
    free(name);
    free(path);
}

void names_add_key(struct names *n, const char *file_name, size_t len, struct buf *out)
{
    add_relative(n, file_name, len, out);
    if (n && out->len > 0) {
        match_form(n, out);
    }
}

char *names_path(const struct names *n, const char *file_name)
{
    if (file_name[0] == '/') {
        return mem_string(file_name, strlen(file_name));
    }
    return file_join(n->folder, file_name);
}
