/* Moving between pictures: steps, searches, the filter, and the pictures needed soon. */
#include "session_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

typedef bool stop_fn(const struct session *s, uint32_t id);

static bool is_shown(const struct session *s, uint32_t id)
{
    return session_shows(s, id);
}

static bool is_open(const struct session *s, uint32_t id)
{
    return s->marks[id].status == STATUS_UNANSWERED && session_shows(s, id);
}

static bool is_skipped(const struct session *s, uint32_t id)
{
    return s->marks[id].status == STATUS_SKIPPED && session_shows(s, id);
}

/* The first picture from position `from` (included) on, in the direction of `step`, for
 * which `stop` is true; wraps around if `round`. */
static uint32_t seek(const struct session *s, size_t from, int step, bool round, stop_fn *stop)
{
    size_t count = s->marked;
    for (size_t i = 0; i < count; i++) {
        size_t at;
        if (step > 0) {
            at = from + i;
            if (at >= count && !round) {
                return CATALOG_NO_ID;
            }
            at %= count;
        } else {
            if (i > from && !round) {
                return CATALOG_NO_ID;
            }
            at = (from + count - i) % count;
        }
        uint32_t id = session_at(s, at);
        if (stop(s, id)) {
            return id;
        }
    }
    return CATALOG_NO_ID;
}

/* The same, from the position after `at` on. */
static uint32_t behind_position(const struct session *s, size_t at, int step, bool round,
                                stop_fn *stop)
{
    if (step > 0 && (at + 1 < s->marked || round)) {
        return seek(s, (at + 1) % s->marked, 1, round, stop);
    }
    if (step < 0 && (at > 0 || round)) {
        return seek(s, at ? at - 1 : s->marked - 1, -1, round, stop);
    }
    return CATALOG_NO_ID;
}

static size_t here(const struct session *s)
{
    uint32_t id = session_here(s);
    return id == CATALOG_NO_ID ? 0 : session_place(s, id);
}

/* The same, from the current picture on; if there was none yet, from the first. */
static uint32_t after_here(const struct session *s, int step, bool round, stop_fn *stop)
{
    if (session_here(s) == CATALOG_NO_ID) {
        return seek(s, 0, 1, false, stop);
    }
    return behind_position(s, here(s), step, round, stop);
}

static uint32_t next_open_by_file(const struct session *s, int step)
{
    return s->by_status[STATUS_UNANSWERED] ? after_here(s, step, true, is_open) : CATALOG_NO_ID;
}

static uint32_t next_open(struct session *s)
{
    uint32_t id = s->order == SESSION_FILE ? CATALOG_NO_ID : session_next_in_queue(s);
    return id != CATALOG_NO_ID ? id : next_open_by_file(s, 1);
}

/* The next skipped picture, for when nothing is open: once from the first to the last. */
static uint32_t next_skipped(const struct session *s)
{
    if (!s->by_status[STATUS_SKIPPED]) {
        return CATALOG_NO_ID;
    }
    return s->at_end ? seek(s, 0, 1, false, is_skipped) : after_here(s, 1, false, is_skipped);
}

static bool make_current(struct session *s, uint32_t id, enum visit how)
{
    if (id == CATALOG_NO_ID || id == s->current) {
        return false;
    }
    session_visit(s, id, how);
    return true;
}

/* True if a picture other than the current one has no answer. */
static bool others_open(const struct session *s)
{
    bool this_one = s->current != CATALOG_NO_ID && is_open(s, s->current);
    return s->by_status[STATUS_UNANSWERED] > this_one;
}

static bool past_end(struct session *s)
{
    bool can = !s->at_end && session_total(s) &&
               (s->options.mode == SESSION_REVIEW || !s->by_status[STATUS_UNANSWERED]);
    return can && session_go_past_end(s);
}

static bool move_next(struct session *s)
{
    uint32_t id;
    if (s->at_end) {
        return false;
    }
    if (s->order == SESSION_FILE) {
        id = after_here(s, 1, false, is_shown);
    } else {
        id = session_trail(s, 1);
        id = id != CATALOG_NO_ID ? id : next_open(s);
    }
    return make_current(s, id, VISIT_IN_TURN) || past_end(s);
}

static bool move_previous(struct session *s)
{
    if (s->order != SESSION_FILE || s->at_end) {
        uint32_t last = session_trail(s, 0);
        return last != CATALOG_NO_ID || !s->at_end
                   ? session_step_back(s)
                   : make_current(s, seek(s, s->marked - 1, -1, false, is_shown), VISIT_AGAIN);
    }
    return make_current(s, after_here(s, -1, false, is_shown), VISIT_AWAY);
}

