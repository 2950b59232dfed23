/* Bytes from a terminal to keys and replies, in the order in which they came.
 *
 * Replies stand between the keys: a key in front of the reply to a query was
 * pressed before the terminal had got as far as that query.
 *
 * A sequence that breaks off ends by time, as Alt-[ alone begins one. The owner
 * says with input_time() how late it is before it feeds and takes; who never does
 * waits for each end, however long that takes. Reports of the mouse are taken as
 * what they are, in each form, and make no event. */
#ifndef TERM_INPUT_H
#define TERM_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
    bool pasted;   /* the key came inside a bracketed paste */
    bool repeated; /* the terminal says that the key is held down */
    char prefix;   /* '?', '>', … in front of the parameters, or 0 */
    char middle;   /* intermediate byte such as '$', or 0 */
    char final;
    int params[INPUT_PARAMS]; /* missing ones 0, at most 1e6 */
    int count;
    char string[INPUT_STRING_MAX + 1]; /* cut when longer */
};

#define INPUT_CUT_MAX 32

struct input {
    unsigned char bytes[4096];
    size_t len;
    bool pasting;
    bool invalid;     /* the latest byte was none of UTF-8 */
    bool c1;          /* bytes[0] stands for a control of eight bits */
    keycode held[64]; /* keys that came while replies were awaited */
    size_t held_count;

    int64_t now_ns, heard_ns;         /* of input_time(); of the latest byte */
    int64_t escape_ns, sequence_ns;   /* a lone ESC, a sequence: over after such a pause */
    bool escaped;                     /* the latest key was a lone ESC */
    int64_t escaped_ns;               /* given then */
    unsigned char cut[INPUT_CUT_MAX]; /* how the sequence began that was given up last */
    size_t cut_len;
};

void input_init(struct input *in);

/* How long a pause within a sequence may be: longer over a slow link (round_trip_ns
 * < 0: not known), and while replies are due. */
void input_link(struct input *in, int64_t round_trip_ns, bool replies_due);

/* It is so late now. */
void input_time(struct input *in, int64_t now_ns);

/* Adds what was read; returns how much fitted in. What comes late and ends the
 * sequence that was given up last still belongs to it. */
size_t input_feed(struct input *in, const void *bytes, size_t len);

/* Takes the next event. False when there is none, or when what is there may be
 * the start of a longer sequence. After a pause a lone ESC is the key, and a longer
 * start of a sequence is dropped: it is never taken for keys. Invalid sequences
 * are dropped at once. */
bool input_next(struct input *in, struct input_event *event);

/* Nanoseconds of input_time() until input_next() has more to say though nothing
 * comes; INT64_MAX: never. */
int64_t input_due(const struct input *in);

/* Replies CSI prefix … final among the bytes that are still to be taken. */
size_t input_count_replies(const struct input *in, char prefix, char final);

/* For somebody who waits for a reply: takes the next event from the bytes but
 * keeps keys back for input_next(); false when no reply is there. */
bool input_next_reply(struct input *in, struct input_event *event);

#endif
