/* What passes between the session and its assistant: items and answers, predictions. */
#include "session_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define ASSIST_TAKEN 0.51f /* just over ASSIST_ON */

bool session_assistance_init(struct session *s, struct error *err)
{
    s->up.classes = mem_array(CLASSES_MAX, sizeof *s->up.classes);
    s->up.id = CATALOG_NO_ID;
    buf_init(&s->up.label);
    return s->up.classes || error_nomem(err, CLASSES_MAX * sizeof *s->up.classes, "the guess");
}

void session_assistance_release(struct session *s)
{
    free(s->up.classes);
    buf_release(&s->up.label);
}

/* ----------------------------------------------------------------- guesses */

void session_want_guesses(struct session *s, const struct guess_request *requests, size_t count)
{
    assist_want(s->assist, requests, count);
}

/* True if there is a prediction to accept and the user has seen it. */
static bool is_fixed(const struct session *s)
{
    return s->up.there && s->up.guess.best < s->classes->count && s->shown == s->current;
}

/* The prediction that the labels have of the current picture. */
static bool take_row(struct session *s)
{
    struct annotation row;
    if (!s->marks[s->current].predicted || !session_row_of(s, s->current, &row)) {
        return false;
    }
    size_t len = 0, count = s->classes->count;
    struct guess g = { .best = count, .confidence = fmaxf(row.confidence, 0.0f) };
    for (size_t i = 0; i < count; i++) {
        s->up.classes[i] = 0.0f;
    }
    for (const char *c = NULL; (c = label_class(s->classes->multi, row.label, c, &len));) {
        size_t i = 0;
        while (i < count && (strlen(s->classes->items[i].name) != len ||
                             memcmp(s->classes->items[i].name, c, len) != 0)) {
            i++;
        }
        if (i < count) {
            s->up.classes[i] = s->classes->multi ? fmaxf(g.confidence, ASSIST_TAKEN) : g.confidence;
            g.best = g.best == count ? i : g.best;
        }
    }
    g.classes = s->up.classes;
    g.source = row.source[0] ? row.source : NULL;
    s->up.guess = g;
    return g.best < count;
}

void session_take_guess(struct session *s)
{
    if (s->current == CATALOG_NO_ID) {
        s->up.there = false;
        return;
    }
    if (s->up.id != s->current) {
        s->up.id = s->current;
        s->up.there = false;
    }
    if (is_fixed(s)) {
        return;
    }
    if (assist_propose(s->assist, s->current, &s->up.guess, s->up.classes)) {
        s->up.there = true;
    } else if (!s->up.there) {
        s->up.there = take_row(s);
    }
}

bool session_guess(const struct session *s, struct guess *guess)
{
    if (!s->up.there || s->up.id != s->current) {
        return false;
    }
    *guess = s->up.guess;
    return true;
}

bool session_assist_status(const struct session *s, struct assist_status *status)
{
    return assist_status(s->assist, status);
}

bool session_assist_settled(const struct session *s)
{
    return assist_settled(s->assist);
}

/* ------------------------------------------------------- answers, pictures */

/* Whether there is a class to learn from, or a set of classes. */
static bool teaches(const struct session *s, struct mark m)
{
    return s->classes->multi ? session_set_of(s, m) != NULL
                             : m.status == STATUS_LABELED && m.class_index < s->classes->count;
}

void session_tell_answer(struct session *s, uint32_t id)
{
    struct mark m = s->marks[id];
    const struct class_set *set = session_set_of(s, m);
    /* A review does not train the model, unless that is to judge the answers. */
    if (s->options.mode != SESSION_LABEL && !s->options.suspects) {
        return;
    }
    if (set) {
        assist_answer_set(s->assist, id, m.class_index, set->classes, set->count);
        return;
    }
    assist_answer(s->assist, id,
                  !label_status_is_answer((enum label_status)m.status) ? ASSIST_OPEN
                  : teaches(s, m)                                      ? m.class_index
                                                                       : ASSIST_NO_CLASS);
}

void session_check_mark(struct session *s, uint32_t id)
{
    struct mark before = s->marks[id];
    session_read_mark(s, id);
    if (before.status != s->marks[id].status || before.class_index != s->marks[id].class_index) {
        session_tell_answer(s, id);
    }
}

void session_update_mark(struct session *s, uint32_t id)
{
    session_read_mark(s, id);
    s->measured = false;
    session_tell_answer(s, id);
}

static size_t common_divisor(size_t a, size_t b)
{
    while (b) {
        size_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* A stride of about the golden section of count and coprime to it: it visits every picture
 * once, and at any time those visited are spread evenly over all. */
static size_t stride_of(size_t count)
{
    size_t stride = (size_t)((double)count * 0.6180339887) + 1;
    while (common_divisor(stride, count) != 1) {
        stride++;
    }
    return stride;
}

/* Queues the picture for embedding; false when the queue is full. */
static bool feed(struct session *s, uint32_t id)
{
    catalog_path(s->catalog, id, &s->path);
    struct region region = catalog_region(s->catalog, id);
    return s->path.failed || assist_add(s->assist, id, s->path.data, &region);
}

void session_feed(struct session *s)
{
    if (!assist_looks(s->assist) || s->fed_all || !catalog_done(s->catalog)) {
        return;
    }
    for (; s->fed_labeled < s->marked; s->fed_labeled++) { /* labelled pictures first */
        if (teaches(s, s->marks[s->fed_labeled]) && !feed(s, (uint32_t)s->fed_labeled)) {
            return;
        }
    }
    size_t stride = stride_of(s->marked);
    for (; s->fed < s->marked && !assist_full(s->assist); s->fed++) {
        if (!feed(s, (uint32_t)((uint64_t)s->fed * stride % s->marked))) {
            return;
        }
    }
    s->fed_all = true;
    assist_added_all(s->assist);
}
