#include "agree/agreement.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"

static bool nomem(struct error *err, size_t count, size_t size)
{
    return error_nomem(err, (unsigned long long)count * size, "the annotations to compare");
}

static bool copy_classes(struct ratings *r, const struct ratings *shape, struct error *err)
{
    size_t total = shape->class_first ? shape->class_first[r->values] : r->values;
    r->class_first = mem_array(r->values + 1, sizeof *r->class_first);
    r->class_list = mem_array(total + 1, sizeof *r->class_list);
    if (!r->class_first || !r->class_list) {
        return nomem(err, total, sizeof *r->class_list);
    }
    for (size_t i = 0; i <= r->values; i++) {
        r->class_first[i] = shape->class_first ? shape->class_first[i] : i;
    }
    for (size_t i = 0; i < total; i++) {
        r->class_list[i] = shape->class_list ? shape->class_list[i] : (uint32_t)i;
    }
    return true;
}

/* Orders the votes by item; starts[i] is where those of item i begin, for i up to items. */
static bool order_by_item(struct ratings *r, const struct rating *list, size_t count,
                          size_t *starts)
{
    size_t *next = mem_array(r->items + 1, sizeof *next);
    if (!next) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        starts[list[i].item + 1]++;
    }
    for (size_t i = 0; i < r->items; i++) {
        starts[i + 1] += starts[i];
        next[i + 1] = starts[i + 1];
    }
    for (size_t i = 0; i < count; i++) {
        r->votes[next[list[i].item]++] = (struct vote){ list[i].annotator, list[i].value };
    }
    free(next);
    return true;
}

static bool goes_before(struct vote a, struct vote b)
{
    return a.annotator != b.annotator ? a.annotator < b.annotator : a.value < b.value;
}

static void sort_votes(struct vote *votes, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct vote vote = votes[i];
        size_t at = i;
        for (; at > 0 && goes_before(vote, votes[at - 1]); at--) {
            votes[at] = votes[at - 1];
        }
        votes[at] = vote;
    }
}

/* Finds the pattern of an item's votes, or adds it. */
static bool place_item(struct ratings *r, struct map *known, size_t item, size_t first,
                       size_t count)
{
    uint32_t pattern;
    const char *key = (const char *)(r->votes + first);
    size_t len = count * sizeof *r->votes;
    if (!map_get(known, key, len, &pattern)) {
        pattern = (uint32_t)r->pattern_count;
        if (!mem_reserve(&r->patterns, &r->pattern_cap, r->pattern_count + 1,
                         sizeof *r->patterns) ||
            !map_put(known, key, len, pattern)) {
            return false;
        }
        r->patterns[r->pattern_count++] = (struct pattern){ .first = first, .count = count };
    }
    r->patterns[pattern].items++;
    r->pattern_of[item] = pattern;
    return true;
}

static bool find_patterns(struct ratings *r, const size_t *starts)
{
    struct map known;
    map_init(&known);
    bool ok = true;
    for (size_t i = 0; ok && i < r->items; i++) {
        size_t count = starts[i + 1] - starts[i];
        r->pattern_of[i] = RATINGS_NO_PATTERN;
        if (count) {
            sort_votes(r->votes + starts[i], count);
            ok = place_item(r, &known, i, starts[i], count);
        }
    }
    map_release(&known);
    return ok;
}

bool ratings_make(struct ratings *r, const struct ratings *shape, const struct rating *list,
                  size_t count, struct error *err)
{
    *r = (struct ratings){ .items = shape->items,
                           .annotators = shape->annotators,
                           .values = shape->values,
                           .classes = shape->class_first ? shape->classes : shape->values };
    size_t *starts = mem_array(r->items + 2, sizeof *starts);
    r->votes = mem_array(count, sizeof *r->votes);
    r->pattern_of = mem_array(r->items, sizeof *r->pattern_of);
    bool ok = starts && r->votes && r->pattern_of && order_by_item(r, list, count, starts) &&
              find_patterns(r, starts);
    free(starts);
    return ok ? copy_classes(r, shape, err) : nomem(err, count, sizeof *r->votes);
}

void ratings_release(struct ratings *r)
{
    free(r->votes);
    free(r->patterns);
    free(r->pattern_of);
    free(r->class_first);
    free(r->class_list);
    *r = (struct ratings){ .votes = NULL };
}

static bool has_class(const struct ratings *r, uint32_t value, uint32_t class_index)
{
    for (size_t i = r->class_first[value]; i < r->class_first[value + 1]; i++) {
        if (r->class_list[i] == class_index) {
            return true;
        }
    }
    return false;
}

bool ratings_of_class(struct ratings *r, const struct ratings *from, uint32_t class_index,
                      struct error *err)
{
    struct ratings two = { .values = 2 };
    size_t votes = 0;
    *r = (struct ratings){ .annotators = from->annotators, .values = 2, .classes = 2 };
    for (size_t p = 0; p < from->pattern_count; p++) {
        votes += from->patterns[p].count;
    }
    r->votes = mem_array(votes, sizeof *r->votes);
    r->patterns = mem_array(from->pattern_count, sizeof *r->patterns);
    if (!r->votes || !r->patterns) {
        return nomem(err, votes, sizeof *r->votes);
    }
    votes = 0;
    for (size_t p = 0; p < from->pattern_count; p++) {
        const struct pattern *old = &from->patterns[p];
        r->patterns[p] = (struct pattern){ votes, old->count, old->items };
        for (size_t i = 0; i < old->count; i++) {
            struct vote vote = from->votes[old->first + i];
            r->votes[votes++] =
                (struct vote){ vote.annotator, has_class(from, vote.value, class_index) };
        }
    }
    r->pattern_count = from->pattern_count;
    return copy_classes(r, &two, err);
}
