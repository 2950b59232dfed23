/* Runs a session on a terminal within the program: keys from a file, screens to a stream.
 * The event loop is the one of every session; the script types when that waits. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "base/mem.h"
#include "base/text.h"
#include "session/page.h"

#define MS_MAX 600000

struct script {
    const char *path;
    size_t line;
    FILE *in, *out;
    char *text; /* the line, of getline() */
    size_t size;
    char *rest;   /* of the line: what is still to be typed */
    bool spelled; /* it is text; else names of keys */
    struct ui *ui;
    struct scripted *terminal;
    struct scripted_options options;
    bool slow; /* the terminal was told to answer fences late, or not at all */
    bool failed;
    struct error *err;
};

/* The script ends. Returns false. */
static bool fail(struct script *s, const char *what)
{
    s->failed = true;
    return error_set(s->err, ERROR_DATA, "%s:%zu: %s", s->path, s->line, what);
}

/* True when no work is pending: all pictures listed, the current one drawn or waiting for the
 * terminal, its prediction made. */
static bool settled(struct ui *ui)
{
    struct session_stats stats;
    session_stats(ui->session, &stats);
    bool drawn = ui_top(ui)->covers_picture || screen_busy(ui->screen) || picture_settled(ui) ||
                 frames_starved(ui->frames);
    if (session_page_state(ui->session) == PAGES_COMING) {
        return false;
    }
    return !stats.listing &&
           (session_current(ui->session) == CATALOG_NO_ID || ui->layout.too_small ||
            (drawn && session_assist_settled(ui->session)));
}

/* Where the terminal is slow to answer it also counts whether the next pictures are there
 * when a key is pressed. */
static bool is_busy(void *context)
{
    const struct script *s = context;
    return !settled(s->ui) || (s->slow && !frames_idle(s->ui->frames));
}

/* The guesser wakes the screen a moment after it has settled. */
static bool may_have_news(void *context)
{
    const struct script *s = context;
    return s->ui->options.guesses;
}

/* ------------------------------------------------------------------ the lines */

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

static bool read_size(struct script *s, const char *text, int *cols, int *rows)
{
    char more;
    if (sscanf(text, "%dx%d%c", cols, rows, &more) != 2 || *cols < 1 || *cols > SCRIPTED_COLS_MAX ||
        *rows < 1 || *rows > SCRIPTED_ROWS_MAX) {
        return fail(s, "size must be COLSxROWS, at most 500x200");
    }
    return true;
}

static bool read_number(struct script *s, const char *text, int *n)
{
    char more;
    if (sscanf(text, "%d%c", n, &more) != 1 || *n < 1 || *n > MS_MAX) {
        return fail(s, "must be followed by milliseconds, 1 to 600000");
    }
    return true;
}

static bool do_size(struct script *s, char *rest)
{
    return s->terminal || read_size(s, rest, &s->options.cols, &s->options.rows);
}

static bool set_color(struct script *s, const char *text)
{
    unsigned rgb;
    char more;
    if (sscanf(text, "#%6x%c", &rgb, &more) != 1 || strlen(text) != 7) {
        return fail(s, "background must be #RRGGBB");
    }
    s->options.background_told = true;
    s->options.background = (int32_t)rgb;
    return true;
}

static bool set_cell(struct script *s, const char *text)
{
    char more;
    int *w = &s->options.cell_w, *h = &s->options.cell_h;
    if (sscanf(text, "%dx%d%c", w, h, &more) != 2 || *w < 1 || *w > 200 || *h < 1 || *h > 200) {
        return fail(s, "cell must be WIDTHxHEIGHT, 1 to 200 pixels each");
    }
    return true;
}

static bool set_line(struct script *s, const char *text)
{
    char more;
    int *n = &s->options.bytes_per_second;
    if (sscanf(text, "%d%c", n, &more) != 1 || *n < 100 || *n > 1000000000) {
        return fail(s, "line must be bytes per second, 100 to 1000000000");
    }
    return true;
}

