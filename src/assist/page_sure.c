/* The surest open items of one predicted class. */
#include <stdlib.h>

#include "page_task.h"

/* By class, the surest first. */
static int compare(const void *a, const void *b)
{
    const struct candidate *x = a;
    const struct candidate *y = b;
    if (x->best != y->best) {
        return x->best < y->best ? -1 : 1;
    }
    return x->confidence != y->confidence ? (x->confidence < y->confidence ? 1 : -1)
                                          : (x->row > y->row) - (x->row < y->row);
}

/* The start of a class's candidates that costs the fewest keys a picture; *keys: how many. What is
 * less sure waits: it may be surer when more is learned. */
static size_t cut(const struct page_task *t, const struct candidate *c, size_t count, float *keys,
                  float *right)
{
    size_t best = 0;
    float wrong = 0.0f, pressed = PAGE_KEYS_ACCEPT;
    *keys = PAGE_KEYS_SINGLE;
    for (size_t i = 0; i < count && i < t->wish->size; i++) {
        float n = (float)(i + 1);
        wrong += page_chance(t, &c[i]);
        pressed += page_chance(t, &c[i]) * page_exception_keys(t, &c[i]);
        if (pressed < *keys * n) {
            *keys = pressed / n;
            *right = 1.0f - wrong / n;
            best = i + 1;
        }
    }
    return best;
}

/* Of all classes the page that costs the fewest keys a picture. None while classes may be unknown:
 * the model would be sure that their pictures are of those that it knows. */
float page_sure(struct page_task *t, struct page_offer *offer)
{
    float least = PAGE_KEYS_SINGLE;
    if (!t->predicted || !t->count || !learner_knows_classes(t->learner)) {
        return least;
    }
    qsort(t->open, t->count, sizeof *t->open, compare);
    for (size_t from = 0, to = 0; from < t->count; from = to) {
        float keys, right = 0.0f;
        while (to < t->count && t->open[to].best == t->open[from].best) {
            to++;
        }
        size_t count = cut(t, t->open + from, to - from, &keys, &right);
        if (count && keys < least) {
            least = keys;
            offer->class_index = t->open[from].best;
            offer->of = to - from;
            offer->right = right;
            offer->count = 0;
            for (size_t i = 0; i < count; i++) {
                page_add(t, &t->open[from + i], offer);
            }
        }
    }
    return least;
}