static bool move_next_open(struct session *s)
{
    return make_current(s, next_open(s), VISIT_IN_TURN) ||
           (!others_open(s) && make_current(s, next_skipped(s), VISIT_IN_TURN)) || past_end(s);
}

/* Moves by up to ten pictures; those in between are not visited. */
static bool move_ten(struct session *s, int step)
{
    uint32_t to = CATALOG_NO_ID;
    size_t at = here(s);
    for (int i = 0; i < 10; i++) {
        uint32_t id = behind_position(s, at, step, false, is_shown);
        if (id == CATALOG_NO_ID) {
            break;
        }
        to = id;
        at = session_place(s, id);
    }
    return make_current(s, to, VISIT_AWAY);
}

bool session_move(struct session *s, enum session_move move)
{
    if (!s->marked) {
        return false;
    }
    switch (move) {
    case MOVE_NEXT:
        return move_next(s);
    case MOVE_PREVIOUS:
        return move_previous(s);
    case MOVE_NEXT_OPEN:
        return move_next_open(s);
    case MOVE_PREVIOUS_OPEN:
        return make_current(s, next_open_by_file(s, -1), VISIT_AWAY);
    case MOVE_FORWARD:
        return move_ten(s, 1);
    case MOVE_BACK:
        return move_ten(s, -1);
    case MOVE_FIRST:
        return make_current(s, seek(s, 0, 1, false, is_shown), VISIT_AWAY);
    case MOVE_LAST:
        return make_current(s, seek(s, s->marked - 1, -1, false, is_shown), VISIT_AWAY);
    }
    return false;
}

void session_advance(struct session *s, enum label_status before)
{
    if (s->options.mode == SESSION_REVIEW) {
        session_move(s, MOVE_NEXT);
    } else if (others_open(s) || before == STATUS_SKIPPED) {
        session_move(s, MOVE_NEXT_OPEN);
    } else {
        past_end(s);
    }
}

bool session_go(struct session *s, size_t position)
{
    if (position >= session_total(s)) {
        return false;
    }
    if (!s->filtered) {
        make_current(s, session_at(s, position), VISIT_AWAY);
        return true;
    }
    for (size_t at = 0; at < s->marked; at++) {
        uint32_t id = session_at(s, at);
        if (session_shows(s, id) && position-- == 0) {
            make_current(s, id, VISIT_AWAY);
            return true;
        }
    }
    return false;
}

/* Where the picture has the text. */
static enum session_match match(struct session *s, uint32_t id, const char *text)
{
    if (session_title(s, id, &s->name) && text_contains(s->name.data, s->name.len, text)) {
        return MATCH_NAME;
    }
    if (s->marks[id].noted) {
        const char *note = session_note(s, id);
        return text_contains(note, strlen(note), text) ? MATCH_NOTE : MATCH_NOTHING;
    }
    return MATCH_NOTHING;
}

enum session_match session_find(struct session *s, const char *text)
{
    size_t start = here(s);
    for (size_t i = 1; i <= s->marked; i++) {
        uint32_t id = session_at(s, (start + i) % s->marked);
        enum session_match found = session_shows(s, id) ? match(s, id, text) : MATCH_NOTHING;
        if (found != MATCH_NOTHING) {
            make_current(s, id, VISIT_AWAY);
            return found;
        }
    }
    return MATCH_NOTHING;
}

bool session_set_filter(struct session *s, const struct session_filter *filter)
{
    size_t n = s->classes->count + 1;
    bool *classes = filter->classes ? mem_array(CLASSES_MAX + 1, sizeof *classes) : NULL;
    uint8_t *wanted = filter->wanted ? mem_array(CLASSES_MAX + 1, sizeof *wanted) : NULL;
    if ((filter->classes && !classes) || (filter->wanted && !wanted)) {
        free(classes);
        free(wanted);
        return false;
    }
    if (classes) { /* room for CLASSES_MAX: there may be more later */
        memcpy(classes, filter->classes, n * sizeof *classes);
    }
    if (wanted) {
        memcpy(wanted, filter->wanted, n * sizeof *wanted);
    }
    free(s->class_shown);
    free(s->class_wanted);
    s->class_shown = classes;
    s->class_wanted = wanted;
    s->noted_only = filter->noted;
    memcpy(s->status_shown, filter->statuses, sizeof s->status_shown);
    s->filtered = true;
    s->shown_total = 0;
    for (size_t id = 0; id < s->marked; id++) {
        s->marks[id].shown = session_filter_takes(s, s->marks[id]);
        s->shown_total += s->marks[id].shown;
    }
    if (s->marked && (s->current == CATALOG_NO_ID || !session_shows(s, s->current))) {
        bool waits = s->current == s->suspects.waited_at;
        s->current = seek(s, here(s), 1, true, is_shown);
        s->suspects.waited_at = waits ? s->current : s->suspects.waited_at;
        s->at_end = false;
    }
    return true;
}

