#include "nn/labels.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"

void nn_labels_release(struct nn_labels *labels)
{
    for (size_t i = 0; i < labels->count; i++) {
        free(labels->names[i]);
    }
    free(labels->names);
    *labels = (struct nn_labels){ NULL, 0 };
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool check_name(const char *name, size_t len, const char *path, size_t line,
                       struct error *err)
{
    if (len == 0) {
        return error_set(err, ERROR_DATA, "%s: line %zu is empty", path, line);
    }
    if (len > NN_LABEL_MAX_BYTES) {
        return error_set(err, ERROR_DATA, "%s: line %zu has %zu bytes, the limit is %d", path, line,
                         len, NN_LABEL_MAX_BYTES);
    }
    for (size_t i = 0; i < len;) {
        uint32_t code;
        size_t used = text_decode(name + i, len - i, &code);
        if (code == UINT32_MAX || text_unsafe(code)) {
            return error_set(err, ERROR_DATA, "%s: line %zu: byte %zu is %s", path, line, i + 1,
                             code == UINT32_MAX ? "not UTF-8" : "a control character");
        }
        i += used;
    }
    return true;
}

static bool add_lines(struct nn_labels *labels, const char *text, const char *end, const char *path,
                      struct error *err)
{
    size_t capacity = 0;
    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *stop = newline ? newline : end;
        const char *first = text, *last = stop;
        text = newline ? newline + 1 : end;
        while (first < last && is_blank(*first)) {
            first++;
        }
        while (last > first && is_blank(last[-1])) {
            last--;
        }
        size_t len = (size_t)(last - first), line = labels->count + 1;
        if (line > NN_LABELS_MAX_COUNT) {
            return error_set(err, ERROR_DATA, "%s: more than %d lines", path, NN_LABELS_MAX_COUNT);
        }
        if (!check_name(first, len, path, line, err)) {
            return false;
        }
        char *name = NULL;
        if (!mem_reserve(&labels->names, &capacity, line, sizeof(*labels->names)) ||
            !(name = mem_string(first, len))) {
            return error_nomem(err, len, "class names");
        }
        labels->names[labels->count++] = name;
    }
    return true;
}

bool nn_labels_load(struct nn_labels *labels, const char *path, struct error *err)
{
    struct buf file = BUF_INIT;
    *labels = (struct nn_labels){ NULL, 0 };
    if (!file_read(path, NN_LABELS_MAX_BYTES, &file, err)) {
        buf_release(&file);
        return false;
    }
    const char *text = buf_text(&file), *end = text + file.len;
    if (file.len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
    }
    while (end > text && (end[-1] == '\n' || is_blank(end[-1]))) {
        end--;
    }
    bool ok = text == end ? error_set(err, ERROR_DATA, "%s: no class names in it", path)
                          : add_lines(labels, text, end, path, err);
    if (!ok) {
        nn_labels_release(labels);
    }
    buf_release(&file);
    return ok;
}
