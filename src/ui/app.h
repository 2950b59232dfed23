/* What the views share: one labelling screen. */
#ifndef UI_APP_H
#define UI_APP_H

#include <pthread.h>

#include "key_guard.h"
#include "panel_plan.h"
#include "session/session.h"
#include "term/frames.h"
#include "term/screen.h"
#include "ui/ui.h"

#define MESSAGE_MAX 400

struct layout {
    struct cells title;   /* one row */
    struct cells pane;    /* the picture */
    struct cells panel;   /* classes */
    struct cells name;    /* file name */
    struct cells status;  /* progress */
    struct cells hints;   /* keys, messages, prompts */
    bool too_small;
    struct panel_wants wants; /* of the panel */
};

/* A list in the panel: the marked line, and the first that is to be seen. */
struct list {
    size_t line, top;
};

enum prompt_result { PROMPT_GOES_ON, PROMPT_ACCEPTED, PROMPT_CANCELLED };

/* What the user types at the bottom of the screen. */
struct prompt {
    const char *label;
    char text[256]; /* UTF-8 */
    size_t len;
    enum prompt_result result; /* of the latest key */
};

struct ui;

/* A view takes keys and draws itself; the one on top of the stack has them. */
struct view {
    const char *name;
    bool covers_picture; /* nothing of the picture is to be seen under it */
    void (*draw)(struct ui *ui);
    void (*key)(struct ui *ui, const struct screen_event *event);
};

extern const struct view view_label;
extern const struct view view_help;
extern const struct view view_go_to;
extern const struct view view_find;
extern const struct view view_pick;
extern const struct view view_filter;

#define VIEWS_MAX 4

struct ui {
    struct ui_options options;
    struct session *session;
    struct screen *screen;
    pthread_mutex_t screen_lock; /* between ui_wake() and screen coming or going */
    struct frames *frames;
    struct layout layout;
    const struct protocol *protocol;
    const struct theme *theme; /* as the terminal's background wants it */

    const struct view *views[VIEWS_MAX];
    size_t view_count;

    /* The picture. */
    uint32_t wanted_id;            /* whose frames were asked for last */
    struct frame_style frame_style; /* how frames are drawn now */
    struct frame_view zoom;
    bool keep_zoom;                /* for the pictures to come as well */
    enum enlarge enlarge;
    enum image_levels levels;      /* how many of a picture's are shown */
    const struct frame *frame;     /* on the screen, pinned; NULL: none */
    uint32_t frame_id;             /* whose frame or error tile is up */
    struct frame_view frame_view;  /* which part of it */
    uint64_t frame_serial;         /* of screen_picture() */
    enum level level;              /* of the frames asked for, and what they may take */
    size_t max_bytes;
    int64_t still_ns;              /* since when there was neither a key nor a new picture */
    bool seen_before;              /* the frame to be drawn is a better one of what is up */
    int piece_at;                  /* the next piece of the frame to be drawn */
    uint32_t effort_id;            /* the picture that zoom.effort is for */
    bool repaint;                  /* the pane must be written again */
    uint32_t asked_id;             /* whether to answer a picture that cannot be shown, */
    keycode asked_key;             /* and the key that says so once more */

    struct key_guard guard;        /* against keys that are held or come too soon */
    enum action done_action;       /* UNDO, REDO, or CLASS for any answer: what the latest
                                      key has written; NO_ACTION: nothing */

    char message[MESSAGE_MAX];
    enum style message_style;

    struct prompt prompt;
    char find_text[256];
    struct list pick;       /* of the classes that match what is typed */
    struct filter {
        struct list list;
        struct session_filter now, before; /* as chosen; as it was */
    } filter;
    size_t help_top;        /* first line of the help shown */

    bool told_left_out;     /* files that the listing left out have been told of */
    bool done;              /* leave the loop */
    enum ui_end end;
};

/* app.c */
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

/* picture.c */
void picture_style(struct ui *ui); /* the pane, the protocol or the colours changed */
void picture_adapt(struct ui *ui); /* other pictures than the one shown: as the link bears them */
void picture_want(struct ui *ui);  /* asks for the frames and guesses to come */
void picture_update(struct ui *ui); /* takes the frame of the current picture */
void picture_draw(struct ui *ui);   /* text of the pane, then flush and picture */
void picture_reload(struct ui *ui); /* reads the current picture's file anew */
bool picture_ready(struct ui *ui); /* what is up is the current picture */
bool picture_settled(struct ui *ui); /* and nothing better of it is being made */
bool picture_seen(const struct ui *ui, const struct screen_event *event);
bool picture_cannot_be_shown(struct ui *ui); /* though pictures are wanted */

