/* What proposes classes for the items of a session: one interface, for the learner with a user's
 * own model (assist/guesser.h) and for any other source of proposals.
 *
 * It is a struct of functions, which the source fills in, and the functions below, which call
 * them. A source that only knows what it proposes, such as rules, sets `propose` and leaves
 * the rest NULL: it is told nothing and has no active order. What belongs together is there
 * or NULL together: add, full, added_all; plan, draw, queue; ask_page, page. NULL in the place of
 * the struct: nothing is proposed.
 *
 * All are called from one thread, that of the session, and none waits for work in the
 * background; a source that has such work wakes that thread by a function that it was given.
 * Items have the ids of the catalog (catalog/catalog.h). */
#ifndef ASSIST_ASSIST_H
#define ASSIST_ASSIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "assist/page.h"
#include "base/region.h"

struct guess {
    bool failed;          /* the picture could not be read */
    size_t best;          /* class with the highest confidence; number of classes: no prediction */
    float confidence;     /* of that class, 0 to 1; where pictures may have several: that all
                             classes over ASSIST_ON are right, and no other */
    const float *classes; /* the confidence of each class */
    const char *source;   /* the name of what proposes, for labels.csv's column; NULL: none is
                             recorded. Valid as long as who proposes */
};

/* Where pictures may have several classes, one of a higher confidence is predicted. */
#define ASSIST_ON 0.5f

struct guess_request {
    uint32_t id;
    const char *path; /* copied */
    struct region region;
};

#define ASSIST_NO_CLASS (SIZE_MAX - 1) /* answered, but not with a class of the session */
#define ASSIST_OPEN SIZE_MAX           /* no answer */

#define ASSIST_PLAN 32 /* most items of a plan */
#define ASSIST_DRAW 16 /* items of the random order that a plan may take from */

enum assist_state {
    ASSIST_NEEDS_CLASSES, /* fewer than two classes have answers */
    ASSIST_NO_BETTER,     /* not better than the majority class: no predictions */
    ASSIST_PREDICTING,
};

struct assist_status {
    enum assist_state state;
    size_t looked;   /* pictures with an embedding, or that failed */
    bool looking;    /* more embeddings are being computed */
    size_t answers;  /* learned from */
    size_t majority; /* the most frequent class among them */
    float accuracy;  /* estimated on held-out answers, 0 to 1 */
};

/* An answer, as judged by what was learned from all the others. */
struct assist_suspect {
    uint32_t id;
    bool doubted; /* another class is likelier than that of the answer */
};

struct assist {
    void *self; /* the first argument of each */

    /* The newest prediction for a picture; false while there is none. classes: a buffer for
     * guess->classes, one value per class. */
    bool (*propose)(void *self, uint32_t id, struct guess *guess, float *classes);

    /* Replaces the list of wanted pictures, most urgent first. False when out of memory. */
    bool (*want)(void *self, const struct guess_request *requests, size_t count);

    /* Classes are places in the session's list. The list has changed: class i was was[i] before, or
     * ASSIST_NO_CLASS: it is new. Pictures whose answer is another class now, not only another
     * index, are to be reported again, and all sets with new numbers. Predictions from before are
     * not returned any more. False, with no predictions from then on, when out of memory. */
    bool (*change_classes)(void *self, size_t count, const size_t *was);

    /* Reports a picture's answer, ASSIST_NO_CLASS, or ASSIST_OPEN after an undo. */
    void (*answer)(void *self, uint32_t id, size_t class_index);

    /* The same where pictures may have several classes (classes->multi): the indices of all,
     * none for "none of these", and the number of this set, which is always the same. */
    void (*answer_set)(void *self, uint32_t id, size_t number, const uint16_t *classes,
                       size_t count);

    /* The answers reported while this is on are learned from together, once it is off; on for as
     * long as one act of the user is reported. */
    void (*hold)(void *self, bool on);

    /* add: a picture to be looked at when no wanted one waits; false while the queue is full,
     * until the next wake. full: the memory for added pictures is used up. added_all: no
     * more will be added; to be called after the last one, or once full. */
    bool (*add)(void *self, uint32_t id, const char *path, const struct region *region);
    bool (*full)(void *self);
    void (*added_all)(void *self);

