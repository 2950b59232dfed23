/* Private to ui: the state of the screen, which all views share. */
#ifndef UI_APP_H
#define UI_APP_H

#include <pthread.h>

#include "key_guard.h"
#include "panel_plan.h"
#include "session/session.h"
#include "term/frames.h"
#include "term/screen.h"
#include "term/scripted.h"
#include "ui/ui.h"
#include "viewer.h"

#define MESSAGE_MAX 400
#define PROMPT_MAX 1024 /* bytes of what is typed, with its NUL */

struct layout {
    struct cells title;  /* one row */
    struct cells pane;   /* the picture */
    struct cells panel;  /* classes */
    struct cells name;   /* file name */
    struct cells status; /* progress */
    struct cells hints;  /* keys, messages, prompts */
    bool too_small;
    struct panel_wants wants; /* for which the panel was laid out */
};

/* A list in the panel: the marked line, and the first visible line. */
struct list {
    size_t line, top;
};

enum prompt_result { PROMPT_GOES_ON, PROMPT_ACCEPTED, PROMPT_CANCELLED };

/* A line of text that the user types at the bottom of the screen. */
struct prompt {
    const char *label;
    char text[PROMPT_MAX]; /* UTF-8 */
    size_t len;
    enum prompt_result result; /* of the latest key */
};

struct ui;

/* A view draws itself and handles keys; the topmost view of the stack gets them. */
struct view {
    const char *name;
    bool covers_picture; /* hides the picture completely */
    void (*draw)(struct ui *ui);
    void (*key)(struct ui *ui, const struct screen_event *event);
};

extern const struct view view_label;
extern const struct view view_help;
extern const struct view view_go_to;
extern const struct view view_find;
extern const struct view view_pick;
extern const struct view view_filter;
extern const struct view view_note;
extern const struct view view_new_class;
extern const struct view view_classes;

#define VIEWS_MAX 4

struct ui {
    struct ui_options options;
    struct session *session;
    struct screen *screen;
    pthread_mutex_t screen_lock; /* guards `screen` against ui_wake() of other threads */
    struct frames *frames;
    struct layout layout;
    const struct protocol *protocol;
    const struct theme *theme; /* the dark or the light one, by the terminal's background */

    const struct view *views[VIEWS_MAX];
    size_t view_count;

    struct viewer viewer; /* of the current picture */
    enum enlarge enlarge;
    enum image_levels levels; /* brightness stretching */
    uint32_t asked_id;  /* picture that cannot be shown: the user was asked to */
    keycode asked_key;  /* confirm the answer by pressing this key again */
    bool asked_to_quit; /* whether to quit without the classes that are not confirmed */

    struct key_guard guard;  /* against keys that are held or come too soon */
    enum action done_action; /* written by the latest key: UNDO, REDO, or CLASS for
                                any answer; PICK: it switched done_class; NO_ACTION: nothing */
    size_t done_class;

    char message[MESSAGE_MAX];
    enum style message_style;

    struct prompt prompt;
    char find_text[PROMPT_MAX];
    struct list pick; /* of the classes that match what is typed */
    struct filter {
        struct list list;
        struct session_filter now, before; /* being edited; to restore on cancel */
    } filter;
    struct class_menu {
        struct list list;
        enum class_task {
            TASK_LIST,
            TASK_ADD,
            TASK_RENAME,
            TASK_MERGE,
            TASK_KEY,
            TASK_COLOR,
            TASK_REMOVE
        } task;
        size_t class_index; /* what the task is about */
        size_t opens;       /* TASK_REMOVE: pictures that are open again */
    } menu;
    struct class_change new_class; /* view_new_class asks for it */
    size_t help_top;               /* first visible line of the help */

    bool told_left_out; /* the files that the listing left out were reported */
    bool done;          /* leave the loop */
    enum ui_end end;
};

/* app.c */
void ui_take_classes(struct ui *ui, const struct session_reclass *done); /* they have changed */
void ui_push(struct ui *ui, const struct view *view);
void ui_pop(struct ui *ui);
__attribute__((format(printf, 3, 4))) void ui_message(struct ui *ui, enum style style,
                                                      const char *format, ...);
const char *ui_order_name(enum session_order order); /* "active order", … */
void ui_handle(struct ui *ui, const struct screen_event *event);
void ui_draw(struct ui *ui);
bool ui_open(struct ui *ui, struct session *session, const struct screen_options *options,
             struct error *err);
void ui_close(struct ui *ui);
/* ui_run() on a terminal within the program; NULL: on the real one. */
enum ui_end ui_run_on(struct ui *ui, struct session *session, struct scripted *terminal,
                      struct error *err);

/* picture.c: the current picture in the viewer */
void picture_style(struct ui *ui);  /* the pane, the protocol or the colours changed */
void picture_adapt(struct ui *ui);  /* renders the next pictures as the link allows */
void picture_start(struct ui *ui);  /* shows the current picture anew: another, or as it starts */
void picture_follow(struct ui *ui); /* the same if another picture has become current */
void picture_view(struct ui *ui, struct frame_view view); /* shows the current one so */
void picture_want(struct ui *ui); /* requests the frames and predictions to come */
bool picture_settled(const struct ui *ui);         /* displayed, and not being refined */
bool picture_cannot_be_shown(const struct ui *ui); /* pictures are on, but its file is unreadable */
void picture_refine(struct ui *ui);                /* call when viewer_patience() is over */
void picture_refine_fully(struct ui *ui);          /* renders at the best quality now */

