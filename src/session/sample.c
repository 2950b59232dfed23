#include "session/sample.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"

#define SEED 0x73616D706C65u /* must never change: it determines all ranks */
#define FRONT_FIRST 2048u

uint64_t sample_rank(const char *name, size_t len, const struct region *region)
{
    uint64_t rank = hash64(name, len, SEED);
    return region_is_whole(region) ? rank : hash64(region, sizeof *region, rank);
}

void sample_init(struct sample *s)
{
    *s = (struct sample){ .limit = UINT64_MAX, .most = FRONT_FIRST };
}

void sample_release(struct sample *s)
{
    free(s->ranks);
    free(s->front);
    sample_init(s);
}

static bool add_front(struct sample *s, uint32_t id)
{
    if (!mem_reserve(&s->front, &s->front_cap, s->count + 1, sizeof *s->front)) {
        return false;
    }
    s->front[s->count++] = (struct sample_entry){ s->ranks[id], id };
    return true;
}

bool sample_add(struct sample *s, uint64_t rank)
{
    if (!mem_reserve(&s->ranks, &s->ranks_cap, s->total + 1, sizeof *s->ranks)) {
        return false;
    }
    s->ranks[s->total] = rank;
    if (rank <= s->limit && !add_front(s, (uint32_t)s->total)) {
        return false;
    }
    s->total++;
    return true;
}

/* Pictures of the same name, which a list may contain, stay in the list's order. */
static int compare(const void *a, const void *b)
{
    const struct sample_entry *x = a;
    const struct sample_entry *y = b;
    return x->rank != y->rank ? (x->rank > y->rank) - (x->rank < y->rank)
                              : (x->id > y->id) - (x->id < y->id);
}

void sample_sort(struct sample *s)
{
    if (s->count) {
        qsort(s->front, s->count, sizeof *s->front, compare);
    }
    if (s->count > 2 * s->most) { /* keep only the front of a million pictures sorted */
        s->limit = s->front[s->most - 1].rank;
        size_t kept = s->most;
        while (kept < s->count && s->front[kept].rank == s->limit) {
            kept++;
        }
        s->count = kept;
    }
}

/* The rank below which `wanted` of all pictures are expected. */
static uint64_t rank_below(const struct sample *s, size_t wanted)
{
    double share = (double)wanted / (double)s->total;
    return share >= 0.5 ? UINT64_MAX : (uint64_t)(share * 0x1p64);
}

bool sample_grow(struct sample *s)
{
    if (s->count == s->total) {
        return false;
    }
    size_t before = s->count;
    uint64_t limit_before = s->limit;
    for (size_t wanted = s->most * 2; s->count <= before; wanted *= 2) {
        s->most = wanted;
        s->limit = rank_below(s, wanted);
        for (size_t id = 0; id < s->total; id++) {
            if (s->ranks[id] > limit_before && s->ranks[id] <= s->limit &&
                !add_front(s, (uint32_t)id)) {
                s->count = before;
                s->limit = limit_before;
                return false;
            }
        }
    }
    qsort(s->front, s->count, sizeof *s->front, compare);
    return true;
}

bool sample_next(struct sample *s, size_t *at, sample_test_fn *test, const void *context,
                 uint32_t *id)
{
    do {
        while (*at < s->count) {
            *id = s->front[(*at)++].id;
            if (test(context, *id)) {
                return true;
            }
        }
    } while (sample_grow(s));
    return false;
}

size_t sample_length(struct sample *s, sample_test_fn *closed, const void *context)
{
    size_t length = 0;
    size_t open = 0;
    size_t i = 0;
    do {
        for (; i < s->count; i++) {
            open += !closed(context, s->front[i].id);
            if (open * 100 <= (i + 1) * (100 - SAMPLE_CLOSED)) {
                length = i + 1;
            }
        }
    } while (length == s->count && sample_grow(s));
    return length;
}

/* Index of the first of the starts whose time is earlier than `time`; starts[i] is the index
 * at which the best non-decreasing subsequence of i + 1 times starts. */
static size_t first_earlier(const int64_t *times, const uint32_t *starts, size_t count,
                            int64_t time)
{
    size_t low = 0;
    while (low < count) {
        size_t middle = low + (count - low) / 2;
        if (times[starts[middle]] < time) {
            count = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

/* Marks the longest non-decreasing subsequence of the times (Schensted 1961), the latest of
 * several: single answers that were changed later do not interrupt it. */
static void mark_longest(const int64_t *times, size_t count, uint32_t *starts, uint32_t *next,
                         bool *marked)
{
    size_t length = 0;
    for (size_t i = count; i-- > 0;) {
        size_t at = first_earlier(times, starts, length, times[i]);
        next[i] = at ? starts[at - 1] : UINT32_MAX;
        starts[at] = (uint32_t)i;
        length += at == length;
    }
    for (uint32_t i = length ? starts[length - 1] : UINT32_MAX; i != UINT32_MAX; i = next[i]) {
        marked[i] = true;
    }
}

bool sample_drawn(const int64_t *times, size_t count, bool *drawn)
{
    uint32_t *starts = mem_array(count, sizeof *starts);
    uint32_t *next = mem_array(count, sizeof *next);
    bool ok = starts && next;
    int64_t front = INT64_MIN;
    for (size_t i = 0; i < count; i++) {
        drawn[i] = false;
    }
    if (ok) {
        mark_longest(times, count, starts, next, drawn);
    }
    for (size_t i = 0; ok && i < count; i++) {
        front = drawn[i] ? times[i] : front;
        drawn[i] = times[i] >= front;
    }
    free(starts);
    free(next);
    return ok;
}
