/* The table of protocols, and the choice of one by the terminal's replies. */
#include "term/protocol.h"

#include <string.h>
#include <unistd.h>

#include "base/mem.h"

static const struct protocol *const protocols[] = {
    &protocol_kitty, &protocol_placeholders, &protocol_iterm2,
    &protocol_sixel, &protocol_libsixel,     &protocol_blocks,
};

const struct protocol *protocol_at(size_t index)
{
    return index < ARRAY_LEN(protocols) ? protocols[index] : NULL;
}

const struct protocol *protocol_by_name(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(protocols); i++) {
        if (strcmp(protocols[i]->name, name) == 0) {
            return protocols[i];
        }
    }
    return NULL;
}

/* True when a terminal's name (XTVERSION), or its TERM, starts with one of these. */
static bool is_named(const char *name, const char *const names[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strncmp(name, names[i], strlen(names[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* The terminals named here show iTerm2's inline images, though not all of them report the
 * cell size as iTerm2 does. */
static bool is_iterm2(const struct term_caps *caps, const struct term_replies *r)
{
    static const char *const names[] = { "iTerm2 ", "WezTerm ", "mintty ", "rio ", "Rio " };
    return r->iterm2 || is_named(probe_name(caps), names, ARRAY_LEN(names));
}

/* Only these terminals support placeholders; others support the rest of kitty's
 * protocol. */
static bool has_placeholders(const struct term_caps *caps)
{
    static const char *const names[] = { "kitty", "ghostty", "Ghostty" };
    static const char *const terms[] = { "xterm-kitty", "xterm-ghostty" };
    return is_named(probe_name(caps), names, ARRAY_LEN(names)) ||
           is_named(caps->around.term, terms, ARRAY_LEN(terms));
}

/* The first protocol that the terminal supports; NULL: none. iTerm2's before sixel, as a
 * JPEG takes a fraction of the bytes. */
static const struct protocol *choose_pixels(const struct term_caps *caps,
                                            const struct term_replies *r, const char **why)
{
    if (r->kitty && (!caps->tmux || has_placeholders(caps))) {
        *why = "the terminal accepted a picture in kitty's protocol";
        return caps->tmux ? &protocol_placeholders : &protocol_kitty;
    }
    if (is_iterm2(caps, r)) {
        *why = r->iterm2 ? "the terminal reports its cell size as iTerm2 does"
                         : "the terminal's name is one of those that show iTerm2's pictures";
        return &protocol_iterm2;
    }
    if (r->da1_sixel) {
        *why = "the terminal lists sixel (4) in its DA1 answer";
        return &protocol_sixel;
    }
    return NULL;
}

static const struct protocol *choose_in_tmux(const struct term_caps *caps, const char **why)
{
    const struct tmux_state *t = &caps->around;
    const struct protocol *p = NULL;
    if (caps->replies.da1_sixel) {
        *why = "tmux draws sixel itself: it lists sixel (4) in its DA1 answer";
        return &protocol_sixel;
    }
    if (!t->known) {
        *why = "tmux did not say where the pane is";
    } else if (!t->passthrough) {
        *why = "tmux blocks pictures: allow-passthrough is off";
    } else if (!caps->outer.da1) {
        *why = "the terminal outside tmux has not answered";
    } else {
        *why = "the terminal outside tmux has no picture protocol that works through tmux";
        p = choose_pixels(caps, &caps->outer, why);
    }
    return p ? p : &protocol_blocks;
}

const struct protocol *protocol_choose(const struct term_caps *caps, const char **why)
{
    const struct protocol *p = NULL;
    if (caps->tmux) {
        return choose_in_tmux(caps, why);
    }
    *why = caps->replies.da1 ? "the terminal does not list sixel (4) in its DA1 answer"
                             : "the terminal did not answer DA1 in time";
    p = choose_pixels(caps, &caps->replies, why);
    return p ? p : &protocol_blocks;
}

static bool is_sixel(const struct protocol *p)
{
    return p == &protocol_sixel || p == &protocol_libsixel;
}

bool protocol_meets_tmux(const struct protocol *protocol, const struct term_caps *caps)
{
    return caps->tmux && !(is_sixel(protocol) && caps->replies.da1_sixel);
}

#define XTERM_PIECES 14 /* of xterm's 16 pictures; the one under the pieces takes one */

int protocol_pieces(const struct protocol *protocol, const struct term_caps *caps)
{
    const char *name = probe_name(caps);
    bool xterm = !name[0] || strncmp(name, "XTerm", 5) == 0;
    return protocol && is_sixel(protocol) && xterm ? XTERM_PIECES : PIECES_MOST;
}

#define IMAGE_ID_MIN 256  /* smaller ids are likely to be used by other programs */
#define ESCAPES_MAX 10000 /* bytes that wrapping for tmux and the cursor position add */

void protocol_pane(const struct protocol *protocol, const struct term_caps *caps, struct pane *pane,
                   size_t *max_bytes)
{
    bool tmux = protocol && protocol_meets_tmux(protocol, caps);
    bool outer = tmux && protocol->outer;
    const struct term_replies *display = probe_display(caps, outer);
    int registers = display->registers;
    *pane =
        (struct pane){ .cell_w = caps->cell_w,
                       .cell_h = caps->cell_h,
                       .colors = caps->colors,
                       .registers = registers >= 2 && registers < 256 ? registers : 256,
                       .tmux = tmux,
                       .image_id = IMAGE_ID_MIN + (uint32_t)getpid() % (0x1000000 - IMAGE_ID_MIN) };
    if (protocol && is_sixel(protocol)) {
        pane->max_w = display->graphics_w;
        pane->max_h = display->graphics_h;
    }
    *max_bytes = outer ? TMUX_SEQUENCE_MAX - ESCAPES_MAX : 0;
}
