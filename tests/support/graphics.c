#include "graphics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CHUNK_MAX 4096
#define PASSED_MAX 1000000 /* tmux drops what is longer */

static bool begins(const char *bytes, size_t len, const char *with)
{
    return len >= strlen(with) && memcmp(bytes, with, strlen(with)) == 0;
}

/* --------------------------------------------------------------------- tmux */

void graphics_tmux(const void *bytes, size_t len, struct buf *outer, struct buf *pane)
{
    static const char wrap[] = "\033Ptmux;";
    const char *b = bytes;
    for (size_t at = 0; at < len;) {
        if (!begins(b + at, len - at, wrap)) {
            buf_addc(pane, b[at++]);
            continue;
        }
        size_t start = outer->len;
        for (at += strlen(wrap);; at++) {
            assert_true(at < len);
            if (b[at] == '\033') {
                at++;
                assert_true(at < len);
                if (b[at] == '\\') {
                    break;
                }
                assert_int_equal(b[at], '\033');
            }
            buf_addc(outer, b[at]);
        }
        at++;
        assert_true(outer->len > start && outer->len - start < PASSED_MAX);
    }
}

/* ------------------------------------------------------------------- base64 */

static int digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;
    assert_non_null(at);
    return (int)(at - digits);
}

static void decode_base64(const char *text, size_t len, struct buf *out)
{
    assert_int_equal(len % 4, 0);
    for (size_t at = 0; at < len; at += 4) {
        bool last = at + 4 == len;
        int pad = last && text[at + 3] == '=' ? text[at + 2] == '=' ? 2 : 1 : 0;
        int bits = digit(text[at]) << 18 | digit(text[at + 1]) << 12;
        bits |= pad < 2 ? digit(text[at + 2]) << 6 : 0;
        bits |= pad < 1 ? digit(text[at + 3]) : 0;
        for (int i = 0; i < 3 - pad; i++) {
            buf_addc(out, (char)(bits >> (16 - 8 * i)));
        }
        assert_int_equal(bits & ((1 << 8 * pad) - 1), 0);
    }
}

/* -------------------------------------------------------------------- kitty */

static uint32_t number(const char *text, size_t len)
{
    uint64_t n = 0;
    assert_true(len >= 1 && len <= 10);
    for (size_t i = 0; i < len; i++) {
        assert_in_range(text[i], '0', '9');
        n = 10 * n + (uint64_t)(text[i] - '0');
    }
    assert_true(n <= UINT32_MAX);
    return (uint32_t)n;
}

static void set_key(struct kitty_command *out, char key, const char *value, size_t len, int *more)
{
    bool letter = key == 'a' || key == 'd';
    assert_true(!letter || len == 1);
    uint32_t n = letter ? 0 : number(value, len);
    switch (key) {
    case 'a':
        out->action = value[0];
        break;
    case 'd':
        out->delete = value[0];
        break;
    case 'U':
        assert_int_equal(n, 1);
        out->virtual = true;
        break;
    case 'C':
        assert_int_equal(n, 1);
        out->stays = true;
        break;
    case 'q':
        out->quiet = (int)n;
        break;
    case 'f':
        out->format = (int)n;
        break;
    case 'i':
        out->id = n;
        break;
    case 'p':
        out->placement = n;
        break;
    case 'c':
        out->cols = (int)n;
        break;
    case 'r':
        out->rows = (int)n;
        break;
    case 'm':
        assert_in_range(n, 0, 1);
        *more = (int)n;
        break;
    default:
        fail_msg("a key %c", key);
    }
}

/* "k=v,k=v", no key twice. */
static void read_keys(struct kitty_command *out, const char *keys, size_t len, int *more)
{
    bool seen[128] = { false };
    for (size_t at = 0; at < len;) {
        const char *comma = memchr(keys + at, ',', len - at);
        size_t end = comma ? (size_t)(comma - keys) : len;
        char key = keys[at];
        assert_true(end - at >= 3 && keys[at + 1] == '=' && key > 0);
        assert_false(seen[(int)key]);
        seen[(int)key] = true;
        set_key(out, key, keys + at + 2, end - at - 2, more);
        assert_true(!comma || end + 1 < len);
        at = end + 1;
    }
    assert_true(out->chunks == 0 || (len == 3 && seen['m']));
}

