#include "assist/guesser.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/thread.h"
#include "learn/cache.h"
#include "learn/embedder.h"
#include "learner.h"
#include "looker.h"
#include "pages.h"
#include "prior.h"
#include "results.h"

#define WAKE_NS 100000000 /* between two wakes that only report progress */
#define LOOKS_TO_PLAN 64  /* embeddings needed for the first plan */
#define PLAN_VERSIONS 4   /* model versions that a plan stays valid for */
#define QUEUE_SHORT 8     /* a shorter queue needs a new plan */

/* An answer; or more classes, where id is EVENT_GROW. */
#define EVENT_GROW UINT32_MAX

struct event {
    uint32_t id;
    size_t class_index; /* of an answer; else the number of classes */
    uint16_t *classes;  /* of the set of that number, or NULL; owned */
    size_t count;
};

static void free_events(struct event *events, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(events[i].classes);
    }
    free(events);
}

struct guesser {
    /* Each class keeps the number that the learner knows it by, whatever happens to the
     * list; a class that leaves takes its number with it. Used by the owner's thread only. */
    size_t *numbers; /* of the classes of the list */
    size_t class_count, numbers_cap;
    size_t number_count;

    bool in_step, multi, judge;
    struct assist_suspect *judged; /* the list that the owner has, or NULL */
    struct assist assist;
    struct embedder *embedder;
    struct embedding_cache *cache;
    struct prior prior;
    struct looker *looker;
    struct learner *learner; /* used by the learning thread only, */
    struct pages *pages;     /* and this too; NULL: pictures may have several classes */

    pthread_mutex_t lock; /* protects everything below */
    pthread_cond_t work;
    struct event *events; /* answers not yet given to the learner */
    size_t event_count, event_cap;
    bool poked;    /* there may be new work for the learning thread */
    bool held;     /* more answers of the same act will follow */
    bool learning; /* the learning thread is at work */
    uint32_t *wanted;
    size_t wanted_count, wanted_cap;
    struct results results;
    unsigned version; /* of the model */
    unsigned list;    /* of the class list */
    uint32_t *queue;  /* pictures fixed to come next */
    size_t queue_count, queue_cap;
    uint32_t draw[ASSIST_DRAW];
    size_t draw_count;
    uint32_t plan[ASSIST_PLAN];
    size_t plan_count;
    bool planned, queue_changed; /* a plan was made; the queue changed since */
    unsigned planned_version;    /* of the model, at the last plan */
    size_t planned_looks;        /* number of embeddings at the last plan */
    size_t learned_looks;        /* those that the learner has been told of */
    struct page_wish wish;       /* size 0: none */
    size_t wish_cap;             /* of its `taken` */
    uint32_t *wish_taken;
    unsigned wish_number;                           /* counts the wishes */
    struct page_offer offer;                        /* with the learner's classes, */
    bool offered;                                   /* once there is one, */
    unsigned offer_wish, offer_version, offer_list; /* for that wish, model and class list */
    size_t offer_looks;                             /* number of embeddings that it is made of */
    struct assist_suspect *suspects;                /* a new list of them, or NULL */
    size_t suspect_count;
    unsigned suspects_version; /* 0: none was made yet */
    size_t suspects_looks;     /* number of embeddings when it was made */
    bool suspects_final;       /* all pictures had been looked at */
    bool added_all;
    struct assist_status status;
    bool stop;
    int64_t woken_ns;

    guesser_wake_fn *wake;
    void *wake_context;
    pthread_t thread;
    bool started;
};

/* ----------------------------------------------------------- the learning thread */

/* All of the user's latest act is known and, in step mode, every queued picture has an
 * embedding. */
static bool may_learn(const struct guesser *g)
{
    return !g->held && (!g->in_step || (g->added_all && looker_idle(g->looker)));
}

/* Idle: no pending events, no learning, no embedding work, and none whose thread has done it
 * but has not come to tell of it. */
static bool is_settled(const struct guesser *g)
{
    return !g->held && !g->poked && !g->learning && g->added_all && looker_idle(g->looker) &&
           g->learned_looks == looker_count(g->looker);
}

/* The first wanted picture that has an embedding, or failed, and no prediction of the
 * current model version. */