/* In the file and name orders the first open picture, once that is certain; otherwise one of
 * those known so far. */
void session_choose_first(struct session *s)
{
    uint32_t id = CATALOG_NO_ID;
    bool certain = s->order != SESSION_NAME || catalog_done(s->catalog);
    if (s->current != CATALOG_NO_ID || !s->marked || !certain ||
        (s->at_end && !s->by_status[STATUS_UNANSWERED])) {
        return;
    }
    if (s->order != SESSION_FILE) {
        id = session_next_in_queue(s);
    }
    if (id == CATALOG_NO_ID) {
        id = seek(s, 0, 1, false, s->options.mode == SESSION_REVIEW ? is_shown : is_open);
    }
    if (id != CATALOG_NO_ID) {
        session_visit(s, id, VISIT_IN_TURN);
        s->suspects.waited_at = id;
    } else if (catalog_done(s->catalog)) {
        past_end(s);
    }
}

static size_t add_id(uint32_t *ids, size_t count, size_t max, uint32_t id)
{
    if (id == CATALOG_NO_ID || count >= max) {
        return count;
    }
    for (size_t i = 0; i < count; i++) {
        if (ids[i] == id) {
            return count;
        }
    }
    ids[count] = id;
    return count + 1;
}

/* Adds the pictures that i + 1 steps back or forward in the trail, or undos, lead to. */
static size_t add_way_back(const struct session *s, uint32_t *ids, size_t count, size_t max,
                           size_t i)
{
    count = add_id(ids, count, max, session_last_answered(s, i));
    count = add_id(ids, count, max, session_trail(s, -(int)i - 1));
    return add_id(ids, count, max, session_trail(s, (int)i + 1));
}

/* Pictures kept ready behind the current one: half of `ahead`, at least 1. */
static size_t behind(size_t ahead)
{
    return ahead > 2 ? (ahead + 1) / 2 : 1;
}

static size_t ahead_in_queue(const struct session *s, uint32_t *ids, size_t ahead, size_t max)
{
    size_t count = add_id(ids, 0, max, s->current);
    if (!s->queued) { /* only skipped pictures are left */
        count = add_id(ids, count, max, next_skipped(s));
    }
    for (size_t i = 0; i < ahead || i < behind(ahead); i++) {
        if (i < s->queued && i < ahead) {
            count = add_id(ids, count, max, s->queue[i]);
        }
        if (i < behind(ahead)) {
            count = add_way_back(s, ids, count, max, i);
        }
    }
    return count;
}

/* The next picture after position *at in that direction for which `stop` is true; *at moves
 * there. The search is bounded: when the key is pressed it is repeated in full. */
static uint32_t look_on(const struct session *s, size_t *at, int step, stop_fn *stop)
{
    for (size_t look = 0; look < 1000 && (step > 0 ? *at + 1 < s->marked : *at > 0); look++) {
        uint32_t id = session_at(s, step > 0 ? ++*at : --*at);
        if (stop(s, id)) {
            return id;
        }
    }
    return CATALOG_NO_ID;
}

static size_t ahead_by_file(const struct session *s, uint32_t *ids, size_t ahead, size_t max)
{
    size_t count = add_id(ids, 0, max, s->current);
    if (s->options.mode == SESSION_LABEL) { /* may wrap around */
        uint32_t next = next_open_by_file(s, 1);
        count = add_id(ids, count, max, next != CATALOG_NO_ID ? next : next_skipped(s));
    }
    stop_fn *stop = s->options.mode == SESSION_REVIEW ? is_shown : is_open;
    size_t at = session_place(s, s->current);
    size_t next = at;             /* reached by answering */
    size_t right = at, left = at; /* the neighbours, for the arrow keys */
    for (size_t i = 0; i < ahead || i < behind(ahead); i++) {
        if (i < ahead) {
            count = add_id(ids, count, max, look_on(s, &next, 1, stop));
        }
        if (i < 2) {
            count = add_id(ids, count, max, look_on(s, &right, 1, is_shown));
        }
        if (i < behind(ahead)) {
            count = add_id(ids, count, max, look_on(s, &left, -1, is_shown));
            count = add_id(ids, count, max, session_last_answered(s, i));
        }
    }
    return count;
}

size_t session_ahead(const struct session *s, uint32_t *ids, size_t ahead, size_t max)
{
    if (s->current == CATALOG_NO_ID) {
        return 0;
    }
    return s->order == SESSION_FILE ? ahead_by_file(s, ids, ahead, max)
                                    : ahead_in_queue(s, ids, ahead, max);
}
