/* Names of the items, and what the labels say of each; the session's clocks. */
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

bool session_row_of(struct session *s, uint32_t id, struct annotation *row)
{
    struct region region = session_region(s, id);
    return session_name(s, id, &s->name) && labels_find(s->labels, s->name.data, &region, row);
}

bool session_answer_of(struct session *s, uint32_t id, struct annotation *answer)
{
    return session_row_of(s, id, answer) && label_status_is_answer(answer->status);
}

/* One's own note, else that of the current annotation. Of several people's notes only these are
 * shown; none replaces another's. */
const char *session_note(struct session *s, uint32_t id)
{
    struct annotation own = { .note = "" };
    struct annotation now = { .note = "" };
    struct region region = session_region(s, id);
    if (!session_name(s, id, &s->name)) {
        return "";
    }
    if (s->options.annotator) {
        labels_find_by(s->labels, s->name.data, &region, s->options.annotator, &own);
    }
    if (own.note[0]) {
        return own.note;
    }
    labels_find(s->labels, s->name.data, &region, &now);
    return now.note;
}
