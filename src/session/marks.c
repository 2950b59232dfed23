/* The marks: the state of each item, so that the labels need not be asked; how many have which,
 * and which pass the filter. */
#include "session_private.h"

#include <string.h>

/* ----------------------------------------------------------------- sets */

/* The number of a label's set; CLASS_FOREIGN when out of memory. */
static uint32_t set_number(struct session *s, const char *label)
{
    uint32_t number = class_sets_number(&s->sets, s->classes, label);
    return number == CLASS_SETS_FULL ? CLASS_FOREIGN : number;
}

const struct class_set *session_set_of(const struct session *s, struct mark m)
{
    bool answered = m.status == STATUS_LABELED || m.status == STATUS_NONE;
    return s->classes->multi && answered ? class_sets_get(&s->sets, m.class_index) : NULL;
}

/* Whether the picture has the classes that the filter wants, and none that it does not. */
static bool has_wanted(const struct session *s, struct mark m)
{
    const struct class_set *set = session_set_of(s, m);
    for (size_t c = 0; s->class_wanted && c <= s->classes->count; c++) {
        enum session_want want = (enum session_want)s->class_wanted[c];
        bool has = set && (c < s->classes->count ? class_set_has(set, c) : set->others);
        if ((want == WANT_HAS && !has) || (want == WANT_HAS_NOT && has)) {
            return false;
        }
    }
    return true;
}

bool session_same_classes(struct session *s, const char *label, const char *other)
{
    if (strcmp(label, other) == 0) {
        return true;
    }
    uint32_t a = class_sets_number(&s->sets, s->classes, label);
    uint32_t b = class_sets_number(&s->sets, s->classes, other);
    const struct class_set *x = class_sets_get(&s->sets, a);
    const struct class_set *y = class_sets_get(&s->sets, b);
    return x && y && !x->others && !y->others && x->count == y->count &&
           (!x->count || memcmp(x->classes, y->classes, x->count * sizeof *x->classes) == 0);
}

/* ---------------------------------------------------------------- marks */

bool session_filter_takes(const struct session *s, struct mark m)
{
    if (!s->filtered) {
        return true;
    }
    if (!s->status_shown[m.status]) {
        return false;
    }
    if (s->noted_only && !m.noted) {
        return false;
    }
    if (s->classes->multi) {
        return has_wanted(s, m);
    }
    if (!label_status_has_label((enum label_status)m.status) || !s->class_shown) {
        return true;
    }
    return s->class_shown[m.class_index < s->classes->count ? m.class_index : s->classes->count];
}

bool session_filter_of(const struct session *s, struct session_filter *filter)
{
    *filter = (struct session_filter){ .noted = s->noted_only,
                                       .classes = s->class_shown,
                                       .wanted = s->class_wanted };
    memcpy(filter->statuses, s->status_shown, sizeof filter->statuses);
    return s->filtered;
}

bool session_shows(const struct session *s, uint32_t id)
{
    return s->marks[id].shown;
}

static struct mark mark_of(struct session *s, const struct annotation *a)
{
    struct mark m = { .status = (uint8_t)a->status, .class_index = CLASS_NONE };
    m.checked = a->checked;
    m.predicted = a->status == STATUS_PREDICTED;
    if (m.predicted && s->options.mode == SESSION_LABEL) {
        bool sure = s->options.below > 0.0f && a->confidence >= s->options.below;
        m.status = sure ? STATUS_PREDICTED : STATUS_UNANSWERED;
        return m;
    }
    if (s->classes->multi && (label_status_has_label(a->status) || a->status == STATUS_NONE)) {
        m.class_index = set_number(s, a->label);
    } else if (label_status_has_label(a->status)) {
        size_t i = classes_find(s->classes, a->label);
        m.class_index = i < s->classes->count ? (uint32_t)i : CLASS_FOREIGN;
    }
    return m;
}

void session_read_mark(struct session *s, uint32_t id)
{
    struct annotation a;
    struct mark m = { .class_index = CLASS_NONE };
    if (session_row_of(s, id, &a)) {
        m = mark_of(s, &a);
    }
    m.noted = session_note(s, id)[0] != '\0';
    s->by_status[s->marks[id].status]--;
    s->by_status[m.status]++;
    m.shown = s->marks[id].shown;
    m.seen = s->marks[id].seen;
    m.remembered = s->marks[id].remembered;
    s->marks[id] = m;
}

size_t session_class_count(const struct session *s, size_t class_index)
{
    return labels_class_count(s->labels, s->classes->items[class_index].name);
}

/* Labels with several classes are counted by each that is no class of the session. */
static size_t count_other_parts(const struct session *s)
{
    uint32_t cursor = 0;
    const char *name;
    size_t others = 0, uses;
    while (labels_next_class(s->labels, &cursor, &name, &uses)) {
        others += classes_find(s->classes, name) == s->classes->count ? uses : 0;
    }
    return others;
}

size_t session_other_count(const struct session *s)
{
    if (s->classes->multi) {
        return count_other_parts(s);
    }
    size_t others = labels_count(s->labels, STATUS_LABELED);
    for (size_t i = 0; i < s->classes->count; i++) {
        others -= session_class_count(s, i);
    }
    return others;
}

size_t session_total(const struct session *s)
{
    return s->filtered ? s->shown_total : s->marked;
}
