#include "term/input.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"

#define ESC 0x1B

void input_init(struct input *in)
{
    memset(in, 0, sizeof *in);
}

size_t input_feed(struct input *in, const void *bytes, size_t len)
{
    size_t room = sizeof in->bytes - in->len;
    if (len > room) {
        len = room;
    }
    memcpy(in->bytes + in->len, bytes, len);
    in->len += len;
    return len;
}

static void consume(struct input *in, size_t n)
{
    memmove(in->bytes, in->bytes + n, in->len - n);
    in->len -= n;
}

/* What the start of the buffer is: bytes used, 0 for "not all here yet". */
struct parsed {
    size_t used;
    bool event; /* false: the bytes mean nothing */
};

static keycode letter_key(int final)
{
    switch (final) {
    case 'A':
        return KEYCODE_UP;
    case 'B':
        return KEYCODE_DOWN;
    case 'C':
        return KEYCODE_RIGHT;
    case 'D':
        return KEYCODE_LEFT;
    case 'H':
        return KEYCODE_HOME;
    case 'F':
        return KEYCODE_END;
    case 'Z':
        return KEYCODE_BACKTAB;
    case 'P':
        return KEYCODE_F1;
    case 'Q':
        return KEYCODE_F1 + 1;
    case 'R':
        return KEYCODE_F1 + 2;
    case 'S':
        return KEYCODE_F1 + 3;
    default:
        return KEYCODE_NONE;
    }
}

/* CSI n ~ of xterm, rxvt, the Linux console and the VT220. */
static keycode tilde_key(int n)
{
    static const keycode keys[] = {
        [1] = KEYCODE_HOME,     [2] = KEYCODE_INSERT,   [3] = KEYCODE_DELETE,
        [4] = KEYCODE_END,      [5] = KEYCODE_PAGE_UP,  [6] = KEYCODE_PAGE_DOWN,
        [7] = KEYCODE_HOME,     [8] = KEYCODE_END,      [11] = KEYCODE_F1,
        [12] = KEYCODE_F1 + 1,  [13] = KEYCODE_F1 + 2,  [14] = KEYCODE_F1 + 3,
        [15] = KEYCODE_F1 + 4,  [17] = KEYCODE_F1 + 5,  [18] = KEYCODE_F1 + 6,
        [19] = KEYCODE_F1 + 7,  [20] = KEYCODE_F1 + 8,  [21] = KEYCODE_F1 + 9,
        [23] = KEYCODE_F1 + 10, [24] = KEYCODE_F1 + 11,
    };
    return n > 0 && (size_t)n < ARRAY_LEN(keys) ? keys[n] : KEYCODE_NONE;
}

static bool set_key(struct input_event *event, keycode key)
{
    event->kind = INPUT_KEY;
    event->key = key;
    return key != KEYCODE_NONE;
}

/* The keypad in application mode, and F1 to F4. */
static struct parsed parse_ss3(const struct input *in, bool flush, struct input_event *event)
{
    if (in->len < 3) { /* when no more comes it was Alt-O */
        return (struct parsed){ flush ? 1 : 0, flush && set_key(event, KEYCODE_ESC) };
    }
    int c = in->bytes[2];
    keycode key = letter_key(c);
    if (c == 'M') {
        key = KEYCODE_ENTER;
    } else if (c >= 'p' && c <= 'y') {
        key = (keycode)('0' + c - 'p');
    } else if (c >= 'j' && c <= 'o') {
        key = (keycode) "*+,-./"[c - 'j'];
    }
    return (struct parsed){ 3, set_key(event, key) };
}

static void add_digit(struct input_event *event, int digit)
{
    int *n = &event->params[event->count - 1];
    if (*n < 100000) {
        *n = *n * 10 + digit;
    }
}

/* Collects parameters from bytes[2..end); end is the final byte. Those beyond
 * INPUT_PARAMS are passed over. */
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