static bool next_guess(const struct guesser *g, uint32_t *id, enum look *look, size_t *place,
                       const void **packed)
{
    for (size_t i = 0; i < g->wanted_count; i++) {
        const struct result *r = results_find(&g->results, g->wanted[i]);
        if (r && (r->guess.failed || (r->version == g->version && r->list == g->list))) {
            continue;
        }
        *id = g->wanted[i];
        *look = looker_find(g->looker, *id, place, packed);
        if (*look != LOOK_NOT_YET) {
            return true;
        }
    }
    return false;
}

/* Gives new events and embeddings to the learner; true if it has fitted a new model. Called
 * with the lock held, which is released while learning. */
static bool learn_events(struct guesser *g)
{
    struct event *events = g->events;
    size_t count = g->event_count;
    g->events = NULL;
    g->event_count = g->event_cap = 0;
    g->learned_looks = looker_count(g->looker);
    pthread_mutex_unlock(&g->lock);
    learner_look(g->learner);
    for (size_t i = 0; i < count; i++) {
        const struct event *e = &events[i];
        if (e->id == EVENT_GROW) {
            learner_grow(g->learner, e->class_index);
        } else if (!e->classes ||
                   learner_define(g->learner, e->class_index, e->classes, e->count)) {
            learner_answer(g->learner, e->id, e->class_index);
        }
    }
    free_events(events, count);
    bool stale = learner_is_stale(g->learner);
    if (stale) {
        learner_refresh(g->learner);
    }
    struct assist_status status;
    learner_status(g->learner, &status);
    pthread_mutex_lock(&g->lock);
    g->status = status;
    g->version += stale;
    return stale;
}

/* Predicts one picture, with the lock released meanwhile; false when none is needed. */
static bool predict_one(struct guesser *g)
{
    uint32_t id;
    enum look look;
    size_t place;
    const void *packed;
    if (!next_guess(g, &id, &look, &place, &packed)) {
        return false;
    }
    unsigned version = g->version, list = g->list;
    pthread_mutex_unlock(&g->lock);
    struct result *r = result_new(learner_classes(g->learner), id);
    if (r && look == LOOK_SEEN) {
        if (!g->judge || !learner_judge(g->learner, place, &r->guess, r->classes)) {
            learner_guess(g->learner, packed, &r->guess, r->classes);
        }
    } else if (r) {
        r->guess = (struct guess){ .failed = true, .best = GUESS_NONE };
    }
    pthread_mutex_lock(&g->lock);
    if (r) {
        r->version = version;
        r->list = list;
        results_keep(&g->results, r);
    }
    return r != NULL;
}

static bool needs_plan(const struct guesser *g)
{
    size_t looks = looker_count(g->looker);
    bool enough = looks >= LOOKS_TO_PLAN || (g->added_all && looker_idle(g->looker));
    bool current = g->planned && g->version - g->planned_version < PLAN_VERSIONS &&
                   looks < g->planned_looks + g->planned_looks / 2 + 1 &&
                   !(g->queue_changed && g->queue_count < QUEUE_SHORT);
    return g->queue_count && enough && !current;
}

/* Makes a plan, with the lock released meanwhile; false when none is needed. */
static bool make_plan(struct guesser *g)
{
    uint32_t made[ASSIST_PLAN], draw[ASSIST_DRAW];
    struct plan_task task = { .queued = g->queue_count, .draw = draw, .drawn = g->draw_count };
    uint32_t *queue = needs_plan(g) ? mem_array(task.queued, sizeof *queue) : NULL;
    if (!queue) {
        return false;
    }
    task.queue = memcpy(queue, g->queue, task.queued * sizeof *queue);
    memcpy(draw, g->draw, task.drawn * sizeof *draw);
    g->planned = true;
    g->queue_changed = false;
    g->planned_version = g->version;
    g->planned_looks = looker_count(g->looker);
    pthread_mutex_unlock(&g->lock);
    size_t made_count = learner_plan(g->learner, &task, made);
    free(queue);
    pthread_mutex_lock(&g->lock);
    memcpy(g->plan, made, made_count * sizeof *made);
    g->plan_count = made_count;
    return true;
}

static bool needs_page(const struct guesser *g)
{
    bool current = g->offered && g->offer_wish == g->wish_number &&
                   g->offer_version == g->version && g->offer_list == g->list &&
                   g->learned_looks < g->offer_looks + g->offer_looks / 2 + 1;
    return g->pages && g->wish.size && !current;
}

/* Makes the page that is wished for, with the lock released meanwhile; false when none is. There
 * is none when out of memory. */
