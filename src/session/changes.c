/* What a review has changed: of each item whose answer was changed, what it was before. */
#include "session_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct change {
    uint32_t id;
    struct annotation before; /* its strings are those of the labels */
};

bool session_remember(struct session *s, uint32_t id)
{
    if (s->options.mode != SESSION_REVIEW || s->marks[id].remembered) {
        return true;
    }
    if (!mem_reserve(&s->changes, &s->change_cap, s->change_count + 1, sizeof *s->changes)) {
        return false;
    }
    struct change *c = &s->changes[s->change_count];
    c->id = id;
    if (!session_row_of(s, id, &c->before)) {
        c->before = (struct annotation){ .label = "", .confidence = -1.0f, .seconds = -1.0f };
    }
    s->change_count++;
    s->marks[id].remembered = true;
    return true;
}

bool session_next_change(struct session *s, size_t *cursor, struct session_change *out)
{
    while (*cursor < s->change_count) {
        const struct change *c = &s->changes[(*cursor)++];
        *out = (struct session_change){ .id = c->id, .before = c->before };
        if (!session_row_of(s, c->id, &out->now)) {
            out->now.status = STATUS_UNANSWERED;
            out->now.label = "";
        }
        if (out->now.status != c->before.status || strcmp(out->now.label, c->before.label) != 0) {
            return true;
        }
    }
    return false;
}

size_t session_changes(struct session *s)
{
    struct session_change change;
    size_t cursor = 0, count = 0;
    while (session_next_change(s, &cursor, &change)) {
        count++;
    }
    return count;
}
