/* Where to go: steps, searches, the filter, and what will soon be needed. */
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

/* First picture from position `from` on, in steps of `step`, that `stop`
 * takes; going round when `round`. `from` itself is looked at. */
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
        uint32_t id = catalog_id(s->catalog, at);
        if (stop(s, id)) {
            return id;
        }
    }
    return CATALOG_NO_ID;
}

/* The picture behind the current one, or the last when there is none. */
static uint32_t after_current(const struct session *s, int step, bool round, stop_fn *stop)
{
    if (s->current == CATALOG_NO_ID) {
        return seek(s, 0, 1, false, stop);
    }
    size_t at = catalog_position(s->catalog, s->current);
    if (step > 0 && (at + 1 < s->marked || round)) {
        return seek(s, (at + 1) % s->marked, 1, round, stop);
    }
    if (step < 0 && (at > 0 || round)) {
        return seek(s, at ? at - 1 : s->marked - 1, -1, round, stop);
    }
    return CATALOG_NO_ID;
}

/* What was skipped comes up again once all else has an answer. */
static uint32_t next_open_by_file(const struct session *s, int step)
{
    uint32_t id = CATALOG_NO_ID;
    if (s->by_status[STATUS_UNANSWERED]) {
        id = after_current(s, step, true, is_open);
    }
    if ((id == CATALOG_NO_ID || id == s->current) && s->by_status[STATUS_SKIPPED]) {
        id = after_current(s, step, true, is_skipped);
    }
    return id;
}

static uint32_t next_open(struct session *s)
{
    uint32_t id = s->order == SESSION_FILE ? CATALOG_NO_ID : session_next_in_queue(s);
    return id != CATALOG_NO_ID ? id : next_open_by_file(s, 1);
}

/* come_back: what is up now, where it has no answer, comes up again behind it. */
static bool make_current(struct session *s, uint32_t id, bool come_back)
{
    if (id == CATALOG_NO_ID || id == s->current) {
        return false;
    }
    session_visit(s, id, come_back);
    return true;
}

static bool move_next(struct session *s)
{
    if (s->order == SESSION_FILE) {
        return make_current(s, after_current(s, 1, false, is_shown), true);
    }
    uint32_t forward = session_trail(s, 1);
    return make_current(s, forward != CATALOG_NO_ID ? forward : next_open(s), false);
}

static bool move_previous(struct session *s)
{
    if (s->order == SESSION_FILE) {
        return make_current(s, after_current(s, -1, false, is_shown), true);
    }
    return session_step_back(s);
}

static bool move_ten(struct session *s, int step)
{
    bool moved = false;
    for (int i = 0; i < 10; i++) {
        moved |= make_current(s, after_current(s, step, false, is_shown), true);
    }
    return moved;
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
        return make_current(s, next_open(s), false);
    case MOVE_PREVIOUS_OPEN:
        return make_current(s, next_open_by_file(s, -1), true);
    case MOVE_FORWARD:
        return move_ten(s, 1);
    case MOVE_BACK:
        return move_ten(s, -1);
    case MOVE_FIRST:
        return make_current(s, seek(s, 0, 1, false, is_shown), true);
    case MOVE_LAST:
        return make_current(s, seek(s, s->marked - 1, -1, false, is_shown), true);
    }
    return false;
}

bool session_go(struct session *s, size_t position)
{
    if (position >= session_total(s)) {
        return false;
    }
    if (!s->filtered) {
        make_current(s, catalog_id(s->catalog, position), true);
        return true;
    }
    for (size_t at = 0; at < s->marked; at++) {
        uint32_t id = catalog_id(s->catalog, at);
        if (session_shows(s, id) && position-- == 0) {
            make_current(s, id, true);
            return true;
        }
    }
    return false;
}

bool session_find(struct session *s, const char *text)
{
    if (!s->marked || s->current == CATALOG_NO_ID) {
        return false;
    }
    size_t start = catalog_position(s->catalog, s->current);
    for (size_t i = 1; i <= s->marked; i++) {
        uint32_t id = catalog_id(s->catalog, (start + i) % s->marked);
        if (session_shows(s, id) && session_name(s, id, &s->name) &&
            text_contains(s->name.data, s->name.len, text)) {
            make_current(s, id, true);
            return true;
        }
    }
    return false;
}

