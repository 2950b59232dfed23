#include "session/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "store/names.h"

#define RATE_ANSWERS 32     /* answers that the rate is worked out from */
#define PAUSE_MS 60000      /* longer than that between answers: a pause */
#define JUDGED_GUESSES 100
#define SCRIPT_STEP_MS 1000 /* the fixed clock goes on by that at each answer */
#define CLASS_NONE 0xFFFFu  /* no answer with a class */
#define CLASS_FOREIGN 0xFFFEu /* a label that is no class of this session */

/* What is known of a picture without asking the labels. */
struct mark {
    uint8_t status; /* enum label_status */
    bool shown;     /* the filter took it when it was set: a picture must not
                       vanish from under the reviewer's eyes when relabelled */
    uint16_t class_index;
};

struct folder_prefix {
    char *prefix; /* of the names of its pictures in the CSV, up to the '/' */
};

struct session {
    struct session_options options;
    struct catalog *catalog;
    struct labels *labels;
    const struct classes *classes;
    struct guesser *guesser;
    struct names names;

    struct mark *marks; /* by id */
    size_t marked, marks_cap;
    struct folder_prefix *prefixes; /* by folder */
    size_t prefix_count, prefix_cap;
    struct buf name; /* scratch */

    uint32_t current;
    uint32_t shown; /* picture that shown_at is of */
    int64_t shown_at_ns;
    int64_t clock_ms; /* of scripts */

    size_t by_status[STATUS_COUNT]; /* of the catalog's pictures */
    bool filtered;
    bool status_shown[STATUS_COUNT];
    bool *class_shown; /* classes->count + 1 */
    size_t shown_total;

    size_t given;
    int64_t times_ms[RATE_ANSWERS]; /* of the last answers, a ring */
    bool judged[JUDGED_GUESSES];    /* was the guess right, a ring */
    size_t judged_count;
};

static int64_t now_ms(const struct session *s)
{
    return s->clock_ms ? s->clock_ms : clock_wall_ms();
}

static int64_t now_ns(const struct session *s)
{
    return s->clock_ms ? s->clock_ms * 1000000 : clock_monotonic_ns();
}

/* ------------------------------------------------------------------- names */

/* The part of a picture's name in the CSV that its folder gives. */
static const char *prefix_of(struct session *s, uint32_t id)
{
    uint32_t folder = catalog_folder(s->catalog, id);
    if (folder >= s->prefix_count) {
        size_t old = s->prefix_cap;
        if (!mem_reserve(&s->prefixes, &s->prefix_cap, (size_t)folder + 1, sizeof *s->prefixes)) {
            return NULL;
        }
        memset(s->prefixes + old, 0, (s->prefix_cap - old) * sizeof *s->prefixes);
        s->prefix_count = s->prefix_cap;
    }
    if (!s->prefixes[folder].prefix) {
        struct buf path = BUF_INIT;
        catalog_path(s->catalog, id, &path);
        char *name = path.failed ? NULL : names_relative(&s->names, path.data, NULL);
        buf_release(&path);
        size_t tail = strlen(catalog_name(s->catalog, id));
        if (!name || strlen(name) < tail) {
            free(name);
            return NULL;
        }
        name[strlen(name) - tail] = '\0';
        s->prefixes[folder].prefix = name;
    }
    return s->prefixes[folder].prefix;
}

bool session_name(struct session *s, uint32_t id, struct buf *name)
{
    buf_clear(name);
    const char *prefix = prefix_of(s, id);
    if (!prefix) {
        return false;
    }
    buf_adds(name, prefix);
    buf_adds(name, catalog_name(s->catalog, id));
    return !name->failed;
}

void session_path(const struct session *s, uint32_t id, struct buf *path)
{
    catalog_path(s->catalog, id, path);
}

bool session_answer_of(struct session *s, uint32_t id, struct answer *answer)
{
    return session_name(s, id, &s->name) && labels_find(s->labels, s->name.data, answer);
}

bool session_guess_of(struct session *s, uint32_t id, struct guess *guess)
{
    return s->guesser && guesser_get(s->guesser, id, guess);
}

void session_want_guesses(struct session *s, const struct guess_request *requests, size_t count)
{
    if (s->guesser) {
        guesser_want(s->guesser, requests, count);
    }
}

/* ------------------------------------------------------------------- marks */

static bool filter_takes(const struct session *s, struct mark m)
{
    if (!s->filtered) {
        return true;
    }
    if (!s->status_shown[m.status]) {
        return false;
    }
    if (m.status != STATUS_LABELED || !s->class_shown) {
        return true;
    }
    return s->class_shown[m.class_index < s->classes->count ? m.class_index : s->classes->count];
}

