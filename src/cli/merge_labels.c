#include "merge_labels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/folder.h"
#include "base/mem.h"
#include "store/csv.h"
#include "store/labels.h"

#define EVEN 1e-9 /* probabilities that differ by less are equal */

/* What is taken for the items of a pattern: classes of the set, in chosen[first .. first +
 * count). */
struct decision {
    bool tied;
    double support;
    size_t first, count;
};

/* A class taken for a pattern. */
struct choice {
    uint32_t pattern, class_index;
};

struct merge {
    const struct annotation_set *set;
    const struct ratings *ratings;
    struct decision *decisions; /* [pattern_count] */
    struct choice *chosen;      /* by pattern, at the end */
    size_t chosen_count, chosen_cap;
};

/* ------------------------------------------------------------------ deciding */

static bool choose(struct merge *m, size_t pattern, uint32_t class_index)
{
    if (!mem_reserve(&m->chosen, &m->chosen_cap, m->chosen_count + 1, sizeof *m->chosen)) {
        return false;
    }
    m->chosen[m->chosen_count++] = (struct choice){ (uint32_t)pattern, class_index };
    return true;
}

/* The index of the largest share; tied: another one is as large. */
static size_t most_votes(const double *shares, size_t count, bool *tied)
{
    size_t best = 0;
    *tied = false;
    for (size_t i = 1; i < count; i++) {
        if (shares[i] > shares[best] + EVEN) {
            best = i;
            *tied = false;
        } else if (shares[i] > shares[best] - EVEN) {
            *tied = true;
        }
    }
    return best;
}

/* One class an item: takes the value of the largest share. */
static bool decide_value(struct merge *m, size_t pattern, const double *shares)
{
    struct decision *d = &m->decisions[pattern];
    size_t best = most_votes(shares, m->ratings->values, &d->tied);
    d->support = shares[best];
    return d->tied || choose(m, pattern, m->ratings->class_list[m->ratings->class_first[best]]);
}

/* Several classes an item: share is that of the answers with this class. */
static bool decide_class(struct merge *m, size_t pattern, uint32_t class_index, double share)
{
    struct decision *d = &m->decisions[pattern];
    double support = share > 0.5 ? share : 1.0 - share;
    d->tied |= fabs(share - 0.5) < EVEN;
    d->support = support < d->support ? support : d->support;
    return d->tied || share <= 0.5 || choose(m, pattern, class_index);
}

static void vote_shares(const struct ratings *r, size_t pattern, double *shares)
{
    const struct pattern *p = &r->patterns[pattern];
    memset(shares, 0, r->values * sizeof *shares);
    for (size_t i = 0; i < p->count; i++) {
        shares[r->votes[p->first + i].value] += 1.0 / (double)p->count;
    }
}

/* trust: NULL to count votes. */
static bool decide_values(struct merge *m, const struct trust *trust)
{
    double *shares = mem_array(m->ratings->values, sizeof *shares);
    bool ok = shares != NULL;
    for (size_t p = 0; ok && p < m->ratings->pattern_count; p++) {
        if (trust) {
            trust_of_pattern(trust, m->ratings, p, shares);
        } else {
            vote_shares(m->ratings, p, shares);
        }
        ok = decide_value(m, p, shares);
    }
    free(shares);
    return ok;
}

/* two: the patterns, with the values "has the class" and "has not". */
static bool decide_one_class(struct merge *m, uint32_t class_index, const struct ratings *two,
                             const struct trust *trust)
{
    double shares[2];
    bool ok = true;
    for (size_t p = 0; ok && p < two->pattern_count; p++) {
        if (trust) {
            trust_of_pattern(trust, two, p, shares);
        } else {
            vote_shares(two, p, shares);
        }
        ok = decide_class(m, p, class_index, shares[1]);
    }
    return ok;
}

static int compare_choices(const void *a, const void *b)
{
    const struct choice *x = a;
    const struct choice *y = b;
    return x->pattern != y->pattern
               ? (x->pattern > y->pattern) - (x->pattern < y->pattern)
               : (x->class_index > y->class_index) - (x->class_index < y->class_index);
}

/* Gives each decision its choices. One without any, not even "none", is left open: of several
 * classes, each may have been refused by most. */
static void gather_choices(struct merge *m)
{
    size_t at = 0;
    if (m->chosen_count) {
        qsort(m->chosen, m->chosen_count, sizeof *m->chosen, compare_choices);
    }
    for (size_t p = 0; p < m->ratings->pattern_count; p++) {
        struct decision *d = &m->decisions[p];
        d->first = at;
        while (at < m->chosen_count && m->chosen[at].pattern == p) {
            at++;
        }
        d->count = at - d->first;
        d->tied |= d->count == 0;
    }
}

static bool decide_classes(struct merge *m, enum merge_by by, struct error *err)
{
    bool ok = true;
    for (uint32_t c = 0; ok && c < m->ratings->classes; c++) {
        struct ratings two;
        struct trust trust = { .shares = NULL };
        ok = ratings_of_class(&two, m->ratings, c, err) &&
             (by == MERGE_MAJORITY || trust_learn(&trust, &two, err)) &&
             (decide_one_class(m, c, &two, by == MERGE_TRUST ? &trust : NULL) ||
              error_nomem(err, m->chosen_count * sizeof *m->chosen, "the merged labels"));
        trust_release(&trust);
        ratings_release(&two);
    }
    return ok;
}

