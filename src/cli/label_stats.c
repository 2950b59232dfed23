#include "label_stats.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/class_file.h"
#include "label_order.h"
#include "labels_existing.h"
#include "say.h"

static bool nomem(const struct label_stats *s, struct error *err)
{
    return error_nomem(err, s->items * sizeof *s->answers, "the statistics");
}

/* Where items may have several classes, "none of these" is predicted as well: then only the
 * confidence is there. */
static bool can_be_judged(const struct label_stats *s, const struct annotation *a)
{
    return (a->guess[0] || (s->multi && a->confidence >= 0)) &&
           (a->status == STATUS_LABELED || a->status == STATUS_NONE);
}

static bool add_label(struct label_stats *s, const char *label)
{
    if (s->multi) {
        return label_add_sorted(&s->pair, label);
    }
    buf_adds(&s->pair, label);
    return !s->pair.failed;
}

/* Puts the prediction and the label, with a NUL between, into s->pair; *right: they are the
 * same. False when out of memory. */
static bool make_pair(struct label_stats *s, const struct annotation *a, bool *right)
{
    buf_clear(&s->pair);
    bool ok = add_label(s, a->guess);
    size_t len = s->pair.len + 1;
    buf_addc(&s->pair, '\0');
    ok = ok && add_label(s, a->label) && !s->pair.failed;
    *right = ok && strcmp(s->pair.data, s->pair.data + len) == 0;
    return ok;
}

static void judge(struct judged *j, bool right)
{
    j->count++;
    j->right += right;
}

static bool find_person(struct label_stats *s, const char *name, uint32_t *index)
{
    if (map_get(&s->by_name, name, strlen(name), index)) {
        return true;
    }
    if (!mem_reserve(&s->people, &s->person_cap, s->person_count + 1, sizeof *s->people) ||
        !map_put(&s->by_name, name, strlen(name), (uint32_t)s->person_count)) {
        return false;
    }
    *index = (uint32_t)s->person_count;
    s->people[s->person_count++] = (struct person){ .name = name };
    return true;
}

static bool add_answer(struct label_stats *s, const struct annotation *a)
{
    uint32_t person;
    if (a->status == STATUS_PREDICTED) {
        return true;
    }
    if (!find_person(s, a->annotator, &person)) {
        return false;
    }
    s->people[person].statuses[a->status]++;
    if (can_be_judged(s, a)) {
        bool right;
        if (!make_pair(s, a, &right)) {
            return false;
        }
        judge(&s->people[person].predictions, right);
    }
    if (!mem_reserve(&s->answers, &s->answer_cap, s->answer_count + 1, sizeof *s->answers)) {
        return false;
    }
    s->answers[s->answer_count++] = (struct timed_answer){ .at_ms = a->labeled_at_ms,
                                                           .seconds = a->seconds,
                                                           .annotator = person };
    return true;
}

/* Counts the pair that make_pair() made. */
static bool confuse(struct label_stats *s)
{
    uint32_t index;
    if (map_get(&s->by_pair, s->pair.data, s->pair.len, &index)) {
        s->confusion[index].items++;
        return true;
    }
    char *key = mem_string(s->pair.data, s->pair.len);
    if (!key || !mem_reserve(&s->keys, &s->key_cap, s->confused_count + 1, sizeof *s->keys) ||
        !mem_reserve(&s->confusion, &s->confused_cap, s->confused_count + 1,
                     sizeof *s->confusion) ||
        !map_put(&s->by_pair, key, s->pair.len, (uint32_t)s->confused_count)) {
        free(key);
        return false;
    }
    s->keys[s->confused_count] = key;
    s->confusion[s->confused_count++] = (struct confused){ key, key + strlen(key) + 1, 1 };
    return true;
}

static bool add_to_sample(struct label_stats *s, const struct annotation *a, bool right)
{
    if (!drawn_has(&s->drawn, a)) {
        return true;
    }
    if (!mem_reserve(&s->sample, &s->sample_cap, s->sample_count + 1, sizeof *s->sample)) {
        return false;
    }
    s->sample[s->sample_count++] = (struct drawn_answer){ a->labeled_at_ms, right };
    return true;
}

static bool add_item(struct label_stats *s, const struct annotation *a)
{
    s->items++;
    s->statuses[a->status]++;
    s->checked += a->checked;
    bool right;
    if (!can_be_judged(s, a)) {
        return true;
    }
    if (!make_pair(s, a, &right)) {
        return false;
    }
    judge(&s->predictions, right);
    return confuse(s) && add_to_sample(s, a, right);
}

int label_stats_more_items(const void *a, const void *b)
{
    const struct counted *x = a;
    const struct counted *y = b;
    return x->items != y->items ? (x->items < y->items ? 1 : -1) : strcmp(x->name, y->name);
}

static int by_guess(const void *a, const void *b)
{
    const struct confused *x = a;
    const struct confused *y = b;
    int order = strcmp(x->guess, y->guess);
    return order ? order : strcmp(x->label, y->label);
}

