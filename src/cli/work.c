#include "work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "changes_report.h"
#include "config/theme.h"
#include "disk_cache.h"
#include "fail.h"
#include "found.h"
#include "image/picture_cache.h"
#include "learn/head.h"
#include "leave.h"
#include "say.h"
#include "start_guesser.h"
#include "tell.h"
#include "ui/ui.h"

#define LINE_COLUMNS 90                    /* limit for two notices in the one line on the screen */
#define PICTURES_BYTES ((size_t)128 << 20) /* of decoded pictures, kept for who needs them next */
#define FIRST_WAIT_MS 100                  /* for the listing to be complete and thus sorted */
#define SCRIPT_CLOCK_MS 1767225600000      /* 2026-01-01 00:00 UTC */

/* The objects of a session, in order of creation. */
struct run {
    struct theme theme, light_theme;
    struct cache *disk; /* NULL: none */
    struct scheduler *scheduler;
    struct thumbnails *thumbnails;
    struct picture_cache *pictures;
    struct ui *ui;
    struct catalog *catalog;
    struct guesser *guesser;
    struct session *session;
    char notice[400];
};

/* Length of the folder part of a path, for messages; 0 if it is long. */
static int folder_length(const char *path)
{
    int length = (int)(file_basename(path) - path);
    return length < 100 ? length : 0;
}

static void make_notice(struct run *r, const struct work *w)
{
    const struct labels_report *report = w->report;
    if (report && report->torn_bytes) {
        snprintf(r->notice, sizeof r->notice, "An incomplete row (%lld bytes) was moved to %.*s%s",
                 (long long)report->torn_bytes, folder_length(w->csv_path), w->csv_path,
                 report->torn);
    } else if (report && report->copies) {
        /* Without the path, which may be long: the line would be cut in its middle. */
        snprintf(r->notice, sizeof r->notice,
                 "Answers set aside in %.100s; merge them with: thumbtag recover", report->saved);
    } else if (report && report->unclean) {
        snprintf(r->notice, sizeof r->notice,
                 "The last session did not exit cleanly; all %llu rows were recovered.",
                 (unsigned long long)report->rows);
    } else if (report && report->unlocked) {
        snprintf(r->notice, sizeof r->notice,
                 "No file locks on this file system: let no other program write %.200s.",
                 w->csv_path);
    }
}

/* Also on stderr, where the message is complete and remains visible. */
static void tell_copies(const struct work *w)
{
    struct buf text = BUF_INIT;
    if (w->report && w->report->copies) {
        buf_addf(&text,
                 "answers from an earlier conflict are in %.*s%s; merge them: thumbtag recover %s",
                 folder_length(w->csv_path), w->csv_path, w->report->saved, w->csv_path);
    }
    tell_line(&text);
    buf_release(&text);
}

/* Notices about classes, also on stderr, where they are complete and remain visible. */
static void add_class_notice(struct run *r, const struct work *w)
{
    const struct buf *notice = &w->found->notice;
    struct buf others = BUF_INIT;
    size_t told = tell_other_labels(w->classes, w->labels, w->found->file.there, &others);
    tell_line(notice);
    tell_line(&w->found->more);
    tell_line(&others);
    /* The screen has one line: the advice would be too long there, and the notice about -c
     * takes precedence over labels that the panel counts anyway. */
    size_t shown = w->found->file.there ? others.len : told;
    if (notice->len + shown > LINE_COLUMNS && notice->len) {
        shown = 0;
    }
    if (!r->notice[0]) {
        snprintf(r->notice, sizeof r->notice, "%s%s%.*s", buf_text(notice),
                 notice->len && shown ? "; " : "", (int)shown, buf_text(&others));
    }
    buf_release(&others);
}

/* The active order needs predictions. */
static enum session_order order_of(const struct work *w)
{
    switch (settings_choice(w->settings, OPTION_ORDER)) {
    case CHOICE_ORDER_NAME:
        return SESSION_NAME;
    case CHOICE_ORDER_RANDOM:
        return SESSION_RANDOM;
    case CHOICE_ORDER_ACTIVE:
        return guesser_is_on(w->settings, w->mode) ? SESSION_ACTIVE : SESSION_FILE;
    default:
        return SESSION_FILE;
    }
}

