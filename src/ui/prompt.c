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

static struct prompt *current(struct ui *ui)
{
    return ui_top(ui)->prompt(ui);
}

static void prompt_erase(struct ui *ui)
{
    struct prompt *p = current(ui);
    while (p->len && (p->text[p->len - 1] & 0xC0) == 0x80) {
        p->len--;
    }
    p->len -= p->len > 0;
    p->text[p->len] = '\0';
}

static void prompt_clear(struct ui *ui)
{
    struct prompt *p = current(ui);
    p->len = 0;
    p->text[0] = '\0';
}

static void prompt_enter(struct ui *ui)
{
    ui_top(ui)->enter(ui);
}

static void prompt_leave(struct ui *ui)
{
    ui_top(ui)->leave(ui);
}

static const struct view_key rows[] = {
#define PROMPT_KEY VIEW_KEY
#include "config/view_keys.def"
};

const struct key_table prompt_keys = { rows, ARRAY_LEN(rows), false, NULL };

/* Pasted characters are text, even line ends. */
void prompt_type(struct ui *ui, const struct screen_event *event)
{
    struct prompt *p = current(ui);
    keycode key = event->key;
    char utf8[4];
    size_t n = key < KEYCODE_UP && !text_unsafe(key) ? text_encode(key, utf8) : 0;
    if (n && p->len + n < sizeof p->text) {
        memcpy(p->text + p->len, utf8, n);
        p->len += n;
        p->text[p->len] = '\0';
    }
}

void prompt_draw(struct ui *ui, const char *keys_text)
{
    struct cells c = ui->layout.hints;
    const struct prompt *p = current(ui);
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

void prompt_draw_below(struct ui *ui)
{
    panel_draw(ui);
    status_draw(ui);
    prompt_draw(ui, "↵ go there   Esc cancel");
    pane_draw(ui);
}