bool session_shows(const struct session *s, uint32_t id)
{
    return s->marks[id].shown;
}

static struct mark mark_of(const struct session *s, const struct answer *a)
{
    struct mark m = { .status = (uint8_t)a->status, .class_index = CLASS_NONE };
    if (a->status == STATUS_LABELED) {
        size_t i = classes_find(s->classes, a->label);
        m.class_index = i < s->classes->count ? (uint16_t)i : (uint16_t)CLASS_FOREIGN;
    }
    return m;
}

/* Reads the picture's answer anew and keeps the sums. */
static void update_mark(struct session *s, uint32_t id)
{
    struct answer a;
    struct mark m = { .class_index = CLASS_NONE };
    if (session_answer_of(s, id, &a)) {
        m = mark_of(s, &a);
    }
    s->by_status[s->marks[id].status]--;
    s->by_status[m.status]++;
    m.shown = s->marks[id].shown;
    s->marks[id] = m;
}

static bool any_answers(const struct session *s)
{
    for (int i = STATUS_LABELED; i < STATUS_COUNT; i++) {
        if (labels_count(s->labels, (enum label_status)i)) {
            return true;
        }
    }
    return false;
}

static bool extend_marks(struct session *s)
{
    size_t count = catalog_count(s->catalog);
    if (!mem_reserve(&s->marks, &s->marks_cap, count, sizeof *s->marks)) {
        return false;
    }
    bool look = any_answers(s);
    for (; s->marked < count; s->marked++) {
        struct mark *m = &s->marks[s->marked];
        *m = (struct mark){ .class_index = CLASS_NONE };
        s->by_status[STATUS_UNANSWERED]++;
        if (look) {
            update_mark(s, (uint32_t)s->marked);
        }
        m->shown = filter_takes(s, *m);
        s->shown_total += m->shown;
    }
    return true;
}

/* ------------------------------------------------------------------- moves */

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
static uint32_t next_open(const struct session *s, int step)
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

static bool make_current(struct session *s, uint32_t id)
{
    if (id == CATALOG_NO_ID || id == s->current) {
        return false;
    }
    s->current = id;
    return true;
}

static bool move_ten(struct session *s, int step)
{
    bool moved = false;
    for (int i = 0; i < 10; i++) {
        moved |= make_current(s, after_current(s, step, false, is_shown));
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
        return make_current(s, after_current(s, 1, false, is_shown));
    case MOVE_PREVIOUS:
        return make_current(s, after_current(s, -1, false, is_shown));
    case MOVE_NEXT_OPEN:
        return make_current(s, next_open(s, 1));
    case MOVE_PREVIOUS_OPEN:
        return make_current(s, next_open(s, -1));
    case MOVE_FORWARD:
        return move_ten(s, 1);
    case MOVE_BACK:
        return move_ten(s, -1);
    case MOVE_FIRST:
        return make_current(s, seek(s, 0, 1, false, is_shown));
    case MOVE_LAST:
        return make_current(s, seek(s, s->marked - 1, -1, false, is_shown));
    }
    return false;
}

