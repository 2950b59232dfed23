/* Changes of the class list during a session: add, rename, merge, remove, key, colour. */
#include "session_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct class_owner session_owner(const struct session *s)
{
    return (struct class_owner){ .labels = s->labels,
                                 .classes = s->classes,
                                 .file = s->options.class_file,
                                 .annotator = s->options.annotator };
}

/* Where the class at that place of the list was before; ASSIST_NO_CLASS: it is new. */
static size_t place_before(const struct class_shift *shift, size_t i)
{
    switch (shift->kind) {
    case CLASSES_GREW:
        return i == shift->at ? ASSIST_NO_CLASS : i - (i > shift->at);
    case CLASSES_SHRANK:
        return i + (i >= shift->at);
    default:
        return i;
    }
}

/* In a session with one class a picture. */
static void shift_mark(struct mark *m, const struct class_shift *shift)
{
    if (m->class_index >= CLASS_FOREIGN) {
        return;
    }
    if (shift->kind == CLASSES_GREW) {
        m->class_index += m->class_index >= shift->at;
    } else if (m->class_index == shift->at) {
        m->class_index = CLASS_FOREIGN;
    } else {
        m->class_index -= m->class_index > shift->at;
    }
}

/* When out of memory, nothing is predicted any more. */
static void tell_assistant(struct session *s, const struct class_shift *shift)
{
    size_t count = s->classes->count;
    size_t *was = s->assist ? mem_array(count + 1, sizeof *was) : NULL;
    for (size_t i = 0; was && i < count; i++) {
        was[i] = place_before(shift, i);
    }
    if (s->assist && (!was || !assist_change_classes(s->assist, count, was))) {
        s->assist = NULL;
    }
    free(was);
}

void session_take_classes(struct session *s, const struct session_reclass *done)
{
    bool moved = done->shift.kind != CLASSES_STAY;
    bool appended = done->shift.kind == CLASSES_GREW && done->shift.at + 1 == s->classes->count;
    bool known = appended && !session_class_count(s, done->shift.at);
    s->up.there = false;
    if (s->classes->multi) {
        session_shift_draft(s, done);
        class_sets_renew(&s->sets);
    }
    if (moved) {
        session_forget_pages(s);
        tell_assistant(s, &done->shift);
        for (size_t id = 0; id < s->marked && !s->classes->multi; id++) {
            shift_mark(&s->marks[id], &done->shift);
        }
        if (s->class_shown) {
            session_shift_flags(s->class_shown, s->classes->count, &done->shift);
        }
        if (s->class_wanted) {
            session_shift_wanted(s->class_wanted, s->classes->count, &done->shift);
        }
    }
    bool all = done->rows || (moved && !known) || s->classes->multi;
    assist_hold(s->assist, true);
    for (size_t id = 0; all && id < s->marked; id++) {
        session_check_mark(s, (uint32_t)id);
    }
    assist_hold(s->assist, false);
    s->measured = false;
}

bool session_change_classes(struct session *s, const struct class_change *change,
                            struct session_reclass *done, struct error *err)
{
    struct class_owner owner = session_owner(s);
    *done = (struct session_reclass){ .change = *change };
    if (s->options.read_only) {
        return error_set(err, ERROR_USAGE, "read-only: nothing is changed");
    }
    if (!class_change_do(&owner, change, NULL, &done->rows, &done->shift, err)) {
        return false;
    }
    session_take_classes(s, done);
    return true;
}

bool session_class_opens(const struct session *s, const char *name, size_t *count,
                         struct error *err)
{
    return class_change_opens(s->labels, name, count, err);
}

bool session_move_classes(struct session *s, const struct labels_step *step, bool undo,
                          struct error *err)
{
    struct class_owner owner = session_owner(s);
    struct session_reclass *r = &s->reclass;
    *r = (struct session_reclass){ .rows = step->count };
    if (!step->about || !class_change_parse(step->about, &r->change)) {
        return true;
    }
    if (!class_change_list(&owner, &r->change, undo, &r->shift, err)) {
        return false;
    }
    s->reclassed = true;
    session_take_classes(s, r);
    return true;
}

const struct session_reclass *session_reclassed(const struct session *s)
{
    return s->reclassed ? &s->reclass : NULL;
}
