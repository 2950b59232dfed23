/* Which picture comes next: the queue of pictures fixed ahead, so that they can be rendered
 * in advance, and the trail (history) of pictures visited, for going back.
 *
 * In file order the catalog itself is the queue. */
#include "session_private.h"

#include <string.h>

#include "base/text.h"

/* Pictures fixed ahead in the active order; later answers do not change them. */
#define ACTIVE_AHEAD 8

/* Pictures fixed ahead while there is no plan: few, so that the first plan takes effect
 * soon. */
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

static bool is_away(const struct session *s)
{
    return s->trail_len && s->trail[s->trail_at].away;
}

/* Removes answered pictures from the queue, and the current one if it came up in its turn. */
static void tidy_queue(struct session *s)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->queued; i++) {
        if ((s->queue[i] != s->current || is_away(s)) && is_open(s, s->queue[i])) {
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

static bool is_next_at_random(const void *context, uint32_t id)
{
    const struct session *s = context;
    return !s->marks[id].passed && may_queue(s, id);
}

static bool was_passed(const void *context, uint32_t id)
{
    const struct session *s = context;
    return s->marks[id].passed && may_queue(s, id);
}

/* Fills the queue by rank; pictures passed over come up again when nothing else is open. */
static void add_random(struct session *s, size_t want)
{
    uint32_t id;
    for (size_t at = 0;
         s->queued < want && sample_next(&s->sample, &at, is_next_at_random, s, &id);) {
        s->queue[s->queued++] = id;
    }
    for (size_t at = 0; !s->queued && sample_next(&s->sample, &at, was_passed, s, &id);) {
        s->queue[s->queued++] = id;
    }
}

static void add_active(struct session *s, size_t want)
{
    uint32_t plan[ASSIST_PLAN];
    size_t count = assist_plan(s->assist, plan);
    want = want < ACTIVE_AHEAD ? want : ACTIVE_AHEAD;
    for (size_t i = 0; i < count && s->queued < want; i++) {
        if (may_queue(s, plan[i])) {
            s->queue[s->queued++] = plan[i];
        }
    }
    /* If there is no plan yet, or it is used up. */
    add_random(s, want < UNPLANNED_AHEAD ? want : UNPLANNED_AHEAD);
}

/* < 0: a comes before b. Pictures of the same name, in different folders, are in order of
 * discovery. */
static int compare_names(const struct session *s, uint32_t a, uint32_t b)
{
    int by_name = text_natural_compare(catalog_name(s->catalog, a), catalog_name(s->catalog, b));
    return by_name ? by_name : (a > b) - (a < b);
}

/* True if a comes before b in the order that starts after `from` and wraps around. */
static bool is_sooner(const struct session *s, uint32_t from, uint32_t a, uint32_t b)
{
    bool a_round = from != CATALOG_NO_ID && compare_names(s, a, from) < 0;
    bool b_round = from != CATALOG_NO_ID && compare_names(s, b, from) < 0;
    return a_round != b_round ? b_round : compare_names(s, a, b) < 0;
}

/* Selects the next names in one pass instead of sorting all: sorting millions of names would
 * make the user wait. */
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

static void extend_queue(struct session *s, size_t want)
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

/* Tells the assistant which pictures are next in the random order. */
static void tell_draw(struct session *s)
{
    uint32_t draw[ASSIST_DRAW];
    size_t count = 0;
    for (size_t at = 0;
         count < ASSIST_DRAW && sample_next(&s->sample, &at, is_next_at_random, s, &draw[count]);) {
        count++;
    }
    assist_draw(s->assist, draw, count);
}

/* Tells the assistant which pictures are fixed, so that it plans others. */
static void tell_queue(struct session *s)
{
    uint32_t taken[QUEUE_MAX + 1];
    size_t count = 0;
    if (s->current != CATALOG_NO_ID) {
        taken[count++] = s->current;
    }
    memcpy(taken + count, s->queue, s->queued * sizeof *taken);
    tell_draw(s);
    assist_queue(s->assist, taken, count + s->queued);
}

bool session_look_ahead(struct session *s, size_t ahead)
{
    uint32_t before[QUEUE_MAX];
    size_t count = s->queued;
    if (s->order == SESSION_FILE || !s->marked) {
        return false;
    }
    memcpy(before, s->queue, count * sizeof *before);
    tidy_queue(s);
    ahead = ahead < 1 ? 1 : ahead > QUEUE_MAX ? QUEUE_MAX : ahead;
    bool active = assist_plans(s->assist) && s->order == SESSION_ACTIVE;
    /* In scripts the queue must not depend on the timing of threads: what is queued is told
     * first, so that a plan without it is made before the assistant is settled. */
    if (s->clock_ms && active) {
        tell_queue(s);
    }
    if (!s->clock_ms || !active || assist_settled(s->assist)) {
        extend_queue(s, ahead);
    }
    if (active) {
        tell_queue(s);
    }
    return s->queued != count || memcmp(before, s->queue, count * sizeof *before) != 0;
}

uint32_t session_next_in_queue(struct session *s)
{
    tidy_queue(s);
    if (!s->queued) {
        extend_queue(s, 1);
    }
    for (size_t i = 0; i < s->queued; i++) {
        if (s->queue[i] != s->current) {
            return s->queue[i];
        }
    }
    return CATALOG_NO_ID;
}

/* ------------------------------------------------------------------- trail */

/* Called before another picture becomes current: puts the current one back in front of the
 * queue, or marks it as passed over. */
static void leave_current(struct session *s, enum visit how)
{
    bool its_turn = s->current != CATALOG_NO_ID && is_open(s, s->current) && !is_away(s);
    if (its_turn && how != VISIT_IN_TURN && s->order != SESSION_FILE) {
        put_in_front(s, s->current);
    } else if (its_turn) {
        s->marks[s->current].passed = s->order == SESSION_ACTIVE || s->order == SESSION_RANDOM;
    }
    s->at_end = false;
}

void session_visit(struct session *s, uint32_t id, enum visit how)
{
    leave_current(s, how);
    if (how != VISIT_IN_TURN && s->order == SESSION_NAME) {
        s->queued = 0; /* the order continues from there */
    }
    s->current = id;
    if (s->trail_len && s->trail_at + 1 < s->trail_len && s->trail[s->trail_at + 1].id == id) {
        s->trail_at++;
        return;
    }
    s->trail_len = s->trail_len ? s->trail_at + 1 : 0;
    if (s->trail_len == TRAIL_MAX) {
        s->trail_len = TRAIL_MAX / 2;
        memmove(s->trail, s->trail + TRAIL_MAX - s->trail_len, s->trail_len * sizeof *s->trail);
    }
    s->trail[s->trail_len] = (struct step){ id, how == VISIT_AWAY };
    s->trail_at = s->trail_len++;
}

uint32_t session_trail(const struct session *s, int steps)
{
    if ((steps < 0 && s->trail_at < (size_t)-steps) ||
        (steps >= 0 && s->trail_at + (size_t)steps >= s->trail_len)) {
        return CATALOG_NO_ID;
    }
    return s->trail[steps < 0 ? s->trail_at - (size_t)-steps : s->trail_at + (size_t)steps].id;
}

bool session_step_back(struct session *s)
{
    uint32_t id = session_trail(s, s->at_end ? 0 : -1);
    if (id == CATALOG_NO_ID) {
        return false;
    }
    size_t step = s->at_end ? 0 : 1;
    leave_current(s, VISIT_AGAIN);
    s->trail_at -= step;
    s->current = id;
    return true;
}

uint32_t session_here(const struct session *s)
{
    return s->current != CATALOG_NO_ID ? s->current : session_trail(s, 0);
}

bool session_go_past_end(struct session *s)
{
    leave_current(s, VISIT_IN_TURN);
    s->current = CATALOG_NO_ID;
    s->at_end = true;
    return true;
}

/* ------------------------------------------------------- what was answered last */

void session_note_done(struct session *s, uint32_t id)
{
    s->done[s->done_count++ % DONE_MAX] = id;
}

void session_forget_done(struct session *s)
{
    s->done_count -= s->done_count > 0;
}

uint32_t session_last_answered(const struct session *s, size_t i)
{
    return i < s->done_count && i < DONE_MAX ? s->done[(s->done_count - 1 - i) % DONE_MAX]
                                             : CATALOG_NO_ID;
}

/* ---------------------------------------------------------------- the order */

enum session_order session_order(const struct session *s)
{
    return s->order;
}

bool session_set_order(struct session *s, enum session_order order)
{
    if (order == SESSION_ACTIVE && !assist_plans(s->assist)) {
        return false;
    }
    s->order = order;
    s->queued = 0;
    if (s->trail_len) { /* the current picture was not chosen by the new order */
        s->trail[s->trail_at].away = true;
    }
    return true;
}