static struct parsed parse_csi(struct input *in, struct input_event *event)
{
    size_t end = 2;
    if (in->len >= 3 && in->bytes[2] == '[') { /* F1 to F5 of the Linux console */
        if (in->len < 4) {
            return (struct parsed){ 0, false };
        }
        int c = in->bytes[3];
        return (struct parsed){
            4, set_key(event, c >= 'A' && c <= 'E' ? KEYCODE_F1 + (keycode)(c - 'A') : KEYCODE_NONE)
        };
    }
    while (end < in->len && in->bytes[end] >= 0x20 && in->bytes[end] < 0x40) {
        end++;
    }
    if (end == in->len) {
        return (struct parsed){ in->len == sizeof in->bytes ? in->len : 0, false };
    }
    int final = in->bytes[end];
    if (final < 0x40 || final > 0x7E) {
        return (struct parsed){ end, false };
    }
    parse_params(in, end, event);
    event->final = (char) final;
    if (final == '~' && !event->prefix) {
        if (event->params[0] == 200 || event->params[0] == 201) {
            in->pasting = event->params[0] == 200;
            return (struct parsed){ end + 1, false };
        }
        return (struct parsed){ end + 1, set_key(event, tilde_key(event->params[0])) };
    }
    /* XTSMGRAPHICS answers with the final byte of F4, but behind a '?'. */
    keycode key = event->prefix || event->middle ? KEYCODE_NONE : letter_key(final);
    if (key != KEYCODE_NONE) {
        return (struct parsed){ end + 1, set_key(event, key) };
    }
    event->kind = INPUT_REPLY;
    return (struct parsed){ end + 1, true };
}

/* DCS, OSC, APC, PM or SOS: up to ST or BEL. Bytes that no string holds end it
 * unheard: it was Alt with that letter, and what follows are keys again. */
static struct parsed parse_string(const struct input *in, struct input_event *event)
{
    for (size_t i = 2; i < in->len; i++) {
        int c = in->bytes[i];
        if (c >= 0x20 && c != 0x7F) {
            continue;
        }
        if (c == ESC && i + 1 == in->len) {
            break;
        }
        bool st = c == ESC && in->bytes[i + 1] == '\\';
        if (!st && c != 0x07) {
            return (struct parsed){ i, false };
        }
        size_t len = i - 2 < INPUT_STRING_MAX ? i - 2 : INPUT_STRING_MAX;
        memcpy(event->string, in->bytes + 2, len);
        event->kind = INPUT_STRING;
        event->final = (char)in->bytes[1];
        return (struct parsed){ i + (st ? 2 : 1), true };
    }
    return (struct parsed){ in->len == sizeof in->bytes ? in->len : 0, false };
}

static struct parsed parse_escape(struct input *in, bool flush, struct input_event *event)
{
    if (in->len < 2) {
        return (struct parsed){ flush ? 1 : 0, flush && set_key(event, KEYCODE_ESC) };
    }
    struct parsed p;
    switch (in->bytes[1]) {
    case '[':
        p = parse_csi(in, event);
        break;
    case 'O':
        p = parse_ss3(in, flush, event);
        break;
    case 'P':
    case ']':
    case '_':
    case '^':
    case 'X':
        p = parse_string(in, event);
        break;
    default: /* Alt with a key: the ESC by itself, then the key */
        return (struct parsed){ 1, set_key(event, KEYCODE_ESC) };
    }
    /* A reply cut in two by the link must never turn into keys: what is not
     * complete waits for its end, however long that takes. */
    return p;
}

static struct parsed parse_plain(const struct input *in, bool flush, struct input_event *event)
{
    int c = in->bytes[0];
    size_t need = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
    if (need > in->len && !flush) {
        return (struct parsed){ 0, false };
    }
    uint32_t code;
    size_t used = text_decode((const char *)in->bytes, in->len, &code);
    if (code == UINT32_MAX || code == 0) {
        return (struct parsed){ used, false };
    }
    if (code == '\n') {
        code = KEYCODE_ENTER;
    } else if (code == 8) {
        code = KEYCODE_BACKSPACE;
    }
    return (struct parsed){ used, set_key(event, code) };
}

static bool parse(struct input *in, bool flush, struct input_event *event)
{
    while (in->len) {
        memset(event, 0, sizeof *event);
        struct parsed p =
            in->bytes[0] == ESC ? parse_escape(in, flush, event) : parse_plain(in, flush, event);
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

bool input_next(struct input *in, bool flush, struct input_event *event)
{
    if (in->held_count) {
        memset(event, 0, sizeof *event);
        set_key(event, in->held[0]);
        memmove(in->held, in->held + 1, --in->held_count * sizeof in->held[0]);
        return true;
    }
    return parse(in, flush, event);
}

bool input_next_reply(struct input *in, struct input_event *event)
{
    while (parse(in, false, event)) {
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