size_t graphics_kitty(const char *bytes, size_t len, struct kitty_command *out)
{
    size_t at = 0;
    int more = 1;
    *out = (struct kitty_command){ .action = 't', .format = 32 };
    for (; more; out->chunks++) {
        assert_true(begins(bytes + at, len - at, "\033_G"));
        at += 3;
        const char *end = memchr(bytes + at, '\033', len - at);
        assert_true(end && (size_t)(end - bytes) + 1 < len && end[1] == '\\');
        size_t all = (size_t)(end - bytes) - at;
        const char *semicolon = memchr(bytes + at, ';', all);
        size_t keys = semicolon ? (size_t)(semicolon - bytes) - at : all;
        size_t payload = semicolon ? all - keys - 1 : 0;
        more = 0;
        read_keys(out, bytes + at, keys, &more);
        assert_true(payload <= CHUNK_MAX && (!more || payload > 0));
        if (payload) {
            assert_true(!more || semicolon[payload] != '=');
            decode_base64(semicolon + 1, payload, &out->data);
        }
        at += all + 2;
    }
    return at;
}

/* ------------------------------------------------------------------- iTerm2 */

static bool take(const char **at, const char *text)
{
    bool there = strncmp(*at, text, strlen(text)) == 0;
    *at += there ? strlen(text) : 0;
    return there;
}

static int take_number(const char **at, const char *behind)
{
    size_t len = strspn(*at, "0123456789");
    int n = (int)number(*at, len);
    *at += len;
    assert_true(take(at, behind));
    return n;
}

/* Keys may come in any order; each of ours has to be there. */
size_t graphics_iterm2(const char *bytes, size_t len, struct iterm2_file *out)
{
    size_t size = 0;
    const char *at = bytes;
    *out = (struct iterm2_file){ 0 };
    assert_true(len > 0 && bytes[len] == '\0');
    assert_true(take(&at, "\033]1337;File="));
    do {
        if (take(&at, "inline=")) {
            out->inlined = take_number(&at, "") == 1;
        } else if (take(&at, "size=")) {
            size = (size_t)take_number(&at, "");
        } else if (take(&at, "width=")) {
            out->width = take_number(&at, "px");
        } else if (take(&at, "height=")) {
            out->height = take_number(&at, "px");
        } else if (take(&at, "preserveAspectRatio=")) {
            out->stretched = take_number(&at, "") == 0;
        } else if (take(&at, "doNotMoveCursor=")) {
            out->still = take_number(&at, "") == 1;
        } else {
            fail_msg("an argument %.20s", at);
        }
    } while (take(&at, ";"));
    assert_true(take(&at, ":"));
    size_t text = strcspn(at, "\a\033");
    assert_int_equal(at[text], '\a');
    decode_base64(at, text, &out->data);
    assert_int_equal(out->data.len, size);
    return (size_t)(at - bytes) + text + 1;
}

/* ------------------------------------------------------------- placeholders */

