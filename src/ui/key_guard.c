#include "key_guard.h"

#define MS 1000000LL

#define REPEAT_NS (105 * MS)      /* the same key again within this time: it is held */
#define PAUSE_NS (150 * MS)       /* ends a series of keys */
#define DELAY_LEAST_NS (180 * MS) /* from the press to the first repeat */
#define DELAY_MOST_NS (1200 * MS)

/* For terminals that do not report repeats. */
static enum key_verdict by_time(struct key_guard *g, int64_t gap_ns)
{
    if (gap_ns < (g->held ? PAUSE_NS : REPEAT_NS)) {
        enum key_verdict verdict = g->doubtful ? KEY_HELD_BEFORE : KEY_HELD;
        g->held = true;
        g->doubtful = false;
        return verdict;
    }
    g->doubtful = g->held || (gap_ns >= DELAY_LEAST_NS && gap_ns <= DELAY_MOST_NS);
    g->held = false;
    return KEY_COUNTS;
}

static enum key_verdict judge(struct key_guard *g, bool same, int64_t gap_ns, bool repeated,
                              bool told)
{
    if (same && !told && !repeated) {
        return by_time(g, gap_ns);
    }
    g->held = repeated;
    g->doubtful = false;
    return repeated ? KEY_HELD : KEY_COUNTS;
}

void key_guard_take(struct key_guard *g, keycode key, int64_t from_ns, int64_t at_ns, bool repeated,
                    bool told)
{
    int64_t gap_ns = from_ns - g->at_ns;
    g->refused = g->refused && gap_ns < PAUSE_NS;
    g->verdict = judge(g, key == g->key, gap_ns, repeated, told);
    if (g->refused && g->verdict == KEY_COUNTS) {
        g->verdict = KEY_TOO_SOON;
    }
    g->key = key;
    g->at_ns = at_ns;
}

void key_guard_refuse(struct key_guard *g)
{
    g->refused = true;
}
