/* Open items that look alike, and near-duplicates: from the embeddings, also before anything is
 * learned. What they cost can be told once answers say how often pictures that are so alike have
 * the same class. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "page_task.h"

#define PAIRED 256        /* answered items that are compared with each other */
#define BINS 50           /* of the cosine, 0 to 1 */
#define PAIRS_LEAST 20    /* pairs that say anything */
#define NEAR 2.0f         /* standard deviations above the mean cosine of a seed: not by chance */
#define SAME_COSINE 0.97f /* of pictures that are the same but for noise, crop, light */
#define SAME_PRIOR 20.0f  /* pairs of duplicates of one class that are put beside those counted */
#define BURST 8           /* items behind each other in the listing that may be a burst */

/* ------------------------------------------ how often alike pictures have one class */

struct agreement {
    float same[BINS], pairs[BINS]; /* of the pairs with at least that cosine */
};

static size_t bin_of(float cosine)
{
    return cosine <= 0.0f ? 0 : cosine >= 1.0f ? BINS - 1 : (size_t)(cosine * BINS);
}

static void count_pairs(const struct page_task *t, struct agreement *a)
{
    uint32_t rows[PAIRED];
    size_t classes[PAIRED];
    size_t count = 0;
    *a = (struct agreement){ .same = { 0 } };
    for (size_t i = 0; i < t->rows->count && count < PAIRED; i++) {
        size_t answer = learner_answered(t->learner, t->rows->ids[i]);
        if (answer != ASSIST_OPEN && answer != ASSIST_NO_CLASS) {
            classes[count] = answer;
            rows[count++] = (uint32_t)i;
        }
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            size_t bin = bin_of(page_cosine(t, rows[i], rows[j]));
            a->pairs[bin] += 1.0f;
            a->same[bin] += classes[i] == classes[j];
        }
    }
    for (size_t b = BINS - 1; b-- > 0;) {
        a->pairs[b] += a->pairs[b + 1];
        a->same[b] += a->same[b + 1];
    }
}

/* The share of pairs with such a cosine that have one class; < 0: too few answers tell. */
static float agreement_at(const struct agreement *a, float cosine)
{
    size_t bin = bin_of(cosine);
    return a->pairs[bin] >= PAIRS_LEAST ? a->same[bin] / a->pairs[bin] : -1.0f;
}

/* ------------------------------------------------------------- the neighbourhood */

/* Fills in t->around, once; false when out of memory, or when there are too few items. */
static bool look_around(struct page_task *t)
{
    size_t rank = t->rows->rank;
    struct page_around *a = &t->around;
    if (a->done || t->count < 2) {
        return a->near && a->seed_count;
    }
    a->done = true;
    a->most = t->count < t->wish->size ? t->count : t->wish->size;
    a->rows = mem_array(t->count, rank * sizeof *a->rows);
    a->near = mem_array(PAGE_SEEDS, a->most * sizeof *a->near);
    if (!a->rows || !a->near) {
        return false;
    }
    for (size_t i = 0; i < t->count; i++) {
        memcpy(a->rows + i * rank, page_row(t, t->open[i].row), rank * sizeof *a->rows);
    }
    size_t seeds = t->count < PAGE_SEEDS ? t->count : PAGE_SEEDS;
    for (size_t i = 0; i < seeds; i++) {
        a->seeds[i] = (uint32_t)(i * t->count / seeds);
    }
    if (neighbours_find(a->rows, t->count, rank, a->seeds, seeds, a->most, a->near, NULL)) {
        a->seed_count = seeds;
    }
    return a->seed_count;
}

/* The cosine that a seed has with other items only if these are like it. */
static float chance_cosine(const struct page_task *t, size_t seed)
{
    float sum = 0.0f, squares = 0.0f;
    size_t count = 0;
    size_t step = t->count / 512 + 1;
    for (size_t i = 0; i < t->count; i += step, count++) {
        float c = i == seed ? 0.0f : page_cosine(t, t->open[seed].row, t->open[i].row);
        sum += c;
        squares += c * c;
    }
    float mean = sum / (float)count;
    float by_chance = mean + NEAR * sqrtf(fmaxf(0.0f, squares / (float)count - mean * mean));
    return fminf(by_chance, (mean + 1.0f) / 2.0f); /* where nearly all are in few groups */
}

static float density(const struct neighbour *near, size_t most)
{
    float sum = 0.0f;
    for (size_t i = 1; i < most; i++) {
        sum += near[i].cosine;
    }
    return sum;
}

/* The page around the densest seed, with those that are like it not just by chance. */
float page_alike(struct page_task *t, struct page_offer *offer)
{
    const struct page_around *a = &t->around;
    struct agreement agreement;
    float pressed = PAGE_KEYS_ACCEPT, wrong = 0.0f;
    bool told = true;
    if (!look_around(t)) {
        return PAGE_KEYS_SINGLE;
    }
    size_t best = 0;
    for (size_t i = 1; i < a->seed_count; i++) {
        if (density(a->near + i * a->most, a->most) > density(a->near + best * a->most, a->most)) {
            best = i;
        }
    }
    count_pairs(t, &agreement);
    float least = chance_cosine(t, a->seeds[best]);
    for (size_t i = 0; i < a->most; i++) {
        struct neighbour n = a->near[best * a->most + i];
        if (i && n.cosine < least) {
            break;
        }
        float same = i ? agreement_at(&agreement, n.cosine) : 1.0f;
        told = told && same >= 0.0f;
        wrong += 1.0f - same;
        pressed += (PAGE_KEYS_LETTER + PAGE_KEYS_CLASS) * (1.0f - same);
        page_add(t, &t->open[n.row], offer);
    }
    offer->of = offer->count;
    if (offer->count < 2) {
        offer->count = 0;
    } else if (told) {
        offer->right = 1.0f - wrong / (float)offer->count;
    }
    return told && offer->count ? pressed / (float)offer->count : PAGE_KEYS_SINGLE;
}