static bool set_flag(struct script *s, const char *word)
{
    const struct {
        const char *name;
        bool *flag;
    } flags[] = {
        { "silent", &s->options.silent }, { "sixel", &s->options.sixel },
        { "kitty", &s->options.kitty },   { "iterm2", &s->options.iterm2 },
        { "sync", &s->options.sync },     { "keyboard", &s->options.keyboard },
        { "rgb", &s->options.rgb },
    };
    for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
        if (strcmp(flags[i].name, word) == 0) {
            return *flags[i].flag = true;
        }
    }
    return fail(
        s, "terminal must be followed by some of: silent, sixel, kitty, iterm2, sync, keyboard, "
           "rgb, background=#RRGGBB, cell=WIDTHxHEIGHT, line=BYTES, name=NAME");
}

static bool set_feature(struct script *s, const char *word)
{
    if (strncmp(word, "background=", 11) == 0) {
        return set_color(s, word + 11);
    }
    if (strncmp(word, "cell=", 5) == 0) {
        return set_cell(s, word + 5);
    }
    if (strncmp(word, "line=", 5) == 0) {
        return set_line(s, word + 5);
    }
    if (strncmp(word, "name=", 5) == 0) {
        snprintf(s->options.name, sizeof s->options.name, "%s", word + 5);
        return true;
    }
    return set_flag(s, word);
}

static bool do_terminal(struct script *s, char *rest)
{
    char *words = NULL;
    if (s->terminal) {
        return fail(s, "terminal must come before the lines that type or print");
    }
    for (char *word = strtok_r(rest, " \t", &words); word; word = strtok_r(NULL, " \t", &words)) {
        if (!set_feature(s, word)) {
            return false;
        }
    }
    return true;
}

static bool do_fence(struct script *s, char *rest)
{
    static const char *const words[] = { "at-once", "late", "never" };
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (strcmp(words[i], rest) == 0) {
            s->options.fence = (enum scripted_fence)i;
            s->slow |= i != FENCE_AT_ONCE;
            if (s->terminal) {
                scripted_fence(s->terminal, s->options.fence);
            }
            return true;
        }
    }
    return fail(s, "fence must be followed by at-once, late or never");
}

static bool do_answer(struct script *s, char *rest)
{
    (void)rest;
    scripted_answer(s->terminal);
    return true;
}

static bool do_resize(struct script *s, char *rest)
{
    int cols, rows;
    if (!read_size(s, rest, &cols, &rows)) {
        return false;
    }
    s->failed = !scripted_resize(s->terminal, cols, rows, s->err);
    return !s->failed;
}

static bool do_pace(struct script *s, char *rest)
{
    int ms;
    if (!read_number(s, rest, &ms)) {
        return false;
    }
    scripted_pace(s->terminal, ms);
    return true;
}

static bool do_pause(struct script *s, char *rest)
{
    int ms;
    if (!read_number(s, rest, &ms)) {
        return false;
    }
    scripted_pause(s->terminal, ms);
    return true;
}

static bool do_key(struct script *s, char *rest)
{
    s->rest = rest;
    s->spelled = false;
    return true;
}

static bool do_type(struct script *s, char *rest)
{
    s->rest = rest;
    s->spelled = true;
    return true;
}

static bool do_screen(struct script *s, char *rest)
{
    struct buf dump = BUF_INIT;
    bool looks = strcmp(rest, "looks") == 0;
    if (rest[0] && !looks) {
        return fail(s, "screen must be followed by looks, or nothing");
    }
    scripted_dump(s->terminal, &dump);
    if (scripted_has_picture(s->terminal)) {
        buf_adds(&dump, screen_placement(s->ui->screen));
    }
    if (looks) {
        scripted_dump_looks(s->terminal, &dump);
    }
    buf_adds(&dump, "----\n");
    bool written = !dump.failed && fwrite(dump.data, 1, dump.len, s->out) == dump.len;
    s->failed = !written && !error_errno(s->err, ERROR_IO, errno, "standard output");
    buf_release(&dump);
    return written;
}

static bool do_bytes(struct script *s, char *rest)
{
    (void)rest;
    bool written = fprintf(s->out, "%zu bytes\n", scripted_written(s->terminal)) > 0;
    s->failed = !written && !error_errno(s->err, ERROR_IO, errno, "standard output");
    return written;
}

