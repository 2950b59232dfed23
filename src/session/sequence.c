/* The order that the file order stands for: the catalog's, or another one that was set. */
#include "session_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

uint32_t session_at(const struct session *s, size_t place)
{
    return place < s->sequence.count ? s->sequence.ids[place] : catalog_id(s->catalog, place);
}

size_t session_place(const struct session *s, uint32_t id)
{
    return id < s->sequence.count ? s->sequence.places[id] : catalog_position(s->catalog, id);
}

void session_sequence_release(struct session *s)
{
    free(s->sequence.ids);
    free(s->sequence.places);
    s->sequence = (struct sequence){ NULL, NULL, 0 };
}

bool session_set_sequence(struct session *s, uint32_t *ids)
{
    uint32_t *places = mem_array(s->marked, sizeof *places);
    if (!places) {
        free(ids);
        return false;
    }
    for (size_t i = 0; i < s->marked; i++) {
        places[ids[i]] = (uint32_t)i;
    }
    session_sequence_release(s);
    s->sequence = (struct sequence){ ids, places, s->marked };
    return true;
}

/* ------------------------------------------------------- least sure first */

struct doubtful {
    float confidence;
    uint32_t id;
};

static int compare(const void *a, const void *b)
{
    const struct doubtful *x = a, *y = b;
    return x->confidence != y->confidence ? (x->confidence > y->confidence ? 1 : -1)
                                          : (x->id > y->id) - (x->id < y->id);
}

/* The open items that have a prediction in the labels; returns their number. */
static size_t gather(struct session *s, struct doubtful *list)
{
    size_t count = 0;
    for (size_t i = 0; i < s->marked; i++) {
        struct annotation row;
        uint32_t id = catalog_id(s->catalog, i);
        if (s->marks[id].predicted && s->marks[id].status == STATUS_UNANSWERED &&
            session_row_of(s, id, &row)) {
            list[count++] = (struct doubtful){ row.confidence, id };
        }
    }
    if (count) {
        qsort(list, count, sizeof *list, compare);
    }
    return count;
}

/* Those of the list, then the others as in the catalog. */
static void fill(const struct session *s, const struct doubtful *list, size_t count, uint32_t *ids)
{
    size_t at = 0;
    for (; at < count; at++) {
        ids[at] = list[at].id;
    }
    for (size_t i = 0; i < s->marked; i++) {
        uint32_t id = catalog_id(s->catalog, i);
        const struct mark *m = &s->marks[id];
        if (!m->predicted || m->status != STATUS_UNANSWERED) {
            ids[at++] = id;
        }
    }
}

bool session_is_doubtful(const struct session *s)
{
    return s->options.below > 0.0f && s->order == SESSION_FILE && s->sequence.count;
}

void session_sort_doubtful(struct session *s)
{
    if (s->options.below <= 0.0f || s->sequence.count || !s->marked || !catalog_done(s->catalog)) {
        return;
    }
    struct doubtful *list = mem_array(s->marked, sizeof *list);
    uint32_t *ids = mem_array(s->marked, sizeof *ids);
    size_t count = list && ids ? gather(s, list) : 0;
    if (count) {
        fill(s, list, count, ids);
        if (session_set_sequence(s, ids)) {
            s->order = SESSION_FILE;
            s->queued = 0;
        }
    } else {
        free(ids);
    }
    free(list);
}