/* The combining characters that stand for 0, 1, 2, … */
/* clang-format off */
static const uint32_t numbers[] = {
    0x0305, 0x030D, 0x030E, 0x0310, 0x0312, 0x033D, 0x033E, 0x033F, 0x0346, 0x034A, 0x034B, 0x034C,
    0x0350, 0x0351, 0x0352, 0x0357, 0x035B, 0x0363, 0x0364, 0x0365, 0x0366, 0x0367, 0x0368, 0x0369,
    0x036A, 0x036B, 0x036C, 0x036D, 0x036E, 0x036F, 0x0483, 0x0484, 0x0485, 0x0486, 0x0487, 0x0592,
    0x0593, 0x0594, 0x0595, 0x0597, 0x0598, 0x0599, 0x059C, 0x059D, 0x059E, 0x059F, 0x05A0, 0x05A1,
    0x05A8, 0x05A9, 0x05AB, 0x05AC, 0x05AF, 0x05C4, 0x0610, 0x0611, 0x0612, 0x0613, 0x0614, 0x0615,
    0x0616, 0x0617, 0x0657, 0x0658, 0x0659, 0x065A, 0x065B, 0x065D, 0x065E, 0x06D6, 0x06D7, 0x06D8,
    0x06D9, 0x06DA, 0x06DB, 0x06DC, 0x06DF, 0x06E0, 0x06E1, 0x06E2, 0x06E4, 0x06E7, 0x06E8, 0x06EB,
    0x06EC, 0x0730, 0x0732, 0x0733, 0x0735, 0x0736, 0x073A, 0x073D, 0x073F, 0x0740, 0x0741, 0x0743,
    0x0745, 0x0747, 0x0749, 0x074A, 0x07EB, 0x07EC, 0x07ED, 0x07EE, 0x07EF, 0x07F0, 0x07F1, 0x07F3,
    0x0816, 0x0817, 0x0818, 0x0819, 0x081B, 0x081C, 0x081D, 0x081E, 0x081F, 0x0820, 0x0821, 0x0822,
    0x0823, 0x0825, 0x0826, 0x0827, 0x0829, 0x082A, 0x082B, 0x082C, 0x082D, 0x0951, 0x0953, 0x0954,
    0x0F82, 0x0F83, 0x0F86, 0x0F87, 0x135D, 0x135E, 0x135F, 0x17DD, 0x193A, 0x1A17, 0x1A75, 0x1A76,
    0x1A77, 0x1A78, 0x1A79, 0x1A7A, 0x1A7B, 0x1A7C, 0x1B6B, 0x1B6D, 0x1B6E, 0x1B6F, 0x1B70, 0x1B71,
    0x1B72, 0x1B73, 0x1CD0, 0x1CD1, 0x1CD2, 0x1CDA, 0x1CDB, 0x1CE0, 0x1DC0, 0x1DC1, 0x1DC3, 0x1DC4,
    0x1DC5, 0x1DC6, 0x1DC7, 0x1DC8, 0x1DC9, 0x1DCB, 0x1DCC, 0x1DD1, 0x1DD2, 0x1DD3, 0x1DD4, 0x1DD5,
    0x1DD6, 0x1DD7, 0x1DD8, 0x1DD9, 0x1DDA, 0x1DDB, 0x1DDC, 0x1DDD, 0x1DDE, 0x1DDF, 0x1DE0, 0x1DE1,
    0x1DE2, 0x1DE3, 0x1DE4, 0x1DE5, 0x1DE6, 0x1DFE, 0x20D0, 0x20D1, 0x20D4, 0x20D5, 0x20D6, 0x20D7,
    0x20DB, 0x20DC, 0x20E1, 0x20E7, 0x20E9, 0x20F0, 0x2CEF, 0x2CF0, 0x2CF1, 0x2DE0, 0x2DE1, 0x2DE2,
    0x2DE3, 0x2DE4, 0x2DE5, 0x2DE6, 0x2DE7, 0x2DE8, 0x2DE9, 0x2DEA, 0x2DEB, 0x2DEC, 0x2DED, 0x2DEE,
    0x2DEF, 0x2DF0, 0x2DF1, 0x2DF2, 0x2DF3, 0x2DF4, 0x2DF5, 0x2DF6, 0x2DF7, 0x2DF8, 0x2DF9, 0x2DFA,
    0x2DFB, 0x2DFC, 0x2DFD, 0x2DFE, 0x2DFF, 0xA66F, 0xA67C, 0xA67D, 0xA6F0, 0xA6F1, 0xA8E0, 0xA8E1,
    0xA8E2, 0xA8E3, 0xA8E4, 0xA8E5, 0xA8E6, 0xA8E7, 0xA8E8, 0xA8E9, 0xA8EA, 0xA8EB, 0xA8EC, 0xA8ED,
    0xA8EE, 0xA8EF, 0xA8F0, 0xA8F1, 0xAAB0, 0xAAB2, 0xAAB3, 0xAAB7, 0xAAB8, 0xAABE, 0xAABF, 0xAAC1,
    0xFE20, 0xFE21, 0xFE22, 0xFE23, 0xFE24, 0xFE25, 0xFE26, 0x10A0F, 0x10A38, 0x1D185, 0x1D186,
    0x1D187, 0x1D188, 0x1D189, 0x1D1AA, 0x1D1AB, 0x1D1AC, 0x1D1AD, 0x1D242, 0x1D243, 0x1D244,
};
/* clang-format on */

#define NUMBERS (sizeof numbers / sizeof *numbers)

struct pen {
    int x, y, width, height;
    uint32_t color; /* of the foreground: a number, or a 24-bit one */
    bool colored;
    struct placeholder *cells;
    int marks; /* combining characters on the cell written last */
    int last;  /* that cell */
};

static int number_of(uint32_t code)
{
    for (size_t i = 0; i < NUMBERS; i++) {
        if (numbers[i] == code) {
            return (int)i;
        }
    }
    fail_msg("U+%X stands for no number", (unsigned)code);
    return -1;
}

