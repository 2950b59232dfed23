#include "base/normalize.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "normalize_table.h"

/* Hangul syllables, whose parts are computed (Unicode, 3.12). */
enum {
    SYLLABLES = 0xAC00,
    LEADS = 0x1100,
    VOWELS = 0x1161,
    TAILS = 0x11A7, /* one in front of the first: 0 is none */
    LEAD_COUNT = 19,
    VOWEL_COUNT = 21,
    TAIL_COUNT = 28,
    SYLLABLE_COUNT = LEAD_COUNT * VOWEL_COUNT * TAIL_COUNT,
};

struct codes {
    uint32_t *items;
    size_t count, cap;
};

static bool push(struct codes *c, uint32_t code)
{
    if (!mem_reserve(&c->items, &c->cap, c->count + 1, sizeof *c->items))
        return false;
    c->items[c->count++] = code;
    return true;
}

static int compare_pair(const void *key, const void *item)
{
    uint32_t code = *(const uint32_t *)key, there = ((const struct pair *)item)->code;

    return (code > there) - (code < there);
}

static int compare_range(const void *key, const void *item)
{
    uint32_t code = *(const uint32_t *)key;
    const struct range *r = item;

    return code < r->first ? -1 : code > r->last;
}

static int combining(uint32_t code)
{
    const struct range *r =
        bsearch(&code, ranges, ARRAY_LEN(ranges), sizeof *ranges, compare_range);

    return r == NULL ? 0 : r->combining;
}

static bool push_syllable(struct codes *c, uint32_t index)
{
    uint32_t tail = index % TAIL_COUNT;

    return push(c, LEADS + index / (VOWEL_COUNT * TAIL_COUNT)) &&
           push(c, VOWELS + index / TAIL_COUNT % VOWEL_COUNT) &&
           (tail == 0 || push(c, TAILS + tail));
}

/* The first of two may decompose further, the second never does. */
static bool decompose(struct codes *c, uint32_t code)
{
    if (code - SYLLABLES < SYLLABLE_COUNT)
        return push_syllable(c, code - SYLLABLES);
    const struct pair *p = bsearch(&code, pairs, ARRAY_LEN(pairs), sizeof *pairs, compare_pair);
    if (p == NULL)
        return push(c, code);
    return decompose(c, p->first) && (p->second == 0 || push(c, p->second));
}

/* Marks of one letter in the order of their classes. */
static void order_marks(struct codes *c)
{
    for (size_t i = 1; i < c->count; i++) {
        uint32_t code = c->items[i];
        int class = combining(code);
        size_t at = i;
        for (; class != 0 && at > 0 && combining(c->items[at - 1]) > class; at--)
            c->items[at] = c->items[at - 1];
        c->items[at] = code;
    }
}

/* Those of India and Bali: the only others than marks that compose with what is in
 * front. It keeps most text from being searched for. */
static bool is_vowel_sign(uint32_t code)
{
    return (code >= 0x9BE && code <= 0x1B35) || (code >= 0x11000 && code < 0x12000);
}

/* 0: the two do not compose. */
static uint32_t compose_pair(uint32_t first, uint32_t second)
{
    if (first - LEADS < LEAD_COUNT && second - VOWELS < VOWEL_COUNT)
        return SYLLABLES + ((first - LEADS) * VOWEL_COUNT + second - VOWELS) * TAIL_COUNT;
    if (first - SYLLABLES < SYLLABLE_COUNT && (first - SYLLABLES) % TAIL_COUNT == 0 &&
        second - TAILS - 1 < TAIL_COUNT - 1)
        return first + second - TAILS;
    if (combining(second) == 0 && !is_vowel_sign(second))
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        if (pairs[i].composes && pairs[i].second == second && pairs[i].first == first)
            return pairs[i].code;
    }
    return 0;
}

static void compose(struct codes *c)
{
    size_t letter = SIZE_MAX, count = 0;
    int before = 0; /* class of what stands in front, behind the letter */

    for (size_t i = 0; i < c->count; i++) {
        uint32_t code = c->items[i], whole = 0;
        int class = combining(code);
        bool blocked = letter != SIZE_MAX && letter + 1 < count && before >= class;
        if (letter != SIZE_MAX && !blocked && (class != 0 || letter + 1 == count))
            whole = compose_pair(c->items[letter], code);
        if (whole != 0) {
            c->items[letter] = whole;
            continue;
        }
        if (class == 0)
            letter = count;
        before = class;
        c->items[count++] = code;
    }
    c->count = count;
}

bool text_normalize(const char *text, size_t len, bool composed, struct buf *out)
{
    struct codes c = { NULL, 0, 0 };
    bool ok = true;

    while (ok && len > 0) {
        uint32_t code;
        size_t used = text_decode(text, len, &code);
        ok = code != UINT32_MAX && decompose(&c, code);
        text += used;
        len -= used;
    }
    if (ok) {
        order_marks(&c);
        if (composed)
            compose(&c);
    }
    for (size_t i = 0; ok && i < c.count; i++) {
        char bytes[4];
        buf_add(out, bytes, text_encode(c.items[i], bytes));
    }
    free(c.items);
    return ok && !out->failed;
}
