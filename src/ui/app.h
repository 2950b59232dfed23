/* Private to ui: the state of the screen, which all views share. */
#ifndef UI_APP_H
#define UI_APP_H

#include <pthread.h>

#include "actions.h"
#include "key_guard.h"
#include "page.h"
#include "panel_plan.h"
#include "session/session.h"
#include "term/frames.h"
#include "term/screen.h"
#include "term/scripted.h"
#include "ui/ui.h"
#include "view.h"
#include "viewer.h"

#define MESSAGE_MAX 400
#define PROMPT_MAX 1024 /* bytes of what is typed, with its NUL */

struct layout {
    struct cells title;   /* one row */
    struct cells pane;    /* the picture */
    struct cells compare; /* label and prediction of a suspect; no rows: none */
    struct cells panel;   /* classes */
    struct cells name;    /* file name */
    struct cells status;  /* progress */
    struct cells hints;   /* keys, messages, prompts */
    bool too_small;
    struct panel_wants wants; /* for which the panel was laid out */
};

/* What the latest key has written. */
struct written {
    enum action action; /* UNDO, REDO, or CLASS for any answer; PICK: it switched the class;
                           NO_ACTION: nothing */
    size_t class_index;
};

struct ui {
    struct ui_options options;
    struct session *session;
    struct screen *screen;
    pthread_mutex_t screen_lock; /* guards `screen` against ui_wake() of other threads */
    struct frames *frames;
    struct layout layout;
    const struct protocol *protocol;
    const struct theme *theme; /* the dark or the light one, by the terminal's background */
    struct views views;
    struct viewer viewer; /* of the current picture */
    struct paging paging; /* of the page in its place */
    enum enlarge enlarge;
    enum image_levels levels; /* brightness stretching */
    struct key_guard guard;   /* against keys that are held or come too soon */
    struct written written;
    char message[MESSAGE_MAX];
    enum style message_style;
    bool told_left_out; /* the files that the listing left out were reported */
    bool done;          /* leave the loop */
    enum ui_end end;
};

/* app.c */
void ui_handle(struct ui *ui, const struct screen_event *event);
void ui_draw(struct ui *ui);
bool ui_open(struct ui *ui, struct session *session, const struct screen_options *options,
             struct error *err);
void ui_close(struct ui *ui);
/* ui_run() on a terminal within the program; NULL: on the real one. */
enum ui_end ui_run_on(struct ui *ui, struct session *session, struct scripted *terminal,
                      struct error *err);

/* message.c */
__attribute__((format(printf, 3, 4))) void ui_message(struct ui *ui, enum style style,
                                                      const char *format, ...);
void ui_not_saved(struct ui *ui, const struct error *err);
bool ui_may_change(struct ui *ui); /* false, and says so, in a read-only session */

/* layout.c: for the terminal's size and the classes; shows the current picture anew */
void ui_lay_out(struct ui *ui);

/* reclass.c */
void ui_take_classes(struct ui *ui, const struct session_reclass *done); /* they have changed */
/* "renamed 'skrt' to 'skirt' in 24 answers" */
void reclass_words(const struct session_reclass *done, char *out, size_t size);

/* picture.c: the current picture in the viewer */
void picture_style(struct ui *ui);  /* the pane, the protocol or the colours changed */
void picture_adapt(struct ui *ui);  /* renders the next pictures as the link allows */
void picture_start(struct ui *ui);  /* shows the current picture anew: another, or as it starts */
void picture_follow(struct ui *ui); /* the same if another picture has become current */
void picture_view(struct ui *ui, struct frame_view view); /* shows the current one so */
void picture_want(struct ui *ui);                  /* requests the frames and predictions to come */
bool picture_settled(const struct ui *ui);         /* displayed, and not being refined */
bool picture_cannot_be_shown(const struct ui *ui); /* pictures are on, but its file is unreadable */
void picture_refine(struct ui *ui);                /* call when viewer_patience() is over */

/* pane.c: the text of the pane, then flush and picture */
void pane_draw(struct ui *ui);

/* zoom.c: which part of the picture, how large */
bool zoom_is_on(const struct ui *ui);
void zoom_off(struct ui *ui);
bool zoom_pans(const struct ui *ui); /* pan_keys are in force */
extern const struct key_table pan_keys;

/* The zoom factor and scale as "zoom 2.5×, 1:1" or "zoom 2.0×, 80 %" (of the picture's
 * pixels); "" without a zoom. */
#define ZOOM_NOTE_MAX 64
void zoom_note(const struct ui *ui, char *out, size_t size);

