/* Names of the pictures, their states (marks), and creating and freeing a session. */
#include "session_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

int64_t session_now_ms(const struct session *s)
{
    return s->clock_ms ? s->clock_ms : clock_wall_ms();
}

int64_t session_now_ns(const struct session *s)
{
    return s->clock_ms ? s->clock_ms * 1000000 : clock_monotonic_ns();
}

/* ------------------------------------------------------------------- names */

/* The folder part of a picture's file_name in the CSV, computed once per folder; NULL when
 * out of memory or if there is no such name. */
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

struct region session_region(const struct session *s, uint32_t id)
{
    return catalog_region(s->catalog, id);
}

bool session_title(struct session *s, uint32_t id, struct buf *title)
{
    struct region region = session_region(s, id);
    bool ok = session_name(s, id, title);
    region_add_text(title, &region);
    return ok && !title->failed;
}

void session_path(const struct session *s, uint32_t id, struct buf *path)
{
    catalog_path(s->catalog, id, path);
}

bool session_answer_of(struct session *s, uint32_t id, struct annotation *answer)
{
    struct region region = session_region(s, id);
    return session_name(s, id, &s->name) && labels_find(s->labels, s->name.data, &region, answer);
}

/* ------------------------------------------------------------------- marks */

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
        return session_has_wanted(s, m);
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

static struct mark mark_of(struct session *s, const struct annotation *a)
{
    struct mark m = { .status = (uint8_t)a->status, .class_index = CLASS_NONE };
    if (s->classes->multi && (a->status == STATUS_LABELED || a->status == STATUS_NONE)) {
        m.class_index = session_set_number(s, a->label);
    } else if (a->status == STATUS_LABELED) {
        size_t i = classes_find(s->classes, a->label);
        m.class_index = i < s->classes->count ? (uint32_t)i : CLASS_FOREIGN;
    }
    return m;
}

/* Reads the picture's answer from the labels and updates the counts. */
static void read_mark(struct session *s, uint32_t id)
{
    struct annotation a;
    struct mark m = { .class_index = CLASS_NONE };
    if (session_answer_of(s, id, &a)) {
        m = mark_of(s, &a);
    }
    m.noted = session_note(s, id)[0] != '\0';
    s->by_status[s->marks[id].status]--;
    s->by_status[m.status]++;
    m.shown = s->marks[id].shown;
    s->marks[id] = m;
}

void session_check_mark(struct session *s, uint32_t id)
{
    struct mark before = s->marks[id];
    read_mark(s, id);
    if (before.status != s->marks[id].status || before.class_index != s->marks[id].class_index) {
        session_tell_answer(s, id);
    }
}

void session_update_mark(struct session *s, uint32_t id)
{
    read_mark(s, id);
    s->measured = false;
    session_tell_answer(s, id);
}

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
            read_mark(s, (uint32_t)s->marked);
            session_tell_answer(s, (uint32_t)s->marked);
        }
        m->shown = session_filter_takes(s, *m);
        s->shown_total += m->shown;
    }
    sample_sort(&s->sample);
    s->measured = false;
    return true;
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

bool session_at_end(const struct session *s)
{
    return s->at_end;
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
        return s->at_end ? session_total(s) : 0;
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
    session_set_order(s, s->guesser ? SESSION_ACTIVE : SESSION_RANDOM);
    session_choose_first(s);
}

bool session_poll(struct session *s)
{
    if (catalog_poll(s->catalog)) {
        return catch_up(s);
    }
    session_feed(s);
    return false;
}

struct session *session_new(const struct session_options *options, struct catalog *catalog,
                            struct labels *labels, struct classes *classes,
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
    s->order = options->mode == SESSION_REVIEW || (options->order == SESSION_ACTIVE && !guesser)
                   ? SESSION_FILE
                   : options->order;
    sample_init(&s->sample);
    s->current = CATALOG_NO_ID;
    s->shown = CATALOG_NO_ID;
    buf_init(&s->name);
    buf_init(&s->path);
    if (!names_init(&s->names, options->csv_path, err)) {
        free(s);
        return NULL;
    }
    catalog_poll(catalog);
    if ((options->annotator && !labels_undo_only(labels, options->annotator, err)) ||
        !session_multi_init(s, err) || !session_guessing_init(s, err) ||
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
    session_guessing_release(s);
    session_multi_release(s);
    free(s->class_wanted);
    free(s);
}

size_t session_left_out(const struct session *s, struct buf *text)
{
    return catalog_left_out(s->catalog, text);
}
