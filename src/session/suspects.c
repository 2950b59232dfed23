/* A review that begins with the labels likeliest wrong: their order, and how far it has come. */
#include "session_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* An order in the making. */
struct order {
    uint32_t *ids;
    bool *placed; /* by id */
    size_t at;
};

/* Puts an item behind those that have a place, unless it is one of them. */
static void append(struct order *o, uint32_t id)
{
    if (!o->placed[id]) {
        o->placed[id] = true;
        o->ids[o->at++] = id;
    }
}

/* Suspects that were seen keep their places in front; then come those that were not. */
static void put_suspects(const struct session *s, struct order *o,
                         const struct assist_suspect *list, size_t count)
{
    for (size_t i = s->suspects.first; i < s->suspects.end; i++) {
        uint32_t id = s->sequence.ids[i];
        if (s->marks[id].seen) {
            append(o, id);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (list[i].doubted && list[i].id < s->marked && !s->marks[list[i].id].checked) {
            append(o, list[i].id);
        }
    }
}

/* The other answers as they are doubted, and at last what nothing is known of, as in the catalog.
 */
static void put_others(const struct session *s, struct order *o, const struct assist_suspect *list,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i].id < s->marked) {
            append(o, list[i].id);
        }
    }
    for (size_t i = 0; i < s->marked; i++) {
        append(o, catalog_id(s->catalog, i));
    }
}

/* lead: the picture that stays current though it is no suspect, and from which the first of them is
 * reached; or CATALOG_NO_ID. The suspects are at the places from *first on, before *end. */
static void put_in_order(const struct session *s, struct order *o, uint32_t lead,
                         const struct assist_suspect *list, size_t count, size_t *first,
                         size_t *end)
{
    o->at = 1;
    put_suspects(s, o, list, count);
    *first = lead != CATALOG_NO_ID && !o->placed[lead];
    if (*first) {
        o->placed[lead] = true;
        o->ids[0] = lead;
    } else {
        o->at--;
        memmove(o->ids, o->ids + 1, o->at * sizeof *o->ids);
    }
    *end = o->at;
    put_others(s, o, list, count);
}

static bool set_order(struct session *s, uint32_t lead, const struct assist_suspect *list,
                      size_t count)
{
    struct order o = { .ids = mem_array(s->marked + 1, sizeof *o.ids),
                       .placed = mem_array(s->marked, sizeof *o.placed) };
    size_t first = 0, end = 0;
    bool ok = o.ids && o.placed;
    if (ok) {
        put_in_order(s, &o, lead, list, count, &first, &end);
    }
    free(o.placed);
    if (!ok) {
        free(o.ids);
        return false;
    }
    if (session_set_sequence(s, o.ids)) {
        s->suspects.first = first;
        s->suspects.end = end;
        return true;
    }
    return false;
}

/* The first suspect that was not seen; CATALOG_NO_ID: none. */
static uint32_t first_unseen(const struct session *s)
{
    for (size_t i = s->suspects.first; i < s->suspects.end; i++) {
        uint32_t id = s->sequence.ids[i];
        if (!s->marks[id].seen && session_shows(s, id)) {
            return id;
        }
    }
    return CATALOG_NO_ID;
}

bool session_take_suspects(struct session *s)
{
    const struct assist_suspect *list = NULL;
    unsigned version = s->suspects.version;
    if (!s->options.suspects || !catalog_done(s->catalog) || !s->marked) {
        return false;
    }
    size_t count = assist_suspects(s->assist, &version, &list);
    if (version == s->suspects.version) {
        return false;
    }
    s->suspects.version = version;
    bool waiting = s->current == CATALOG_NO_ID || s->current == s->suspects.waited_at;
    if (!count || !set_order(s, waiting ? CATALOG_NO_ID : s->current, list, count)) {
        return false;
    }
    uint32_t first = first_unseen(s);
    s->suspects.waited_at = CATALOG_NO_ID;
    if (waiting && first != CATALOG_NO_ID && first != s->current) {
        session_visit(s, first, VISIT_AWAY);
    }
    return true;
}

void session_note_seen(struct session *s, uint32_t id)
{
    s->marks[id].seen |= s->options.suspects;
}

bool session_suspects(struct session *s, struct session_suspects *state)
{
    struct assist_status status;
    *state = (struct session_suspects){ .known = s->sequence.count > 0, .all = s->marked };
    if (!s->options.suspects) {
        return false;
    }
    if (session_assist_status(s, &status)) {
        state->looking = status.looking;
        state->looked = status.looked;
    }
    for (size_t i = s->suspects.first; i < s->suspects.end; i++) {
        const struct mark *m = &s->marks[s->sequence.ids[i]];
        state->total += m->shown;
        state->seen += m->shown && m->seen;
    }
    state->changed = session_changes(s);
    return true;
}

bool session_is_suspect(const struct session *s)
{
    size_t place = s->current < s->sequence.count ? s->sequence.places[s->current] : SIZE_MAX;
    return place >= s->suspects.first && place < s->suspects.end;
}

bool session_check(struct session *s, struct error *err)
{
    struct operation op = { .annotator = s->options.annotator, .about = OPERATION_CHECK };
    struct region region;
    uint32_t id = s->current;
    if (s->options.read_only) {
        return error_set(err, ERROR_USAGE, "read-only: nothing is changed");
    }
    if (id == CATALOG_NO_ID || !session_name(s, id, &s->name)) {
        return error_set(err, ERROR_USAGE, "there is no picture to check");
    }
    region = session_region(s, id);
    if (!labels_check(s->labels, s->name.data, &region, &op, err)) {
        return false;
    }
    session_read_mark(s, id);
    session_note_seen(s, id);
    session_move(s, MOVE_NEXT);
    return true;
}
