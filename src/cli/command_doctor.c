#include <inttypes.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask_terminal.h"
#include "base/text.h"
#include "box.h"
#include "command_settings.h"
#include "commands.h"
#include "disk_cache.h"
#include "fail.h"
#include "image/decode.h"
#include "network_report.h"
#include "nn/isa.h"
#include "say.h"
#include "term/frame_settings.h"
#include "term/protocol.h"
#include "train/train.h"

static void row(const char *name, const char *value)
{
    char safe[1024];
    text_printable(safe, sizeof safe, value, strlen(value), -1);
    printf("%-22s %s\n", name, safe);
}

static const char *yes_no(bool yes)
{
    return yes ? "yes" : "no";
}

static void print_size(const char *name, int w, int h)
{
    char text[64] = "no answer";
    if (w > 0 && h > 0) {
        snprintf(text, sizeof text, "%d x %d", w, h);
    }
    row(name, text);
}

static void print_graphics(const struct term_replies *r)
{
    char text[64];
    row("  name (XTVERSION)", r->name[0] ? r->name : "no answer");
    row("  DA1 (CSI c)", !r->da1        ? "no answer"
                         : r->da1_sixel ? "lists sixel (4)"
                                        : "does not list sixel (4)");
    print_size("  sixel geometry", r->graphics_w, r->graphics_h);
    snprintf(text, sizeof text, "%d", r->registers);
    row("  colour registers", r->registers > 0 ? text : "no answer");
}

static void print_protocols(const struct term_replies *r)
{
    row("  kitty graphics", r->kitty ? "yes" : "no answer");
    row("  cell as iTerm2", r->iterm2 ? "yes" : "no answer");
}

static void print_replies(const struct term_caps *caps)
{
    const struct term_replies *r = &caps->replies;
    char text[128];
    printf("%s answered\n", caps->tmux ? "tmux" : "The terminal");
    snprintf(text, sizeof text, r->fence ? "yes, in %.1f ms" : "no, waited %.1f ms",
             (double)r->round_trip_ns / 1e6);
    row("  status (CSI 5n)", text);
    print_graphics(r);
    print_size("  window pixels", r->window_w, r->window_h);
    print_size("  cell pixels", r->cell_w, r->cell_h);
    row("  synchronised output", yes_no(r->sync));
    row("  24-bit colour", yes_no(r->rgb));
    snprintf(text, sizeof text, "#%06x", (unsigned)r->background);
    row("  background", r->background_told ? text : "no answer");
    row("  key repeat", r->keyboard ? "reported (kitty keyboard protocol)" : "no answer");
    if (!caps->tmux) {
        print_protocols(r);
    }
}

/* What tmux reports of itself and of the outer terminal, and the replies of that. */
static void print_around(const struct term_caps *caps)
{
    const struct tmux_state *t = &caps->around;
    char text[256];
    printf("\ntmux reported\n");
    if (!t->known) {
        row("  its state", "no answer");
        return;
    }
    row("  version", t->version);
    row("  allow-passthrough", t->passthrough ? "on" : "off");
    snprintf(text, sizeof text, "%d columns, %d rows, from column %d, row %d%s", t->cols, t->rows,
             t->col + 1, t->row + 1, t->visible ? "" : "; not visible now");
    row("  pane", text);
    snprintf(text, sizeof text, "%d", t->clients);
    row("  outer terminals", text);
    snprintf(text, sizeof text, "%s%s%s", t->type[0] ? t->type : "(no name)", ", TERM ", t->term);
    row("  outer terminal", t->clients ? text : "none");
    row("  terminal features", t->features[0] ? t->features : "(none)");
    print_size("  cell pixels", t->cell_w, t->cell_h);
    if (!t->passthrough) {
        return;
    }
    printf("\nThe terminal around tmux answered\n");
    if (!t->keys) {
        row("  (not queried)", "the pane does not have the focus of exactly one client");
        return;
    }
    print_graphics(&caps->outer);
    print_protocols(&caps->outer);
}

static void print_choice(const struct term_caps *caps, const struct settings *s)
{
    char text[160];
    const char *why = "set by the user";
    const char *wanted = settings_text(s, OPTION_PROTOCOL);
    const struct protocol *p =
        strcmp(wanted, "auto") == 0 ? protocol_choose(caps, &why) : protocol_by_name(wanted);
    printf("\nthumbtag uses\n");
    row("  pictures", p ? p->text : "none");
    row("  because", why);
    snprintf(text, sizeof text, "%d x %d pixels (%s)", caps->cell_w, caps->cell_h,
             cell_source_text(caps->cell_source));
    row("  cell", text);
    snprintf(text, sizeof text, "%d columns, %d rows; the tty reports %d x %d pixels",
             caps->size.cols, caps->size.rows, caps->size.xpixel, caps->size.ypixel);
    row("  window", text);
    row("  colours of text", caps->colors >= 1 << 24 ? "24-bit"
                             : caps->colors == 256   ? "256"
                             : caps->colors == 16    ? "16"
                                                     : "mono");
}