static bool decide(struct merge *m, enum merge_by by, struct error *err)
{
    struct trust trust = { .shares = NULL };
    for (size_t p = 0; p < m->ratings->pattern_count; p++) {
        m->decisions[p].support = 1.0;
    }
    bool ok;
    if (m->set->multi) {
        ok = decide_classes(m, by, err);
    } else {
        ok = (by == MERGE_MAJORITY || trust_learn(&trust, m->ratings, err)) &&
             (decide_values(m, by == MERGE_TRUST ? &trust : NULL) ||
              error_nomem(err, m->chosen_count * sizeof *m->chosen, "the merged labels"));
    }
    trust_release(&trust);
    if (ok) {
        gather_choices(m);
    }
    return ok;
}

/* ------------------------------------------------------------------- writing */

static bool uses_regions(const struct annotation_set *set)
{
    for (size_t i = 0; i < set->item_count; i++) {
        if (!region_is_whole(&set->items[i].region)) {
            return true;
        }
    }
    return false;
}

/* The classes of a decision as the value of `label`; "" if "none" was taken, or nothing. */
static bool join_classes(const struct merge *m, const struct decision *d, struct buf *label)
{
    buf_clear(label);
    for (size_t i = d->first; i < d->first + d->count && !d->tied; i++) {
        uint32_t c = m->chosen[i].class_index;
        if (c != m->set->none_class) {
            buf_addf(label, "%s%s", label->len ? "|" : "", m->set->classes[c]);
        }
    }
    return label->len > 0;
}

static void add_region(const struct set_item *item, struct buf *out)
{
    if (region_is_whole(&item->region)) {
        buf_adds(out, ",,,,");
    } else {
        buf_addf(out, ",%d,%d,%d,%d", item->region.x, item->region.y, item->region.width,
                 item->region.height);
    }
}

static void add_row(const struct merge *m, size_t index, enum merge_by by, bool regions,
                    struct buf *label, struct buf *out)
{
    const struct set_item *item = &m->set->items[index];
    uint32_t pattern = m->ratings->pattern_of[index];
    const struct decision *d = pattern == RATINGS_NO_PATTERN ? NULL : &m->decisions[pattern];
    bool taken = d && !d->tied;
    labels_add_name(out, item->name, strlen(item->name));
    buf_addc(out, ',');
    if (taken && join_classes(m, d, label)) {
        csv_add_field(out, buf_text(label), label->len);
        buf_adds(out, ",labeled");
    } else {
        buf_adds(out, taken ? ",none" : ",");
    }
    buf_addf(out, ",,,,%s,", !taken ? "" : by == MERGE_TRUST ? "trust" : "majority");
    if (regions) {
        add_region(item, out);
    }
    buf_addf(out, ",%zu,", d ? m->ratings->patterns[pattern].count : 0);
    if (taken) {
        buf_addf(out, "%.4f", d->support);
    }
    buf_addc(out, '\n');
}

static void add_rows(const struct merge *m, enum merge_by by, struct buf *out)
{
    struct buf label = BUF_INIT;
    bool regions = uses_regions(m->set);
    buf_add(out, LABELS_HEADER, strlen(LABELS_HEADER) - 1);
    buf_addf(out, "%s,annotations,support\n", regions ? ",x,y,width,height" : "");
    for (size_t i = 0; i < m->set->item_count; i++) {
        add_row(m, i, by, regions, &label, out);
    }
    out->failed |= label.failed;
    buf_release(&label);
}

static bool is_unanimous(const struct ratings *r, const struct pattern *p)
{
    for (size_t i = 1; i < p->count; i++) {
        if (r->votes[p->first + i].value != r->votes[p->first].value) {
            return false;
        }
    }
    return true;
}

static void count_outcome(const struct merge *m, struct merge_outcome *o)
{
    uint64_t annotated = 0;
    *o = (struct merge_outcome){ .items = m->set->item_count };
    for (size_t p = 0; p < m->ratings->pattern_count; p++) {
        const struct pattern *pattern = &m->ratings->patterns[p];
        uint64_t *outcome = pattern->count == 1                 ? &o->single
                            : m->decisions[p].tied              ? &o->tied
                            : is_unanimous(m->ratings, pattern) ? &o->unanimous
                                                                : &o->decided;
        *outcome += pattern->items;
        annotated += pattern->items;
    }
    o->open = o->items - annotated;
}

bool merge_can_write(const char *path, struct error *err)
{
    struct folder folder;
    const char *name;
    bool ok = folder_open_of(&folder, path, &name, err);
    if (ok && folder_look(&folder, name, NULL) != FOLDER_NOTHING) {
        ok = error_set(err, ERROR_USAGE,
                       "%s: exists already, and merged labels replace nothing: name a new file",
                       path);
    }
    ok = ok && folder_can_replace(&folder, name, err);
    folder_close(&folder);
    return ok;
}

static bool write_rows(const struct merge *m, enum merge_by by, const char *path, struct error *err)
{
    struct folder folder;
    struct buf out = BUF_INIT;
    const char *name;
    add_rows(m, by, &out);
    bool ok = (!out.failed || error_nomem(err, out.len, "the merged labels")) &&
              merge_can_write(path, err) && folder_open_of(&folder, path, &name, err);
    if (ok) {
        ok = folder_replace(&folder, name, out.data, out.len, err);
        folder_close(&folder);
    }
    buf_release(&out);
    return ok;
}

bool merge_labels(const struct annotation_set *set, const struct ratings *r, enum merge_by by,
                  const char *path, struct merge_outcome *outcome, struct error *err)
{
    struct merge m = { .set = set,
                       .ratings = r,
                       .decisions = mem_array(r->pattern_count, sizeof *m.decisions) };
    bool ok = (m.decisions ||
               error_nomem(err, r->pattern_count * sizeof *m.decisions, "the merged labels")) &&
              decide(&m, by, err);
    if (ok) {
        count_outcome(&m, outcome);
        ok = write_rows(&m, by, path, err);
    }
    free(m.decisions);
    free(m.chosen);
    return ok;
}