static bool start_session(struct run *r, const struct work *w, struct error *err)
{
    char note[sizeof r->notice] = "";
    struct error why;
    bool guesses = guesser_is_on(w->settings, w->mode) && head_available(&why);
    if (guesser_is_on(w->settings, w->mode) && !guesses) {
        snprintf(note, sizeof note, "No predictions: %.300s", why.message);
    }
    make_notice(r, w);
    tell_copies(w);
    if (!w->read_only && w->report && w->report->unclean) {
        class_file_recover(&w->found->file);
    }
    if (!disk_cache_new(&r->disk, w->settings, err)) {
        return false;
    }
    bool keeps = disk_cache_keeps(w->settings, CACHE_THUMBNAILS);
    r->scheduler = scheduler_new((size_t)settings_workers(w->settings), err);
    r->thumbnails = r->scheduler ? thumbnails_new(keeps ? r->disk : NULL, err) : NULL;
    r->pictures = r->thumbnails ? picture_cache_new(PICTURES_BYTES, r->thumbnails, err) : NULL;
    struct ui_options ui = { .settings = w->settings,
                             .theme = &r->theme,
                             .light_theme = &r->light_theme,
                             .classes = w->classes,
                             .title = w->title,
                             .csv_path = w->csv_path,
                             .notice = r->notice,
                             .guesses = guesses || labels_count(w->labels, STATUS_PREDICTED),
                             .mode = w->mode,
                             .read_only = w->read_only,
                             .suspects = w->suspects && guesses,
                             .filter = w->filter,
                             .scheduler = r->scheduler,
                             .pictures = r->pictures };
    if (!r->pictures || !theme_load_both(&r->theme, &r->light_theme,
                                         settings_text(w->settings, OPTION_THEME), err)) {
        return false;
    }
    r->ui = ui_new(&ui, err);
    struct catalog_source source = w->source;
    source.in_order = order_of(w) == SESSION_FILE;
    r->catalog = r->ui ? catalog_new(&source, ui_wake, r->ui, err) : NULL;
    if (!r->catalog) {
        return false;
    }
    if (guesses) {
        struct guesser_start start = {
            .settings = w->settings,
            .classes = w->classes,
            .scheduler = r->scheduler,
            .disk = r->disk,
            .pictures = r->pictures,
            .judge = w->suspects,
            .wake = ui_wake,
            .context = r->ui,
        };
        r->guesser = start_guesser(&start, note, sizeof note, err);
    }
    if ((guesses && !r->guesser) || !keymap_assign(&w->settings->keymap, w->classes, err)) {
        return false;
    }
    add_class_notice(r, w);
    if (!r->notice[0]) {
        memcpy(r->notice, note, sizeof note);
    }
    catalog_wait(r->catalog, FIRST_WAIT_MS);
    struct session_options session = {
        .mode = w->mode,
        .order = order_of(w),
        .read_only = w->read_only,
        .suspects = w->suspects,
        .below = w->below,
        .annotator = settings_text(w->settings, OPTION_ANNOTATOR),
        .csv_path = w->csv_path,
        .class_file = w->read_only ? NULL : &w->found->file,
        .now_ms = settings_text(w->settings, OPTION_SCRIPT)[0] ? SCRIPT_CLOCK_MS : 0,
    };
    r->session =
        session_new(&session, r->catalog, w->labels, w->classes, guesser_assist(r->guesser), err);
    return r->session != NULL;
}

static void release_session(struct run *r)
{
    ui_stop(r->ui);
    picture_cache_set_box(r->pictures, 0, 0); /* who waits for it, as no screen was opened */
    session_free(r->session);
    guesser_free(r->guesser);
    catalog_free(r->catalog);
    ui_free(r->ui);
    scheduler_free(r->scheduler);
    picture_cache_free(r->pictures);
    thumbnails_free(r->thumbnails);
    cache_free(r->disk);
}

/* True, with err set, if the listing is complete and empty: no screen is opened then. */
static bool nothing_found(struct run *r, struct error *err)
{
    return catalog_done(r->catalog) && found_nothing(r->catalog, err);
}

static void tell_class_trouble(const struct run *r)
{
    const char *why = session_class_trouble(r->session);
    if (why) {
        say(stderr, "thumbtag: the labels are saved, but the class list is not: %s\n", why);
    }
}

static void tell_problems(struct run *r)
{
    struct error first;
    size_t problems = catalog_problems(r->catalog, &first);
    if (problems) {
        say(stderr, "thumbtag: %s%s\n", first.message,
            problems > 1 ? " (there were more problems like this)" : "");
    }
    found_tell_left_out(r->catalog);
}

static enum ui_end run_screen(struct run *r, const struct work *w, struct error *err)
{
    const char *script = settings_text(w->settings, OPTION_SCRIPT);
    if (nothing_found(r, err)) {
        return UI_FAILED;
    }
    return script[0] ? ui_run_script(r->ui, r->session, script, stdout, err)
                     : ui_run(r->ui, r->session, err);
}

static void tell_end(const struct session_stats *stats, const struct work *w)
{
    if (!w->read_only) {
        say(stderr, "thumbtag: %zu of %zu pictures labelled (%zu in this session), saved to %s\n",
            stats->answered, stats->total, stats->given, w->csv_path);
    }
}

/* Before the labels are closed, whose strings it has. */
static bool write_changes(const struct run *r, const struct work *w, struct error *err)
{
    size_t count;
    if (!w->changes || !r->session) {
        return true;
    }
    if (!changes_report_write(r->session, w->changes, &count, err)) {
        return false;
    }
    say(stderr, "thumbtag: %zu %s in %s\n", count, count == 1 ? "change" : "changes", w->changes);
    return true;
}

int work_run(const struct work *w)
{
    struct run r = { 0 };
    struct error err = { ERROR_NONE, "" };
    struct session_stats stats;
    enum ui_end end = UI_FAILED;
    if (start_session(&r, w, &err)) {
        end = run_screen(&r, w, &err);
    }
    bool tell = end == UI_QUIT && !settings_text(w->settings, OPTION_SCRIPT)[0];
    if (tell) {
        session_stats(r.session, &stats);
    }
    int code = end == UI_FAILED ? fail(&err) : end == UI_HANGUP ? EXIT_IO : EXIT_DONE;
    if (end != UI_FAILED && !write_changes(&r, w, &err)) {
        int changes_code = fail(&err);
        code = code ? code : changes_code;
    }
    /* Before waiting for threads, which may hang, and for a terminal that accepts nothing. */
    if (!labels_close(w->labels, &err)) {
        int close_code = fail(&err);
        code = code ? code : close_code;
    }
    leave_soon(code);
    if (tell) {
        tell_end(&stats, w);
    }
    if (end != UI_FAILED) {
        tell_class_trouble(&r);
        tell_problems(&r);
    }
    release_session(&r);
    return code;
}