static void print_advice(const struct term_caps *caps)
{
    if (probe_is_kept(caps)) {
        printf("\ntmux does not pass pictures to the terminal. To allow it for this pane:\n"
               "    tmux set -p allow-passthrough on\n"
               "or permanently, in ~/.tmux.conf:\n"
               "    set -g allow-passthrough on\n");
    }
}

/* The quality of pictures, as far as it is known before the first one. */
static void print_link(const struct link *link, const struct settings *s)
{
    char text[160];
    enum level level = link->level;
    bool given = frame_settings_level(s, &level);
    if (link->round_trip_ns < 0) {
        snprintf(text, sizeof text, "not measured: the terminal did not answer");
    } else if (link_speed(link) * 8.0 > 1e9) {
        snprintf(text, sizeof text, "%.1f ms round trip, more than 1 Gbit/s",
                 (double)link->round_trip_ns / 1e6);
    } else if (link_speed(link) > 0.0) {
        snprintf(text, sizeof text, "%.1f ms round trip, %.3g Mbit/s",
                 (double)link->round_trip_ns / 1e6, link_speed(link) * 8.0 / 1e6);
    } else {
        snprintf(text, sizeof text, "%.1f ms round trip", (double)link->round_trip_ns / 1e6);
    }
    row("  connection", text);
    snprintf(text, sizeof text, "%s (%s)", level_name(level),
             given ? "set by the user" : "from the connection; measured again with each picture");
    row("  picture quality", text);
    if (!given && link->max_bytes) {
        snprintf(text, sizeof text, "at most %zu KB; scaled down to fit", link->max_bytes / 1000);
        row("  bytes per picture", text);
    }
}

static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value && value[0] ? value : "(not set)";
}

static void print_environment(void)
{
    printf("\nEnvironment\n");
    row("  TERM", environment("TERM"));
    row("  COLORTERM", environment("COLORTERM"));
    row("  COLORFGBG", environment("COLORFGBG"));
    row("  TMUX", environment("TMUX"));
    row("  NO_COLOR", environment("NO_COLOR"));
    row("  locale", setlocale(LC_CTYPE, NULL));
    row("  character set", nl_langinfo(CODESET));
}

static void print_instruction_sets(void)
{
    const struct nn_isa *best = nn_isa_best();
    for (size_t i = 0; i < nn_isa_count(); i++) {
        const struct nn_isa *isa = nn_isa_at(i);
        char name[64];
        char text[128];
        snprintf(name, sizeof name, "  int8 %s", nn_isa_name(isa));
        snprintf(text, sizeof text, "%s%s (%s)",
                 nn_isa_available(isa) ? "yes" : "no, not supported by this processor",
                 isa == best ? ", used" : "", nn_isa_title(isa));
        row(name, text);
    }
}

static void print_build(void)
{
    struct image_decoder_info d;
    printf("\nThis build\n");
    row("  thumbtag", THUMBTAG_VERSION);
    row("  libsixel", protocol_sixel_version());
    for (size_t i = 0; protocol_at(i); i++) {
        char name[64];
        snprintf(name, sizeof name, "  protocol %s", protocol_at(i)->name);
        row(name, protocol_at(i)->text);
    }
    for (size_t i = 0; image_decoder(i, &d); i++) {
        char name[64];
        char text[160];
        snprintf(name, sizeof name, "  %s", d.name);
        snprintf(text, sizeof text, "%s%s%s (%s)", d.present ? "yes" : "no, left out",
                 d.version[0] ? ", " : "", d.version, d.formats);
        row(name, text);
    }
    print_instruction_sets();
    char training[160];
    train_describe(training, sizeof training);
    row("  training", training);
}

static void print_sandbox(const struct sandbox_state *s)
{
    char text[160];
    printf("\nSandbox\n");
    snprintf(text, sizeof text,
             "yes (Landlock ABI %d): only the labels' folder, the cache and the terminal",
             s->landlock);
    row("  writing restricted", s->landlock ? text : s->no_files);
    snprintf(text, sizeof text,
             "yes (seccomp): %d system calls are refused, such as for network and exec",
             s->refused);
    row("  calls restricted", s->refused ? text : s->no_calls);
}