/* pane.c: the text of the pane, then flush and picture */
void pane_draw(struct ui *ui);

/* zoom.c: which part of the picture, how large */
bool zoom_is_on(const struct ui *ui);
void zoom_step(struct ui *ui, float factor);
void zoom_actual(struct ui *ui); /* pixel for pixel */
void zoom_toggle(struct ui *ui); /* fit, or pixel for pixel but at least twice as large */
void zoom_off(struct ui *ui);
void zoom_keep(struct ui *ui); /* for the next pictures, or no longer */
bool zoom_pan(struct ui *ui, keycode arrow); /* false: the key does not move the view */

/* The zoom factor and scale as "zoom 2.5×, 1:1" or "zoom 2.0×, 80 %" (of the picture's
 * pixels); "" without a zoom. */
#define ZOOM_NOTE_MAX 64
void zoom_note(const struct ui *ui, char *out, size_t size);

/* layout.c */
void layout_make(struct layout *layout, int rows, int cols, const struct panel_wants *wants);

/* panel.c: the list of classes; status.c: the lines above and below */
void panel_draw(struct ui *ui);
struct panel_wants panel_wants(const struct ui *ui);
bool panel_has_recent(const struct ui *ui);   /* it has room for the last answers, */
bool panel_has_statuses(const struct ui *ui); /* and for skipped, unsure and none */
int32_t panel_class_color(const struct ui *ui, size_t class_index); /* or COLOR_DEFAULT */
void status_draw(struct ui *ui);

/* Why there are no predictions yet, "no prediction yet: …"; "" when there are. */
#define STATUS_MAX 160
void status_learning(const struct ui *ui, char *out, size_t size);
/* Accuracy of the predictions; "" while not known. wide: there is room for the long form. */
void status_accuracy(const struct ui *ui, const struct session_stats *st, bool wide, char *out,
                     size_t size);
void hints_draw(struct ui *ui);

/* recent.c: the last answers with a heading; or only the last one, right-aligned at column
 * `end` in at most `cols` columns: returns the column where it starts. */
#define RECENT_COLS_MIN 24
void recent_draw(struct ui *ui, struct cells at);
int recent_draw_last(struct ui *ui, int row, int end, int cols);

/* end_card.c: in the pane, when session_at_end() */
void end_card_draw(struct ui *ui);

/* keys.c: the keys of an action to show on the screen, as configured and not taken by a
 * class */
#define KEYS_SYMBOL_SIZE (KEY_NAME_SIZE + 8)
void keys_symbol(const struct ui *ui, enum action action,
                 char out[KEYS_SYMBOL_SIZE]);                                       /* "": none */
void keys_symbols(const struct ui *ui, enum action action, char *out, size_t size); /* all */

/* A key of a view's own, from view_keys.def. */
struct view_key {
    void (*run)(struct ui *ui);
    const char *keys;
};
/* Runs the command of the key; false: it has none in this view. */
bool view_key_run(struct ui *ui, const struct view_key *keys, size_t count, keycode key);

/* note_view.c */
void note_start(struct ui *ui);

/* class_view.c */
void classes_start(struct ui *ui);                     /* the menu of classes */
void new_class_start(struct ui *ui, const char *name); /* asks whether to add and answer with it */
/* "renamed 'skrt' to 'skirt' in 24 answers" */
void reclass_words(const struct session_reclass *done, char *out, size_t size);

/* filter_view.c */
void filter_start(struct ui *ui);

/* list.c */
size_t list_rows(const struct ui *ui); /* number of lines that fit */
void list_move(struct list *l, size_t steps, bool down, size_t count);
/* draw_line() writes a line into its cells, which are already filled: with STYLE_GUESS
 * for the marked line, else with STYLE_CLASS. */
void list_draw(struct ui *ui, struct list *l, const char *heading, size_t count,
               void (*draw_line)(struct ui *ui, struct cells at, size_t line));

/* prompt.c */
void prompt_start(struct prompt *p, const char *label, const char *text);
enum prompt_result prompt_key(struct ui *ui, const struct screen_event *event);
void prompt_draw(struct ui *ui, const char *keys_text); /* keys_text: hint at the right */

/* answers.c */
void label_answer(struct ui *ui, enum label_status status, size_t class_index);
void label_tell_answer(struct ui *ui, bool saved, const struct error *err);
void label_answer_new(struct ui *ui, const struct class_change *added); /* with a new class */
void label_take_guess(struct ui *ui);
void label_undo_or_redo(struct ui *ui, bool undo);
/* The current picture has an answer that the user can agree with. "Skipped" counts only
 * in a review. */
bool label_is_settled(const struct ui *ui);

/* multi.c: pictures that may have several classes */
bool multi_is_on(const struct ui *ui);
void multi_toggle(struct ui *ui, size_t class_index);
void multi_confirm(struct ui *ui);
bool multi_has_typed(struct ui *ui);    /* classes were switched and not confirmed */
bool multi_has_proposal(struct ui *ui); /* classes are proposed and untouched */
bool multi_cancel(struct ui *ui);       /* forgets them; false: there were none */
bool multi_asks_to_quit(struct ui *ui); /* once, if there are some: do not quit yet */
void multi_tell_replaced(struct ui *ui, enum label_status status); /* and not confirmed */
void multi_tell_left(struct ui *ui); /* call after each key: says if they were left behind */
const char *multi_enter_hint(struct ui *ui);
bool multi_has_others(const struct ui *ui, const char *label); /* names that are no class here */

/* label_view.c */
void label_find(struct ui *ui); /* to the next picture whose name contains find_text */

#endif
