/* The help overlay, made from the table of actions and the keys in force. */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "base/text.h"

struct help_line {
    const char *heading; /* or NULL */
    enum action action;
};

static size_t collect(struct help_line *lines)
{
    size_t n = 0;
    const char *group = "";
    for (enum action a = ACTION_NO_ACTION + 1; a < ACTION_CLASS; a++) {
        const struct action_info *info = action_info(a);
        if (strcmp(group, info->group) != 0) {
            group = info->group;
            lines[n++] = (struct help_line){ group, ACTION_NO_ACTION };
        }
        lines[n++] = (struct help_line){ NULL, a };
    }
    return n;
}

static void keys_text(const struct ui *ui, enum action a, char *out, size_t size)
{
    size_t at = 0;
    out[0] = '\0';
    for (int i = 0; i < KEYMAP_KEYS_PER_ACTION; i++) {
        char symbol[KEY_NAME_SIZE];
        keycode key = ui->options.settings->keymap.keys[a][i];
        if (key == KEYCODE_NONE) {
            break;
        }
        keycode_symbol(key, symbol);
        at += (size_t)snprintf(out + at, size - at, "%s%s", i ? " " : "", symbol);
        if (at >= size) {
            break;
        }
    }
}

static void draw(struct ui *ui)
{
    struct help_line lines[2 * ACTION_COUNT];
    size_t count = collect(lines);
    int rows = screen_rows(ui->screen);
    int cols = screen_cols(ui->screen);
    screen_fill(ui->screen, (struct cells){ 0, 0, rows, cols }, STYLE_TEXT);
    screen_put(ui->screen, 0, 1, -1, STYLE_TITLE, "Keys");
    screen_put(ui->screen, 0, 7, -1, STYLE_DIM,
               "class keys answer; the rest, as set in thumbtag.ini:");
    size_t room = rows > 4 ? (size_t)rows - 4 : 1;
    size_t top = count > room && ui->help_top > count - room ? count - room : ui->help_top;
    top = count <= room ? 0 : top;
    ui->help_top = top;
    for (size_t i = top; i < count && i < top + room; i++) {
        int row = 2 + (int)(i - top);
        if (lines[i].heading) {
            screen_put(ui->screen, row, 1, -1, STYLE_HEADING, lines[i].heading);
            continue;
        }
        char keys[80];
        keys_text(ui, lines[i].action, keys, sizeof keys);
        screen_put(ui->screen, row, 3, 14, STYLE_KEY, keys);
        screen_put(ui->screen, row, 18, -1, STYLE_TEXT, action_info(lines[i].action)->text);
    }
    screen_fill(ui->screen, (struct cells){ rows - 1, 0, 1, cols }, STYLE_PROMPT);
    screen_put(ui->screen, rows - 1, 1, -1, STYLE_PROMPT,
               top + room < count ? "↑ ↓ scroll   any other key leaves" : "any key leaves");
    screen_cursor(ui->screen, -1, 0);
    picture_draw(ui);
}

static void key(struct ui *ui, const struct screen_event *event)
{
    if (event->key == KEYCODE_DOWN || event->key == KEYCODE_PAGE_DOWN) {
        ui->help_top += event->key == KEYCODE_DOWN ? 1 : 10;
    } else if (event->key == KEYCODE_UP || event->key == KEYCODE_PAGE_UP) {
        size_t step = event->key == KEYCODE_UP ? 1 : 10;
        ui->help_top = ui->help_top > step ? ui->help_top - step : 0;
    } else {
        ui_pop(ui);
    }
}

const struct view view_help = { "help", true, draw, key };
