#include "yolo_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void yolo_names_release(struct yolo_names *n)
{
    arena_release(&n->arena);
    free(n->names);
    *n = (struct yolo_names){ 0 };
}

static bool set_name(struct yolo_names *n, const char *path, size_t index, const char *text,
                     size_t len, struct error *err)
{
    if (index >= YOLO_NAMES_MAX) {
        return error_set(err, ERROR_DATA, "%s: class %zu; the limit is %d", path, index,
                         YOLO_NAMES_MAX);
    }
    while (len && strchr(" \t\r", text[0])) {
        text++;
        len--;
    }
    while (len && strchr(" \t\r", text[len - 1])) {
        len--;
    }
    bool escapes = len >= 2 && text[0] == '"' && text[len - 1] == '"';
    if (len >= 2 && (text[0] == '"' || text[0] == '\'') && text[len - 1] == text[0]) {
        text++;
        len -= 2;
    }
    /* In double quotes '\' escapes; of that, '"' and '\' are all that a name needs. */
    struct buf plain = BUF_INIT;
    for (size_t i = 0; i < len; i++) {
        i += escapes && text[i] == '\\' && i + 1 < len;
        buf_addc(&plain, text[i]);
    }
    const char *copy = plain.failed ? NULL : arena_string(&n->arena, buf_text(&plain), plain.len);
    buf_release(&plain);
    if (!copy || !mem_reserve(&n->names, &n->cap, index + 1, sizeof *n->names)) {
        return error_nomem(err, len, "a class");
    }
    while (n->count <= index) {
        n->names[n->count++] = "";
    }
    n->names[index] = copy;
    return true;
}

static const char *line_end(const char *p)
{
    return p + strcspn(p, "\n");
}

/* [a, 'b', "c, d"], perhaps over several lines. */
static bool flow_list(struct yolo_names *n, const char *path, const char *p, struct error *err)
{
    size_t index = 0;
    for (p++; *p && *p != ']';) {
        p += strspn(p, " \t\r\n,");
        const char *start = p;
        if (*p == '"' || *p == '\'') {
            char quote = *p++;
            while (*p && *p != quote) {
                p += *p == '\\' && quote == '"' && p[1] ? 2 : 1;
            }
            p += *p == quote;
        } else {
            p += strcspn(p, ",]\n");
        }
        if (p > start && !set_name(n, path, index++, start, (size_t)(p - start), err)) {
            return false;
        }
        p += strcspn(p, ",]\n");
    }
    return *p == ']' || error_set(err, ERROR_DATA, "%s: the list of names has no end", path);
}

/* Lines "- NAME" or "NUMBER: NAME", up to one that is neither. */
static bool block(struct yolo_names *n, const char *path, const char *p, struct error *err)
{
    for (size_t index = 0; *p; p = line_end(p), p += *p == '\n') {
        const char *start = p + strspn(p, " \t"), *end = line_end(p);
        char *rest;
        if (start == end || *start == '#' || *start == '\r') {
            continue;
        }
        if (*start == '-') {
            start++;
        } else {
            index = strtoul(start, &rest, 10);
            if (rest == start || *rest != ':') {
                break;
            }
            start = rest + 1;
        }
        if (!set_name(n, path, index++, start, (size_t)(end - start), err)) {
            return false;
        }
    }
    return true;
}

bool yolo_names_of_yaml(struct yolo_names *n, const char *path, const struct buf *text,
                        struct error *err)
{
    const char *p = buf_text(text);
    while (*p && strncmp(p, "names:", 6) != 0) {
        p = line_end(p);
        p += *p == '\n';
    }
    if (!*p) {
        return error_set(err, ERROR_DATA, "%s: no names", path);
    }
    p += 6;
    p += strspn(p, " \t\r\n");
    while (p > buf_text(text) && (p[-1] == ' ' || p[-1] == '\t')) {
        p--; /* to the start of the line, or of the list */
    }
    const char *first = p + strspn(p, " \t");
    bool ok =
        *first == '[' || *first == '{' ? flow_list(n, path, first, err) : block(n, path, p, err);
    return ok && (n->count || error_set(err, ERROR_DATA, "%s: no names", path));
}

bool yolo_names_of_lines(struct yolo_names *n, const char *path, const struct buf *text,
                         struct error *err)
{
    size_t index = 0;
    for (const char *p = buf_text(text); *p;) {
        const char *end = line_end(p);
        size_t len = (size_t)(end - p);
        len -= len && p[len - 1] == '\r';
        if ((len || *end) && !set_name(n, path, index++, p, len, err)) {
            return false;
        }
        p = end + (*end == '\n');
    }
    return n->count || error_set(err, ERROR_DATA, "%s: no names", path);
}