/* class_color.c: the colour of a class's name, or COLOR_DEFAULT */
int32_t class_color(const struct ui *ui, size_t class_index);

/* compare.c: label and prediction of a suspect */
void compare_draw(struct ui *ui);

/* filter_words.c: the filter in force in a few words, "" for none */
#define FILTER_WORDS_MAX 160
void filter_words(const struct ui *ui, char out[FILTER_WORDS_MAX]);

/* panel.c: the list of classes; status.c: the lines above and below */
void panel_draw(struct ui *ui);
struct panel_wants panel_wants(const struct ui *ui);
bool panel_has_recent(const struct ui *ui);   /* it has room for the last answers, */
bool panel_has_statuses(const struct ui *ui); /* and for skipped, unsure and none */
void status_draw(struct ui *ui);
void status_progress_draw(struct ui *ui); /* of these lines only the progress */
void hints_draw(struct ui *ui);

/* The hints on the bottom line: the next one starts at column `at`, all end before
 * column `end`. */
struct hints {
    int at, end;
};
bool hints_begin(struct ui *ui, struct hints *h); /* false: a message stands there */
void hint(struct ui *ui, struct hints *h, enum action action, const char *text);
void hint_keys(struct ui *ui, struct hints *h, const char *keys, const char *text);

#define STATUS_MAX 160
/* Accuracy of the predictions; "" while not known. wide: there is room for the long form. */
void status_accuracy(const struct ui *ui, const struct session_stats *st, bool wide, char *out,
                     size_t size);
/* learning.c: why there are no predictions yet, "no prediction yet: …"; "" when there are. */
void status_learning(const struct ui *ui, char *out, size_t size);

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

/* new_class_view.c: asks whether to add the class and answer with it */
void new_class_start(struct ui *ui, const char *name);

/* list.c: in the panel, with one marked line and the first visible one */
struct list {
    size_t line, top;
};

size_t list_rows(const struct ui *ui); /* number of lines that fit */
void list_move(struct list *l, size_t steps, bool down, size_t count);
/* draw_line() writes a line into its cells, which are already filled: with STYLE_GUESS
 * for the marked line, else with STYLE_CLASS. */
void list_draw(struct ui *ui, struct list *l, const char *heading, size_t count,
               void (*draw_line)(struct ui *ui, struct cells at, size_t line));

/* prompt.c: a line of text that the user types at the bottom of the screen; belongs to the
 * view on top */
struct prompt {
    const char *label;
    char text[PROMPT_MAX]; /* UTF-8 */
    size_t len;
};

extern const struct key_table prompt_keys;
void prompt_start(struct prompt *p, const char *label, const char *text);
void prompt_type(struct ui *ui, const struct screen_event *event); /* a view's other() */
void prompt_draw(struct ui *ui, const char *keys_text); /* keys_text: hint at the right */
void prompt_draw_below(struct ui *ui); /* and the label screen, for a prompt that leads elsewhere */

/* question.c: on the bottom line; with as much of a class's name, between two texts, as leaves
 * them room */
void question_text(const struct ui *ui, char *text, size_t size, const char *before,
                   const char *class, const char *after);
void question_draw(struct ui *ui, const char *text);

/* answers.c */
void label_answer(struct ui *ui, enum label_status status, size_t class_index);
void label_answer_new(struct ui *ui, const struct class_change *added); /* with a new class */
void label_check(struct ui *ui);   /* agrees with the answer, which is then checked */
void label_confirm(struct ui *ui); /* with the classes that are on */
/* The current picture has an answer that the user can agree with. "Skipped" counts only
 * in a review. */
bool label_is_settled(const struct ui *ui);

/* writes.c: for keys that write: false if the key guard refuses the key, with a message; and what
 * is said of a key without a meaning, or one that was pasted */
bool write_counts(struct ui *ui, keycode key);
void key_means_nothing(struct ui *ui, const struct screen_event *event);

/* multi.c: pictures that may have several classes */
bool multi_is_on(const struct ui *ui);
void multi_toggle(struct ui *ui, size_t class_index);
bool multi_has_typed(struct ui *ui);    /* classes were switched and not confirmed */
bool multi_has_proposal(struct ui *ui); /* classes are proposed and untouched */
bool multi_cancel(struct ui *ui);       /* forgets them; false: there were none */
void multi_tell_replaced(struct ui *ui, enum label_status status); /* and not confirmed */
void multi_tell_left(struct ui *ui); /* call after each key: says if they were left behind */
const char *multi_enter_hint(struct ui *ui);
bool multi_has_others(const struct ui *ui, const char *label); /* names that are no class here */

#endif