    /* plan: the pictures to label next in the active order, best first; returns their number,
     * 0 while there is no plan. The plan is made again every few answers; until then it still
     * includes pictures answered or queued since. draw: sets the next pictures of the random
     * order (session/sample.h), from which the random part of a plan is taken, in this order.
     * queue: sets the pictures that are fixed to come next: a plan leaves them out. */
    size_t (*plan)(void *self, uint32_t ids[ASSIST_PLAN]);
    void (*draw)(void *self, const uint32_t *ids, size_t count);
    void (*queue)(void *self, const uint32_t *ids, size_t count);

    /* ask_page: a page is wanted (assist/page.h), instead of any asked for before; false when out
     * of memory. page: the page for the last wish; false while it is being made. It is made anew
     * whenever something new was learned, until the next wish. */
    bool (*ask_page)(void *self, const struct page_wish *wish);
    bool (*page)(void *self, struct page_offer *offer);

    /* suspects: the answers, likeliest wrong first. The list is made while pictures are being
     * looked at and once more when all were; *version grows with each, 0 while there is none, and
     * *list, valid until the next call, is set only if that was not yet *version. Returns its
     * length. Who has this function judges: what it proposes for a picture with an answer does not
     * count that answer. */
    size_t (*suspects)(void *self, unsigned *version, const struct assist_suspect **list);

    void (*status)(void *self, struct assist_status *status);

    /* True when idle: the predictions will not change until something new is reported. */
    bool (*settled)(void *self);
};

static inline bool assist_propose(const struct assist *a, uint32_t id, struct guess *guess,
                                  float *classes)
{
    return a && a->propose(a->self, id, guess, classes);
}

static inline bool assist_want(const struct assist *a, const struct guess_request *requests,
                               size_t count)
{
    return !a || !a->want || a->want(a->self, requests, count);
}

static inline bool assist_change_classes(const struct assist *a, size_t count, const size_t *was)
{
    return !a || !a->change_classes || a->change_classes(a->self, count, was);
}

static inline void assist_answer(const struct assist *a, uint32_t id, size_t class_index)
{
    if (a && a->answer) {
        a->answer(a->self, id, class_index);
    }
}

static inline void assist_answer_set(const struct assist *a, uint32_t id, size_t number,
                                     const uint16_t *classes, size_t count)
{
    if (a && a->answer_set) {
        a->answer_set(a->self, id, number, classes, count);
    }
}

static inline void assist_hold(const struct assist *a, bool on)
{
    if (a && a->hold) {
        a->hold(a->self, on);
    }
}

/* Whether pictures are to be added at all. */
static inline bool assist_looks(const struct assist *a)
{
    return a && a->add;
}

static inline bool assist_add(const struct assist *a, uint32_t id, const char *path,
                              const struct region *region)
{
    return a->add(a->self, id, path, region);
}

static inline bool assist_full(const struct assist *a)
{
    return a->full(a->self);
}

static inline void assist_added_all(const struct assist *a)
{
    a->added_all(a->self);
}

/* Whether there is an active order. */
static inline bool assist_plans(const struct assist *a)
{
    return a && a->plan;
}

static inline size_t assist_plan(const struct assist *a, uint32_t ids[ASSIST_PLAN])
{
    return assist_plans(a) ? a->plan(a->self, ids) : 0;
}

static inline void assist_draw(const struct assist *a, const uint32_t *ids, size_t count)
{
    a->draw(a->self, ids, count);
}

static inline void assist_queue(const struct assist *a, const uint32_t *ids, size_t count)
{
    a->queue(a->self, ids, count);
}

/* Whether pages can be asked for. */
static inline bool assist_makes_pages(const struct assist *a)
{
    return a && a->ask_page;
}

static inline bool assist_ask_page(const struct assist *a, const struct page_wish *wish)
{
    return !assist_makes_pages(a) || a->ask_page(a->self, wish);
}

static inline bool assist_page(const struct assist *a, struct page_offer *offer)
{
    return assist_makes_pages(a) && a->page(a->self, offer);
}

/* Whether answers are judged; assist_suspects() only then. */
static inline bool assist_judges(const struct assist *a)
{
    return a && a->suspects;
}

static inline size_t assist_suspects(const struct assist *a, unsigned *version,
                                     const struct assist_suspect **list)
{
    return a->suspects(a->self, version, list);
}

/* False: there is nothing to tell. */
static inline bool assist_status(const struct assist *a, struct assist_status *status)
{
    if (!a || !a->status) {
        return false;
    }
    a->status(a->self, status);
    return true;
}

static inline bool assist_settled(const struct assist *a)
{
    return !a || !a->settled || a->settled(a->self);
}

#endif