static bool make_page(struct guesser *g)
{
    if (!needs_page(g)) {
        return false;
    }
    struct page_wish wish = g->wish;
    struct page_offer offer = { .kind = wish.kind };
    uint32_t *taken = mem_array(wish.taken_count, sizeof *taken);
    if (taken && wish.taken_count) {
        memcpy(taken, g->wish_taken, wish.taken_count * sizeof *taken);
    }
    wish.taken = taken;
    unsigned number = g->wish_number, version = g->version, list = g->list;
    if (taken) {
        pthread_mutex_unlock(&g->lock);
        pages_make(g->pages, g->learner, &wish, &offer);
        free(taken);
        pthread_mutex_lock(&g->lock);
    }
    g->offer = offer;
    g->offer_wish = number;
    g->offer_version = version;
    g->offer_list = list;
    g->offer_looks = g->learned_looks;
    g->offered = true;
    return true;
}

/* Answers are judged anew while half as many pictures again have been looked at, and a last time
 * when all were: then the order in which they are reviewed is fixed. */
static bool needs_suspects(const struct guesser *g, bool all)
{
    size_t looks = looker_count(g->looker);
    return g->judge && !g->suspects_final && g->status.answers &&
           (all || looks >= g->suspects_looks + g->suspects_looks / 2 + LOOKS_TO_PLAN);
}

/* Makes the list of suspects, with the lock released meanwhile; false when none is needed. */
static bool find_suspects(struct guesser *g)
{
    bool all =
        g->added_all && looker_idle(g->looker) && g->learned_looks == looker_count(g->looker);
    if (!needs_suspects(g, all)) {
        return false;
    }
    g->suspects_looks = looker_count(g->looker);
    g->suspects_final = all;
    pthread_mutex_unlock(&g->lock);
    struct assist_suspect *list;
    size_t count = learner_suspects(g->learner, &list);
    pthread_mutex_lock(&g->lock);
    free(g->suspects);
    g->suspects = list;
    g->suspect_count = count;
    g->suspects_version++;
    return true;
}

static void wake(struct guesser *g)
{
    g->woken_ns = clock_monotonic_ns();
    pthread_mutex_unlock(&g->lock);
    g->wake(g->wake_context);
    pthread_mutex_lock(&g->lock);
}

/* Learns, predicts and plans until there is nothing more to do; true when there are results
 * to report. */
static bool learn_and_guess(struct guesser *g)
{
    bool news = learn_events(g);
    news = (!g->stop && !g->event_count && find_suspects(g)) || news;
    while (!g->stop && !g->event_count && predict_one(g)) {
        news = true;
    }
    while (!g->stop && !g->event_count && make_page(g)) {
        news = true;
    }
    if (news && needs_plan(g)) {
        wake(g); /* predictions and pages are reported before the plan is made */
        news = false;
    }
    return (!g->stop && !g->event_count && make_plan(g)) || news;
}

static void *learning_thread(void *context)
{
    struct guesser *g = context;
    thread_give_way(THREAD_SOON); /* the thread that reads keys has priority */
    pthread_mutex_lock(&g->lock);
    while (!g->stop) {
        if (!g->poked) {
            pthread_cond_wait(&g->work, &g->lock);
            continue;
        }
        g->poked = false;
        if (may_learn(g)) {
            g->learning = true;
            bool news = learn_and_guess(g);
            g->learning = false;
            if (news || is_settled(g)) {
                wake(g);
            }
        }
    }
    pthread_mutex_unlock(&g->lock);
    return NULL;
}

static void poke(struct guesser *g)
{
    g->poked = true;
    pthread_cond_signal(&g->work);
}

/* Called on an embedding thread. */
static void on_embedding(void *context)
{
    struct guesser *g = context;
    bool idle = looker_idle(g->looker);
    pthread_mutex_lock(&g->lock);
    poke(g);
    if (idle || clock_monotonic_ns() - g->woken_ns > WAKE_NS) {
        wake(g);
    }
    pthread_mutex_unlock(&g->lock);
}

/* ---------------------------------------------------------------- requests */

static bool want(void *self, const struct guess_request *requests, size_t count)
{
    struct guesser *g = self;
    pthread_mutex_lock(&g->lock);
    bool ok = mem_reserve(&g->wanted, &g->wanted_cap, count, sizeof *g->wanted);
    if (ok) {
        g->wanted_count = count;
        for (size_t i = 0; i < count; i++) {
            g->wanted[i] = requests[i].id;
        }
        poke(g);
    }
    pthread_mutex_unlock(&g->lock);
    return ok && looker_want(g->looker, requests, count);
}

