#include <string.h>

#include "app.h"
#include "base/text.h"

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

enum prompt_result prompt_key(struct prompt *p, const struct screen_event *event)
{
    switch (event->key) {
    case KEYCODE_ENTER:
        return event->pasted ? PROMPT_GOES_ON : PROMPT_ACCEPTED;
    case KEYCODE_ESC:
        return PROMPT_CANCELLED;
    case KEYCODE_BACKSPACE:
        erase_last(p);
        return PROMPT_GOES_ON;
    case 21: /* ctrl-u */
        p->len = 0;
        p->text[0] = '\0';
        return PROMPT_GOES_ON;
    default:
        break;
    }
    char utf8[4];
    size_t n = event->key < KEYCODE_UP && !text_unsafe(event->key)
                   ? text_encode(event->key, utf8)
                   : 0;
    if (n && p->len + n < sizeof p->text) {
        memcpy(p->text + p->len, utf8, n);
        p->len += n;
        p->text[p->len] = '\0';
    }
    return PROMPT_GOES_ON;
}

void prompt_draw(struct ui *ui)
{
    struct cells c = ui->layout.hints;
    const struct prompt *p = &ui->prompt;
    screen_fill(ui->screen, c, STYLE_PROMPT);
    int at = 1 + screen_put(ui->screen, c.row, 1, c.cols - 2, STYLE_PROMPT, p->label);
    at += 1;
    /* The end of a long text is where the typing goes on. */
    const char *text = p->text;
    while (*text && text_width(text, strlen(text)) > c.cols - at - 2) {
        uint32_t code;
        text += text_decode(text, strlen(text), &code);
    }
    at += screen_put(ui->screen, c.row, at, c.cols - at - 1, STYLE_PROMPT, text);
    screen_cursor(ui->screen, c.row, at);
}
