/* Answers: what is written for the current picture. */
#include "session_private.h"

/* Sets the prediction that is recorded in the row of the current picture; true if it is the
 * present one.
 *
 * While labelling, the prediction made before the picture's first answer is recorded: a
 * model that has learned from that answer cannot be measured by it. In a review nothing
 * is learned, so the present prediction is recorded. */
static bool note_guess(struct session *s, struct annotation *a)
{
    struct annotation before;
    struct guess guess;
    bool learned = s->options.mode == SESSION_LABEL && session_answer_of(s, s->current, &before) &&
                   before.status != STATUS_SKIPPED;
    a->confidence = -1.0f;
    if (learned) {
        a->guess = before.guess;
        a->source = before.source;
        a->confidence = before.confidence;
    } else if (session_guess(s, &guess) && guess.best < s->classes->count) {
        bool multi = s->classes->multi;
        a->guess = multi && session_predicted_label(s, &guess, &s->up.label)
                       ? buf_text(&s->up.label)
                       : s->classes->items[guess.best].name;
        a->source = guess.source;
        a->confidence = guess.confidence;
        return true;
    }
    return false;
}

/* Writes the annotation; `added`: with its class, which is new, as one operation. */
static bool write_row(struct session *s, const struct annotation *a,
                      const struct class_change *added, struct session_reclass *done,
                      struct error *err)
{
    struct class_owner owner = session_owner(s);
    if (!added) {
        session_keep_classes(s);
        return labels_write(s->labels, a, 1, NULL, err);
    }
    *done = (struct session_reclass){ .change = *added };
    if (!class_change_do(&owner, added, a, &done->rows, &done->shift, err)) {
        return false;
    }
    s->class_trouble = false;
    session_take_classes(s, done);
    return true;
}

static bool write_answer(struct session *s, enum label_status status, const char *label,
                         const struct class_change *added, struct session_reclass *done,
                         struct error *err)
{
    uint32_t id = s->current;
    struct annotation a = { .status = status };
    if (s->options.read_only) {
        return error_set(err, ERROR_USAGE, "read-only: nothing is changed");
    }
    bool guessed = id != CATALOG_NO_ID && note_guess(s, &a);
    if (id == CATALOG_NO_ID || !session_name(s, id, &s->name)) {
        return error_set(err, ERROR_USAGE, "there is no picture to answer");
    }
    enum label_status before = (enum label_status)s->marks[id].status;
    if (!session_remember(s, id)) {
        return error_nomem(err, s->change_count, "the changes");
    }
    a.checked = s->options.suspects;
    a.file_name = s->name.data;
    a.region = session_region(s, id);
    a.label = status == STATUS_LABELED ? label : NULL;
    a.seconds = s->shown == id ? (float)(session_now_ns(s) - s->shown_at_ns) / 1e9f : -1.0f;
    a.annotator = s->options.annotator;
    a.labeled_at_ms = session_now_ms(s);
    if (!write_row(s, &a, added, done, err)) {
        return false;
    }
    if (!label_status_is_answer(before) && guessed) { /* re-labelling does not count */
        session_judge_guess(s, &a);
    }
    session_drop_draft(s);
    session_update_mark(s, id);
    session_note_seen(s, id);
    session_note_done(s, id);
    session_count_answer(s);
    if (s->clock_ms) {
        s->clock_ms += SCRIPT_STEP_MS;
    }
    session_advance(s, before);
    return true;
}

bool session_answer(struct session *s, enum label_status status, size_t class_index,
                    struct error *err)
{
    const char *name = status == STATUS_LABELED ? s->classes->items[class_index].name : NULL;
    return write_answer(s, status, name, NULL, NULL, err);
}

bool session_answer_new(struct session *s, const struct class_change *added,
                        struct session_reclass *done, struct error *err)
{
    return write_answer(s, STATUS_LABELED, added->after.name, added, done, err);
}

bool session_confirm(struct session *s, struct error *err)
{
    struct buf *label = &s->draft.label;
    if (s->current != CATALOG_NO_ID) {
        session_draft_label(s, label);
    }
    if (label->failed) {
        return error_nomem(err, label->len, "an answer");
    }
    return write_answer(s, label->len ? STATUS_LABELED : STATUS_NONE, buf_text(label), NULL, NULL,
                        err);
}