/* The learner's classes as those of the list; a class that has left is predicted no more. */
static void translate(const struct guesser *g, const struct result *r, struct guess *guess,
                      float *classes)
{
    bool none = r->guess.best == GUESS_NONE;
    size_t best = 0;
    for (size_t i = 0; i < g->class_count; i++) {
        size_t number = g->numbers[i];
        classes[i] = number < r->count && !r->guess.failed ? r->classes[number] : 0.0f;
        best = classes[i] > classes[best] ? i : best;
    }
    *guess = r->guess;
    guess->best = none ? g->class_count : best;
    guess->confidence = none || !g->class_count ? 0.0f
                        : g->multi              ? head_model_certainty(classes, g->class_count)
                                                : classes[best];
    guess->classes = classes;
}

static bool propose(void *self, uint32_t id, struct guess *guess, float *classes)
{
    struct guesser *g = self;
    pthread_mutex_lock(&g->lock);
    const struct result *r = results_find(&g->results, id);
    bool there = r && (r->list == g->list || r->guess.failed) &&
                 (!g->in_step || (r->version == g->version && is_settled(g)));
    if (there) {
        translate(g, r, guess, classes);
    }
    pthread_mutex_unlock(&g->lock);
    return there;
}

/* Called with the lock held. */
static void add_event(struct guesser *g, uint32_t id, size_t class_index)
{
    if (mem_reserve(&g->events, &g->event_cap, g->event_count + 1, sizeof *g->events)) {
        g->events[g->event_count++] = (struct event){ .id = id, .class_index = class_index };
        poke(g);
    }
}

static void answer(void *self, uint32_t id, size_t class_index)
{
    struct guesser *g = self;
    size_t number = class_index < g->class_count ? g->numbers[class_index]
                    : class_index == ASSIST_OPEN ? ASSIST_OPEN
                                                 : ASSIST_NO_CLASS;
    pthread_mutex_lock(&g->lock);
    add_event(g, id, number);
    pthread_mutex_unlock(&g->lock);
}

static void hold(void *self, bool on)
{
    struct guesser *g = self;
    pthread_mutex_lock(&g->lock);
    g->held = on;
    if (!on) {
        poke(g);
    }
    pthread_mutex_unlock(&g->lock);
}

static void answer_set(void *self, uint32_t id, size_t number, const uint16_t *classes,
                       size_t count)
{
    struct guesser *g = self;
    uint16_t *copy = mem_array(count + 1, sizeof *copy);
    size_t known = 0;
    for (size_t i = 0; copy && i < count; i++) {
        if (classes[i] < g->class_count) {
            copy[known++] = (uint16_t)g->numbers[classes[i]];
        }
    }
    pthread_mutex_lock(&g->lock);
    if (copy && mem_reserve(&g->events, &g->event_cap, g->event_count + 1, sizeof *g->events)) {
        g->events[g->event_count++] = (struct event){ id, number, copy, known };
        copy = NULL;
        poke(g);
    }
    pthread_mutex_unlock(&g->lock);
    free(copy);
}

static bool change_classes(void *self, size_t count, const size_t *was)
{
    struct guesser *g = self;
    size_t *numbers = mem_array(count + 1, sizeof *numbers);
    size_t before = g->number_count;
    for (size_t i = 0; numbers && i < count; i++) {
        numbers[i] = was[i] < g->class_count ? g->numbers[was[i]] : g->number_count++;
    }
    pthread_mutex_lock(&g->lock);
    g->list++;
    if (g->number_count > before) {
        add_event(g, EVENT_GROW, g->number_count);
    }
    poke(g);
    pthread_mutex_unlock(&g->lock);
    free(g->numbers);
    g->numbers = numbers;
    g->class_count = numbers ? count : 0;
    g->numbers_cap = g->class_count;
    return numbers != NULL;
}

static size_t give_plan(void *self, uint32_t ids[ASSIST_PLAN])
{
    struct guesser *g = self;
    pthread_mutex_lock(&g->lock);
    size_t count = g->plan_count;
    memcpy(ids, g->plan, count * sizeof *ids);
    pthread_mutex_unlock(&g->lock);
    return count;
}

