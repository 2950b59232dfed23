/* The screen's event loop: owns the session's screen and its views. */
#include "app.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "term/frame_settings.h"

#define STARVED_MS 1000 /* until rendering is tried again after running out of memory */

static const struct view *const views[VIEWS_COUNT] = {
    &view_label, &view_help,   &view_go_to,     &view_find,    &view_pick,
    &view_note,  &view_filter, &view_new_class, &view_classes, &view_page,
};

struct ui *ui_new(const struct ui_options *options, struct error *err)
{
    struct ui *ui = calloc(1, sizeof *ui);
    if (!ui) {
        error_nomem(err, sizeof *ui, "the screen");
        return NULL;
    }
    if (!views_init(&ui->views, views, err)) {
        views_release(&ui->views);
        free(ui);
        return NULL;
    }
    ui->options = *options;
    ui->enlarge = frame_settings_enlarge(options->settings);
    ui->levels = frame_settings_levels(options->settings);
    pthread_mutex_init(&ui->screen_lock, NULL);
    return ui;
}

void ui_stop(struct ui *ui)
{
    if (ui) {
        frames_free(ui->frames);
        ui->frames = NULL;
    }
}

void ui_free(struct ui *ui)
{
    if (ui) {
        ui_stop(ui);
        pthread_mutex_destroy(&ui->screen_lock);
        for (size_t i = 0; i < VIEWS_COUNT; i++) {
            if (views[i]->close) {
                views[i]->close(ui);
            }
        }
        views_release(&ui->views);
        free(ui);
    }
}

void ui_wake(void *context)
{
    struct ui *ui = context;
    pthread_mutex_lock(&ui->screen_lock);
    if (ui->screen) {
        screen_wake(ui->screen);
    }
    pthread_mutex_unlock(&ui->screen_lock);
}

static const struct protocol *choose_protocol(const struct ui *ui)
{
    const char *name = settings_text(ui->options.settings, OPTION_PROTOCOL);
    const char *why;
    return strcmp(name, "auto") == 0 ? protocol_choose(screen_caps(ui->screen), &why)
                                     : protocol_by_name(name);
}

/* Reports that tmux blocks pictures, if any are wanted. */
static void tell_kept(struct ui *ui)
{
    bool wanted = strcmp(settings_text(ui->options.settings, OPTION_PROTOCOL), "auto") == 0 ||
                  (ui->protocol && ui->protocol->pixels);
    if (wanted && probe_is_kept(screen_caps(ui->screen))) {
        ui_message(ui, STYLE_WARN, "%s: tmux set -p allow-passthrough on",
                   screen_cols(ui->screen) < 72 ? "For pictures"
                                                : "tmux blocks pictures; to let them through");
    }
}

static void choose_theme(struct ui *ui)
{
    bool light = ui->options.light_theme && screen_is_light(ui->screen);
    ui->theme = light ? ui->options.light_theme : ui->options.theme;
    screen_set_theme(ui->screen, ui->theme);
}

static void resize(struct ui *ui)
{
    choose_theme(ui);
    ui->protocol = choose_protocol(ui);
    ui_lay_out(ui);
}

/* How to quit, in the few columns of a window that is too small. */
static void put_way_out(struct ui *ui)
{
    char text[KEY_NAME_SIZE + 16];
    char symbol[KEY_NAME_SIZE];
    keycode key = ui->options.settings->keymap.keys[ACTION_QUIT][0];
    if (key != KEYCODE_NONE) {
        keycode_symbol(key, symbol);
        snprintf(text, sizeof text, "%s quits.", symbol);
        screen_put(ui->screen, 1, 0, -1, STYLE_TEXT, text);
    }
}

/* Tells the session that the displayed picture is visible: once the terminal has drawn
 * it, or, if it answers no fences, once it is written. */
static void note_shown(struct ui *ui, uint64_t shown)
{
    uint32_t id = viewer_shown(&ui->viewer, shown);
    if (page_is_on(ui)) {
        pages_shown(ui, id);
    } else if (id < PAGE_ID_FIRST) { /* neither nothing nor a page that was left */
        session_shown(ui->session, id);
    }
}

void ui_draw(struct ui *ui)
{
    size_t ahead = (size_t)settings_number(ui->options.settings, OPTION_AHEAD);
    if (ui->layout.too_small) {
        struct cells all = { 0, 0, screen_rows(ui->screen), screen_cols(ui->screen) };
        screen_fill(ui->screen, all, STYLE_TEXT);
        screen_put(ui->screen, 0, 0, -1, STYLE_WARN, "This window is too small; need 48x10.");
        put_way_out(ui);
        screen_flush(ui->screen);
        return;
    }
    /* While a picture is being transmitted, output would queue up behind it. Keys change
     * the current picture meanwhile; its text and its picture are drawn together once the
     * terminal has answered. */
    pages_follow(ui);
    picture_follow(ui);
    if (!screen_busy(ui->screen)) {
        picture_adapt(ui);
        viewer_take(&ui->viewer);
        session_take_guess(ui->session);
        ui_top(ui)->draw(ui);
        note_shown(ui, screen_shown(ui->screen));
    }
    /* Only now, as rendering the next pictures would delay this one. */
    bool changed = session_look_ahead(ui->session, ahead);
    if (changed || viewer_is_stale(&ui->viewer)) {
        picture_want(ui);
    }
}

/* Reports the files that the listing left out, once. The title keeps showing their
 * number. */
static void tell_left_out(struct ui *ui)
{
    struct buf text = BUF_INIT;
    if (!ui->told_left_out && session_left_out(ui->session, &text)) {
        ui->told_left_out = true;
        ui_message(ui, STYLE_WARN, "%s", buf_text(&text));
    }
    buf_release(&text);
}