/* The left neighbour, if it has that colour; a row is told or not. */
static const struct placeholder *left_of(const struct pen *pen, int row)
{
    const struct placeholder *cell = &pen->cells[pen->last];
    if (pen->last % pen->width == 0 || !cell[-1].written || cell[-1].id != cell->id ||
        (row >= 0 && cell[-1].row != row)) {
        return NULL;
    }
    return &cell[-1];
}

/* What a cell does not tell it takes from its left neighbour. */
static void finish_cell(struct pen *pen)
{
    struct placeholder *cell = &pen->cells[pen->last];
    if (pen->marks < 0) {
        return;
    }
    if (pen->marks < 2) {
        const struct placeholder *left = left_of(pen, pen->marks == 1 ? cell->row : -1);
        assert_true(left || pen->marks == 1);
        cell->row = pen->marks == 1 ? cell->row : left->row;
        cell->col = left ? left->col + 1 : 0;
    }
    pen->marks = -1;
}

static void print_code(struct pen *pen, uint32_t code)
{
    if (code == 0x10EEEE) {
        finish_cell(pen);
        assert_true(pen->colored);
        assert_in_range(pen->x, 0, pen->width - 1);
        assert_in_range(pen->y, 0, pen->height - 1);
        pen->last = pen->y * pen->width + pen->x++;
        pen->cells[pen->last] = (struct placeholder){ .written = true, .id = pen->color };
        pen->marks = 0;
        return;
    }
    struct placeholder *cell = &pen->cells[pen->last];
    switch (pen->marks++) {
    case 0:
        cell->row = number_of(code);
        break;
    case 1:
        cell->col = number_of(code);
        break;
    default:
        fail_msg("U+%X: not on a placeholder, or a third number", (unsigned)code);
    }
}

static uint32_t take_code(const uint8_t *b, size_t len, size_t *taken)
{
    size_t bytes = b[0] < 0x80 ? 1 : b[0] < 0xE0 ? 2 : b[0] < 0xF0 ? 3 : 4;
    uint32_t code = bytes == 1 ? b[0] : b[0] & (0xFFu >> (bytes + 1));
    assert_true(bytes <= len && (b[0] < 0x80 || b[0] >= 0xC2));
    for (size_t i = 1; i < bytes; i++) {
        assert_int_equal(b[i] & 0xC0, 0x80);
        code = code << 6 | (b[i] & 0x3Fu);
    }
    *taken = bytes;
    return code;
}

static void run_csi(struct pen *pen, const char *params, char final)
{
    unsigned r, g, b;
    int n = params[0] ? atoi(params) : 1;
    finish_cell(pen);
    if (final == 'D') {
        pen->x = n > pen->x ? 0 : pen->x - n;
    } else if (final == 'B') {
        pen->y += n;
    } else if (final == 'm' && strcmp(params, "0") == 0) {
        pen->colored = false;
    } else if (final == 'm' && sscanf(params, "38;2;%u;%u;%u", &r, &g, &b) == 3) {
        assert_true(r < 256 && g < 256 && b < 256);
        pen->color = r << 16 | g << 8 | b;
        pen->colored = true;
    } else if (final == 'm' && sscanf(params, "38;5;%u", &r) == 1) {
        assert_true(r < 256);
        pen->color = r;
        pen->colored = true;
    } else {
        fail_msg("CSI %s %c", params, final);
    }
}

void graphics_placeholders(const char *bytes, size_t len, int width, int height,
                           struct placeholder *cells)
{
    struct pen pen = { .width = width, .height = height, .cells = cells, .marks = -1 };
    memset(cells, 0, (size_t)width * (size_t)height * sizeof *cells);
    for (size_t at = 0; at < len;) {
        char params[32] = "";
        if (bytes[at] != '\033') {
            size_t taken;
            print_code(&pen, take_code((const uint8_t *)bytes + at, len - at, &taken));
            at += taken;
            continue;
        }
        assert_true(begins(bytes + at, len - at, "\033["));
        at += 2;
        size_t n = strspn(bytes + at, "0123456789;");
        assert_true(n < sizeof params && at + n < len);
        memcpy(params, bytes + at, n);
        run_csi(&pen, params, bytes[at + n]);
        at += n + 1;
    }
    assert_int_equal(pen.marks, -1);
    assert_false(pen.colored);
}