static void set_draw(void *self, const uint32_t *ids, size_t count)
{
    struct guesser *g = self;
    pthread_mutex_lock(&g->lock);
    g->draw_count = count < ASSIST_DRAW ? count : ASSIST_DRAW;
    memcpy(g->draw, ids, g->draw_count * sizeof *ids);
    pthread_mutex_unlock(&g->lock);
}

static void set_queue(void *self, const uint32_t *ids, size_t count)
{
    struct guesser *g = self;
    pthread_mutex_lock(&g->lock);
    bool same = count == g->queue_count && memcmp(ids, g->queue, count * sizeof *ids) == 0;
    if (!same && mem_reserve(&g->queue, &g->queue_cap, count, sizeof *ids)) {
        memcpy(g->queue, ids, count * sizeof *ids);
        g->queue_count = count;
        g->queue_changed = true;
        poke(g);
    }
    pthread_mutex_unlock(&g->lock);
}

static bool ask_page(void *self, const struct page_wish *wish)
{
    struct guesser *g = self;
    pthread_mutex_lock(&g->lock);
    bool ok = mem_reserve(&g->wish_taken, &g->wish_cap, wish->taken_count, sizeof *g->wish_taken);
    if (ok) {
        if (wish->taken_count) {
            memcpy(g->wish_taken, wish->taken, wish->taken_count * sizeof *g->wish_taken);
        }
        g->wish = *wish;
        g->wish.taken = g->wish_taken;
        g->wish_number++;
        poke(g);
    }
    pthread_mutex_unlock(&g->lock);
    return ok;
}

static bool is_full(void *self)
{
    struct guesser *g = self;
    return looker_full(g->looker);
}

static bool add(void *self, uint32_t id, const char *path, const struct region *region)
{
    struct guesser *g = self;
    return looker_add(g->looker, id, path, region);
}

static void added_all(void *self)
{
    struct guesser *g = self;
    pthread_mutex_lock(&g->lock);
    g->added_all = true;
    poke(g);
    pthread_mutex_unlock(&g->lock);
}

static size_t give_suspects(void *self, unsigned *version, const struct assist_suspect **list)
{
    struct guesser *g = self;
    pthread_mutex_lock(&g->lock);
    size_t count = g->suspect_count;
    if (*version != g->suspects_version) {
        *version = g->suspects_version;
        free(g->judged);
        g->judged = g->suspects;
        g->suspects = NULL;
        *list = g->judged;
    }
    pthread_mutex_unlock(&g->lock);
    return count;
}

/* The place in the list of the class that the learner knows by the number; 0: it has left. */
static size_t place_of(const struct guesser *g, size_t number)
{
    for (size_t i = 0; i < g->class_count; i++) {
        if (g->numbers[i] == number) {
            return i;
        }
    }
    return 0;
}

/* The place of a class that may have left, or be none: then the number of classes. */
static size_t place_or_none(const struct guesser *g, size_t number)
{
    size_t place = place_of(g, number);
    bool there = place < g->class_count && g->numbers[place] == number;
    return there ? place : g->class_count;
}

static bool give_page(void *self, struct page_offer *offer)
{
    struct guesser *g = self;
    pthread_mutex_lock(&g->lock);
    bool there = g->offered && g->wish.size && g->offer_wish == g->wish_number &&
                 g->offer_list == g->list &&
                 (!g->in_step || (g->offer_version == g->version && is_settled(g)));
    if (there) {
        *offer = g->offer;
    }
    pthread_mutex_unlock(&g->lock);
    if (there) {
        offer->class_index = place_or_none(g, offer->class_index);
        offer->other_class = place_or_none(g, offer->other_class);
        for (size_t i = 0; i < offer->count; i++) {
            offer->items[i].best = place_or_none(g, offer->items[i].best);
            offer->items[i].second = place_or_none(g, offer->items[i].second);
        }
    }
    return there;
}

static void tell_status(void *self, struct assist_status *status)
{
    struct guesser *g = self;
    size_t looked = looker_count(g->looker);
    bool idle = looker_idle(g->looker);
    pthread_mutex_lock(&g->lock);
    *status = g->status;
    status->looking = !g->added_all || !idle;
    pthread_mutex_unlock(&g->lock);
    status->looked = looked;
    status->majority = place_of(g, status->majority);
}

