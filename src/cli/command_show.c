/* thumbtag show: writes pictures to the terminal, a file or a pipe. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask_terminal.h"
#include "base/mem.h"
#include "base/text.h"
#include "box.h"
#include "catalog/catalog.h"
#include "command_settings.h"
#include "commands.h"
#include "config/theme.h"
#include "fail.h"
#include "found.h"
#include "term/frame.h"
#include "term/frame_settings.h"

struct show {
    struct frame_style style;
    bool terminal; /* standard output is one */
    int code;
};

/* The protocol set by the user, else the best for the terminal; sixel without a terminal,
 * like img2sixel. */
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

/* The size is that of --size, else the window less one line for the prompt. Inside tmux no
 * protocol is used that must know where the pane is: only a session tracks that. */
static void choose_style(struct show *show, const struct settings *s, const struct term_caps *caps,
                         const struct link *link)
{
    const struct setting *size = &s->values[OPTION_SHOWN_SIZE];
    struct frame_style *style = &show->style;
    struct pane *pane = &style->pane;
    style->protocol = choose_protocol(s, caps, show->terminal);
    style->levels = frame_settings_levels(s);
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
    if (!frame_settings_level(s, &pane->level)) {
        pane->level = link->level;
    }
    style->enlarge =
        s->values[OPTION_ENLARGE].given || size->given ? frame_settings_enlarge(s) : ENLARGE_NO;
}

/* Scrolls first, to make room at the lower edge of the window; afterwards puts the cursor
 * below the picture, wherever the protocol left it. */
static void print_to_terminal(const struct frame *frame)
{
    for (int row = 0; row < frame->rows; row++) {
        putchar('\n');
    }
    printf("\033[%dA\0337", frame->rows);
    fwrite(frame->bytes.data, 1, frame->bytes.len, stdout);
    printf("\0338\033[%dB\r", frame->rows);
}

/* Writes only the picture; text blocks as lines, without cursor movements. */
static void print_to_pipe(const struct frame *frame, const struct protocol *protocol)
{
    char next[32];
    const char *at = frame->bytes.data;
    const char *end = at + frame->bytes.len;
    bool text = protocol == &protocol_blocks || protocol == &protocol_placeholders;
    int len = snprintf(next, sizeof next, "\033[%dD\033[B", frame->cols);
    while (text && at < end) {
        const char *stop = memmem(at, (size_t)(end - at), next, (size_t)len);
        if (!stop) {
            break;
        }
        fwrite(at, 1, (size_t)(stop - at), stdout);
        putchar('\n');
        at = stop + len;
    }
    fwrite(at, 1, (size_t)(end - at), stdout);
    if (!text) {
        putchar('\n');
    }
}

/* The first failure decides the exit code. */
static void note(struct show *show, int code)
{
    show->code = show->code ? show->code : code;
}

static void tell_facts(const char *path, const struct image_info *info)
{
    char name[4096];
    text_printable(name, sizeof name, path, strlen(path), -1);
    printf("%s: %s, %d x %d pixels%s%s\n", name, info->format, info->width, info->height,
           info->levels[0] ? ", " : "", info->levels);
}

static void tell_damage(const char *path, const struct image_info *info)
{
    char name[4096];
    fflush(stdout);
    text_printable(name, sizeof name, path, strlen(path), -1);
    fprintf(stderr, "thumbtag: %s: %s\n", name, info->damage);
}

static void show_file(struct show *show, const char *path)
{
    struct frame frame;
    frame_render(&frame, path, &show->style, FRAME_VIEW_ALL);
    if (frame.failed) {
        note(show, fail(&frame.error));
    } else if (!show->style.protocol) {
        tell_facts(path, &frame.info);
    } else if (show->terminal) {
        print_to_terminal(&frame);
    } else {
        print_to_pipe(&frame, show->style.protocol);
    }
    if (!frame.failed && frame.info.damage[0]) {
        tell_damage(path, &frame.info);
        note(show, EXIT_FINDINGS);
    }
    fflush(stdout);
    frame_release(&frame);
}

/* must: an empty list is an error. */
static int show_all(struct show *show, struct catalog *catalog, bool must)
{
    struct error err;
    struct buf path = BUF_INIT;
    for (size_t i = 0; i < catalog_count(catalog) && !ferror(stdout); i++) {
        buf_clear(&path);
        catalog_path(catalog, catalog_id(catalog, i), &path);
        if (path.failed) {
            note(show, fail_nomem("a path"));
        } else {
            show_file(show, buf_text(&path));
        }
    }
    buf_release(&path);
    if (must && found_nothing(catalog, &err)) {
        note(show, fail(&err));
        return show->code;
    }
    if (catalog_problems(catalog, &err)) {
        note(show, fail(&err));
    }
    found_tell_left_out(catalog);
    return show->code;
}

/* Reports missing files first, then shows the others. */
static int show_operands(struct show *show, const struct command_line *line)
{
    struct error err;
    struct catalog *catalog;
    const char **paths = mem_array(line->operand_count, sizeof *paths);
    struct catalog_source source = { .paths = paths,
                                     .list_fd = line->stdin_list ? STDIN_FILENO : -1,
                                     .separator = line->stdin_list_nul ? '\0' : '\n' };
    if (!paths) {
        error_nomem(&err, line->operand_count * sizeof *paths, "the operands");
        return fail(&err);
    }
    for (size_t i = 0; i < line->operand_count; i++) {
        if (access(line->operands[i], R_OK) == 0) {
            paths[source.count++] = line->operands[i];
        } else {
            error_errno(&err, ERROR_IO, errno, "%s", line->operands[i]);
            note(show, fail(&err));
        }
    }
    catalog = catalog_list_all(&source, &err);
    int code = catalog ? show_all(show, catalog, source.count > 0) : fail(&err);
    catalog_free(catalog);
    free(paths);
    return code;
}

static int run_show(const struct command_line *line, const struct settings *s)
{
    struct error err;
    struct show show = { .terminal = isatty(STDOUT_FILENO) != 0 };
    int colors = settings_colors(s);
    struct term_caps caps = { .size = { 24, 80, 0, 0 }, .colors = colors ? colors : 1 << 24 };
    const int cell[2] = { s->values[OPTION_CELL].number, s->values[OPTION_CELL].number2 };
    struct theme theme, light;
    struct link link;
    if (!box_enter(s, &(struct box){ .terminal = true }, NULL, &err)) {
        return fail(&err);
    }
    probe_cell(&caps, cell);
    link_init(&link, -1, true);
    if (show.terminal) {
        int code = ask_terminal(s, &caps, false, &link, &err);
        if (code != EXIT_DONE) {
            return fail(&err);
        }
    }
    if (!theme_load_both(&theme, &light, settings_text(s, OPTION_THEME), &err)) {
        return fail(&err);
    }
    show.style.paper = probe_is_light(&caps) ? light.paper : theme.paper;
    choose_style(&show, s, &caps, &link);
    return show_operands(&show, line);
}

int command_show(const struct command_line *line)
{
    struct error err;
    if (!line->operand_count && !line->stdin_list) {
        error_set(
            &err, ERROR_USAGE,
            "usage: thumbtag show DIR|FILE|LIST…: name the pictures to show, or '-' to read a "
            "list from standard input");
        return fail(&err);
    }
    return command_with_settings(line, run_show);
}