/* ---------------------------------------------------------------- duplicates */

static int compare_ids(const void *a, const void *b)
{
    const uint32_t *x = a;
    const uint32_t *y = b;
    return (x[0] > y[0]) - (x[0] < y[0]);
}

/* Whether the picture in that row is on the offer. */
static bool is_on(const struct page_task *t, const struct page_offer *offer, uint32_t row)
{
    for (size_t i = 0; i < offer->count; i++) {
        if (offer->items[i].id == t->rows->ids[row]) {
            return true;
        }
    }
    return false;
}

/* A picture in the order of the listing. */
struct listed {
    uint32_t id, row;
    uint32_t open; /* number among the open ones; NO_CLASS: answered, or taken */
};

/* All pictures in the order of their ids: those of a burst are near each other. */
static struct listed *list_all(const struct page_task *t)
{
    struct listed *list = mem_array(t->rows->count, sizeof *list);
    uint32_t *open = mem_array(t->rows->count, sizeof *open);
    for (size_t i = 0; open && i < t->rows->count; i++) {
        open[i] = NO_CLASS;
    }
    for (size_t i = 0; open && i < t->count; i++) {
        open[t->open[i].row] = (uint32_t)i;
    }
    for (size_t i = 0; list && open && i < t->rows->count; i++) {
        list[i] = (struct listed){ t->rows->ids[i], (uint32_t)i, open[i] };
    }
    if (list && open) {
        qsort(list, t->rows->count, sizeof *list, compare_ids);
    } else {
        free(list);
        list = NULL;
    }
    free(open);
    return list;
}

/* Starts with the picture at `at` and adds the open ones close behind it that are the same as one
 * before. */
static void follow_burst(const struct page_task *t, const struct listed *list, size_t at,
                         struct page_offer *offer)
{
    size_t answer = learner_answered(t->learner, list[at].id);
    uint32_t last = list[at].row;
    offer->count = 0;
    offer->class_index = answer == ASSIST_OPEN || answer == ASSIST_NO_CLASS ? SIZE_MAX : answer;
    if (list[at].open != NO_CLASS) {
        page_add(t, &t->open[list[at].open], offer);
    }
    for (size_t i = at + 1, gap = 0;
         i < t->rows->count && gap < BURST && offer->count < t->wish->size; i++, gap++) {
        if (page_cosine(t, last, list[i].row) >= SAME_COSINE && list[i].open != NO_CLASS) {
            page_add(t, &t->open[list[i].open], offer);
            last = list[i].row;
            gap = 0;
        }
    }
}

/* Adds those seeds' neighbours that are the same, for duplicates that are far apart. */
static void follow_seed(const struct page_task *t, size_t seed, struct page_offer *offer)
{
    const struct page_around *a = &t->around;
    const struct neighbour *near = a->near + seed * a->most;
    offer->count = 0;
    offer->class_index = SIZE_MAX;
    for (size_t i = 0; i < a->most && near[i].cosine >= SAME_COSINE; i++) {
        if (!is_on(t, offer, t->open[near[i].row].row)) {
            page_add(t, &t->open[near[i].row], offer);
        }
    }
}

static void keep_larger(const struct page_offer *made, struct page_offer *best)
{
    bool enough = made->count > 1 || (made->count == 1 && made->class_index != SIZE_MAX);
    if (enough && made->count > best->count) {
        *best = *made;
    }
}

/* The largest group. It takes one key, and the class of one of it that is answered, if one is. */
float page_same(struct page_task *t, struct page_offer *offer)
{
    struct agreement agreement;
    struct page_offer made = *offer;
    struct listed *list = t->count ? list_all(t) : NULL;
    for (size_t i = 0; list && i < t->rows->count; i++) {
        follow_burst(t, list, i, &made);
        keep_larger(&made, offer);
    }
    for (size_t i = 0; look_around(t) && i < t->around.seed_count; i++) {
        follow_seed(t, i, &made);
        keep_larger(&made, offer);
    }
    free(list);
    if (!offer->count) {
        return PAGE_KEYS_SINGLE;
    }
    count_pairs(t, &agreement);
    size_t bin = bin_of(SAME_COSINE);
    offer->right = (agreement.same[bin] + SAME_PRIOR) / (agreement.pairs[bin] + SAME_PRIOR);
    offer->of = offer->count;
    float n = (float)offer->count;
    return (PAGE_KEYS_ACCEPT + (PAGE_KEYS_LETTER + PAGE_KEYS_CLASS) * (1.0f - offer->right) * n) /
           n;
}