static bool settled(void *self)
{
    struct guesser *g = self;
    pthread_mutex_lock(&g->lock);
    bool is = is_settled(g);
    pthread_mutex_unlock(&g->lock);
    return is;
}

/* ------------------------------------------------------- beginning and end */

static bool load_model(struct guesser *g, const struct guesser_options *o, struct error *err)
{
    g->embedder = embedder_new(o->model_path, o->classifier, err);
    if (!g->embedder || !prior_init(&g->prior, o->model_path, embedder_outputs(g->embedder),
                                    o->names, o->classes, err)) {
        return false;
    }
    g->cache = embedding_cache_new(o->disk, g->embedder, err);
    if (g->cache) {
        embedding_cache_share(g->cache, o->pictures, o->in_step);
    }
    return g->cache != NULL;
}

static bool start_threads(struct guesser *g, struct scheduler *scheduler, struct error *err)
{
    g->looker = looker_new(g->embedder, g->cache, err);
    g->learner = g->looker ? learner_new(g->embedder, g->looker, &g->prior, g->multi, err) : NULL;
    g->pages = g->multi ? NULL : pages_new(g->embedder);
    if (!g->pages && !g->multi) {
        return error_nomem(err, embedder_dims(g->embedder) * sizeof(float), "pages");
    }
    if (!g->learner || !looker_start(g->looker, scheduler, on_embedding, g, err)) {
        return false;
    }
    learner_status(g->learner, &g->status);
    g->started = thread_start(&g->thread, learning_thread, g, err);
    return g->started;
}

static bool number_classes(struct guesser *g, size_t count, struct error *err)
{
    if (!mem_reserve(&g->numbers, &g->numbers_cap, count + 1, sizeof *g->numbers)) {
        return error_nomem(err, count * sizeof *g->numbers, "the guesser");
    }
    for (size_t i = 0; i < count; i++) {
        g->numbers[i] = i;
    }
    g->class_count = g->number_count = count;
    return true;
}

struct guesser *guesser_new(const struct guesser_options *options, guesser_wake_fn *wake_fn,
                            void *context, struct error *err)
{
    struct guesser *g = calloc(1, sizeof *g);
    if (!g) {
        error_nomem(err, sizeof *g, "the guesser");
        return NULL;
    }
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->work, NULL);
    g->wake = wake_fn;
    g->wake_context = context;
    g->in_step = options->in_step;
    g->multi = options->classes->multi;
    g->assist = (struct assist){ .self = g,
                                 .propose = propose,
                                 .want = want,
                                 .change_classes = change_classes,
                                 .answer = answer,
                                 .answer_set = answer_set,
                                 .hold = hold,
                                 .add = add,
                                 .full = is_full,
                                 .added_all = added_all,
                                 .plan = give_plan,
                                 .draw = set_draw,
                                 .queue = set_queue,
                                 .ask_page = g->multi ? NULL : ask_page,
                                 .page = g->multi ? NULL : give_page,
                                 .status = tell_status,
                                 .settled = settled };
    g->judge = options->judge && !g->multi;
    g->assist.suspects = g->judge ? give_suspects : NULL;
    if (!number_classes(g, options->classes->count, err) || !load_model(g, options, err) ||
        !start_threads(g, options->scheduler, err)) {
        guesser_free(g);
        return NULL;
    }
    return g;
}

void guesser_free(struct guesser *g)
{
    if (!g) {
        return;
    }
    looker_stop(g->looker);
    if (g->started) {
        pthread_mutex_lock(&g->lock);
        g->stop = true;
        pthread_cond_signal(&g->work);
        pthread_mutex_unlock(&g->lock);
        pthread_join(g->thread, NULL);
    }
    learner_free(g->learner);
    pages_free(g->pages);
    looker_free(g->looker);
    results_release(&g->results);
    free_events(g->events, g->event_count);
    free(g->numbers);
    free(g->wanted);
    free(g->queue);
    free(g->wish_taken);
    free(g->suspects);
    free(g->judged);
    prior_release(&g->prior);
    embedding_cache_free(g->cache);
    embedder_free(g->embedder);
    pthread_cond_destroy(&g->work);
    pthread_mutex_destroy(&g->lock);
    free(g);
}

const struct assist *guesser_assist(const struct guesser *g)
{
    return g ? &g->assist : NULL;
}

size_t guesser_known(const struct guesser *g)
{
    return g->prior.known;
}
