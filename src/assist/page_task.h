/* What pages are made of; shared by the kinds of pages. */
#ifndef ASSIST_PAGE_TASK_H
#define ASSIST_PAGE_TASK_H

#include "assist/page.h"
#include "learn/embedder.h"
#include "learn/neighbours.h"
#include "learner.h"

/* The embeddings of the learner's pictures, reduced once to what its model learns on, so that a
 * page takes one small product over all of them. */
struct page_rows {
    const struct embedder *embedder;
    float *whole; /* scratch: a batch of embeddings */

    float *rows; /* count x rank, of unit length: of the learner's first `count` pictures */
    uint32_t *ids;
    size_t count, rows_cap, ids_cap;
    size_t basis, rank; /* of the model that they were reduced by */
};

/* False when out of memory. */
bool page_rows_init(struct page_rows *r, const struct embedder *e);
void page_rows_release(struct page_rows *r);

/* A picture that may be on a page. */
struct candidate {
    uint32_t row;     /* of the page_rows */
    uint32_t best;    /* class; NO_CLASS: no prediction */
    uint32_t second;  /* the same */
    float confidence; /* of the best, and */
    float other;      /* of the second */
};

#define NO_CLASS UINT32_MAX

/* The neighbourhoods of some open items, evenly spread over them. */
#define PAGE_SEEDS 64
struct page_around {
    bool done;   /* looked for */
    float *rows; /* of the open items, close together */
    uint32_t seeds[PAGE_SEEDS];
    size_t seed_count, most;
    struct neighbour *near; /* of each seed, `most`; rows are numbers of open items */
};

struct page_task {
    const struct page_rows *rows;
    const struct learner *learner;
    const struct page_wish *wish;
    uint32_t *taken;        /* the wish's, sorted */
    struct candidate *open; /* pictures without an answer that are not taken */
    size_t count;
    bool predicted;            /* they have predictions */
    struct page_around around; /* see page_look_around() */
};

/* Takes over the learner's new pictures and fills in the task. False when there is nothing to make
 * pages of yet, or out of memory. Release it in any case. */
bool page_task_init(struct page_task *t, struct page_rows *rows, const struct learner *l,
                    const struct page_wish *wish);
void page_task_release(struct page_task *t);

const float *page_row(const struct page_task *t, size_t row);
float page_cosine(const struct page_task *t, size_t row, size_t other);

bool page_is_taken(const struct page_task *t, uint32_t id);

/* Adds an item to the offer. */
void page_add(const struct page_task *t, const struct candidate *c, struct page_offer *offer);

/* The keys expected for the exception that an item would be, and the chance that it is one. */
float page_exception_keys(const struct page_task *t, const struct candidate *c);
float page_chance(const struct page_task *t, const struct candidate *c);

/* ---- the kinds: each fills in the best page of the kind, if there is any, and returns the keys
 * that it is expected to cost for each picture; a page without items, or PAGE_KEYS_SINGLE: none
 * is worth it. */
float page_sure(struct page_task *t, struct page_offer *offer);
float page_alike(struct page_task *t, struct page_offer *offer);
float page_same(struct page_task *t, struct page_offer *offer);
float page_labeled(struct page_task *t, struct page_offer *offer);
float page_confused(struct page_task *t, struct page_offer *offer);

#endif
