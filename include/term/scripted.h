/* A terminal within the program, for scripts: what it is sent becomes a screen of cells, it
 * answers the probe's questions as it is told to, and the fences at once, late, or never,
 * and keys are typed into it as bytes.
 *
 * It has a clock of its own, which stands still while the program works and goes on to the
 * next thing that is due, so that nothing depends on how fast the machine is. */
#ifndef TERM_SCRIPTED_H
#define TERM_SCRIPTED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "config/key.h"
#include "term/tty.h"

struct scripted;

#define SCRIPTED_COLS_MAX 500
#define SCRIPTED_ROWS_MAX 200
#define SCRIPTED_PACE_MS 2000
#define SCRIPTED_NAME_MAX 40

/* When fences (CSI 5 n) are answered. */
enum scripted_fence {
    FENCE_AT_ONCE,
    FENCE_LATE, /* at scripted_answer() */
    FENCE_NEVER
};

/* All zero but the size: a terminal that can show text in 256 colours and tells nothing. */
struct scripted_options {
    int cols, rows;
    int cell_w, cell_h; /* size of a cell that it tells, in pixels; 0: it does not */
    bool silent;        /* it answers nothing at all, no fences either */
    bool sixel;         /* what it tells that it can do: see struct term_replies */
    bool kitty;
    bool iterm2;
    bool sync;
    bool keyboard;
    bool rgb;
    bool background_told;
    int32_t background;           /* 0xRRGGBB */
    char name[SCRIPTED_NAME_MAX]; /* XTVERSION; "": does not tell it */
    int bytes_per_second;         /* that it takes; 0: 10 million */
    enum scripted_fence fence;    /* from the start on */
};

/* Who types: asked while the program is in tty_idle(). */
struct scripted_host {
    void *context;
    /* True while the program works on something that will wake it. The clock stands still
     * then. */
    bool (*is_busy)(void *context);
    /* True when its threads may have done something for which it has not been woken yet: it
     * is woken once before the next act. */
    bool (*may_have_news)(void *context);
    /* Called half a pace after the latest key: types, or does something else to the
     * terminal. */
    void (*act)(void *context);
};

/* host: copied; NULL: nobody types, and waiting for a thread takes real time. */
struct scripted *scripted_new(const struct scripted_options *options,
                              const struct scripted_host *host, struct error *err);

/* t may be NULL. */
void scripted_free(struct scripted *t);

/* For screen_options; its `self` is the terminal. */
extern const struct tty_backend scripted_backend;

/* Types the key, a pace after the one before. */
void scripted_type(struct scripted *t, keycode key);

/* Time from one key to the next; SCRIPTED_PACE_MS at first. */
void scripted_pace(struct scripted *t, int ms);

/* Lets so much time pass before the next act. */
void scripted_pause(struct scripted *t, int ms);

/* Fences from now on. Those that were kept for scripted_answer() stay so. */
void scripted_fence(struct scripted *t, enum scripted_fence when);

/* Answers the fences that are late. */
void scripted_answer(struct scripted *t);

/* False and err when out of memory: the size stays. */
bool scripted_resize(struct scripted *t, int cols, int rows, struct error *err);

/* Bytes that the program has written since the call before. */
size_t scripted_written(struct scripted *t);

/* The terminal goes away: the program reads the end of its input. */
void scripted_hang_up(struct scripted *t);

/* Appends the screen as text, a line a row without trailing blanks; the cells of a picture
 * are blank. A last line names the first sequence that the terminal does not know, if the
 * program has sent one. */
void scripted_dump(const struct scripted *t, struct buf *out);

/* Appends how each cell looks: a line a row, in which '#' is a picture, '.' the commonest
 * look and a letter another; then what each letter stands for. Trailing '.' are left out.
 * Colours of a blank cell that nobody sees do not count. */
void scripted_dump_looks(const struct scripted *t, struct buf *out);

/* A picture is on the screen, or a part of one. */
bool scripted_has_picture(const struct scripted *t);

#endif
