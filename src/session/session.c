/* The beginning and end of a session, the items that the catalog adds, and the current one. */
#include "session_private.h"

#include <stdlib.h>

#include "base/mem.h"

/* Whether the labels say anything of any picture: an unanswered one may have a note. */
static bool any_rows(const struct session *s)
{
    uint32_t cursor = 0;
    struct annotation a;
    return labels_next_item(s->labels, &cursor, &a);
}

/* A picture without a file_name (no path leads to it from the CSV) cannot be answered: it is
 * ranked last. */
static uint64_t rank_of(struct session *s, uint32_t id)
{
    struct region region = session_region(s, id);
    return session_name(s, id, &s->name) ? sample_rank(s->name.data, s->name.len, &region)
                                         : UINT64_MAX;
}

static bool extend_marks(struct session *s)
{
    size_t count = catalog_count(s->catalog);
    if (!mem_reserve(&s->marks, &s->marks_cap, count, sizeof *s->marks)) {
        return false;
    }
    bool look = any_rows(s);
    for (; s->marked < count; s->marked++) {
        struct mark *m = &s->marks[s->marked];
        if (!sample_add(&s->sample, rank_of(s, (uint32_t)s->marked))) {
            return false;
        }
        *m = (struct mark){ .class_index = CLASS_NONE };
        s->by_status[STATUS_UNANSWERED]++;
        if (look) {
            session_read_mark(s, (uint32_t)s->marked);
            session_tell_answer(s, (uint32_t)s->marked);
        }
        m->shown = session_filter_takes(s, *m);
        s->shown_total += m->shown;
    }
    sample_sort(&s->sample);
    s->measured = false;
    return true;
}

bool session_at_end(const struct session *s)
{
    return s->at_end;
}

uint32_t session_current(const struct session *s)
{
    return s->current;
}

size_t session_position(const struct session *s)
{
    if (s->current == CATALOG_NO_ID) {
        return s->at_end ? session_total(s) : 0;
    }
    size_t at = session_place(s, s->current);
    if (!s->filtered) {
        return at;
    }
    size_t shown = 0;
    for (size_t i = 0; i < at; i++) {
        shown += session_shows(s, session_at(s, i));
    }
    return shown;
}

void session_shown(struct session *s, uint32_t id)
{
    session_note_seen(s, id);
    if (s->shown != id) {
        s->shown = id;
        s->shown_at_ns = session_now_ns(s);
    }
}

/* --------------------------------------------------------------- beginning */

/* Takes over the catalog's new pictures. */
static bool catch_up(struct session *s)
{
    if (!extend_marks(s)) {
        return false;
    }
    if (s->order == SESSION_NAME) {
        s->queued = 0; /* new names may come before those in the queue */
    }
    session_sort_doubtful(s);
    session_choose_first(s);
    session_feed(s);
    return true;
}

size_t session_waits_for(const struct session *s)
{
    bool waits = s->current == CATALOG_NO_ID && !s->at_end && !catalog_done(s->catalog);
    return waits ? catalog_found(s->catalog) : 0;
}

void session_begin_now(struct session *s)
{
    catalog_hurry(s->catalog);
    session_set_order(s, assist_plans(s->assist) ? SESSION_ACTIVE : SESSION_RANDOM);
    session_choose_first(s);
}

bool session_poll(struct session *s)
{
    if (catalog_poll(s->catalog)) {
        return catch_up(s);
    }
    session_feed(s);
    return session_take_suspects(s);
}

struct session *session_new(const struct session_options *options, struct catalog *catalog,
                            struct labels *labels, struct classes *classes,
                            const struct assist *assist, struct error *err)
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
    s->assist = assist;
    s->order = options->mode == SESSION_REVIEW ||
                       (options->order == SESSION_ACTIVE && !assist_plans(assist))
                   ? SESSION_FILE
                   : options->order;
    s->filtered = options->below > 0.0f;
    for (int i = 0; i < STATUS_COUNT; i++) { /* those with a sure prediction are not shown */
        s->status_shown[i] = i != STATUS_PREDICTED;
    }
    sample_init(&s->sample);
    class_sets_init(&s->sets);
    s->current = CATALOG_NO_ID;
    s->shown = CATALOG_NO_ID;
    s->suspects.waited_at = CATALOG_NO_ID;
    s->options.suspects &= assist_judges(assist);
    buf_init(&s->name);
    buf_init(&s->path);
    if (!names_init(&s->names, options->csv_path, err)) {
        free(s);
        return NULL;
    }
    catalog_poll(catalog);
    if ((options->annotator && !labels_undo_only(labels, options->annotator, err)) ||
        !session_drafts_init(s, err) || !session_assistance_init(s, err) ||
        (!catch_up(s) &&
         !error_nomem(err, catalog_count(catalog) * sizeof *s->marks, "the pictures"))) {
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
    sample_release(&s->sample);
    free(s->class_shown);
    names_release(&s->names);
    buf_release(&s->name);
    buf_release(&s->path);
    session_assistance_release(s);
    session_drafts_release(s);
    session_sequence_release(s);
    free(s->changes);
    class_sets_release(&s->sets);
    session_pages_release(s);
    free(s->class_wanted);
    free(s);
}

size_t session_left_out(const struct session *s, struct buf *text)
{
    return catalog_left_out(s->catalog, text);
}
