#include "pages.h"

#include <stdlib.h>

#include "page_task.h"

struct pages {
    struct page_rows rows;
};

struct pages *pages_new(const struct embedder *e)
{
    struct pages *p = calloc(1, sizeof *p);
    if (p && !page_rows_init(&p->rows, e)) {
        free(p);
        return NULL;
    }
    return p;
}

void pages_free(struct pages *p)
{
    if (p) {
        page_rows_release(&p->rows);
        free(p);
    }
}

/* The kinds of pages. Pictures that only look alike are for who asks for them: in the simulation of
 * `thumbtag eval --effort` their exceptions cost more than waiting until they are predicted. */
static const struct kind {
    float (*make)(struct page_task *t, struct page_offer *offer);
    bool chosen; /* by what it costs, among others */
} kinds[] = {
    [PAGE_SURE] = { page_sure, true },          [PAGE_ALIKE] = { page_alike, false },
    [PAGE_SAME] = { page_same, true },          [PAGE_LABELED] = { page_labeled, false },
    [PAGE_CONFUSED] = { page_confused, false },
};
_Static_assert(sizeof kinds / sizeof kinds[0] == PAGE_KINDS, "a row for each kind");

static void make_best(struct page_task *t, struct page_offer *offer)
{
    float least = PAGE_KEYS_SINGLE;
    for (size_t k = 0; k < PAGE_KINDS; k++) {
        bool asked = t->wish->kind == k;
        if (!asked && (t->wish->kind != PAGE_KINDS || !kinds[k].chosen)) {
            continue;
        }
        struct page_offer made = {
            .kind = (enum page_kind)k, .class_index = SIZE_MAX, .other_class = SIZE_MAX, .right = -1
        };
        float keys = kinds[k].make(t, &made);
        if (made.count && (asked || keys < least)) {
            least = keys;
            *offer = made;
        }
    }
}

void pages_make(struct pages *p, const struct learner *l, const struct page_wish *wish,
                struct page_offer *offer)
{
    struct page_task t;
    *offer = (struct page_offer){
        .kind = wish->kind, .class_index = SIZE_MAX, .other_class = SIZE_MAX, .right = -1
    };
    if (page_task_init(&t, &p->rows, l, wish)) {
        make_best(&t, offer);
    }
    page_task_release(&t);
}