static bool sum_guesses(struct label_stats *s)
{
    s->guesses = mem_array(s->confused_count, sizeof *s->guesses);
    if (!s->guesses) {
        return false;
    }
    if (s->confused_count) {
        qsort(s->confusion, s->confused_count, sizeof *s->confusion, by_guess);
    }
    for (size_t i = 0; i < s->confused_count; i++) {
        const struct confused *c = &s->confusion[i];
        if (!s->guess_count || strcmp(s->guesses[s->guess_count - 1].name, c->guess) != 0) {
            s->guesses[s->guess_count++] = (struct counted){ .name = c->guess };
        }
        struct counted *g = &s->guesses[s->guess_count - 1];
        g->items += c->items;
        g->predictions.count += c->items;
        g->predictions.right += strcmp(c->guess, c->label) == 0 ? c->items : 0;
    }
    if (s->guess_count) {
        qsort(s->guesses, s->guess_count, sizeof *s->guesses, label_stats_more_items);
    }
    return true;
}

static int earlier(const void *a, const void *b)
{
    const struct drawn_answer *x = a;
    const struct drawn_answer *y = b;
    return (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

/* Answers without a time come first, and are left out here. */
static void sort_answers(struct label_stats *s)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->answer_count; i++) {
        if (s->answers[i].at_ms > 0) {
            struct timed_answer a = s->answers[i];
            s->answers[i] = s->answers[kept];
            s->answers[kept++] = a;
        }
    }
    rate_sort(s->answers, kept);
    if (s->sample_count) {
        qsort(s->sample, s->sample_count, sizeof *s->sample, earlier);
    }
    for (size_t i = kept; i < s->answer_count; i++) {
        s->answers[i].took_ms = -1;
    }
}

static bool gather(struct label_stats *s, const char *csv, struct error *err)
{
    struct annotation a;
    struct error why;
    uint32_t cursor = 0;
    s->drawn_found = drawn_find(&s->drawn, s->labels, csv, &why);
    if (!s->drawn_found) {
        say(stderr, "thumbtag: the random share is not known: %s\n", why.message);
    }
    while (labels_next_item(s->labels, &cursor, &a)) {
        if (!add_item(s, &a)) {
            return nomem(s, err);
        }
    }
    for (cursor = 0; labels_next_row(s->labels, &cursor, &a);) {
        if (!add_answer(s, &a)) {
            return nomem(s, err);
        }
        if (s->person_count > STATS_PEOPLE_MAX) {
            return error_set(err, ERROR_DATA,
                             "%s: annotator '%s' is one more than %d; is the column annotator what "
                             "it should be?",
                             csv, a.annotator, STATS_PEOPLE_MAX);
        }
    }
    sort_answers(s);
    s->seconds = mem_array(s->answer_count, sizeof *s->seconds);
    return (s->seconds && sum_guesses(s)) || nomem(s, err);
}

int label_stats_more_confused(const void *a, const void *b)
{
    const struct confused *x = a;
    const struct confused *y = b;
    return x->items != y->items ? (x->items < y->items ? 1 : -1) : by_guess(a, b);
}

static int compare_floats(const void *a, const void *b)
{
    float x = *(const float *)a;
    float y = *(const float *)b;
    return (x > y) - (x < y);
}

void label_stats_seconds(struct label_stats *s, uint32_t annotator, double *median, double *p90)
{
    size_t count = 0;
    for (size_t i = 0; i < s->answer_count; i++) {
        const struct timed_answer *a = &s->answers[i];
        if (a->seconds >= 0 && (annotator == UINT32_MAX || a->annotator == annotator)) {
            s->seconds[count++] = a->seconds;
        }
    }
    if (count) {
        qsort(s->seconds, count, sizeof *s->seconds, compare_floats);
    }
    *median = quantile(s->seconds, count, 0.5);
    *p90 = quantile(s->seconds, count, 0.9);
}

bool label_stats_read(struct label_stats *s, const char *csv, bool multi, struct error *err)
{
    *s = (struct label_stats){ .multi = multi || class_file_is_multi(csv) };
    map_init(&s->by_name);
    map_init(&s->by_pair);
    s->labels = labels_open_existing(csv, s->multi ? LABELS_MULTI : LABELS_READ_ONLY, err);
    return s->labels && gather(s, csv, err);
}

void label_stats_release(struct label_stats *s)
{
    for (size_t i = 0; i < s->confused_count; i++) {
        free(s->keys[i]);
    }
    free(s->keys);
    free(s->people);
    free(s->answers);
    free(s->seconds);
    free(s->confusion);
    free(s->guesses);
    free(s->sample);
    map_release(&s->by_name);
    map_release(&s->by_pair);
    buf_release(&s->pair);
    drawn_release(&s->drawn);
    labels_close(s->labels, NULL);
}
