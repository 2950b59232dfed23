/* The help overlay, generated from the table of actions with the keys in force, and from
 * the tables of the views' own keys. */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "base/mem.h"

#define KEYS_COL 3
#define TEXT_COL 18
#define COLUMN_COLS 88 /* columns that the longest line needs */
#define LINES_MAX (3 * ACTION_COUNT)

struct help_state {
    size_t top; /* first visible line */
};

static struct help_state *state_of(const struct ui *ui)
{
    return view_state(ui, &view_help);
}

struct help_line {
    const char *heading; /* or NULL */
    char keys[48];
    const char *text;
};

struct help {
    struct help_line lines[LINES_MAX];
    size_t count;
};

static struct help_line *add(struct help *h, const char *heading, const char *text)
{
    size_t i = h->count < LINES_MAX - 1 ? h->count++ : h->count;
    h->lines[i] = (struct help_line){ .heading = heading, .text = text };
    return &h->lines[i];
}

/* A group begins with an empty line and its name. */
static void add_group(struct help *h, const char *name)
{
    if (h->count) {
        add(h, "", NULL);
    }
    add(h, name, NULL);
}

static void add_actions(struct help *h, const struct ui *ui)
{
    const char *group = "";
    for (enum action a = ACTION_NO_ACTION + 1; a < ACTION_CLASS; a++) {
        const struct action_info *info = action_info(a);
        if (strcmp(group, info->group) != 0) {
            group = info->group;
            add_group(h, group);
        }
        struct help_line *line = add(h, NULL, info->text);
        keys_symbols(ui, a, line->keys, sizeof line->keys);
    }
}

/* Converts a list of key names to the keys' symbols; other words stay. */
static void symbols_of(const char *names, char *out, size_t size)
{
    size_t at = 0;
    out[0] = '\0';
    for (const char *s = names; *s && at < size; s += strspn(s, " ")) {
        char word[KEY_NAME_SIZE];
        char symbol[KEY_NAME_SIZE];
        keycode key;
        size_t len = strcspn(s, " ");
        snprintf(word, sizeof word, "%.*s", (int)len, s);
        s += len;
        bool named = keycode_parse(word, &key);
        if (named) {
            keycode_symbol(key, symbol);
        }
        at += (size_t)snprintf(out + at, size - at, "%s%s", at ? " " : "", named ? symbol : word);
    }
}

static void add_view_keys(struct help *h)
{
    const struct view_key_info *info;
    const char *view = "";
    for (size_t i = 0; (info = view_key_info(i)); i++) {
        if (strcmp(view, info->view) != 0) {
            view = info->view;
            add_group(h, view);
        }
        struct help_line *line = add(h, NULL, info->text);
        symbols_of(info->keys, line->keys, sizeof line->keys);
    }
}

static void collect(struct help *h, const struct ui *ui)
{
    h->count = 0;
    add_actions(h, ui);
    add_view_keys(h);
}

static size_t rows_of(const struct ui *ui)
{
    int rows = screen_rows(ui->screen);
    return rows > 4 ? (size_t)rows - 4 : 1;
}

/* Number of lines that fit: on a wide screen, in two columns. */
static size_t room(const struct ui *ui)
{
    return rows_of(ui) * (screen_cols(ui->screen) >= 2 * COLUMN_COLS ? 2 : 1);
}

/* The n-th line on the screen. */
static void draw_line(struct ui *ui, size_t n, const struct help_line *line)
{
    int row = 2 + (int)(n % rows_of(ui));
    int col = (int)(n / rows_of(ui)) * (screen_cols(ui->screen) / 2);
    if (line->heading) {
        screen_put(ui->screen, row, col + 1, -1, STYLE_HEADING, line->heading);
        return;
    }
    screen_put(ui->screen, row, col + KEYS_COL, TEXT_COL - KEYS_COL - 1, STYLE_KEY, line->keys);
    screen_put(ui->screen, row, col + TEXT_COL, -1, STYLE_TEXT, line->text);
}

static void help_draw(struct ui *ui)
{
    struct help help;
    int rows = screen_rows(ui->screen);
    int cols = screen_cols(ui->screen);
    collect(&help, ui);
    size_t shown = room(ui);
    size_t most = help.count > shown ? help.count - shown : 0;
    state_of(ui)->top = state_of(ui)->top > most ? most : state_of(ui)->top;
    screen_fill(ui->screen, (struct cells){ 0, 0, rows, cols }, STYLE_TEXT);
    screen_put(ui->screen, 0, 1, -1, STYLE_TITLE, "Keys");
    screen_put(ui->screen, 0, 7, -1, STYLE_DIM,
               "A class has the key in front of its name. All other keys:");
    for (size_t i = state_of(ui)->top; i < help.count && i < state_of(ui)->top + shown; i++) {
        draw_line(ui, i - state_of(ui)->top, &help.lines[i]);
    }
    const char *text = !most ? "any key closes this help"
                       : state_of(ui)->top < most
                           ? "↑ ↓ PgUp PgDn scroll   any other key closes   (more below)"
                           : "↑ ↓ PgUp PgDn scroll   any other key closes";
    screen_fill(ui->screen, (struct cells){ rows - 1, 0, 1, cols }, STYLE_PROMPT);
    screen_put(ui->screen, rows - 1, 1, -1, STYLE_PROMPT, text);
    screen_cursor(ui->screen, -1, 0);
    pane_draw(ui);
}

static void up(struct ui *ui, size_t lines)
{
    state_of(ui)->top -= lines < state_of(ui)->top ? lines : state_of(ui)->top;
}

static void help_up(struct ui *ui)
{
    up(ui, 1);
}

static void help_down(struct ui *ui)
{
    state_of(ui)->top += 1; /* help_draw() limits it */
}

static void help_page_up(struct ui *ui)
{
    up(ui, room(ui));
}

static void help_page_down(struct ui *ui)
{
    state_of(ui)->top += room(ui);
}

static void help_first(struct ui *ui)
{
    state_of(ui)->top = 0;
}

static void help_last(struct ui *ui)
{
    state_of(ui)->top = LINES_MAX;
}

static const struct view_key rows[] = {
#define HELP_KEY VIEW_KEY
#include "config/view_keys.def"
};

static const struct key_table keys = { rows, ARRAY_LEN(rows), false, NULL };

/* Any other key closes the help. */
static void help_other(struct ui *ui, const struct screen_event *event)
{
    if (!event->pasted) {
        ui_pop(ui);
    }
}

/* On a page its keys come first. */
static size_t first_line(const struct ui *ui)
{
    struct help help;
    size_t i = 0;
    collect(&help, ui);
    while (page_is_on(ui) && i < help.count &&
           (!help.lines[i].heading || strcmp(help.lines[i].heading, VIEW_OF_PAGE) != 0)) {
        i++;
    }
    return i < help.count ? i : 0;
}

void help_start(struct ui *ui)
{
    state_of(ui)->top = first_line(ui);
    ui_push(ui, &view_help);
}

const struct view view_help = { .name = "help",
                                .covers_picture = true,
                                .state_size = sizeof(struct help_state),
                                .tables = { &keys },
                                .draw = help_draw,
                                .other = help_other };
