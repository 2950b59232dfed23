/* Runs a session without a terminal: keys from a file, screens to a stream. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "base/text.h"

#define SETTLE_MS 60000
#define KEY_NS 2000000000 /* from one key to the next, by the script's clock */

struct script {
    const char *path;
    size_t line;
    struct ui *ui;
    FILE *out;
    int64_t now_ns; /* the script's clock */
};

static bool complain(const struct script *s, const char *what, struct error *err)
{
    return error_set(err, ERROR_DATA, "%s:%zu: %s", s->path, s->line, what);
}

/* True when no work is pending: all pictures listed, the current one drawn, its
 * prediction made. */
static bool settled(struct ui *ui)
{
    struct session_stats stats;
    session_stats(ui->session, &stats);
    uint32_t id = session_current(ui->session);
    bool covered = ui->views[ui->view_count - 1]->covers_picture;
    return !stats.listing && (id == CATALOG_NO_ID || ui->layout.too_small ||
                              ((covered || picture_settled(ui) || frames_starved(ui->frames)) &&
                               session_assist_settled(ui->session)));
}

static void settle(struct ui *ui)
{
    struct screen_event event = { .kind = EVENT_WAKE };
    ui_handle(ui, &event);
    ui_draw(ui);
    while (!ui->done && !settled(ui)) {
        screen_wait(ui->screen, SETTLE_MS, &event);
        if (event.kind == EVENT_TIMEOUT) {
            break;
        }
        ui_handle(ui, &event);
        ui_draw(ui);
    }
    event = (struct screen_event){ .kind = EVENT_SHOWN, .shown = screen_shown(ui->screen) };
    ui_handle(ui, &event);
    if (!ui->done) {
        ui_draw(ui);
    }
}

static void press(struct script *s, keycode key)
{
    struct ui *ui = s->ui;
    s->now_ns += KEY_NS;
    struct screen_event event = {
        .kind = EVENT_KEY, .key = key, .from_ns = s->now_ns, .at_ns = s->now_ns
    };
    event.shown = screen_shown(ui->screen);
    ui_handle(ui, &event);
    if (!ui->done) {
        settle(ui);
    }
}

static bool run_keys(struct script *s, char *words, struct error *err)
{
    char *rest = NULL;
    for (char *word = strtok_r(words, " \t", &rest); word && !s->ui->done;
         word = strtok_r(NULL, " \t", &rest)) {
        keycode key;
        if (!keycode_parse(word, &key)) {
            return error_set(err, ERROR_DATA, "%s:%zu: '%s' is not a key", s->path, s->line, word);
        }
        press(s, key);
    }
    return true;
}

static void run_text(struct script *s, const char *text)
{
    for (size_t i = 0, len = strlen(text); i < len && !s->ui->done;) {
        uint32_t code;
        i += text_decode(text + i, len - i, &code);
        if (code != UINT32_MAX) {
            press(s, code);
        }
    }
}

static bool run_screen(const struct script *s, struct error *err)
{
    struct buf dump = BUF_INIT;
    screen_dump(s->ui->screen, &dump);
    bool ok = !dump.failed && fwrite(dump.data, 1, dump.len, s->out) == dump.len;
    fputs("----\n", s->out);
    buf_release(&dump);
    return ok || error_errno(err, ERROR_IO, errno, "standard output");
}

/* Ends the line after its first word; returns the rest without leading blanks. */
static char *split(char *line)
{
    char *rest = line + strcspn(line, " \t");
    if (*rest) {
        *rest++ = '\0';
        rest += strspn(rest, " \t");
    }
    return rest;
}

static bool run_line(struct script *s, char *line, struct error *err)
{
    char *rest = split(line);
    if (!line[0] || line[0] == '#' || strcmp(line, "size") == 0) {
        return true;
    }
    if (strcmp(line, "key") == 0) {
        return run_keys(s, rest, err);
    }
    if (strcmp(line, "type") == 0) {
        run_text(s, rest);
        return true;
    }
    if (strcmp(line, "screen") == 0) {
        return run_screen(s, err);
    }
    return complain(s, "must be one of: size COLSxROWS, key NAME…, type TEXT, screen, # comment",
                    err);
}

static bool read_size(const struct script *s, const char *line, struct screen_options *options,
                      struct error *err)
{
    char rest;
    if (sscanf(line, "size %dx%d%c", &options->script_cols, &options->script_rows, &rest) != 2 ||
        options->script_cols < 1 || options->script_cols > 500 || options->script_rows < 1 ||
        options->script_rows > 200) {
        return complain(s, "size must be COLSxROWS, at most 500x200", err);
    }
    return true;
}

static bool run_stream(struct script *s, FILE *in, struct session *session, struct error *err)
{
    const struct settings *set = s->ui->options.settings;
    struct screen_options options = { .theme = s->ui->options.theme,
                                      .cell = { set->values[OPTION_CELL].number,
                                                set->values[OPTION_CELL].number2 },
                                      .script_cols = 100,
                                      .script_rows = 30 };
    char *line = NULL;
    size_t size = 0;
    bool ok = true;
    bool open = false;
    while (ok && !s->ui->done && getline(&line, &size, in) > 0) {
        s->line++;
        line[strcspn(line, "\r\n")] = '\0';
        if (!open && strncmp(line, "size ", 5) == 0) {
            ok = read_size(s, line, &options, err);
            continue;
        }
        if (!open && line[0] && line[0] != '#') {
            ok = open = ui_open(s->ui, session, &options, err);
            if (ok) {
                settle(s->ui);
            }
        }
        ok = ok && run_line(s, line, err);
    }
    free(line);
    if (open) {
        ui_close(s->ui);
    }
    return ok;
}

enum ui_end ui_run_script(struct ui *ui, struct session *session, const char *path, FILE *out,
                          struct error *err)
{
    struct script s = { path, 0, ui, out, 0 };
    FILE *in = fopen(path, "re");
    if (!in) {
        error_errno(err, ERROR_IO, errno, "%s", path);
        return UI_FAILED;
    }
    bool ok = run_stream(&s, in, session, err);
    fclose(in);
    return ok ? UI_QUIT : UI_FAILED;
}
