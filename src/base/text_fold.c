#include "base/text_fold.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#include "base/mem.h"
#include "base/text.h"

#define MARKS_MAX 30 /* on one letter that are put in order; Unicode's limit for streams */

/* Hangul syllables are made of these by a rule (Unicode, chapter 3.12). */
enum {
    SYLLABLE = 0xAC00,
    SYLLABLES = 11172,
    LEAD = 0x1100,
    VOWEL = 0x1161,
    TAIL = 0x11A7,
    VOWELS = 21,
    TAILS = 28,
};

struct decomposition {
    uint16_t code, first, second;
};

static const struct decomposition decompositions[] = {
#define DECOMPOSITION(code, first, second) { code, first, second },
#define COMBINING(first, last, class)
#include "decompositions.def"
#undef DECOMPOSITION
#undef COMBINING
};

struct combining {
    uint16_t first, last;
    uint8_t class;
};

static const struct combining combinings[] = {
#define DECOMPOSITION(code, first, second)
#define COMBINING(first, last, class) { first, last, class },
#include "decompositions.def"
#undef DECOMPOSITION
#undef COMBINING
};

static int compare_code(const void *key, const void *row)
{
    uint32_t code = *(const uint32_t *)key;
    const struct decomposition *d = row;
    return code < d->code ? -1 : code > d->code;
}

static int compare_range(const void *key, const void *row)
{
    uint32_t code = *(const uint32_t *)key;
    const struct combining *c = row;
    return code < c->first ? -1 : code > c->last;
}

static uint8_t class_of(uint32_t code)
{
    const struct combining *c =
        code < combinings[0].first
            ? NULL
            : bsearch(&code, combinings, ARRAY_LEN(combinings), sizeof *c, compare_range);
    return c ? c->class : 0;
}

/* The marks since the last letter, in the order of their classes. */
struct folding {
    struct buf *out;
    uint32_t marks[MARKS_MAX];
    uint8_t classes[MARKS_MAX];
    size_t count;
};

static void write_marks(struct folding *f)
{
    for (size_t i = 0; i < f->count; i++) {
        char utf8[4];
        buf_add(f->out, utf8, text_encode(f->marks[i], utf8));
    }
    f->count = 0;
}

static void put(struct folding *f, uint32_t code)
{
    uint8_t class = class_of(code);
    if (!class || f->count == MARKS_MAX) {
        write_marks(f);
    }
    size_t at = f->count++;
    for (; class && at > 0 && f->classes[at - 1] > class; at--) {
        f->marks[at] = f->marks[at - 1];
        f->classes[at] = f->classes[at - 1];
    }
    f->marks[at] = code;
    f->classes[at] = class;
}

static void put_syllable(struct folding *f, uint32_t index)
{
    put(f, LEAD + index / (VOWELS * TAILS));
    put(f, VOWEL + index % (VOWELS * TAILS) / TAILS);
    if (index % TAILS) {
        put(f, TAIL + index % TAILS);
    }
}

/* The second part is a mark, or nothing; the first may have parts itself. */
static void decompose(struct folding *f, uint32_t code)
{
    uint32_t behind[4];
    size_t count = 0;
    const struct decomposition *d;
    if (code >= SYLLABLE && code < SYLLABLE + SYLLABLES) {
        put_syllable(f, code - SYLLABLE);
        return;
    }
    while (
        code >= decompositions[0].code && count < ARRAY_LEN(behind) &&
        (d = bsearch(&code, decompositions, ARRAY_LEN(decompositions), sizeof *d, compare_code))) {
        behind[count++] = d->second;
        code = d->first;
    }
    put(f, code);
    while (count) {
        if (behind[--count]) {
            decompose(f, behind[count]);
        }
    }
}

void text_fold(struct buf *out, const char *s, size_t len, bool ignore_case)
{
    struct folding f = { .out = out };
    for (size_t i = 0; i < len;) {
        uint32_t code;
        size_t used = text_decode(s + i, len - i, &code);
        if (code == UINT32_MAX) {
            write_marks(&f);
            buf_add(out, s + i, used);
        } else {
            decompose(&f, ignore_case ? (uint32_t)towlower((wint_t)code) : code);
        }
        i += used;
    }
    write_marks(&f);
}

bool text_same(const char *a, const char *b)
{
    struct buf x = BUF_INIT, y = BUF_INIT;
    if (strcmp(a, b) == 0) {
        return true;
    }
    text_fold(&x, a, strlen(a), false);
    text_fold(&y, b, strlen(b), false);
    bool same = !x.failed && !y.failed && strcmp(buf_text(&x), buf_text(&y)) == 0;
    buf_release(&x);
    buf_release(&y);
    return same;
}
