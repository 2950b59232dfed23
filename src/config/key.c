#include "config/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"

static const struct {
    const char *name;
    const char *symbol; /* NULL: a second name, for files that cannot contain the character */
    keycode key;
} key_names[] = {
    { "enter", "↵", KEYCODE_ENTER },
    { "return", NULL, KEYCODE_ENTER },
    { "space", "Space", ' ' },
    { "tab", "Tab", KEYCODE_TAB },
    { "shift-tab", "S-Tab", KEYCODE_BACKTAB },
    { "esc", "Esc", KEYCODE_ESC },
    { "backspace", "Bksp", KEYCODE_BACKSPACE },
    { "up", "↑", KEYCODE_UP },
    { "down", "↓", KEYCODE_DOWN },
    { "left", "←", KEYCODE_LEFT },
    { "right", "→", KEYCODE_RIGHT },
    { "home", "Home", KEYCODE_HOME },
    { "end", "End", KEYCODE_END },
    { "page-up", "PgUp", KEYCODE_PAGE_UP },
    { "page-down", "PgDn", KEYCODE_PAGE_DOWN },
    { "insert", "Ins", KEYCODE_INSERT },
    { "delete", "Del", KEYCODE_DELETE },
    { "semicolon", NULL, ';' },
    { "hash", NULL, '#' },
    { "equals", NULL, '=' },
};

/* The code that a terminal sends for ctrl and this character, or KEYCODE_NONE. */
static keycode ctrl_code(char c)
{
    if (c >= 'a' && c <= 'z') {
        return (keycode)(c - 'a' + 1);
    }
    return c >= 'A' && c <= '_' ? (keycode)(c - '@') : KEYCODE_NONE;
}

static bool parse_f_key(const char *name, keycode *key)
{
    size_t digits = strspn(name + 1, "0123456789");
    if ((name[0] != 'f' && name[0] != 'F') || digits < 1 || digits > 2 || name[1 + digits]) {
        return false;
    }
    long n = strtol(name + 1, NULL, 10);
    if (n < 1 || n > 12) {
        return false;
    }
    *key = KEYCODE_F1 + (keycode)n - 1;
    return true;
}

bool keycode_parse(const char *name, keycode *key)
{
    size_t len = strlen(name);
    if (!len) {
        return false;
    }
    uint32_t code;
    if (text_decode(name, len, &code) == len && !text_unsafe(code) && code != ' ') {
        *key = code;
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(key_names); i++) {
        if (strcasecmp(name, key_names[i].name) == 0) {
            *key = key_names[i].key;
            return true;
        }
    }
    if (len == 6 && strncasecmp(name, "ctrl-", 5) == 0) {
        *key = ctrl_code(name[5]);
        return *key != KEYCODE_NONE;
    }
    return parse_f_key(name, key);
}

void keycode_name(keycode key, char out[KEY_NAME_SIZE])
{
    for (size_t i = 0; i < ARRAY_LEN(key_names); i++) {
        if (key_names[i].key == key && key_names[i].symbol) {
            snprintf(out, KEY_NAME_SIZE, "%s", key_names[i].name);
            return;
        }
    }
    if (key >= KEYCODE_F1 && key <= KEYCODE_F12) {
        snprintf(out, KEY_NAME_SIZE, "f%u", (unsigned)(key - KEYCODE_F1 + 1));
    } else if (key >= 1 && key < ' ') {
        snprintf(out, KEY_NAME_SIZE, "ctrl-%c", (char)(key <= 26 ? 'a' + key - 1 : '@' + key));
    } else {
        char utf8[4];
        size_t len = text_unsafe(key) ? 0 : text_encode(key, utf8);
        memcpy(out, utf8, len);
        out[len] = '\0';
    }
}

void keycode_add_name(struct buf *out, keycode key)
{
    char text[KEY_NAME_SIZE] = "none";
    if (key != KEYCODE_NONE) {
        keycode_name(key, text);
    }
    buf_adds(out, text);
}

void keycode_symbol(keycode key, char out[KEY_NAME_SIZE])
{
    for (size_t i = 0; i < ARRAY_LEN(key_names); i++) {
        if (key_names[i].key == key && key_names[i].symbol) {
            snprintf(out, KEY_NAME_SIZE, "%s", key_names[i].symbol);
            return;
        }
    }
    if (key >= 1 && key < ' ') {
        snprintf(out, KEY_NAME_SIZE, "^%c", (char)('@' + key));
        return;
    }
    keycode_name(key, out);
    if (key >= KEYCODE_F1 && key <= KEYCODE_F12) {
        out[0] = 'F';
    }
}
