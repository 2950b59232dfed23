/* Parses a terminal's bytes into keys and replies, in the order in which they came.
 *
 * Order matters: a key in front of the reply to a query was pressed before the terminal
 * reached that query.
 *
 * An incomplete sequence ends by a time-out, as Alt-[ alone starts one. The caller sets
 * the clock with input_time() before it feeds bytes and takes events; without that no
 * time-out ever expires. Mouse reports in every format are recognised and ignored. */
#ifndef TERM_INPUT_H
#define TERM_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/key.h"

enum input_kind {
    INPUT_KEY,
    INPUT_REPLY, /* a CSI sequence that is no key */
    INPUT_STRING /* DCS, OSC, APC, PM or SOS … ST: see `string` */
};

#define INPUT_PARAMS 32
#define INPUT_STRING_MAX 255

struct input_event {
    enum input_kind kind;
    keycode key;
    bool pasted;   /* the key came inside a bracketed paste */
    bool repeated; /* the terminal reports that the key is held down */
    char prefix;   /* '?', '>', … in front of the parameters, or 0 */
    char middle;   /* intermediate byte such as '$', or 0 */
    char final;
    int params[INPUT_PARAMS]; /* missing ones 0, at most 1e6 */
    int count;
    char string[INPUT_STRING_MAX + 1]; /* truncated when longer */
};

#define INPUT_CUT_MAX 32

struct input {
    unsigned char bytes[4096];
    size_t len;
    bool pasting;
    bool invalid;     /* the latest byte was not valid UTF-8 */
    bool c1;          /* bytes[0..1] were one 8-bit control character */
    keycode held[64]; /* keys that came while the caller took replies only */
    size_t held_count;

    int64_t now_ns, heard_ns;         /* set by input_time(); time of the latest byte */
    int64_t escape_ns, sequence_ns;   /* time-outs of a lone ESC and of a sequence */
    bool escaped;                     /* the latest key was a lone ESC, */
    int64_t escaped_ns;               /* reported at this time */
    unsigned char cut[INPUT_CUT_MAX]; /* start of the sequence that timed out last */
    size_t cut_len;
};

void input_init(struct input *in);

/* Sets the time-outs: longer over a slow link (round_trip_ns < 0: not known) and while
 * replies are due. */
void input_link(struct input *in, int64_t round_trip_ns, bool replies_due);

/* Sets the current time, of clock_monotonic_ns(). */
void input_time(struct input *in, int64_t now_ns);

/* Adds bytes read from the terminal; returns how many fitted in. Bytes that complete the
 * sequence that timed out last are joined to it. */
size_t input_feed(struct input *in, const void *bytes, size_t len);

/* Takes the next event. False when there is none, or when the bytes may be the start of
 * a longer sequence. After the time-out a lone ESC is the Esc key, and a longer
 * incomplete sequence is dropped, never read as keys. Invalid sequences are dropped at
 * once. */
bool input_next(struct input *in, struct input_event *event);

/* Nanoseconds until input_next() must be called again even if no byte comes, as a
 * time-out expires; INT64_MAX: never. */
int64_t input_due(const struct input *in);

/* Number of replies `CSI prefix … final` among the bytes not parsed yet. */
size_t input_count_replies(const struct input *in, char prefix, char final);

/* Takes the next reply and keeps the keys in front of it for input_next(). False when
 * there is no complete reply. */
bool input_next_reply(struct input *in, struct input_event *event);

#endif