bool session_set_filter(struct session *s, const struct session_filter *filter)
{
    size_t n = s->classes->count + 1;
    bool *classes = NULL;
    if (filter->classes) {
        classes = mem_array(n, sizeof *classes);
        if (!classes) {
            return false;
        }
        memcpy(classes, filter->classes, n * sizeof *classes);
    }
    free(s->class_shown);
    s->class_shown = classes;
    memcpy(s->status_shown, filter->statuses, sizeof s->status_shown);
    s->filtered = true;
    s->shown_total = 0;
    for (size_t id = 0; id < s->marked; id++) {
        s->marks[id].shown = session_filter_takes(s, s->marks[id]);
        s->shown_total += s->marks[id].shown;
    }
    if (s->marked && (s->current == CATALOG_NO_ID || !session_shows(s, s->current))) {
        size_t from = s->current == CATALOG_NO_ID ? 0 : catalog_position(s->catalog, s->current);
        s->current = seek(s, from, 1, true, is_shown);
    }
    return true;
}

/* The first picture: where the work goes on. In the active order that is the
 * first open one, too, as nothing has been looked at yet. */
void session_choose_first(struct session *s)
{
    uint32_t id = CATALOG_NO_ID;
    if (s->current != CATALOG_NO_ID || !s->marked) {
        return;
    }
    if (s->order == SESSION_NAME || s->order == SESSION_RANDOM) {
        id = session_next_in_queue(s);
    }
    if (id == CATALOG_NO_ID) {
        id = seek(s, 0, 1, false, s->options.mode == SESSION_REVIEW ? is_shown : is_open);
    }
    if (id == CATALOG_NO_ID && catalog_done(s->catalog)) { /* all is answered */
        id = seek(s, s->marked - 1, -1, false, is_shown);
    }
    if (id != CATALOG_NO_ID) {
        session_visit(s, id, false);
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

/* What the way back, and forward again, and undoing lead to in i + 1 steps. */
static size_t add_way_back(const struct session *s, uint32_t *ids, size_t count, size_t max,
                           size_t i)
{
    count = add_id(ids, count, max, session_last_answered(s, i));
    count = add_id(ids, count, max, session_trail(s, -(int)i - 1));
    return add_id(ids, count, max, session_trail(s, (int)i + 1));
}

/* As many as are looked at behind for so many ahead: one in any case. */
static size_t behind(size_t ahead)
{
    return ahead > 2 ? (ahead + 1) / 2 : 1;
}

static size_t ahead_in_queue(const struct session *s, uint32_t *ids, size_t ahead, size_t max)
{
    size_t count = add_id(ids, 0, max, s->current);
    if (!s->queued) { /* nothing is open but what was skipped */
        count = add_id(ids, count, max, next_open_by_file(s, 1));
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

/* The next one behind position *at in that direction which `stop` takes; *at moves
 * there. A bounded look: the key that follows looks again. */
static uint32_t look_on(const struct session *s, size_t *at, int step, stop_fn *stop)
{
    for (size_t look = 0; look < 1000 && (step > 0 ? *at + 1 < s->marked : *at > 0); look++) {
        uint32_t id = catalog_id(s->catalog, step > 0 ? ++*at : --*at);
        if (stop(s, id)) {
            return id;
        }
    }
    return CATALOG_NO_ID;
}

static size_t ahead_by_file(const struct session *s, uint32_t *ids, size_t ahead, size_t max)
{
    size_t count = add_id(ids, 0, max, s->current);
    if (s->options.mode == SESSION_LABEL) { /* perhaps back at the start */
        count = add_id(ids, count, max, next_open_by_file(s, 1));
    }
    stop_fn *stop = s->options.mode == SESSION_REVIEW ? is_shown : is_open;
    size_t at = catalog_position(s->catalog, s->current);
    size_t next = at;             /* where answers lead */
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
