/* Bytes from a terminal to keys and replies, in the order in which they came.
 *
 * Replies stand between the keys: a key in front of the reply to a query was
 * pressed before the terminal had got as far as that query. */
#ifndef TERM_INPUT_H
#define TERM_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "config/key.h"

enum input_kind {
    INPUT_KEY,
    INPUT_REPLY, /* CSI … with a final byte that no key has */
    INPUT_STRING /* DCS … ST: `string` */
};

#define INPUT_PARAMS 32
#define INPUT_STRING_MAX 255

struct input_event {
    enum input_kind kind;
    keycode key;
    bool pasted; /* the key came inside a bracketed paste */
    char prefix; /* '?', '>', … in front of the parameters, or 0 */
    char middle; /* intermediate byte such as '$', or 0 */
    char final;
    int params[INPUT_PARAMS]; /* missing ones 0, at most 1e6 */
    int count;
    char string[INPUT_STRING_MAX + 1]; /* cut when longer */
};

struct input {
    unsigned char bytes[4096];
    size_t len;
    bool pasting;
    keycode held[64]; /* keys that came while replies were awaited */
    size_t held_count;
};

void input_init(struct input *in);

/* Adds what was read; returns how much fitted in. */
size_t input_feed(struct input *in, const void *bytes, size_t len);

/* Takes the next event. False when there is none, or when what is there may
 * be the start of a longer sequence; `flush` (nothing more came within the
 * escape time) takes a lone ESC as the key. The start of a CSI or a string is
 * never taken for keys. Invalid sequences are dropped. */
bool input_next(struct input *in, bool flush, struct input_event *event);

/* Replies CSI prefix … final among the bytes that are still to be taken. */
size_t input_count_replies(const struct input *in, char prefix, char final);

/* For somebody who waits for a reply: takes the next event from the bytes but
 * keeps keys back for input_next(); false when no reply is there. */
bool input_next_reply(struct input *in, struct input_event *event);

#endif
