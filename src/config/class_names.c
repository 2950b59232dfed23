/* Class names as people give them: behind -c, and one a line in classes.txt. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/name_index.h"
#include "base/normalize.h"
#include "base/text.h"
#include "config/classes.h"

#define CLASSES_FILE_MAX ((size_t)CLASSES_MAX * (CLASS_NAME_MAX + 2))

/* White space that pasted names may bring along: blanks of any width, also of none. */
static bool is_space(uint32_t code)
{
    return code == ' ' || code == '\t' || code == '\r' || code == 0xA0 || code == 0x1680 ||
           (code >= 0x2000 && code <= 0x200B) || code == 0x202F || code == 0x205F ||
           code == 0x3000 || code == 0xFEFF;
}

static const char *trim(const char *s, size_t *len)
{
    uint32_t code;
    size_t used;
    while (*len && (used = text_decode(s, *len, &code), is_space(code))) {
        s += used;
        *len -= used;
    }
    for (size_t i = 0, end = *len; i < end; i += used) {
        used = text_decode(s + i, end - i, &code);
        *len = is_space(code) ? *len : i + used;
    }
    return s;
}

/* Refuses two names of one list that look the same and differ in their bytes. */
static bool check_alike(const struct classes *c, const char *name, size_t len, const char *where,
                        struct error *err)
{
    char *copy = mem_string(name, len);
    size_t i = copy ? classes_find_alike(c, copy) : c->count;
    bool same =
        i < c->count && strcmp(c->items[i].name, copy) != 0 && text_same(c->items[i].name, copy);
    free(copy);
    return !same || error_set(err, ERROR_USAGE,
                              "%s: class '%.*s' is given twice, with its accents encoded "
                              "differently",
                              where, (int)len, name);
}

/* Whether "NAME=KEY" was written for "KEY=NAME": "dress=5", but not "side=left".
 * `end` is the text after the '='. */
static bool is_turned_round(const char *end, size_t len)
{
    char text[KEY_NAME_SIZE];
    keycode key;
    snprintf(text, sizeof text, "%.*s", (int)len, end);
    uint32_t code;
    return len < sizeof text && keycode_parse(text, &key) &&
           (text_decode(end, len, &code) == len || key >= KEYCODE_F1);
}

/* Length of the key before the first '=', as in "o=other" or "f1=other"; 0: the item is
 * only a name. */
static size_t key_length(const char *item, size_t len, keycode *key)
{
    char name[KEY_NAME_SIZE];
    uint32_t code = 0;
    size_t used = len ? text_decode(item, len, &code) : 0;
    if (used && used + 1 < len && item[used] == '=' && code != UINT32_MAX && !text_unsafe(code)) {
        *key = code;
        return used;
    }
    const char *equals = memchr(item, '=', len);
    used = equals ? (size_t)(equals - item) : 0;
    snprintf(name, sizeof name, "%.*s", (int)(used < sizeof name ? used : 0), item);
    return used > 1 && used + 1 < len && keycode_parse(name, key) ? used : 0;
}

static bool add_item(struct classes *c, const char *item, size_t len, const char *where,
                     struct error *err)
{
    keycode key = KEYCODE_NONE;
    size_t used = key_length(item, len, &key);
    const char *equals = memchr(item, '=', len);
    size_t left = equals ? (size_t)(equals - item) : 0;
    if (used) {
        item += used + 1;
        len -= used + 1;
        item = trim(item, &len);
    } else if (equals && (left == 0 || left + 1 == len)) {
        return error_set(err, ERROR_USAGE, "%s: '%.*s' has no %s; write KEY=NAME, as in 5=dress",
                         where, (int)len, item, left ? "name" : "key");
    } else if (equals && is_turned_round(equals + 1, len - left - 1)) {
        return error_set(err, ERROR_USAGE, "%s: '%.*s': write KEY=NAME: %.*s=%.*s", where, (int)len,
                         item, (int)(len - left - 1), equals + 1, (int)left, item);
    }
    return check_alike(c, item, len, where, err) &&
           classes_add(c, item, len, key, CLASS_COLOR_NONE, where, err);
}

bool classes_parse_list(struct classes *c, const char *list, const char *where, struct error *err)
{
    for (const char *s = list;;) {
        size_t len = strcspn(s, ",");
        size_t item_len = len;
        const char *item = trim(s, &item_len);
        if (!add_item(c, item, item_len, where, err)) {
            return false;
        }
        if (!s[len]) {
            return true;
        }
        s += len + 1;
    }
}

/* ------------------------------------------------------------- classes.txt */

struct lines {
    char **names;
    unsigned *numbers;
    size_t count, name_cap, number_cap;
};

static void lines_release(struct lines *l)
{
    for (size_t i = 0; i < l->count; i++) {
        free(l->names[i]);
    }
    free(l->names);
    free(l->numbers);
}

static bool add_line(struct lines *l, const char *name, size_t len, unsigned number)
{
    size_t count = l->count + 1;
    if (!mem_reserve(&l->names, &l->name_cap, count, sizeof *l->names) ||
        !mem_reserve(&l->numbers, &l->number_cap, count, sizeof *l->numbers) ||
        !(l->names[l->count] = mem_string(name, len))) {
        return false;
    }
    l->numbers[l->count++] = number;
    return true;
}

/* Collects the names, skipping blank lines and comments. */
static bool read_lines(struct lines *l, const char *s, size_t size, const char *path,
                       struct error *err)
{
    const char *end = s + size;
    for (unsigned number = 1; s < end; number++) {
        const char *newline = memchr(s, '\n', (size_t)(end - s));
        size_t line = newline ? (size_t)(newline - s) : (size_t)(end - s);
        size_t len = line;
        const char *name = trim(s, &len);
        if (len && memchr(name, '\0', len)) {
            return error_set(err, ERROR_USAGE,
                             "%s:%u: class name with a NUL byte; this is not a text file", path,
                             number);
        }
        if (len && name[0] != '#' && !add_line(l, name, len, number)) {
            return error_nomem(err, len, "class names");
        }
        s += line + 1;
    }
    return true;
}

static bool add_lines(struct classes *c, const struct lines *l, const char *path, struct error *err)
{
    struct buf where = BUF_INIT;
    bool ok = true;
    for (size_t i = 0; ok && i < l->count; i++) {
        size_t len = strlen(l->names[i]);
        buf_clear(&where);
        buf_addf(&where, "%s:%u", path, l->numbers[i]);
        ok =
            check_alike(c, l->names[i], len, buf_text(&where), err) &&
            classes_add(c, l->names[i], len, KEYCODE_NONE, CLASS_COLOR_NONE, buf_text(&where), err);
    }
    buf_release(&where);
    return ok;
}

bool classes_load(struct classes *c, const char *path, struct error *err)
{
    struct buf bytes = BUF_INIT;
    struct lines lines = { .count = 0 };
    if (!file_read(path, CLASSES_FILE_MAX, &bytes, err)) {
        return false;
    }
    size_t mark = bytes.len >= 3 && memcmp(bytes.data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    bool ok = read_lines(&lines, buf_text(&bytes) + mark, bytes.len - mark, path, err) &&
              (name_index_take_off(lines.names, lines.count) ||
               error_nomem(err, bytes.len, "class names")) &&
              add_lines(c, &lines, path, err);
    lines_release(&lines);
    buf_release(&bytes);
    return ok && (c->count || error_set(err, ERROR_DATA, "%s: contains no class names", path));
}
