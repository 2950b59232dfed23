/* Bytes of a terminal, first as they are, then as replies and keys that they
 * choose: no byte does harm, nothing depends on where the link cuts, and no
 * well-formed reply becomes a key. The same bytes as what tmux tells of itself.
 *
 * options: -max_len=4000
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "source.h"
#include "term/input.h"
#include "term/probe.h"
#include "term/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define require(truth) require_at(truth, __LINE__)
static void require_at(bool truth, int line)
{
    if (!truth) {
        fprintf(stderr, "line %d\n", line);
        abort();
    }
}

/* ------------------------------------------------------------------- events */

static void check_event(const struct input_event *e)
{
    require(memchr(e->string, '\0', sizeof e->string) != NULL);
    for (const char *c = e->string; *c; c++) {
        require((unsigned char)*c >= 0x20 && *c != 0x7F);
    }
    if (e->kind == INPUT_KEY) {
        require(e->key != KEYCODE_NONE);
    } else if (e->kind == INPUT_REPLY) {
        require(e->final >= 0x40 && e->final <= 0x7E);
        require(e->count >= 1 && e->count <= INPUT_PARAMS);
    }
    for (int i = 0; i < INPUT_PARAMS; i++) {
        require(e->params[i] >= 0 && e->params[i] <= 1000009);
    }
}

/* Events as bytes, to be compared. */
static void log_event(struct buf *log, const struct input_event *e)
{
    buf_addf(log, "%d %x %d %d %d %d '%s'", (int)e->kind, (unsigned)e->key, e->pasted, e->prefix,
             e->middle, e->final, e->string);
    for (int i = 0; i < e->count; i++) {
        buf_addf(log, " %d", e->params[i]);
    }
    buf_addc(log, '\n');
}

#define ESCAPE_NS 60000000  /* ends a lone ESC */
#define PAUSE_NS 2000000000 /* ends all that is unfinished */

static void drain(struct input *in, bool flush, struct buf *log)
{
    struct input_event e;
    if (flush) {
        input_time(in, in->now_ns + PAUSE_NS);
    }
    while (input_next(in, &e)) {
        check_event(&e);
        log_event(log, &e);
    }
    require(in->len < sizeof in->bytes);
    require(!flush || !in->len);
}

/* All at once, and in pieces of that many bytes. */
static void try_cuts(const uint8_t *data, size_t size, size_t piece)
{
    struct input in;
    struct buf whole = BUF_INIT, pieces = BUF_INIT;
    input_init(&in);
    require(input_feed(&in, data, size) == size);
    drain(&in, false, &whole);
    drain(&in, true, &whole);
    input_init(&in);
    for (size_t at = 0; at < size; at += piece) {
        size_t len = size - at < piece ? size - at : piece;
        require(input_feed(&in, data + at, len) == len);
        drain(&in, false, &pieces);
    }
    drain(&in, true, &pieces);
    require(whole.len == pieces.len && memcmp(buf_text(&whole), buf_text(&pieces), whole.len) == 0);
    buf_release(&whole);
    buf_release(&pieces);
}

/* ------------------------------------------------------------ what it means */

static void make_caps(struct source *s, struct term_caps *caps)
{
    static const int sides[] = { 0, 1, 500, 65535 };
    memset(caps, 0, sizeof *caps);
    caps->size.cols = next_within(s, 1, 500);
    caps->size.rows = next_within(s, 1, 500);
    caps->size.xpixel = sides[next(s) % ARRAY_LEN(sides)];
    caps->size.ypixel = sides[next(s) % ARRAY_LEN(sides)];
    caps->late = next(s) % 2;
    caps->replies.due = (int)(next(s) % 4);
    caps->tmux = next(s) % 2;
    caps->outer_due = caps->tmux && next(s) % 2;
    caps->around.known = caps->tmux && next(s) % 2;
    caps->around.passthrough = next(s) % 2;
    caps->around.client_cols = next_within(s, 0, 10000);
    caps->around.client_rows = next_within(s, 0, 10000);
}

static void check_caps(const struct term_caps *caps)
{
    const char *why = NULL;
    require(caps->cell_w >= 1 && caps->cell_w <= 200 && caps->cell_h >= 1 && caps->cell_h <= 200);
    require(caps->colors == 1 || caps->colors == 16 || caps->colors == 256 ||
            caps->colors == 1 << 24);
    require(caps->replies.due >= 0);
    require(memchr(caps->replies.name, '\0', sizeof caps->replies.name) != NULL);
    require(memchr(caps->outer.name, '\0', sizeof caps->outer.name) != NULL);
    require(cell_source_text(caps->cell_source)[0] && probe_name(caps));
    const struct protocol *p = protocol_choose(caps, &why);
    struct pane pane;
    size_t max_bytes;
    require(p && why && why[0]);
    protocol_pane(p, caps, &pane, &max_bytes);
    require(pane.registers >= 2 && pane.registers <= 256 && pane.max_w >= 0 && pane.max_h >= 0);
    require(pane.image_id >= 256 && pane.image_id <= 0xFFFFFF);
}