bool session_go(struct session *s, size_t position)
{
    if (position >= session_total(s)) {
        return false;
    }
    if (!s->filtered) {
        make_current(s, catalog_id(s->catalog, position));
        return true;
    }
    for (size_t at = 0; at < s->marked; at++) {
        uint32_t id = catalog_id(s->catalog, at);
        if (session_shows(s, id) && position-- == 0) {
            make_current(s, id);
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
            make_current(s, id);
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
        s->marks[id].shown = filter_takes(s, s->marks[id]);
        s->shown_total += s->marks[id].shown;
    }
    if (s->marked && (s->current == CATALOG_NO_ID || !session_shows(s, s->current))) {
        size_t from = s->current == CATALOG_NO_ID ? 0 : catalog_position(s->catalog, s->current);
        s->current = seek(s, from, 1, true, is_shown);
    }
    return true;
}

/* ----------------------------------------------------------------- answers */

static void count_rate(struct session *s)
{
    s->times_ms[s->given % RATE_ANSWERS] = now_ms(s);
    s->given++;
}

static void judge_guess(struct session *s, const struct guess *guess, enum label_status status,
                        size_t class_index)
{
    if (guess && guess->best < s->classes->count && status == STATUS_LABELED) {
        s->judged[s->judged_count++ % JUDGED_GUESSES] = guess->best == class_index;
    }
}

static void advance(struct session *s)
{
    if (s->options.mode == SESSION_REVIEW) {
        session_move(s, MOVE_NEXT);
    } else {
        session_move(s, MOVE_NEXT_OPEN);
    }
}

bool session_answer(struct session *s, enum label_status status, size_t class_index,
                    struct error *err)
{
    uint32_t id = s->current;
    if (s->options.read_only) {
        return error_set(err, ERROR_USAGE, "read-only: nothing is changed");
    }
    if (id == CATALOG_NO_ID || !session_name(s, id, &s->name)) {
        return error_set(err, ERROR_USAGE, "there is no picture to answer");
    }
    struct guess guess;
    bool guessed = session_guess_of(s, id, &guess) && guess.best < s->classes->count;
    struct answer a = {
        .file_name = s->name.data,
        .label = status == STATUS_LABELED ? s->classes->items[class_index].name : NULL,
        .status = status,
        .guess = guessed ? s->classes->items[guess.best].name : NULL,
        .confidence = guessed ? guess.confidence : -1.0f,
        .seconds = s->shown == id ? (float)(now_ns(s) - s->shown_at_ns) / 1e9f : -1.0f,
        .annotator = s->options.annotator,
        .labeled_at_ms = now_ms(s),
    };
    if (!labels_answer(s->labels, &a, err)) {
        return false;
    }
    update_mark(s, id);
    judge_guess(s, guessed ? &guess : NULL, status, class_index);
    count_rate(s);
    if (s->clock_ms) {
        s->clock_ms += SCRIPT_STEP_MS;
    }
    advance(s);
    return true;
}

/* Makes the picture of that name current. */
static bool go_to_name(struct session *s, const char *name)
{
    for (size_t i = 0; i < s->marked; i++) {
        /* The last answers lie just in front of the current picture. */
        size_t from = s->current == CATALOG_NO_ID ? 0 : catalog_position(s->catalog, s->current);
        uint32_t id = catalog_id(s->catalog, (from + s->marked - i) % s->marked);
        size_t len = strlen(name);
        const char *tail = catalog_name(s->catalog, id);
        size_t tail_len = strlen(tail);
        if (tail_len <= len && memcmp(name + len - tail_len, tail, tail_len) == 0 &&
            session_name(s, id, &s->name) && strcmp(s->name.data, name) == 0) {
            update_mark(s, id);
            s->current = id;
            return true;
        }
    }
    return false;
}

static enum undo_result unredo(struct session *s,
                               bool (*change)(struct labels *, struct answer *, struct error *),
                               struct buf *name, struct error *err)
{
    struct answer a = { 0 };
    if (s->options.read_only) {
        error_set(err, ERROR_USAGE, "read-only: nothing is changed");
        return UNDO_FAILED;
    }
    if (!change(s->labels, &a, err)) {
        return UNDO_FAILED;
    }
    if (!a.file_name) {
        return UNDO_NOTHING;
    }
    buf_clear(name);
    buf_adds(name, a.file_name);
    return go_to_name(s, buf_text(name)) ? UNDO_DONE : UNDO_ELSEWHERE;
}

enum undo_result session_undo(struct session *s, struct buf *name, struct error *err)
{
    enum undo_result result = unredo(s, labels_undo, name, err);
    if (result == UNDO_DONE || result == UNDO_ELSEWHERE) {
        s->given -= s->given > 0;
    }
    return result;
}

enum undo_result session_redo(struct session *s, struct buf *name, struct error *err)
{
    enum undo_result result = unredo(s, labels_redo, name, err);
    if (result == UNDO_DONE) {
        count_rate(s);
        advance(s);
    }
    return result;
}

/* ------------------------------------------------------------------- facts */

static void rate(const struct session *s, struct session_stats *stats)
{
    size_t n = s->given < RATE_ANSWERS ? s->given : RATE_ANSWERS;
    int64_t worked = 0;
    size_t steps = 0;
    for (size_t i = 1; i < n; i++) {
        int64_t later = s->times_ms[(s->given - i) % RATE_ANSWERS];
        int64_t step = later - s->times_ms[(s->given - i - 1) % RATE_ANSWERS];
        if (step >= 0 && step < PAUSE_MS) {
            worked += step;
            steps++;
        }
    }
    stats->seconds_left = -1.0f;
    if (steps >= 3 && worked > 0) {
        stats->per_minute = (float)steps * 60000.0f / (float)worked;
        stats->seconds_left = (float)(stats->total - stats->answered) * 60.0f / stats->per_minute;
    }
}

void session_stats(const struct session *s, struct session_stats *stats)
{
    memset(stats, 0, sizeof *stats);
    stats->total = s->marked;
    stats->answered = s->marked - s->by_status[STATUS_UNANSWERED];
    stats->listing = !catalog_done(s->catalog);
    memcpy(stats->by_status, s->by_status, sizeof stats->by_status);
    stats->given = s->given;
    rate(s, stats);
    stats->guesses_judged = s->judged_count < JUDGED_GUESSES ? s->judged_count : JUDGED_GUESSES;
    for (size_t i = 0; i < stats->guesses_judged; i++) {
        stats->guesses_right += s->judged[i];
    }
}

size_t session_class_count(const struct session *s, size_t class_index)
{
    return labels_class_count(s->labels, s->classes->items[class_index].name);
}

uint32_t session_current(const struct session *s)
{
    return s->current;
}

size_t session_total(const struct session *s)
{
    return s->filtered ? s->shown_total : s->marked;
}

size_t session_position(const struct session *s)
{
    if (s->current == CATALOG_NO_ID) {
        return 0;
    }
    size_t at = catalog_position(s->catalog, s->current);
    if (!s->filtered) {
        return at;
    }
    size_t shown = 0;
    for (size_t i = 0; i < at; i++) {
        shown += session_shows(s, catalog_id(s->catalog, i));
    }
    return shown;
}

void session_shown(struct session *s, uint32_t id)
{
    if (s->shown != id) {
        s->shown = id;
        s->shown_at_ns = now_ns(s);
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

size_t session_ahead(const struct session *s, uint32_t *ids, size_t ahead, size_t max)
{
    size_t count = 0;
    if (s->current == CATALOG_NO_ID) {
        return 0;
    }
    count = add_id(ids, count, max, s->current);
    if (s->options.mode == SESSION_LABEL) { /* perhaps back at the start */
        count = add_id(ids, count, max, next_open(s, 1));
    }
    stop_fn *stop = s->options.mode == SESSION_REVIEW ? is_shown : is_open;
    size_t at = catalog_position(s->catalog, s->current);
    size_t next = at;
    size_t back = at;
    for (size_t i = 0; i < ahead; i++) {
        /* Where answers lead; a bounded look, the key that follows looks again. */
        for (size_t look = 0; look < 1000 && next + 1 < s->marked; look++) {
            if (stop(s, catalog_id(s->catalog, ++next))) {
                count = add_id(ids, count, max, catalog_id(s->catalog, next));
                break;
            }
        }
        if (i < 2 && at + i + 1 < s->marked) { /* the neighbours, for the arrow keys */
            count = add_id(ids, count, max, catalog_id(s->catalog, at + i + 1));
        }
        if (i < (ahead + 1) / 2 && back > 0) {
            count = add_id(ids, count, max, catalog_id(s->catalog, --back));
        }
    }
    return count;
}

/* --------------------------------------------------------------- beginning */

/* The first picture: where the work goes on. */
static void choose_first(struct session *s)
{
    if (s->current != CATALOG_NO_ID || !s->marked) {
        return;
    }
    stop_fn *stop = s->options.mode == SESSION_REVIEW ? is_shown : is_open;
    s->current = seek(s, 0, 1, false, stop);
    if (s->current == CATALOG_NO_ID && catalog_done(s->catalog)) { /* all is answered */
        s->current = seek(s, s->marked - 1, -1, false, is_shown);
    }
}

/* Takes in what the catalog holds. */
static bool catch_up(struct session *s)
{
    if (!extend_marks(s)) {
        return false;
    }
    choose_first(s);
    return true;
}

bool session_poll(struct session *s)
{
    return catalog_poll(s->catalog) && catch_up(s);
}

struct session *session_new(const struct session_options *options, struct catalog *catalog,
                            struct labels *labels, const struct classes *classes,
                            struct guesser *guesser, struct error *err)
{
    struct session *s = calloc(1, sizeof *s);
    if (!s) {
        error_nomem(err, sizeof *s, "the session");
        return NULL;
    }
    s->options = *options;
    s->clock_ms = options->now_ms;
    s->catalog = catalog;
    s->labels = labels;
    s->classes = classes;
    s->guesser = guesser;
    s->current = CATALOG_NO_ID;
    s->shown = CATALOG_NO_ID;
    buf_init(&s->name);
    if (!names_init(&s->names, options->csv_path, err)) {
        free(s);
        return NULL;
    }
    catalog_poll(catalog);
    if (!catch_up(s)) {
        error_nomem(err, catalog_count(catalog) * sizeof *s->marks, "the pictures");
        session_free(s);
        return NULL;
    }
    return s;
}

void session_free(struct session *s)
{
    if (!s) {
        return;
    }
    for (size_t i = 0; i < s->prefix_count; i++) {
        free(s->prefixes[i].prefix);
    }
    free(s->prefixes);
    free(s->marks);
    free(s->class_shown);
    names_release(&s->names);
    buf_release(&s->name);
    free(s);
}
