#include "split.h"

#include <regex.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "disjoint.h"
#include "near.h"

/* Seeds: what a hash is for. */
enum { FOR_PLACE, FOR_LEADER, FOR_ROUNDING };

#define SLACK 5 /* a border stays where it is within that share of the smallest part */

/* Pictures that stay together. */
struct unit {
    uint64_t leader;  /* the lowest of its members' hashes: its place is that member's */
    double place;     /* 0 to 100 */
    size_t weight;    /* pictures */
    uint32_t stratum; /* a class, or behind them a status */
    int split;
};

struct work {
    const struct export *e;
    struct export_picture *pictures;
    struct sets sets;
    struct arena arena;
    const char **keys; /* of each picture: what is hashed for it */
    size_t *frequency; /* of each stratum: pictures */
    struct unit *units;
    uint32_t *unit_of; /* of each picture that is the root of a set */
    size_t unit_count;
};

/* A hash as a number from 0 to 1; 53 bits of it. */
static double unit_hash(const char *text, uint64_t seed)
{
    return (double)(hash64(text, strlen(text), seed) >> 11) * (1.0 / 9007199254740992.0);
}

/* ------------------------------------------------------- what belongs together */

/* What the pattern captures of a name: its groups, with '/' between, or all of the match. */
static bool capture(const regex_t *pattern, const char *name, struct buf *out)
{
    enum { GROUPS = 10 };
    regmatch_t m[GROUPS];
    buf_clear(out);
    if (regexec(pattern, name, GROUPS, m, 0) != 0) {
        return false;
    }
    size_t groups = pattern->re_nsub < GROUPS ? pattern->re_nsub : GROUPS - 1;
    for (size_t i = groups ? 1 : 0; i <= groups; i++) {
        if (m[i].rm_so >= 0) {
            buf_add(out, name + m[i].rm_so, (size_t)(m[i].rm_eo - m[i].rm_so));
        }
        buf_adds(out, i < groups ? "/" : "");
    }
    return true;
}

static bool join_captures(struct work *w, const regex_t *pattern, struct error *err)
{
    struct map seen;
    struct buf text = BUF_INIT;
    bool ok = true;
    map_init(&seen);
    for (uint32_t i = 0; ok && i < w->e->picture_count; i++) {
        uint32_t first;
        if (!capture(pattern, w->pictures[i].name, &text)) {
            w->e->report->uncaptured++;
            continue;
        }
        if (!text.failed && map_get(&seen, buf_text(&text), text.len, &first)) {
            w->keys[i] = w->keys[first];
            sets_join(&w->sets, first, i);
            continue;
        }
        const char *key = text.failed ? NULL : arena_string(&w->arena, buf_text(&text), text.len);
        ok = (key && map_put(&seen, key, text.len, i)) ||
             error_nomem(err, text.len, "what --by captures");
        w->keys[i] = key;
    }
    w->e->report->captures = seen.count;
    map_release(&seen);
    buf_release(&text);
    return ok;
}

static bool join_by_pattern(struct work *w, struct error *err)
{
    regex_t pattern;
    char why[200];
    const char *by = w->e->options->by;
    int code = by ? regcomp(&pattern, by, REG_EXTENDED) : 0;
    if (!by) {
        return true;
    }
    if (code) {
        regerror(code, &pattern, why, sizeof why);
        return error_set(err, ERROR_USAGE, "--by '%s': not a regular expression: %s", by, why);
    }
    bool ok = join_captures(w, &pattern, err);
    regfree(&pattern);
    if (ok && !w->e->report->captures) {
        return error_set(err, ERROR_USAGE, "--by '%s': matches none of the names, such as %s", by,
                         w->pictures[0].name);
    }
    return ok;
}

/* --------------------------------------------------------------------- strata */

static size_t stratum_of_status(const struct work *w, const struct annotation *a)
{
    return w->e->class_count + (size_t)a->status;
}

/* Counts a picture once for each class of it; *last: of each stratum, the picture that was
 * counted last, from 1. */
static void count_picture(struct work *w, size_t picture, size_t *last)
{
    const struct export_picture *p = &w->pictures[picture];
    size_t len = 0;
    for (size_t k = p->first; k < p->first + p->count; k++) {
        const struct annotation *a = w->e->items[k].a;
        for (const char *c = NULL; (c = label_class(true, a->label, c, &len));) {
            size_t s = export_class(w->e, c, len);
            w->frequency[s] += last[s] != picture + 1;
            last[s] = picture + 1;
        }
        if (!a->label[0]) {
            w->frequency[stratum_of_status(w, a)] += 1;
        }
    }
}

static void take_rarer(const struct work *w, uint32_t *best, size_t stratum)
{
    if (*best == UINT32_MAX || w->frequency[stratum] < w->frequency[*best] ||
        (w->frequency[stratum] == w->frequency[*best] && stratum < *best)) {
        *best = (uint32_t)stratum;
    }
}

static uint32_t rarest_class(const struct work *w, const struct export_picture *p)
{
    uint32_t best = UINT32_MAX;
    size_t len = 0;
    for (size_t k = p->first; k < p->first + p->count; k++) {
        const struct annotation *a = w->e->items[k].a;
        for (const char *c = NULL; (c = label_class(true, a->label, c, &len));) {
            take_rarer(w, &best, export_class(w->e, c, len));
        }
        if (!a->label[0]) {
            take_rarer(w, &best, stratum_of_status(w, a));
        }
    }
    return best;
}

/* ---------------------------------------------------------------------- units */