/* In a window that is too small only the key that quits works. */
static void handle_key(struct ui *ui, const struct screen_event *event)
{
    size_t class_index;
    key_guard_take(&ui->guard, event->key, event->from_ns, event->at_ns, event->repeated,
                   screen_tells_repeats(ui->screen));
    if (!ui->layout.too_small) {
        keys_handle(ui, event);
    } else if (!event->pasted && keymap_action(&ui->options.settings->keymap, ui->options.classes,
                                               event->key, &class_index) == ACTION_QUIT) {
        ui->done = true;
        ui->end = UI_QUIT;
    }
}

/* Before the session hands them to what proposes classes, which works on others than those on the
 * screen: whether all have room is then known. */
static void count_pictures(struct ui *ui)
{
    struct session_stats stats;
    session_stats(ui->session, &stats);
    picture_cache_set_count(ui->options.pictures, stats.total);
}

void ui_handle(struct ui *ui, const struct screen_event *event)
{
    switch (event->kind) {
    case EVENT_KEY:
        ui->message[0] = '\0';
        viewer_touch(&ui->viewer, screen_now_ns(ui->screen));
        handle_key(ui, event);
        multi_tell_left(ui);
        break;
    case EVENT_SHOWN:
        viewer_arrived(&ui->viewer, screen_now_ns(ui->screen));
        break;
    case EVENT_WAKE:
        count_pictures(ui);
        if (session_poll(ui->session)) {
            viewer_request_again(&ui->viewer); /* the next pictures may have changed */
        }
        tell_left_out(ui);
        break;
    case EVENT_RESIZE:
        resize(ui);
        break;
    case EVENT_EXPOSED:
        viewer_repaint(&ui->viewer);
        break;
    case EVENT_QUIT:
        ui->done = true;
        ui->end = UI_HANGUP;
        break;
    case EVENT_INTERRUPT:
        ui->done = true;
        ui->end = UI_QUIT;
        break;
    case EVENT_TIMEOUT:
        if (frames_starved(ui->frames)) {
            ui_message(ui, STYLE_WARN, "Out of memory: this picture is shown when memory is free.");
            picture_want(ui);
        }
        picture_refine(ui);
        break;
    }
    note_shown(ui, event->shown);
}

bool ui_open(struct ui *ui, struct session *session, const struct screen_options *options,
             struct error *err)
{
    size_t cache = (size_t)settings_number(ui->options.settings, OPTION_CACHE) << 20;
    struct screen *screen;
    ui->session = session;
    for (size_t i = 0; i < VIEWS_COUNT; i++) {
        if (views[i]->open && !views[i]->open(ui, err)) {
            return false;
        }
    }
    ui->frames = frames_new(ui->options.scheduler, cache, ui->options.pictures, ui_wake, ui, err);
    screen = ui->frames ? screen_open(options, err) : NULL;
    if (!screen) {
        frames_free(ui->frames);
        ui->frames = NULL;
        return false;
    }
    pthread_mutex_lock(&ui->screen_lock);
    ui->screen = screen;
    pthread_mutex_unlock(&ui->screen_lock);
    viewer_init(&ui->viewer, ui->frames, screen);
    ui->views.count = 0;
    ui_push(ui, views[0]);
    resize(ui);
    count_pictures(ui);
    session_poll(session);
    tell_left_out(ui);
    tell_kept(ui);
    if (ui->options.notice[0]) {
        ui_message(ui, STYLE_WARN, "%s", ui->options.notice);
    }
    return true;
}

void ui_close(struct ui *ui)
{
    viewer_release(&ui->viewer);
    pthread_mutex_lock(&ui->screen_lock);
    screen_close(ui->screen);
    ui->screen = NULL;
    pthread_mutex_unlock(&ui->screen_lock);
}

/* Milliseconds until the event loop has to wake up by itself; -1: never. */
static int patience(struct ui *ui)
{
    int refine = viewer_patience(&ui->viewer, screen_now_ns(ui->screen));
    return refine < 0 && frames_starved(ui->frames) ? STARVED_MS : refine;
}

/* The user wants text without colours. Nothing outside a script changes what it shows. */
static bool is_plain(const struct scripted *terminal)
{
    const char *no_color = terminal ? NULL : getenv("NO_COLOR");
    return no_color && no_color[0];
}

enum ui_end ui_run_on(struct ui *ui, struct session *session, struct scripted *terminal,
                      struct error *err)
{
    const struct settings *s = ui->options.settings;
    struct screen_options options = {
        .theme = ui->options.theme,
        .backend = terminal ? &scripted_backend : NULL,
        .backend_self = terminal,
        .timeout_ms =
            link_patience_ms(settings_number(s, OPTION_TIMEOUT), s->values[OPTION_TIMEOUT].given),
        .cell = { s->values[OPTION_CELL].number, s->values[OPTION_CELL].number2 },
        .colors = settings_colors(s),
        .plain = is_plain(terminal),
    };
    if (!ui_open(ui, session, &options, err)) {
        return UI_FAILED;
    }
    ui_draw(ui);
    while (!ui->done) {
        struct screen_event event;
        screen_wait(ui->screen, patience(ui), &event);
        ui_handle(ui, &event);
        if (!ui->done) {
            ui_draw(ui);
        }
    }
    ui_close(ui);
    return ui->end;
}

enum ui_end ui_run(struct ui *ui, struct session *session, struct error *err)
{
    return ui_run_on(ui, session, NULL, err);
}
