/* Which picture comes next: the queue of those fixed ahead, so that they can be
 * made ready, and the trail of those that were up, for the way back.
 *
 * The order of the files needs neither: there the catalog is the queue. */
#include "session_private.h"

#include <string.h>

#include "base/text.h"

#define RANDOM_TRIES 64

/* Fixed ahead in the active order: what is learned meanwhile has no say in them. */
#define ACTIVE_AHEAD 8

/* Fixed ahead while there is no plan: the fewer, the sooner there are others than
 * neighbours, which are often of a kind. */
#define UNPLANNED_AHEAD 2

static bool is_open(const struct session *s, uint32_t id)
{
    return s->marks[id].status == STATUS_UNANSWERED && session_shows(s, id);
}

/* ------------------------------------------------------------------- queue */

static bool is_queued(const struct session *s, uint32_t id)
{
    for (size_t i = 0; i < s->queued; i++) {
        if (s->queue[i] == id) {
            return true;
        }
    }
    return false;
}

static bool may_queue(const struct session *s, uint32_t id)
{
    return id != s->current && is_open(s, id) && !is_queued(s, id);
}

/* What was answered or is up now has no place in the queue. */
static void tidy(struct session *s)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->queued; i++) {
        if (s->queue[i] != s->current && is_open(s, s->queue[i])) {
            s->queue[kept++] = s->queue[i];
        }
    }
    s->queued = kept;
}

static void put_in_front(struct session *s, uint32_t id)
{
    if (is_queued(s, id)) {
        return;
    }
    size_t keep = s->queued < QUEUE_MAX ? s->queued : QUEUE_MAX - 1;
    memmove(s->queue + 1, s->queue, keep * sizeof *s->queue);
    s->queue[0] = id;
    s->queued = keep + 1;
}

/* The first one behind the current one, going round, that can be queued. */
static bool add_by_file(struct session *s)
{
    size_t from = s->current == CATALOG_NO_ID ? 0 : catalog_position(s->catalog, s->current);
    for (size_t i = 0; i < s->marked; i++) {
        uint32_t id = catalog_id(s->catalog, (from + i) % s->marked);
        if (may_queue(s, id)) {
            s->queue[s->queued++] = id;
            return true;
        }
    }
    return false;
}

static void add_active(struct session *s, size_t want)
{
    uint32_t plan[GUESSER_PLAN];
    size_t count = s->guesser ? guesser_plan(s->guesser, plan) : 0;
    want = want < ACTIVE_AHEAD ? want : ACTIVE_AHEAD;
    for (size_t i = 0; i < count && s->queued < want; i++) {
        if (may_queue(s, plan[i])) {
            s->queue[s->queued++] = plan[i];
        }
    }
    /* No plan yet, or nothing else is left. */
    while (s->queued < want && s->queued < UNPLANNED_AHEAD && add_by_file(s)) {
    }
}

static void add_random(struct session *s, size_t want)
{
    size_t open = s->by_status[STATUS_UNANSWERED];
    for (size_t tries = 0; open && s->queued < want && tries < RANDOM_TRIES; tries++) {
        uint32_t id = (uint32_t)random_below(&s->random, s->marked);
        if (may_queue(s, id)) {
            s->queue[s->queued++] = id;
        }
    }
    if (open && !s->queued) { /* few are left */
        size_t from = random_below(&s->random, s->marked);
        for (size_t i = 0; i < s->marked && !s->queued; i++) {
            uint32_t id = (uint32_t)((from + i) % s->marked);
            if (may_queue(s, id)) {
                s->queue[s->queued++] = id;
            }
        }
    }
}

/* < 0: a comes before b. Pictures of one name, in folders of their own, come in
 * the order of discovery. */
static int compare_names(const struct session *s, uint32_t a, uint32_t b)
{
    int by_name = text_natural_compare(catalog_name(s->catalog, a), catalog_name(s->catalog, b));
    return by_name ? by_name : (a > b) - (a < b);
}

/* a comes before b, going round behind `from`. */
static bool is_sooner(const struct session *s, uint32_t from, uint32_t a, uint32_t b)
{
    bool a_round = from != CATALOG_NO_ID && compare_names(s, a, from) < 0;
    bool b_round = from != CATALOG_NO_ID && compare_names(s, b, from) < 0;
    return a_round != b_round ? b_round : compare_names(s, a, b) < 0;
}

/* One look at all names, rather than sorting them: a folder of millions is never
 * sorted while somebody waits. */