/* refine.c: what was made small or coarse for the link's sake grows while nobody types */
void picture_arrived(struct ui *ui); /* the terminal has answered */
bool refine_serves(struct ui *ui, const struct frame *frame); /* is it better than what is up? */
void refine_restart(struct ui *ui);  /* without waiting; efforts for other pictures end */
void refine_settle(struct ui *ui);
void refine_draw(struct ui *ui);     /* the next piece, when it is time */
void refine_quality(struct ui *ui);  /* the best there is, now */
/* Milliseconds until the picture shown deserves a better frame or gets its next piece;
 * -1: it does not. */
int refine_patience(struct ui *ui);
void refine_go_on(struct ui *ui); /* that time is over */

/* zoom.c: which part of the picture, how large */
bool zoom_same(struct frame_view a, struct frame_view b); /* patience apart */
bool zoom_is_on(const struct ui *ui);
struct frame_view zoom_of_next(const struct ui *ui); /* what other pictures begin with */
void zoom_start(struct ui *ui); /* another picture is current */
void zoom_step(struct ui *ui, float factor);
void zoom_actual(struct ui *ui); /* pixel for pixel */
void zoom_toggle(struct ui *ui); /* all of it, or the above, but twice as large at least */
void zoom_off(struct ui *ui);
void zoom_keep(struct ui *ui); /* or keep it no longer */
bool zoom_pan(struct ui *ui, keycode arrow); /* false: there is nothing to be moved */

/* How large the picture is, as "zoom 2.5×, 1:1" or "zoom 2.0×, 80 %" (of its pixels);
 * "" where all of it is shown as it fits. */
#define ZOOM_NOTE_MAX 64
void zoom_note(const struct ui *ui, char *out, size_t size);

/* layout.c */
void layout_make(struct layout *layout, int rows, int cols, const struct panel_wants *wants);

/* panel.c: the list of classes; status.c: the lines above and below */
void panel_draw(struct ui *ui);
struct panel_wants panel_wants(const struct ui *ui);
bool panel_has_recent(const struct ui *ui);   /* there is room for the last answers in it, */
bool panel_has_statuses(const struct ui *ui); /* and for the answers that are no class */
int32_t panel_class_color(const struct ui *ui, size_t class_index); /* or COLOR_DEFAULT */
void status_draw(struct ui *ui);

/* Why there are no guesses yet, "no guess yet: …"; "" when there are. */
#define STATUS_MAX 160
void status_learning(const struct ui *ui, char *out, size_t size);
/* How right the guesses are; "" while that is not known. wide: there is room for all. */
void status_accuracy(const struct ui *ui, const struct session_stats *st, bool wide, char *out,
                     size_t size);
void hints_draw(struct ui *ui);

/* recent.c: the last answers, with a heading; or the last one alone, in at most `cols`
 * columns up to `end`, which returns the column where it starts. */
#define RECENT_COLS_MIN 24
void recent_draw(struct ui *ui, struct cells at);
int recent_draw_last(struct ui *ui, int row, int end, int cols);

/* end_card.c: in the pane, where session_at_end() */
void end_card_draw(struct ui *ui);

/* keys.c: the keys of an action that are to be taught, as things are */
#define KEYS_SYMBOL_SIZE (KEY_NAME_SIZE + 8)
void keys_symbol(const struct ui *ui, enum action action, char out[KEYS_SYMBOL_SIZE]); /* "": none */
void keys_symbols(const struct ui *ui, enum action action, char *out, size_t size); /* all */

/* A view's own keys, of view_keys.def. */
struct view_key {
    void (*run)(struct ui *ui);
    const char *keys;
};
/* Does what the key means in the view; false: nothing. */
bool view_key_run(struct ui *ui, const struct view_key *keys, size_t count, keycode key);

/* filter_view.c */
void filter_start(struct ui *ui);

/* list.c */
size_t list_rows(const struct ui *ui); /* lines that there is room for */
void list_move(struct list *l, size_t steps, bool down, size_t count);
/* draw_line() writes a line into its cells, which have its colours: those of STYLE_GUESS
 * for the marked one, else of STYLE_CLASS. */
void list_draw(struct ui *ui, struct list *l, const char *heading, size_t count,
               void (*draw_line)(struct ui *ui, struct cells at, size_t line));

/* prompt.c */
void prompt_start(struct prompt *p, const char *label, const char *text);
enum prompt_result prompt_key(struct ui *ui, const struct screen_event *event);
void prompt_draw(struct ui *ui, const char *keys_text); /* keys: at the right, to be taught */

/* answers.c */
void label_answer(struct ui *ui, enum label_status status, size_t class_index);
void label_take_guess(struct ui *ui);
void label_undo_or_redo(struct ui *ui, bool undo);
/* The current picture has an answer to agree with. What was skipped has one in a
 * review only. */
bool label_is_settled(const struct ui *ui);

/* label_view.c */
void label_find(struct ui *ui); /* the next name that holds find_text */

#endif
