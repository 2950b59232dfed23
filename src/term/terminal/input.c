/* The parser of terminal input: see term/input.h. */
#include "term/input.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "terminal/input_keys.h"

#define ESC 0x1B
#define CSI_MAX 1024 /* longer than a sequence with INPUT_PARAMS parameters */

#define MS 1000000LL

/* Time-outs of a lone ESC and of an incomplete sequence. A terminal writes each sequence at
 * once, but the link may split it. */
#define ESCAPE_NS (50 * MS)
#define ESCAPE_MOST_NS (400 * MS)
#define SEQUENCE_NS (250 * MS)
#define SEQUENCE_MOST_NS (1500 * MS)
#define SEQUENCE_DUE_NS (1000 * MS) /* added while replies are due */
#define LATE_NS (3000 * MS)         /* the rest of a timed-out sequence may come this late */
#define PASTE_NS (500 * MS)         /* a key after this pause ends an unterminated paste */

void input_init(struct input *in)
{
    memset(in, 0, sizeof *in);
    in->escape_ns = ESCAPE_NS;
    in->sequence_ns = SEQUENCE_NS;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

void input_link(struct input *in, int64_t round_trip_ns, bool replies_due)
{
    int64_t round_trip = round_trip_ns < 0 ? 100 * MS : round_trip_ns;
    in->escape_ns = least(ESCAPE_NS + round_trip / 2, ESCAPE_MOST_NS);
    in->sequence_ns = least(SEQUENCE_NS + 2 * round_trip, SEQUENCE_MOST_NS);
    if (replies_due) {
        in->escape_ns = ESCAPE_MOST_NS;
        in->sequence_ns += SEQUENCE_DUE_NS;
    }
}

void input_time(struct input *in, int64_t now_ns)
{
    in->now_ns = now_ns;
}

/* True when no byte has come for `ns`. */
static bool quiet(const struct input *in, int64_t ns)
{
    return in->now_ns - in->heard_ns >= ns;
}

/* True when the bytes are one character or one escape sequence: a key, not a paste. */
static bool is_one_key(const unsigned char *bytes, size_t len)
{
    uint32_t code;
    return bytes[0] == ESC ? len < 16 : text_decode((const char *)bytes, len, &code) == len;
}

/* True when the bytes complete the sequence that timed out. A person types one byte at a
 * time; the rest of a sequence comes at once. */
static bool ends_cut(const struct input *in, const unsigned char *bytes, size_t len)
{
    int kind = in->cut[1];
    size_t end = 0;
    if (kind == '[' && in->cut_len > 2 && in->cut[2] == 'M') { /* a mouse report */
        return len + in->cut_len >= 6;
    }
    if (kind == '[') {
        while (end < len && bytes[end] >= 0x20 && bytes[end] < 0x40) {
            end++;
        }
        return end > 0 && end < len && bytes[end] >= 0x40 && bytes[end] < 0x7F;
    }
    return memchr(bytes, 0x07, len) || memmem(bytes, len, "\033\\", 2);
}

/* Puts the start of a timed-out sequence back in front of its rest. */
static void take_up_cut(struct input *in, const unsigned char *bytes, size_t len)
{
    size_t cut_len = in->cut_len;
    if (in->len || !cut_len) {
        return;
    }
    if (!quiet(in, LATE_NS) && bytes[0] != ESC && ends_cut(in, bytes, len)) {
        memcpy(in->bytes, in->cut, cut_len);
        in->len = cut_len;
    }
    in->cut_len = 0;
}

size_t input_feed(struct input *in, const void *bytes, size_t len)
{
    if (!len) {
        return 0;
    }
    if (in->pasting && quiet(in, PASTE_NS > in->sequence_ns ? PASTE_NS : in->sequence_ns) &&
        is_one_key(bytes, len)) {
        in->pasting = false;
    }
    take_up_cut(in, bytes, len);
    size_t room = sizeof in->bytes - in->len;
    if (len > room) {
        len = room;
    }
    memcpy(in->bytes + in->len, bytes, len);
    in->len += len;
    in->heard_ns = in->now_ns;
    return len;
}

static void consume(struct input *in, size_t n)
{
    memmove(in->bytes, in->bytes + n, in->len - n);
    in->len -= n;
    in->c1 = false;
}

/* The result of parsing the start of the buffer. */
struct parsed {
    size_t used; /* bytes; 0: incomplete */
    bool event;  /* false: ignore the bytes */
};

static bool set_key(struct input_event *event, keycode key)
{
    event->kind = INPUT_KEY;
    event->key = key;
    return key != KEYCODE_NONE;
}

/* Drops an incomplete sequence after its time-out, but remembers it, as its rest may come
 * late. */
static struct parsed give_up(struct input *in)
{
    in->cut_len = in->len < INPUT_CUT_MAX ? in->len : INPUT_CUT_MAX;
    memcpy(in->cut, in->bytes, in->cut_len);
    return (struct parsed){ in->len, false };
}

/* For an incomplete sequence: waits, or gives up after the time-out. */
static struct parsed wait_for_more(struct input *in)
{
    return quiet(in, in->sequence_ns) ? give_up(in) : (struct parsed){ 0, false };
}

/* The keypad in application mode, and F1 to F4. */
static struct parsed parse_ss3(const struct input *in, struct input_event *event)
{
    if (in->len < 3) { /* Alt-O if no more comes */
        bool over = quiet(in, in->sequence_ns);
        return (struct parsed){ over ? 1 : 0, over && set_key(event, KEYCODE_ESC) };
    }
    return (struct parsed){ 3, set_key(event, keys_of_ss3(in->bytes[2])) };
}

static void add_digit(struct input_event *event, int digit)
{
    int *n = &event->params[event->count - 1];
    if (*n < 100000) {
        *n = *n * 10 + digit;
    }
}

/* Collects parameters from bytes[2..end); bytes[end] is the final byte. Parameters beyond
 * INPUT_PARAMS are ignored. */
static void parse_params(const struct input *in, size_t end, struct input_event *event)
{
    bool full = false;
    event->count = 1;
    for (size_t i = 2; i < end; i++) {
        int c = in->bytes[i];
        if (c >= '0' && c <= '9') {
            if (!full) {
                add_digit(event, c - '0');
            }
        } else if (c == ';' || c == ':') {
            full = event->count == INPUT_PARAMS;
            event->count += !full;
        } else if (c >= '<' && c <= '?') {
            event->prefix = (char)c;
        } else {
            event->middle = (char)c;
        }
    }
}

/* For a sequence without its end. To leave room for that, bytes beyond `most`, which would
 * be ignored, are replaced by the last byte. */
static struct parsed wait_for_end(struct input *in, size_t most)
{
    if (in->len > most) {
        in->bytes[most - 1] = in->bytes[in->len - 1];
        in->len = most;
    }
    return wait_for_more(in);
}

/* Number of characters after `CSI final` in the old mouse reports: X10 and normal
 * tracking, and highlight tracking. */
static size_t mouse_characters(int final)
{
    return final == 'M' ? 3 : final == 't' ? 2 : final == 'T' ? 6 : 0;
}

/* Skips a mouse report, ESC [ final and so many characters: bytes of any value but ESC, or
 * UTF-8 characters in mode 1005. The number of bytes that come shows which it is. */
static struct parsed parse_mouse(struct input *in, size_t characters)
{
    size_t at = 3;
    for (size_t i = 0; i < characters; i++) {
        bool lead = at < in->len && in->bytes[at] >= 0xC2 && in->bytes[at] <= 0xDF;
        if (at + lead >= in->len) {
            bool plain = in->len >= 3 + characters && quiet(in, in->sequence_ns);
            return plain ? (struct parsed){ 3 + characters, false } : wait_for_more(in);
        }
        if (in->bytes[at] == ESC) { /* the next sequence */
            return (struct parsed){ at < 3 + characters ? at : 3 + characters, false };
        }
        at += lead && (in->bytes[at + 1] & 0xC0) == 0x80 ? 2 : 1;
    }
    return (struct parsed){ at, false };
}

/* True for the mouse reports `CSI < b ; x ; y M` (or m) of SGR mode and `CSI b ; x ; y M` of
 * urxvt mode. */
static bool is_mouse(const struct input_event *event)
{
    return (event->final == 'M' || event->final == 'm') && !event->middle &&
           (event->prefix == '<' || (!event->prefix && event->final == 'M'));
}

/* Interprets a complete CSI sequence with the final byte bytes[end]. */
static struct parsed end_csi(struct input *in, size_t end, struct input_event *event)
{
    struct csi csi = { in->bytes + 2, end - 2, (char)in->bytes[end] };
    struct pressed pressed;
    parse_params(in, end, event);
    event->final = csi.final;
    bool plain = !event->prefix && !event->middle;
    int first = event->params[0];
    if (plain && csi.final == '~' && (first == 200 || first == 201)) {
        in->pasting = first == 200;
        return (struct parsed){ end + 1, false };
    }
    if (is_mouse(event)) {
        return (struct parsed){ end + 1, false };
    }
    /* XTSMGRAPHICS answers with the final byte of F4, but with the prefix '?'. */
    if (plain && keys_of_csi(&csi, &pressed)) {
        event->repeated = pressed.repeated;
        return (struct parsed){ end + 1, set_key(event, pressed.key) };
    }
    event->kind = INPUT_REPLY;
    return (struct parsed){ end + 1, true };
}

static struct parsed parse_csi(struct input *in, struct input_event *event)
{
    size_t end = 2;
    if (in->len >= 3 && in->bytes[2] == '[') {
        return in->len < 4 ? wait_for_more(in)
                           : (struct parsed){ 4, set_key(event, keys_of_console(in->bytes[3])) };
    }
    if (in->len >= 3 && mouse_characters(in->bytes[2])) {
        return parse_mouse(in, mouse_characters(in->bytes[2]));
    }
    while (end < in->len && in->bytes[end] >= 0x20 && in->bytes[end] < 0x40) {
        end++;
    }
    if (end == in->len) {
        return wait_for_end(in, CSI_MAX);
    }
    if (in->bytes[end] < 0x40 || in->bytes[end] > 0x7E) {
        return (struct parsed){ end, false };
    }
    return end_csi(in, end, event);
}

/* The role of a character within a control string. */
enum string_part { PART_TEXT, PART_END, PART_FOREIGN, PART_UNFINISHED };

/* Classifies the character at i; *used: its length. ST may also be an 8-bit control
 * character, as UTF-8 or as a single byte. */
static enum string_part string_part(const struct input *in, size_t i, size_t *used)
{
    int c = in->bytes[i];
    size_t need = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
    uint32_t code;
    if (c == ESC) {
        *used = 2;
        return i + 1 == in->len           ? PART_UNFINISHED
               : in->bytes[i + 1] == '\\' ? PART_END
                                          : PART_FOREIGN;
    }
    size_t have = 1;
    while (have < need && i + have < in->len && (in->bytes[i + have] & 0xC0) == 0x80) {
        have++;
    }
    if (have < need && i + have == in->len) {
        return PART_UNFINISHED;
    }
    *used = text_decode((const char *)in->bytes + i, in->len - i, &code);
    if (c == 0x07 || code == 0x9C || (c == 0x9C && in->c1)) {
        return PART_END;
    }
    return c < 0x20 || c == 0x7F ? PART_FOREIGN : PART_TEXT;
}

/* DCS, OSC, APC, PM or SOS, up to ST or BEL. A character that a string cannot contain ends
 * it without an event: it was Alt with that letter, and keys follow. */
static struct parsed parse_string(struct input *in, struct input_event *event)
{
    size_t used = 1;
    for (size_t i = 2; i < in->len; i += used) {
        enum string_part part = string_part(in, i, &used);
        if (part == PART_UNFINISHED) {
            break;
        }
        if (part == PART_FOREIGN) {
            return (struct parsed){ i, false };
        }
        if (part == PART_END) {
            size_t len = i - 2 < INPUT_STRING_MAX ? i - 2 : INPUT_STRING_MAX;
            memcpy(event->string, in->bytes + 2, len);
            event->kind = INPUT_STRING;
            event->final = (char)in->bytes[1];
            return (struct parsed){ i + used, true };
        }
    }
    return wait_for_end(in, 2 + INPUT_STRING_MAX + 1);
}

/* Reports the Esc key; the rest of a sequence may still come late, and a reply before
 * it. */
static struct parsed lone_escape(struct input *in, struct input_event *event)
{
    in->escaped = true;
    in->escaped_ns = in->now_ns;
    return (struct parsed){ 1, set_key(event, KEYCODE_ESC) };
}

/* Puts an ESC that was reported as a key back in front of the late rest of its sequence. A
 * single '[' may have been typed, so its time limit is shorter. */
static bool take_up_escape(struct input *in)
{
    bool goes_on = in->escaped && (in->bytes[0] == '[' || in->bytes[0] == 'O');
    int64_t limit = in->len == 1 ? in->sequence_ns : LATE_NS;
    in->escaped = false;
    if (!goes_on || in->now_ns - in->escaped_ns >= limit || in->len == sizeof in->bytes) {
        return false;
    }
    memmove(in->bytes + 1, in->bytes, in->len++);
    in->bytes[0] = ESC;
    return true;
}

static struct parsed parse_escape(struct input *in, struct input_event *event)
{
    if (in->len < 2) {
        return quiet(in, in->escape_ns) ? lone_escape(in, event) : (struct parsed){ 0, false };
    }
    switch (in->bytes[1]) {
    case '[':
        return parse_csi(in, event);
    case 'O':
        return parse_ss3(in, event);
    case 'P':
    case ']':
    case '_':
    case '^':
    case 'X':
        return parse_string(in, event);
    default: /* Alt with a key: the ESC by itself, then the key */
        return lone_escape(in, event);
    }
}

/* True for an 8-bit control character, which a terminal may send in place of ESC and a
 * letter. No UTF-8 character starts with one. */
static bool is_c1(int c)
{
    return c == 0x8F || c == 0x90 || c == 0x98 || c == 0x9B || c == 0x9D || c == 0x9E || c == 0x9F;
}

/* Replaces an 8-bit control character at the start by ESC and its letter; false if there is
 * none, or no room. */
static bool widen_c1(struct input *in)
{
    if (in->bytes[0] == 0xC2 && in->len >= 2 && is_c1(in->bytes[1])) {
        in->bytes[1] = (unsigned char)(in->bytes[1] - 0x40);
    } else if (is_c1(in->bytes[0]) && !in->invalid && in->len < sizeof in->bytes) {
        memmove(in->bytes + 1, in->bytes, in->len++);
        in->bytes[1] = (unsigned char)(in->bytes[1] - 0x40);
        in->c1 = true;
    } else {
        return false;
    }
    in->bytes[0] = ESC;
    return true;
}

static struct parsed parse_plain(struct input *in, struct input_event *event)
{
    int c = in->bytes[0];
    size_t need = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
    if (need > in->len && !quiet(in, in->escape_ns)) {
        return (struct parsed){ 0, false };
    }
    uint32_t code;
    size_t used = text_decode((const char *)in->bytes, in->len, &code);
    in->invalid = code == UINT32_MAX;
    if (in->invalid || code == 0) {
        return (struct parsed){ used, false };
    }
    if (code == '\n') {
        code = KEYCODE_ENTER;
    } else if (code == 8) {
        code = KEYCODE_BACKSPACE;
    }
    return (struct parsed){ used, set_key(event, code) };
}

static bool parse(struct input *in, struct input_event *event)
{
    while (in->len) {
        memset(event, 0, sizeof *event);
        bool escape = in->bytes[0] == ESC || widen_c1(in) || take_up_escape(in);
        in->invalid = in->invalid && !escape;
        struct parsed p = escape ? parse_escape(in, event) : parse_plain(in, event);
        if (!p.used) {
            return false;
        }
        consume(in, p.used);
        if (p.event) {
            event->pasted = in->pasting;
            return true;
        }
    }
    return false;
}

bool input_next(struct input *in, struct input_event *event)
{
    if (in->held_count) {
        memset(event, 0, sizeof *event);
        set_key(event, in->held[0]);
        memmove(in->held, in->held + 1, --in->held_count * sizeof in->held[0]);
        return true;
    }
    return parse(in, event);
}

int64_t input_due(const struct input *in)
{
    if (in->held_count) {
        return 0;
    }
    if (!in->len) {
        return INT64_MAX;
    }
    bool sequence = in->bytes[0] == ESC && in->len > 1;
    int64_t left = in->heard_ns + (sequence ? in->sequence_ns : in->escape_ns) - in->now_ns;
    return left > 0 ? left : 0;
}

bool input_next_reply(struct input *in, struct input_event *event)
{
    while (parse(in, event)) {
        if (event->kind != INPUT_KEY) {
            return true;
        }
        if (!event->pasted && in->held_count < ARRAY_LEN(in->held)) {
            in->held[in->held_count++] = event->key;
        }
    }
    return false;
}

size_t input_count_replies(const struct input *in, char prefix, char final)
{
    size_t count = 0;
    for (size_t i = 0; i + 2 < in->len; i++) {
        if (in->bytes[i] != ESC || in->bytes[i + 1] != '[' || in->bytes[i + 2] != prefix) {
            continue;
        }
        size_t at = i + 3;
        while (at < in->len && in->bytes[at] >= 0x20 && in->bytes[at] < 0x40) {
            at++;
        }
        count += at < in->len && in->bytes[at] == final;
    }
    return count;
}
