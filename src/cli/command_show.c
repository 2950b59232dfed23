/* Pictures to the terminal, or to a pipe. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ask_terminal.h"
#include "cli.h"
#include "config/theme.h"
#include "session/catalog.h"
#include "term/frame.h"
#include "work.h"

struct show {
    struct frame_style style;
    bool terminal; /* standard output is one */
    int code;
};

static void no_wake(void *context)
{
    (void)context;
}

/* What the user has set, else what suits the terminal; sixel where there is none,
 * as img2sixel has it. */
static const struct protocol *choose_protocol(const struct settings *s,
                                              const struct term_caps *caps, bool terminal)
{
    const char *name = settings_text(s, OPTION_PROTOCOL);
    const char *why;
    if (strcmp(name, "auto") != 0) {
        return protocol_by_name(name);
    }
    return terminal ? protocol_choose(caps, &why) : &protocol_sixel;
}

/* The box of --size, else the window but for a line for what comes after. Through
 * tmux nothing is passed that has a place of its own: where that is, only the
 * screen of a session finds out. */
static void choose_style(struct show *show, const struct settings *s, const struct term_caps *caps)
{
    const struct setting *size = &s->values[OPTION_SHOWN_SIZE];
    int level = settings_number(s, OPTION_LEVEL); /* auto, then the levels */
    struct frame_style *style = &show->style;
    struct pane *pane = &style->pane;
    struct link link;
    link_init(&link, caps->replies.fence ? caps->replies.round_trip_ns : -1);
    style->protocol = choose_protocol(s, caps, show->terminal);
    if (style->protocol && style->protocol->outer && caps->tmux && show->terminal &&
        !caps->replies.da1_sixel && !s->values[OPTION_PROTOCOL].given) {
        style->protocol = &protocol_blocks;
    }
    protocol_pane(style->protocol, caps, pane, &style->max_bytes);
    pane->cols = caps->size.cols;
    pane->rows = caps->size.rows > 1 ? caps->size.rows - 1 : 1;
    if (size->number) {
        pane->cols = (size->number + pane->cell_w - 1) / pane->cell_w;
        pane->max_w = size->number;
    }
    if (size->number2) {
        pane->rows = (size->number2 + pane->cell_h - 1) / pane->cell_h;
        pane->max_h = size->number2;
    }
    pane->level = level ? (enum level)(level - 1) : link.level;
    style->enlarge = s->values[OPTION_ENLARGE].given || size->given
                         ? (enum enlarge)settings_number(s, OPTION_ENLARGE)
                         : ENLARGE_NO;
}

/* Room first, or a picture at the lower edge would not find any; then the cursor
 * goes back to where it was, whatever the terminal does with it, and below. */
static void print_to_terminal(const struct frame *frame)
{
    for (int row = 0; row < frame->rows; row++) {
        putchar('\n');
    }
    printf("\033[%dA\0337", frame->rows);
    fwrite(frame->bytes.data, 1, frame->bytes.len, stdout);
    printf("\0338\033[%dB\r", frame->rows);
}

/* Just the picture; text as lines, where the cursor would be moved. */
static void print_to_pipe(const struct frame *frame, const struct protocol *protocol)
{
    char next[32];
    const char *at = frame->bytes.data;
    const char *end = at + frame->bytes.len;
    int len = snprintf(next, sizeof next, "\033[%dD\033[B", frame->cols);
    while (protocol == &protocol_blocks && at < end) {
        const char *stop = memmem(at, (size_t)(end - at), next, (size_t)len);
        if (!stop) {
            break;
        }
        fwrite(at, 1, (size_t)(stop - at), stdout);
        putchar('\n');
        at = stop + len;
    }
    fwrite(at, 1, (size_t)(end - at), stdout);
    if (protocol != &protocol_blocks) {
        putchar('\n');
    }
}

static void show_file(struct show *show, const char *path)
{
    struct frame frame;
    frame_render(&frame, path, &show->style, FRAME_VIEW_ALL);
    if (frame.failed) {
        int code = fail(&frame.error);
        show->code = show->code ? show->code : code;
    } else if (!show->style.protocol) {
        printf("%s: %s, %d x %d pixels\n", path, frame.info.format, frame.info.width,
               frame.info.height);
    } else if (show->terminal) {
        print_to_terminal(&frame);
    } else {
        print_to_pipe(&frame, show->style.protocol);
    }
    if (!frame.failed && frame.info.damage[0]) {
        fprintf(stderr, "thumbtag: %s: %s\n", path, frame.info.damage);
        show->code = show->code ? show->code : EXIT_FINDINGS;
    }
    fflush(stdout);
    frame_release(&frame);
}

static int show_all(struct show *show, struct catalog *catalog)
{
    struct error err;
    struct buf path = BUF_INIT;
    do {
        catalog_wait(catalog, 1000);
        catalog_poll(catalog);
    } while (!catalog_done(catalog));
    for (size_t i = 0; i < catalog_count(catalog) && !ferror(stdout); i++) {
        buf_clear(&path);
        catalog_path(catalog, catalog_id(catalog, i), &path);
        show_file(show, buf_text(&path));
    }
    buf_release(&path);
    if (catalog_problems(catalog, &err)) {
        int code = fail(&err);
        show->code = show->code ? show->code : code;
    }
    return show->code;
}

static int run(const struct command_line *line, const struct settings *s)
{
    struct error err;
    struct show show = { .terminal = isatty(STDOUT_FILENO) != 0 };
    int colors = settings_colors(s);
    struct term_caps caps = { .size = { 24, 80, 0, 0 }, .colors = colors ? colors : 1 << 24 };
    const int cell[2] = { s->values[OPTION_CELL].number, s->values[OPTION_CELL].number2 };
    struct theme theme;
    struct catalog_source source = { .paths = (const char *const *)line->operands,
                                     .count = line->operand_count,
                                     .list_fd = line->stdin_list ? STDIN_FILENO : -1,
                                     .separator = line->stdin_list_nul ? '\0' : '\n' };
    probe_cell(&caps, cell);
    if (show.terminal) {
        int code = ask_terminal(s, &caps, NULL, &err);
        if (code != EXIT_DONE) {
            return fail(&err);
        }
    }
    if (!theme_load(&theme, settings_text(s, OPTION_THEME), &err)) {
        return fail(&err);
    }
    show.style.paper = theme.paper;
    choose_style(&show, s, &caps);
    struct catalog *catalog = catalog_new(&source, no_wake, NULL, &err);
    int code = catalog ? show_all(&show, catalog) : fail(&err);
    catalog_free(catalog);
    return code;
}

int command_show(const struct command_line *line)
{
    struct error err;
    if (!line->operand_count && !line->stdin_list) {
        error_set(&err, ERROR_USAGE, "name the pictures to show, or '-' for a list of them");
        return fail(&err);
    }
    return command_with_settings(line, run);
}