static void try_probe(struct source *s)
{
    struct input in;
    struct input_event e;
    struct term_caps caps;
    const int user_cell[2] = { (int)next(s) % 3 * 100, (int)next(s) % 3 * 100 };
    make_caps(s, &caps);
    caps.colors = 16;
    probe_cell(&caps, user_cell);
    input_init(&in);
    input_feed(&in, s->data + s->at, s->len - s->at);
    while (input_next_reply(&in, &e)) {
        check_event(&e);
        require(e.kind != INPUT_KEY && in.held_count <= ARRAY_LEN(in.held));
        if (!caps.outer_due || !probe_outer(&caps, &e)) {
            probe_late(&caps, &e, user_cell);
        }
        check_caps(&caps);
    }
    probe_cell(&caps, user_cell);
    check_caps(&caps);
}

/* What tmux tells, behind a line that it may have begun with. */
static void try_tmux(const uint8_t *data, size_t size)
{
    static const char pane[] = "P|3.3a|1|@1|%1|1|0|0|0|0|89|28\nC|@1|0|on|bottom|";
    struct buf text = BUF_INIT;
    struct tmux_state state;
    if (size > 0 && data[0] % 2) {
        buf_adds(&text, pane);
    }
    buf_add(&text, data, size);
    require(tmux_parse(buf_text(&text), text.len, &state) == state.known);
    require(state.known || (!state.visible && !state.keys && !state.clients));
    require(state.rows >= 0 && state.rows <= 10000 && state.cols >= 0 && state.cols <= 10000);
    require(state.cell_w >= 0 && state.cell_w <= 10000 && state.client_cols <= 10000);
    require(memchr(state.type, '\0', sizeof state.type) != NULL);
    if (tmux_shows(&state, 0, 0, state.rows, state.cols)) {
        require(state.visible && state.clients > 0);
    }
    buf_release(&text);
}

/* -------------------------------------------------------- well-formed replies */

static void add_params(struct source *s, struct buf *out)
{
    for (unsigned n = next(s) % 40; n > 0; n--) {
        buf_addf(out, "%u%s", next(s) * 257, n > 1 ? ";" : "");
    }
}

/* Of a kind that no key has. Any string may come, longer than all that is kept. */
static void add_reply(struct source *s, struct buf *out)
{
    static const char *const strings[] = { "\033P>|",     "\033P1$r", "\033]1337;ReportCellSize=",
                                           "\033_Gi=31;", "\033]",    "\033^" };
    unsigned kind = next(s) % 8;
    if (kind < 3) {
        static const char finals[] = "cnStuxy";
        static const char plain[] = "cnxy"; /* CSI S and u are keys, CSI t may be the mouse's */
        const char *prefix = &"?\0>\0="[kind * 2];
        bool bare = next(s) % 4 == 0;
        buf_addf(out, "\033[%s", bare ? "" : prefix);
        add_params(s, out);
        buf_addc(out, bare ? plain[next(s) % (sizeof plain - 1)]
                           : finals[next(s) % (sizeof finals - 1)]);
        return;
    }
    size_t len = next(s) % 4 ? next(s) : (size_t)next(s) * 60;
    buf_adds(out, strings[next(s) % ARRAY_LEN(strings)]);
    for (unsigned c = next(s); len > 0; len--, c += 7) {
        /* No control, nor what ends a string as U+009C. */
        buf_addc(out,
                 (char)((c & 0xFF) < 0x20 || (c & 0xFF) == 0x7F || (c & 0xFF) == 0x9C ? ' ' : c));
    }
    buf_adds(out, next(s) % 2 ? "\033\\" : "\a");
}

/* Takes what is there; keys must be those of `keys` from *seen on. */
static void take_events(struct input *in, int64_t pause_ns, const char *keys, size_t *seen,
                        size_t *replies)
{
    struct input_event e;
    input_time(in, in->now_ns + pause_ns);
    while (input_next(in, &e)) {
        check_event(&e);
        if (e.kind == INPUT_KEY) {
            require(keys[*seen] && e.key == (keycode)keys[*seen]);
            ++*seen;
        } else {
            ++*replies;
        }
    }
}

/* Keys and replies in any order, cut anywhere; a pause long enough for a lone ESC
 * to be the key may be at each cut but right behind an ESC. */
static void try_replies(struct source *s)
{
    struct buf bytes = BUF_INIT, keys = BUF_INIT;
    struct input in;
    size_t replies = 0, seen = 0, heard = 0;
    unsigned piece = 1 + next(s);
    for (unsigned n = 1 + next(s) % 12; n > 0; n--) {
        if (next(s) % 3 == 0) {
            char key = (char)('a' + next(s) % 26);
            buf_addc(&bytes, key);
            buf_addc(&keys, key);
        } else {
            add_reply(s, &bytes);
            replies++;
        }
    }
    input_init(&in);
    for (size_t at = 0; at < bytes.len;) {
        size_t len = bytes.len - at < piece ? bytes.len - at : piece;
        require(input_feed(&in, bytes.data + at, len) == len);
        at += len;
        bool pause = next(s) % 2 && bytes.data[at - 1] != 0x1B;
        take_events(&in, pause ? ESCAPE_NS : 0, buf_text(&keys), &seen, &heard);
    }
    take_events(&in, PAUSE_NS, buf_text(&keys), &seen, &heard);
    require(seen == keys.len && heard == replies && in.len == 0);
    buf_release(&bytes);
    buf_release(&keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source s = { data, size, 0 };
    if (size < 1000) { /* a longer sequence is cut */
        try_cuts(data, size, 1 + (size ? data[size - 1] % 7u : 0u));
    }
    try_tmux(data, size);
    try_probe(&s);
    s.at = 0;
    try_replies(&s);
    return 0;
}