static void add_to_unit(struct work *w, struct unit *u, size_t picture)
{
    const char *key = w->keys[picture];
    uint64_t leader = hash64(key, strlen(key), FOR_LEADER);
    uint32_t stratum = rarest_class(w, &w->pictures[picture]);
    if (!u->weight || leader < u->leader) {
        u->leader = leader;
        u->place = 100.0 * unit_hash(key, FOR_PLACE);
    }
    if (u->weight) {
        take_rarer(w, &u->stratum, stratum);
    } else {
        u->stratum = stratum;
    }
    u->weight++;
}

static bool make_units(struct work *w, struct error *err)
{
    size_t strata = w->e->class_count + STATUS_COUNT, count = w->e->picture_count;
    size_t *last = mem_array(strata, sizeof *last);
    w->frequency = mem_array(strata, sizeof *w->frequency);
    w->units = mem_array(count, sizeof *w->units);
    w->unit_of = mem_array(count, sizeof *w->unit_of);
    if (!last || !w->frequency || !w->units || !w->unit_of) {
        free(last);
        return error_nomem(err, count * sizeof *w->units, "the split");
    }
    for (size_t i = 0; i < count; i++) {
        count_picture(w, i, last);
    }
    free(last);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t root = sets_root(&w->sets, i);
        if (root == i) {
            w->unit_of[i] = (uint32_t)w->unit_count++;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        add_to_unit(w, &w->units[w->unit_of[sets_root(&w->sets, i)]], i);
    }
    return true;
}

/* -------------------------------------------------------------------- borders */

static int compare_units(const void *a, const void *b)
{
    const struct unit *x = *(struct unit *const *)a, *y = *(struct unit *const *)b;
    if (x->stratum != y->stratum) {
        return x->stratum < y->stratum ? -1 : 1;
    }
    if (x->place != y->place) {
        return x->place < y->place ? -1 : 1;
    }
    return (x->leader > y->leader) - (x->leader < y->leader);
}

/* Names of strata only make their roundings differ. */
static double rounding_of(const struct work *w, uint32_t stratum)
{
    return stratum < w->e->class_count ? unit_hash(w->e->classes[stratum], FOR_ROUNDING) : 0.5;
}

/* How many pictures of a stratum are in front of the border: by their places alone if that is
 * near enough to the share, else as near as need be. */
static size_t in_front(struct unit *const *units, size_t count, double border, size_t share,
                       size_t slack)
{
    size_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += units[i]->place < border ? units[i]->weight : 0;
    }
    return sum + slack < share ? share - slack : sum > share + slack ? share + slack : sum;
}

/* Those whose middle is in front of `pictures` of them go to that part, if to no earlier one. */
static void take_part(struct unit *const *units, size_t count, size_t pictures, int split)
{
    size_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (2 * sum + units[i]->weight <= 2 * pictures && units[i]->split < 0) {
            units[i]->split = split;
        }
        sum += units[i]->weight;
    }
}

static void split_stratum(const struct work *w, struct unit *const *units, size_t count)
{
    const int *shares = w->e->options->shares;
    double rounding = rounding_of(w, units[0]->stratum), border = 0.0;
    size_t weight = 0;
    int smallest = 100, last = 0;
    for (size_t i = 0; i < count; i++) {
        weight += units[i]->weight;
        units[i]->split = -1;
    }
    for (int i = 0; i < SPLITS_MAX; i++) {
        smallest = shares[i] && shares[i] < smallest ? shares[i] : smallest;
        last = shares[i] ? i : last;
    }
    size_t slack = weight * (size_t)smallest / 100 / SLACK;
    for (int i = 0; i <= last; i++) {
        border += shares[i];
        if (shares[i]) {
            size_t share = (size_t)((double)weight * border / 100.0 + rounding);
            take_part(units, count,
                      i == last ? weight : in_front(units, count, border, share, slack), i);
        }
    }
    for (size_t i = 0; i < count; i++) {
        units[i]->split = units[i]->split < 0 ? last : units[i]->split;
    }
}

static bool split_units(struct work *w, struct error *err)
{
    struct unit **order = mem_array(w->unit_count, sizeof *order);
    if (!order) {
        return error_nomem(err, w->unit_count * sizeof *order, "the split");
    }
    for (size_t i = 0; i < w->unit_count; i++) {
        order[i] = &w->units[i];
    }
    qsort(order, w->unit_count, sizeof(struct unit *), compare_units);
    for (size_t i = 0, end; i < w->unit_count; i = end) {
        for (end = i + 1; end < w->unit_count && order[end]->stratum == order[i]->stratum;) {
            end++;
        }
        split_stratum(w, order + i, end - i);
    }
    free(order);
    for (uint32_t i = 0; i < w->e->picture_count; i++) {
        w->pictures[i].split = w->units[w->unit_of[sets_root(&w->sets, i)]].split;
    }
    return true;
}

bool split_pictures(const struct export *e, struct export_picture *pictures, struct error *err)
{
    struct work w = { .e = e, .pictures = pictures };
    w.keys = mem_array(e->picture_count, sizeof *w.keys);
    bool ok = (w.keys && sets_init(&w.sets, e->picture_count)) ||
              error_nomem(err, e->picture_count * sizeof *w.keys, "the split");
    for (size_t i = 0; ok && i < e->picture_count; i++) {
        w.keys[i] = pictures[i].name;
    }
    ok = ok && (e->options->no_near || near_join(e, &w.sets, err)) && join_by_pattern(&w, err) &&
         make_units(&w, err) && split_units(&w, err);
    sets_release(&w.sets);
    arena_release(&w.arena);
    free(w.keys);
    free(w.frequency);
    free(w.units);
    free(w.unit_of);
    return ok;
}
