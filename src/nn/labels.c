#include "nn/labels.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/name_index.h"
#include "base/text.h"
#include "metadata.h"
#include "nn/model.h"
#include "zip.h"

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
        if (code == UINT32_MAX || (text_unsafe(code) && code != '\t')) { /* see check_tabs() */
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
            return error_set(err, ERROR_DATA, "%s: too many lines; the limit is %d", path,
                             NN_LABELS_MAX_COUNT);
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

/* A tab may separate a line's number from its name, but not occur in a name. */
static bool check_tabs(const struct nn_labels *labels, const char *path, struct error *err)
{
    for (size_t i = 0; i < labels->count; i++) {
        const char *tab = strchr(labels->names[i], '\t');
        if (tab) {
            return error_set(err, ERROR_DATA, "%s: line %zu: byte %zu is a control character", path,
                             i + 1, (size_t)(tab - labels->names[i]) + 1);
        }
    }
    return true;
}

/* `path` names the source in messages. */
static bool parse(struct nn_labels *labels, const char *text, size_t len, const char *path,
                  struct error *err)
{
    const char *end = text + len;
    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
    }
    while (end > text && (end[-1] == '\n' || is_blank(end[-1]))) {
        end--;
    }
    bool ok = text == end ? error_set(err, ERROR_DATA, "%s: contains no class names", path)
                          : add_lines(labels, text, end, path, err) &&
                                (name_index_take_off(labels->names, labels->count) ||
                                 error_nomem(err, len, "class names")) &&
                                check_tabs(labels, path, err);
    if (!ok) {
        nn_labels_release(labels);
    }
    return ok;
}

bool nn_labels_load(struct nn_labels *labels, const char *path, struct error *err)
{
    struct buf file = BUF_INIT;
    *labels = (struct nn_labels){ NULL, 0 };
    bool ok = file_read(path, NN_LABELS_MAX_BYTES, &file, err) &&
              parse(labels, buf_text(&file), file.len, path, err);
    buf_release(&file);
    return ok;
}

bool nn_labels_parse_model(struct nn_labels *labels, const void *bytes, size_t len,
                           const char *name, struct error *err)
{
    struct nn_span file, text;
    *labels = (struct nn_labels){ NULL, 0 };
    if (!nn_metadata_labels(bytes, len, &file, name, err)) {
        return false;
    }
    if (file.len == 0) {
        return true;
    }
    struct buf place = BUF_INIT;
    buf_addf(&place, "%s: %.*s", name, (int)file.len, (const char *)file.bytes);
    bool ok = !place.failed || error_nomem(err, file.len, "class names");
    ok = ok && nn_zip_find(bytes, len, file, &text, place.data, err) &&
         parse(labels, (const char *)text.bytes, text.len, place.data, err);
    buf_release(&place);
    return ok;
}

bool nn_labels_load_model(struct nn_labels *labels, const char *path, struct error *err)
{
    struct buf file = BUF_INIT;
    *labels = (struct nn_labels){ NULL, 0 };
    bool ok = file_read(path, NN_MODEL_MAX_BYTES, &file, err) &&
              nn_labels_parse_model(labels, file.data, file.len, path, err);
    buf_release(&file);
    return ok;
}