static void print_cache(const struct settings *s)
{
    char text[1024];
    struct error err;
    struct cache *cache;
    struct cache_list list = { .entries = NULL };
    char *folder = settings_cache_folder();
    if (!disk_cache_new(&cache, s, &err)) {
        cache = NULL;
    }
    printf("\nCache on disk\n");
    row("  folder", folder ? folder : "none, as HOME is not set");
    if (cache && cache_list(cache, &list, &err)) {
        snprintf(text, sizeof text, "%.1f MiB of %lld MiB (--disk)%s",
                 (double)list.bytes / (1 << 20), (long long)(disk_cache_bytes(s) >> 20),
                 disk_cache_bytes(s) > 0 ? "" : ": nothing is added");
        row("  size", text);
        if (list.refused) {
            row("  not used", list.reason.message);
        }
    }
    cache_free(cache);
    cache_list_release(&list);
    free(folder);
}

static void print_memory(void)
{
    char text[160];
    const struct image_limits *limits = &image_limits_default;
    printf("\nMemory\n");
    snprintf(text, sizeof text, "%" PRIu64 " MiB for all threads together (--memory)",
             image_budget() >> 20);
    row("  decoding pictures", text);
    snprintf(text, sizeof text, "%zu MiB, from a file of at most %zu MiB", limits->memory >> 20,
             limits->file_bytes >> 20);
    row("  one picture", text);
}

/* The user's own backbone: the file, or where it would be. */
static void print_own(const struct network_report *r)
{
    char text[1024];
    char *path = r->choice.source == MODEL_OWN ? NULL : own_backbone_find();
    char *place = settings_data_path(OWN_BACKBONE);
    if (r->choice.source == MODEL_OWN && r->trouble.kind == ERROR_NONE) {
        snprintf(text, sizeof text, "yes; --model builtin uses the built-in one");
    } else if (r->choice.source == MODEL_OWN) {
        snprintf(text, sizeof text, "cannot be used; replace or remove it: %s", r->trouble.message);
    } else if (path) {
        snprintf(text, sizeof text, "not used, as model is set: %s", path);
    } else {
        snprintf(text, sizeof text, "none; it would be %s",
                 place ? place : "in the home folder, but HOME is not set");
    }
    row("  your own", text);
    if (r->choice.source == MODEL_INSIDE && !path && place) {
        printf("\nOn ordinary photographs, an int8 ImageNet network in that place needs fewer "
               "labels.\nMeasure one on your own first: thumbtag eval labels.csv -m FILE\n");
    }
    free(path);
    free(place);
}

static void print_network(const struct settings *s)
{
    char text[1024];
    struct error err;
    struct network_report r;
    printf("\nNetwork\n");
    if (!network_report_make(&r, s, &err)) {
        row("  in use", err.message);
        network_report_release(&r);
        return;
    }
    if (r.choice.source == MODEL_NONE) {
        snprintf(text, sizeof text, "none: model = none");
    } else if (!r.bytes) {
        snprintf(text, sizeof text, "cannot be used: %s", r.trouble.message);
    } else if (r.choice.path && r.trouble.kind == ERROR_NONE) {
        snprintf(text, sizeof text, "%s, %zu KB", r.choice.path, r.bytes / 1000);
    } else {
        snprintf(text, sizeof text, "the built-in one, %zu KB", r.bytes / 1000);
    }
    row("  in use", text);
    if (r.bytes) {
        snprintf(text, sizeof text, "%d x %d pixels", r.width, r.height);
        row("  input", text);
        snprintf(text, sizeof text, "%zu", r.features);
        row("  features", text);
        snprintf(text, sizeof text, "%.2f ms on one thread, without decoding", r.ms);
        row("  time per picture", text);
    }
    print_own(&r);
    network_report_release(&r);
}

int command_doctor(const struct command_line *line)
{
    struct error err;
    struct settings settings;
    struct term_caps caps;
    struct link link;
    if (line->operand_count || line->stdin_list) {
        error_set(&err, ERROR_USAGE, "usage: thumbtag doctor [options]: it takes no files");
        return fail(&err);
    }
    if (!command_settings(&settings, line, ".", &err)) {
        return fail(&err);
    }
    struct sandbox_state sandbox;
    if (!box_enter(&settings, &(struct box){ .cache = true, .terminal = true }, &sandbox, &err)) {
        settings_release(&settings);
        return fail(&err);
    }
    int code = ask_terminal(&settings, &caps, true, &link, &err);
    if (code == EXIT_DONE) {
        print_replies(&caps);
        if (caps.tmux) {
            print_around(&caps);
        }
        print_choice(&caps, &settings);
        print_link(&link, &settings);
        print_advice(&caps);
    } else {
        say(stdout, "No terminal: %s\n", err.message);
    }
    print_environment();
    print_sandbox(&sandbox);
    print_memory();
    print_cache(&settings);
    print_network(&settings);
    print_build();
    settings_release(&settings);
    return code;
}