static void add_by_name(struct session *s, size_t want)
{
    uint32_t from = s->queued ? s->queue[s->queued - 1] : s->current;
    size_t fixed = s->queued;
    for (uint32_t id = 0; id < s->marked && fixed < want; id++) {
        bool full = s->queued == want;
        if (!may_queue(s, id) || (full && !is_sooner(s, from, id, s->queue[want - 1]))) {
            continue;
        }
        size_t at = full ? want - 1 : s->queued++;
        while (at > fixed && is_sooner(s, from, id, s->queue[at - 1])) {
            s->queue[at] = s->queue[at - 1];
            at--;
        }
        s->queue[at] = id;
    }
}

static void extend(struct session *s, size_t want)
{
    switch (s->order) {
    case SESSION_ACTIVE:
        add_active(s, want);
        break;
    case SESSION_NAME:
        if (s->queued <= want / 2) {
            add_by_name(s, want);
        }
        break;
    case SESSION_RANDOM:
        add_random(s, want);
        break;
    default:
        break;
    }
}

/* So that it plans for others. */
static void tell_queue(struct session *s)
{
    uint32_t taken[QUEUE_MAX + 1];
    size_t count = 0;
    if (s->current != CATALOG_NO_ID) {
        taken[count++] = s->current;
    }
    memcpy(taken + count, s->queue, s->queued * sizeof *taken);
    guesser_queue(s->guesser, taken, count + s->queued);
}

bool session_look_ahead(struct session *s, size_t ahead)
{
    uint32_t before[QUEUE_MAX];
    size_t count = s->queued;
    if (s->order == SESSION_FILE || !s->marked) {
        return false;
    }
    memcpy(before, s->queue, count * sizeof *before);
    tidy(s);
    ahead = ahead < 1 ? 1 : ahead > QUEUE_MAX ? QUEUE_MAX : ahead;
    /* A script keeps step: what comes next must not hang on who is faster. */
    if (!s->clock_ms || s->order != SESSION_ACTIVE || session_guesser_settled(s)) {
        extend(s, ahead);
    }
    if (s->guesser && s->order == SESSION_ACTIVE) {
        tell_queue(s);
    }
    return s->queued != count || memcmp(before, s->queue, count * sizeof *before) != 0;
}

uint32_t session_next_in_queue(struct session *s)
{
    tidy(s);
    if (!s->queued) {
        extend(s, 1);
    }
    return s->queued ? s->queue[0] : CATALOG_NO_ID;
}

/* ------------------------------------------------------------------- trail */

void session_visit(struct session *s, uint32_t id, bool come_back)
{
    if (come_back && s->order == SESSION_NAME) {
        s->queued = 0; /* it goes on from there */
    } else if (come_back && s->order != SESSION_FILE && s->current != CATALOG_NO_ID &&
               is_open(s, s->current)) {
        put_in_front(s, s->current);
    }
    s->current = id;
    if (s->trail_len && s->trail_at + 1 < s->trail_len && s->trail[s->trail_at + 1] == id) {
        s->trail_at++;
        return;
    }
    s->trail_len = s->trail_len ? s->trail_at + 1 : 0;
    if (s->trail_len == TRAIL_MAX) {
        s->trail_len = TRAIL_MAX / 2;
        memmove(s->trail, s->trail + TRAIL_MAX - s->trail_len, s->trail_len * sizeof *s->trail);
    }
    s->trail[s->trail_len] = id;
    s->trail_at = s->trail_len++;
}

uint32_t session_trail(const struct session *s, int steps)
{
    if ((steps < 0 && s->trail_at < (size_t)-steps) ||
        (steps >= 0 && s->trail_at + (size_t)steps >= s->trail_len)) {
        return CATALOG_NO_ID;
    }
    return s->trail[steps < 0 ? s->trail_at - (size_t)-steps : s->trail_at + (size_t)steps];
}

bool session_step_back(struct session *s)
{
    uint32_t id = session_trail(s, -1);
    if (id == CATALOG_NO_ID) {
        return false;
    }
    if (is_open(s, s->current)) {
        put_in_front(s, s->current);
    }
    s->trail_at--;
    s->current = id;
    return true;
}

/* ---------------------------------------------------------------- the order */

enum session_order session_order(const struct session *s)
{
    return s->order;
}

bool session_set_order(struct session *s, enum session_order order)
{
    if (order == SESSION_ACTIVE && !s->guesser) {
        return false;
    }
    s->order = order;
    s->queued = 0;
    return true;
}