static const struct {
    const char *word;
    bool (*run)(struct script *s, char *rest);
    bool first; /* may come before the screen is opened, and does not open it */
} lines[] = {
    { "size", do_size, true },      { "terminal", do_terminal, true },
    { "fence", do_fence, true },    { "key", do_key, false },
    { "type", do_type, false },     { "screen", do_screen, false },
    { "answer", do_answer, false }, { "resize", do_resize, false },
    { "pause", do_pause, false },   { "pace", do_pace, false },
    { "bytes", do_bytes, false },
};

/* Index in `lines`; their number: none. */
static size_t find_line(const char *word)
{
    size_t i = 0;
    while (i < ARRAY_LEN(lines) && strcmp(lines[i].word, word) != 0) {
        i++;
    }
    return i;
}

/* Reads a line that is no comment into s->text; false at the end of the file. */
static bool read_line(struct script *s)
{
    while (getline(&s->text, &s->size, s->in) > 0) {
        s->line++;
        s->text[strcspn(s->text, "\r\n")] = '\0';
        if (s->text[0] && s->text[0] != '#') {
            return true;
        }
    }
    return false;
}

/* ----------------------------------------------------------------- the typing */

static bool type_name(struct script *s)
{
    char *word = s->rest;
    keycode key;
    s->rest = split(word);
    if (!keycode_parse(word, &key)) {
        s->failed = true;
        return error_set(s->err, ERROR_DATA, "%s:%zu: '%s' is not a key", s->path, s->line, word);
    }
    scripted_type(s->terminal, key);
    return true;
}

static bool type_next(struct script *s)
{
    uint32_t code;
    if (!s->spelled) {
        return type_name(s);
    }
    s->rest += text_decode(s->rest, strlen(s->rest), &code);
    if (code != UINT32_MAX) {
        scripted_type(s->terminal, code);
    }
    return true;
}

/* Runs the line in s->text. */
static bool run_line(struct script *s)
{
    char *rest = split(s->text);
    size_t i = find_line(s->text);
    s->rest = NULL; /* of an earlier line */
    if (i == ARRAY_LEN(lines)) {
        return fail(s, "must be one of: size COLSxROWS, terminal FEATURE…, key NAME…, type TEXT, "
                       "screen [looks], fence at-once|late|never, answer, resize COLSxROWS, "
                       "pause MS, pace MS, bytes, # comment");
    }
    return lines[i].run(s, rest);
}

/* The next key, or the next line; the terminal goes away at the end. */
static void act(void *context)
{
    struct script *s = context;
    bool goes_on = s->rest && s->rest[0] ? type_next(s)
                   : s->text[0]          ? run_line(s)
                                         : read_line(s) && run_line(s);
    if (!goes_on) {
        scripted_hang_up(s->terminal);
    }
    s->text[0] = s->rest && s->rest[0] ? s->text[0] : '\0';
}

static bool run_session(struct script *s, struct session *session)
{
    const struct scripted_host host = { s, is_busy, may_have_news, act };
    s->terminal = scripted_new(&s->options, &host, s->err);
    bool ok = s->terminal && ui_run_on(s->ui, session, s->terminal, s->err) != UI_FAILED;
    scripted_free(s->terminal);
    return ok && !s->failed;
}

/* Runs the lines that say what the terminal is like; the next one is left in s->text. */
static bool run_first(struct script *s, bool *more)
{
    while ((*more = read_line(s))) {
        char *end = s->text + strcspn(s->text, " \t");
        char kept = *end;
        *end = '\0';
        size_t i = find_line(s->text);
        *end = kept;
        if (i == ARRAY_LEN(lines) || !lines[i].first) {
            return true;
        }
        if (!run_line(s)) {
            return false;
        }
    }
    return true;
}

enum ui_end ui_run_script(struct ui *ui, struct session *session, const char *path, FILE *out,
                          struct error *err)
{
    struct script s = { .path = path,
                        .in = fopen(path, "re"),
                        .out = out,
                        .ui = ui,
                        .options = { .cols = 100, .rows = 30 },
                        .err = err };
    bool more;
    if (!s.in) {
        error_errno(err, ERROR_IO, errno, "%s", path);
        return UI_FAILED;
    }
    bool ok = run_first(&s, &more) && (!more || run_session(&s, session));
    fclose(s.in);
    free(s.text);
    return ok ? UI_QUIT : UI_FAILED;
}
