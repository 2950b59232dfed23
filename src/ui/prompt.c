/* A line editor at the bottom of the screen. */
#include <string.h>

#include "app.h"
#include "base/mem.h"
#include "base/text.h"

#define TYPED_LEAST 16 /* least columns for the typed text beside the hint */

void prompt_start(struct prompt *p, const char *label, const char *text)
{
    p->label = label;
    p->len = strlen(text);
    if (p->len >= sizeof p->text) {
        p->len = 0;
    }
    memcpy(p->text, text, p->len);
    p->text[p->len] = '\0';
}

static void erase_last(struct prompt *p)
{
    while (p->len && (p->text[p->len - 1] & 0xC0) == 0x80) {
        p->len--;
    }
    p->len -= p->len > 0;
    p->text[p->len] = '\0';
}

static void clear(struct prompt *p)
{
    p->len = 0;
    p->text[0] = '\0';
}

static void prompt_erase(struct ui *ui)
{
    erase_last(&ui->prompt);
}

static void prompt_clear(struct ui *ui)
{
    clear(&ui->prompt);
}

static void prompt_enter(struct ui *ui)
{
    ui->prompt.result = PROMPT_ACCEPTED;
}

static void prompt_leave(struct ui *ui)
{
    ui->prompt.result = PROMPT_CANCELLED;
}

static const struct view_key keys[] = {
#define PROMPT_KEY(function, keys, text) { function, keys },
#include "config/view_keys.def"
};

static void type(struct prompt *p, keycode key)
{
    char utf8[4];
    size_t n = key < KEYCODE_UP && !text_unsafe(key) ? text_encode(key, utf8) : 0;
    if (n && p->len + n < sizeof p->text) {
        memcpy(p->text + p->len, utf8, n);
        p->len += n;
        p->text[p->len] = '\0';
    }
}

enum prompt_result prompt_key(struct ui *ui, const struct screen_event *event)
{
    ui->prompt.result = PROMPT_GOES_ON;
    /* Pasted characters are text, even line ends. */
    if (event->pasted || !view_key_run(ui, keys, ARRAY_LEN(keys), event->key)) {
        type(&ui->prompt, event->key);
    }
    return ui->prompt.result;
}

void prompt_draw(struct ui *ui, const char *keys_text)
{
    struct cells c = ui->layout.hints;
    const struct prompt *p = &ui->prompt;
    screen_fill(ui->screen, c, STYLE_PROMPT);
    int at = 1 + screen_put(ui->screen, c.row, 1, c.cols - 2, STYLE_PROMPT, p->label);
    at += 1;
    int keys_cols = text_width(keys_text, strlen(keys_text));
    int end = c.cols - keys_cols - 1;
    if (at + TYPED_LEAST < end) { /* the typed text has priority */
        screen_put(ui->screen, c.row, end, keys_cols, STYLE_PROMPT, keys_text);
    } else {
        end = c.cols;
    }
    /* Show the end of a long text, where the cursor is. */
    const char *text = p->text;
    while (*text && text_width(text, strlen(text)) > end - at - 2) {
        uint32_t code;
        text += text_decode(text, strlen(text), &code);
    }
    at += screen_put(ui->screen, c.row, at, end - at - 1, STYLE_PROMPT, text);
    screen_cursor(ui->screen, c.row, at);
}
