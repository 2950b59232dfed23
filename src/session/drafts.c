/* Pictures that may have several classes: the classes switched on for the current picture,
 * which are written only when they are confirmed. */
#include "session_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

bool session_drafts_init(struct session *s, struct error *err)
{
    buf_init(&s->draft.label);
    s->draft.id = CATALOG_NO_ID;
    s->draft.on = mem_array(CLASSES_MAX + 1, sizeof *s->draft.on);
    return s->draft.on || error_nomem(err, CLASSES_MAX, "the classes switched on");
}

void session_drafts_release(struct session *s)
{
    buf_release(&s->draft.label);
    free(s->draft.on);
}

static void switch_predicted(const struct session *s, const struct guess *guess, bool *on)
{
    for (size_t i = 0; i < s->classes->count; i++) {
        on[i] = guess->classes[i] > ASSIST_ON;
    }
}

/* What the current picture's answer or prediction switches on. */
static enum session_draft propose(const struct session *s, bool *on)
{
    struct guess guess;
    struct mark m = s->marks[s->current];
    const struct class_set *set = session_set_of(s, m);
    memset(on, 0, s->classes->count * sizeof *on);
    if (label_status_is_answer((enum label_status)m.status) && m.status != STATUS_SKIPPED) {
        for (size_t i = 0; set && i < set->count; i++) {
            on[set->classes[i]] = true;
        }
        return DRAFT_ANSWER;
    }
    if (!session_guess(s, &guess) || guess.best >= s->classes->count) {
        return DRAFT_NOTHING;
    }
    switch_predicted(s, &guess, on);
    return DRAFT_PREDICTION;
}

enum session_draft session_draft(struct session *s, const bool **on)
{
    *on = s->draft.on;
    if (s->current == CATALOG_NO_ID || !s->classes->multi) {
        return DRAFT_NOTHING;
    }
    return s->draft.id == s->current ? DRAFT_TYPED : propose(s, s->draft.on);
}

void session_toggle(struct session *s, size_t class_index)
{
    const bool *on;
    if (s->current != CATALOG_NO_ID && class_index < s->classes->count) {
        if (session_draft(s, &on) == DRAFT_PREDICTION) {
            memset(s->draft.on, 0, s->classes->count * sizeof *s->draft.on);
        }
        s->draft.id = s->current;
        s->draft.on[class_index] = !s->draft.on[class_index];
    }
}

bool session_switch_predicted(struct session *s)
{
    struct guess guess;
    if (!session_guess(s, &guess) || guess.best >= s->classes->count) {
        return false;
    }
    switch_predicted(s, &guess, s->draft.on);
    s->draft.id = s->current;
    return true;
}

void session_shift_draft(struct session *s, const struct session_reclass *done)
{
    bool *on = s->draft.on;
    size_t at = done->shift.at;
    if (s->draft.id == CATALOG_NO_ID) {
        return;
    }
    bool merged = done->shift.kind == CLASSES_SHRANK && done->change.verb == CLASS_MERGE && on[at];
    session_shift_flags(on, s->classes->count, &done->shift);
    if (done->shift.kind == CLASSES_GREW) {
        on[at] = false;
    } else if (merged) {
        on[classes_find(s->classes, done->change.into)] = true;
    }
}

bool session_drop_draft(struct session *s)
{
    bool there = s->draft.id != CATALOG_NO_ID;
    s->draft.id = CATALOG_NO_ID;
    return there;
}

bool session_left_draft(struct session *s)
{
    return s->draft.id != s->current && session_drop_draft(s);
}

/* ----------------------------------------------------------------- labels */

static void add_name(struct buf *label, const char *name, size_t len)
{
    if (label->len) {
        buf_addc(label, LABEL_SEPARATOR);
    }
    buf_add(label, name, len);
}

static void add_class(const struct session *s, size_t i, struct buf *label)
{
    const char *name = s->classes->items[i].name;
    add_name(label, name, strlen(name));
}

/* Names of the picture's label that are no class here: they cannot be switched off, so they
 * stay. */
static void add_others(struct session *s, struct buf *label)
{
    struct annotation a;
    const struct class_set *set = session_set_of(s, s->marks[s->current]);
    size_t len = 0;
    if (!set || !set->others || !session_answer_of(s, s->current, &a)) {
        return;
    }
    for (const char *at = NULL; (at = label_class(true, a.label, at, &len));) {
        char name[CLASS_NAME_MAX + 1] = "";
        if (len < sizeof name) {
            memcpy(name, at, len);
            name[len] = '\0';
        }
        if (classes_find(s->classes, name) == s->classes->count) {
            add_name(label, at, len);
        }
    }
}

void session_draft_label(struct session *s, struct buf *label)
{
    const bool *on;
    session_draft(s, &on);
    buf_clear(label);
    for (size_t i = 0; i < s->classes->count; i++) {
        if (on[i]) {
            add_class(s, i, label);
        }
    }
    add_others(s, label);
}

bool session_predicted_label(const struct session *s, const struct guess *guess, struct buf *label)
{
    buf_clear(label);
    for (size_t i = 0; i < s->classes->count; i++) {
        if (guess->classes[i] > ASSIST_ON) {
            add_class(s, i, label);
        }
    }
    return !label->failed;
}
