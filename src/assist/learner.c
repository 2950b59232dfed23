#include "learner.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/random.h"
#include "id_map.h"
#include "learn/head.h"
#include "learn/multi_head.h"
#include "learn/order.h"
#include "learn/suspects.h"

#define KNOWN_AFTER 3  /* answers for each class, after which one without any is rare */
#define PRIOR_TRUST 10 /* answers needed to judge the user's own model */

/* Values in the map of answers, besides 0 for no answer. */
#define CLOSED 1u /* answered without a class to learn from */
#define FIRST_CLASS 2u

/* The classes of an answer, where pictures may have several. */
struct learned_set {
    uint16_t *classes; /* NULL: not defined */
    size_t count;
};

struct learner {
    const struct embedder *embedder;
    struct looker *looker;
    struct prior *prior;
    size_t class_count;       /* classes of the session */
    size_t learned_classes;   /* classes of the head: at most HEAD_CLASSES_MAX */
    struct head *head;        /* NULL where pictures may have several classes, */
    struct multi_head *multi; /* and then this one */
    struct head_model *model;

    struct id_map answers;    /* by picture id: 0 open, CLOSED, FIRST_CLASS + class, or set */
    struct learned_set *sets; /* by number */
    size_t set_count, set_cap;
    uint32_t *places; /* of pictures with an embedding, in an order that does not
                         depend on the timing of threads */
    size_t place_count, place_cap;
    size_t looked;                      /* pictures taken over from the looker */
    size_t background;                  /* value of `looked` at the last refresh */
    bool changed;                       /* answers changed since the last refresh */
    size_t *class_answers;              /* answers learned from, by class */
    size_t prior_right;                 /* of them, predicted correctly by the prior */
    float *embedding, *logits, *shares; /* scratch */
};

static bool start_head(struct learner *l, bool multi, struct error *err)
{
    struct head_parts parts;
    embedder_parts(l->embedder, &parts);
    if (multi) {
        l->multi = multi_head_new(&parts, l->learned_classes, err);
        return l->multi != NULL;
    }
    l->head = head_new(&parts, err);
    return l->head && head_resize_classes(l->head, l->learned_classes, err);
}

struct learner *learner_new(const struct embedder *e, struct looker *looker, struct prior *prior,
                            bool multi, struct error *err)
{
    struct learner *l = calloc(1, sizeof *l);
    if (!l) {
        error_nomem(err, sizeof *l, "the learner");
        return NULL;
    }
    l->embedder = e;
    l->looker = looker;
    l->prior = prior;
    l->class_count = prior->class_count;
    l->learned_classes = l->class_count < HEAD_CLASSES_MAX ? l->class_count : HEAD_CLASSES_MAX;
    bool ok = start_head(l, multi, err);
    l->class_answers = mem_array(l->class_count, sizeof *l->class_answers);
    l->embedding = mem_array(embedder_dims(e), sizeof *l->embedding);
    l->logits = mem_array(embedder_outputs(e), sizeof *l->logits);
    l->shares = mem_array(l->class_count, sizeof *l->shares);
    if (ok && (!l->class_answers || !l->embedding || !l->logits || !l->shares)) {
        ok = error_nomem(err, l->class_count * sizeof *l->shares, "the learner");
    }
    if (!ok) {
        learner_free(l);
        return NULL;
    }
    return l;
}

void learner_free(struct learner *l)
{
    if (l) {
        head_model_free(l->model);
        head_free(l->head);
        multi_head_free(l->multi);
        for (size_t i = 0; i < l->set_count; i++) {
            free(l->sets[i].classes);
        }
        free(l->sets);
        id_map_release(&l->answers);
        free(l->places);
        free(l->class_answers);
        free(l->embedding);
        free(l->logits);
        free(l->shares);
        free(l);
    }
}

size_t learner_classes(const struct learner *l)
{
    return l->class_count;
}

/* Makes *array larger, with zeros behind; *array is one of `old` elements. */
static bool grow(void *array, size_t old, size_t count, size_t size)
{
    void **at = array;
    void *larger = mem_array(count, size);
    if (larger) {
        memset(larger, 0, count * size);
        memcpy(larger, *at, old * size);
        free(*at);
        *at = larger;
    }
    return larger != NULL;
}

void learner_grow(struct learner *l, size_t class_count)
{
    size_t learned = class_count < HEAD_CLASSES_MAX ? class_count : HEAD_CLASSES_MAX;
    if (class_count <= l->class_count ||
        !grow(&l->class_answers, l->class_count, class_count, sizeof *l->class_answers) ||
        !grow(&l->shares, l->class_count, class_count, sizeof *l->shares) ||
        (l->multi ? !multi_head_resize_classes(l->multi, learned)
                  : !head_resize_classes(l->head, learned, NULL))) {
        return;
    }
    l->class_count = l->prior->class_count = class_count;
    l->learned_classes = learned;
    l->changed = true;
}

/* ----------------------------------------------------------------- answers */

static size_t best_of(const float *shares, size_t count)
{
    size_t best = 0;
    for (size_t i = 1; i < count; i++) {
        best = shares[i] > shares[best] ? i : best;
    }
    return best;
}

/* Counts whether the user's own model predicts the answer; !add: takes it back. */
static void judge_prior(struct learner *l, size_t class_index, bool add)
{
    if (l->prior->known) {
        prior_guess(l->prior, l->logits, l->shares);
        bool right = best_of(l->shares, l->class_count) == class_index;
        l->prior_right += right ? (add ? 1 : SIZE_MAX) : 0;
    }
}

bool learner_define(struct learner *l, size_t number, const uint16_t *classes, size_t count)
{
    uint16_t *copy = mem_array(count + 1, sizeof *copy);
    size_t kept = 0;
    if (!copy || !mem_reserve(&l->sets, &l->set_cap, number + 1, sizeof *l->sets)) {
        free(copy);
        return false;
    }
    while (l->set_count <= number) {
        l->sets[l->set_count++] = (struct learned_set){ NULL, 0 };
    }
    for (size_t i = 0; i < count; i++) {
        if (classes[i] < l->learned_classes) {
            copy[kept++] = classes[i];
        }
    }
    free(l->sets[number].classes);
    l->sets[number] = (struct learned_set){ copy, kept };
    return true;
}

/* The same where pictures may have several classes. */
static void teach_set(struct learner *l, size_t place, const void *packed, uint32_t code, bool add)
{
    size_t number = code - FIRST_CLASS;
    if (code < FIRST_CLASS || number >= l->set_count || !l->sets[number].classes) {
        return;
    }
    if (!add) {
        multi_head_remove(l->multi, (uint32_t)place);
    } else {
        const struct learned_set *set = &l->sets[number];
        embedder_unpack(l->embedder, packed, l->embedding, NULL);
        multi_head_set(l->multi, (uint32_t)place, l->embedding, set->classes, set->count, NULL);
    }
    l->changed = true;
}

/* Gives the head the answer of a picture with an embedding; !add: takes it back. The head
 * identifies pictures by their place in the looker. */
static void teach(struct learner *l, size_t place, const void *packed, uint32_t code, bool add)
{
    size_t class_index = code - FIRST_CLASS;
    if (l->multi) {
        teach_set(l, place, packed, code, add);
        return;
    }
    if (code < FIRST_CLASS || class_index >= l->learned_classes ||
        (!add && !l->class_answers[class_index])) {
        return;
    }
    embedder_unpack(l->embedder, packed, l->embedding, l->logits);
    if (!add) {
        head_remove(l->head, (uint32_t)place);
    } else if (!head_set(l->head, (uint32_t)place, l->embedding, class_index, NULL)) {
        return;
    }
    l->class_answers[class_index] += add ? 1 : SIZE_MAX;
    judge_prior(l, class_index, add);
    l->changed = true;
}

void learner_answer(struct learner *l, uint32_t id, size_t class_index)
{
    uint32_t before;
    size_t place;
    const void *packed;
    uint32_t code = class_index == ASSIST_OPEN       ? 0
                    : class_index == ASSIST_NO_CLASS ? CLOSED
                                                     : FIRST_CLASS + (uint32_t)class_index;
    bool known = id_map_get(&l->answers, id, &before);
    if ((known ? before : 0) == code || !id_map_put(&l->answers, id, code)) {
        return;
    }
    if (looker_find(l->looker, id, &place, &packed) == LOOK_SEEN && place < l->looked) {
        teach(l, place, packed, before, false);
        teach(l, place, packed, code, true);
    }
}

/* -------------------------------------------------------------------- looks */

struct new_look {
    uint32_t hash;
    uint32_t place;
    uint32_t id;
};

static int compare_looks(const void *a, const void *b)
{
    const struct new_look *x = a;
    const struct new_look *y = b;
    return x->hash != y->hash ? (x->hash > y->hash) - (x->hash < y->hash)
                              : (x->id > y->id) - (x->id < y->id);
}

void learner_look(struct learner *l)
{
    size_t count = looker_count(l->looker) - l->looked;
    const void *packed;
    struct new_look *looks = count ? mem_array(count, sizeof *looks) : NULL;
    if (!looks) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        looks[i].place = (uint32_t)(l->looked + i);
        looker_at(l->looker, looks[i].place, &looks[i].id, &packed);
        looks[i].hash = looks[i].id * 0x9E3779B1u;
    }
    /* Sorted, so as not to depend on the order in which threads finished. */
    qsort(looks, count, sizeof *looks, compare_looks);
    for (size_t i = 0; i < count; i++) {
        uint32_t id, code;
        if (looker_at(l->looker, looks[i].place, &id, &packed) != LOOK_SEEN) {
            continue;
        }
        if (mem_reserve(&l->places, &l->place_cap, l->place_count + 1, sizeof *l->places)) {
            l->places[l->place_count++] = looks[i].place;
        }
        embedder_unpack(l->embedder, packed, l->embedding, NULL);
        if (l->multi) {
            multi_head_background(l->multi, l->embedding, NULL);
        } else {
            head_background(l->head, l->embedding, NULL);
        }
        if (id_map_get(&l->answers, id, &code)) {
            teach(l, looks[i].place, packed, code, true);
        }
    }
    l->looked += count;
    free(looks);
}

bool learner_is_stale(const struct learner *l)
{
    /* New pictures without answers justify a new model only if they are many. */
    bool grown = l->looked >= l->background + l->background / 2 + 8 && l->background < HEAD_SETTLED;
    return l->changed || grown;
}

void learner_refresh(struct learner *l)
{
    struct head_model *model =
        l->multi ? multi_head_refresh(l->multi, NULL) : head_refresh(l->head, NULL);
    if (model) {
        head_model_free(l->model);
        l->model = model;
    }
    l->changed = false;
    l->background = l->looked;
}

/* ------------------------------------------------------------------- plans */

struct plan {
    struct order_task task;
    float *open, *taken;      /* buffers of the task */
    uint32_t ids[ORDER_OPEN]; /* of the open pictures */
    size_t draw[ASSIST_DRAW]; /* buffer of the task */
    struct random random;
};

static bool is_in(const uint32_t *ids, size_t count, uint32_t id)
{
    for (size_t i = 0; i < count; i++) {
        if (ids[i] == id) {
            return true;
        }
    }
    return false;
}

static void take_one(const struct learner *l, struct plan *p, uint32_t id)
{
    size_t place;
    const void *packed;
    if (p->task.taken_count < ORDER_TAKEN &&
        looker_find(l->looker, id, &place, &packed) == LOOK_SEEN) {
        float *to = p->taken + p->task.taken_count++ * p->task.dims;
        embedder_unpack(l->embedder, packed, to, NULL);
    }
}

/* Collects the queue, and as many answered pictures as there is room for. */
static void sample_taken(const struct learner *l, struct plan *p, const uint32_t *queue,
                         size_t queued)
{
    size_t steps = 0;
    size_t from = l->answers.cap ? random_below(&p->random, l->answers.cap) : 0;
    uint32_t id, code;
    for (size_t i = 0; i < queued; i++) {
        take_one(l, p, queue[i]);
    }
    while (p->task.taken_count < ORDER_TAKEN &&
           id_map_next(&l->answers, from, &steps, &id, &code)) {
        if (code) {
            take_one(l, p, id);
        }
    }
}

static void add_open(const struct learner *l, struct plan *p, uint32_t id, const void *packed)
{
    float *to = p->open + p->task.open_count * p->task.dims;
    p->ids[p->task.open_count++] = id;
    embedder_unpack(l->embedder, packed, to, NULL);
}

/* Adds the next pictures of the random order that have an embedding. They come last, so that
 * they are not preferred when all candidates score alike. */
static void add_draw(const struct learner *l, struct plan *p, const struct plan_task *t)
{
    for (size_t i = 0; i < t->drawn; i++) {
        size_t place;
        const void *packed;
        bool seen = looker_find(l->looker, t->draw[i], &place, &packed) == LOOK_SEEN;
        p->draw[i] = seen ? p->task.open_count : ORDER_UNSEEN;
        if (seen) {
            add_open(l, p, t->draw[i], packed);
        }
    }
}

static void sample_open(const struct learner *l, struct plan *p, const struct plan_task *t)
{
    /* The order of `places` is arbitrary: any run of it is a sample. */
    size_t from = l->place_count ? random_below(&p->random, l->place_count) : 0;
    for (size_t i = 0; i < l->place_count && p->task.open_count < ORDER_OPEN - ASSIST_DRAW; i++) {
        uint32_t id, code;
        const void *packed;
        looker_at(l->looker, l->places[(from + i) % l->place_count], &id, &packed);
        if ((id_map_get(&l->answers, id, &code) && code) || is_in(t->queue, t->queued, id) ||
            is_in(t->draw, t->drawn, id)) {
            continue;
        }
        add_open(l, p, id, packed);
    }
}

/* Seeded from the state, so that the same state gives the same plan, however many plans
 * were made before. */
static struct random random_of_state(const struct learner *l, const struct plan_task *t)
{
    uint64_t sum = l->answers.count;
    for (size_t i = 0; i < t->queued; i++) {
        sum = sum * 0x9E3779B97F4A7C15u + t->queue[i] + 1;
    }
    return random_start(sum, l->place_count);
}

static size_t make_plan(const struct learner *l, struct plan *p, const struct plan_task *t,
                        uint32_t plan[ASSIST_PLAN])
{
    size_t chosen[ASSIST_PLAN];
    size_t count;
    p->random = random_of_state(l, t);
    p->task = (struct order_task){ .dims = embedder_dims(l->embedder),
                                   .open = p->open,
                                   .taken = p->taken,
                                   .model = l->model,
                                   .before = l->answers.count + t->queued,
                                   .draw = p->draw,
                                   .drawn = t->drawn };
    sample_taken(l, p, t->queue, t->queued);
    sample_open(l, p, t);
    add_draw(l, p, t);
    if (!order_choose(&p->task, &p->random, ASSIST_PLAN, chosen, &count, NULL)) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        bool seen = chosen[i] < p->task.open_count;
        plan[i] = seen ? p->ids[chosen[i]] : t->draw[chosen[i] - p->task.open_count];
    }
    return count;
}

size_t learner_plan(struct learner *l, const struct plan_task *task, uint32_t plan[ASSIST_PLAN])
{
    size_t row = embedder_dims(l->embedder) * sizeof(float);
    struct plan *p = calloc(1, sizeof *p);
    float *open = mem_array(ORDER_OPEN, row);
    float *taken = mem_array(ORDER_TAKEN, row);
    size_t count = 0;
    if (p && open && taken) {
        p->open = open;
        p->taken = taken;
        count = make_plan(l, p, task, plan);
    }
    free(open);
    free(taken);
    free(p);
    return count;
}

/* ------------------------------------------------------------------ guesses */

enum speaker { SPEAKER_NONE, SPEAKER_PRIOR, SPEAKER_HEAD };

/* Picks the source of predictions with the higher held-out accuracy, if it beats the
 * majority class. The user's own model knows one class a picture. */
static enum speaker speaker(const struct learner *l)
{
    static const struct head_quality nothing;
    const struct head_quality *q = l->model ? head_model_quality(l->model) : &nothing;
    float prior = q->answers ? (float)l->prior_right / (float)q->answers : 0.0f;
    bool doubted = q->answers >= PRIOR_TRUST;
    if (!l->multi && l->prior->known &&
        (!doubted || (prior > q->majority && prior >= q->accuracy))) {
        return SPEAKER_PRIOR;
    }
    return q->trusted ? SPEAKER_HEAD : SPEAKER_NONE;
}

void learner_guess(struct learner *l, const void *packed, struct guess *guess, float *classes)
{
    *guess = (struct guess){ .best = GUESS_NONE, .classes = classes };
    memset(classes, 0, l->class_count * sizeof *classes);
    enum speaker who = speaker(l);
    if (who == SPEAKER_NONE) {
        return;
    }
    embedder_unpack(l->embedder, packed, l->embedding, l->logits);
    if (who == SPEAKER_PRIOR) {
        prior_guess(l->prior, l->logits, classes);
    } else if (!head_model_guess(l->model, l->embedding, 1, classes, NULL)) {
        return;
    }
    guess->best = best_of(classes, l->class_count);
    guess->confidence =
        l->multi ? head_model_certainty(classes, l->learned_classes) : classes[guess->best];
}

const struct head_model *learner_model(const struct learner *l)
{
    return l->model;
}

bool learner_predicts(const struct learner *l)
{
    return speaker(l) == SPEAKER_HEAD;
}

bool learner_knows_classes(const struct learner *l)
{
    size_t answers = 0, unknown = 0;
    for (size_t i = 0; i < l->class_count; i++) {
        answers += l->class_answers[i];
        unknown += !l->class_answers[i];
    }
    return !unknown || answers >= KNOWN_AFTER * l->class_count;
}

size_t learner_pictures(const struct learner *l)
{
    return l->place_count;
}

uint32_t learner_picture(const struct learner *l, size_t index, const void **packed)
{
    uint32_t id;
    looker_at(l->looker, l->places[index], &id, packed);
    return id;
}

size_t learner_answered(const struct learner *l, uint32_t id)
{
    uint32_t code;
    if (!id_map_get(&l->answers, id, &code) || !code) {
        return ASSIST_OPEN;
    }
    return code == CLOSED ? ASSIST_NO_CLASS : code - FIRST_CLASS;
}

static bool judges(const struct learner *l)
{
    return l->head && l->model && head_model_quality(l->model)->trusted;
}

bool learner_judge(struct learner *l, size_t place, struct guess *guess, float *classes)
{
    uint32_t id, code;
    const void *packed;
    bool answered = looker_at(l->looker, place, &id, &packed) == LOOK_SEEN &&
                    id_map_get(&l->answers, id, &code) && code >= FIRST_CLASS;
    if (!answered || !judges(l)) {
        return false;
    }
    memset(classes, 0, l->class_count * sizeof *classes);
    if (!suspects_judge(l->head, (uint32_t)place, classes, NULL)) {
        return false;
    }
    size_t best = best_of(classes, l->class_count);
    *guess = (struct guess){ .best = best, .confidence = classes[best], .classes = classes };
    return true;
}

size_t learner_suspects(struct learner *l, struct assist_suspect **list)
{
    struct suspect *found = NULL;
    size_t count = 0;
    *list = NULL;
    if (!judges(l) || !suspects_find(l->head, &found, &count, NULL)) {
        return 0;
    }
    struct assist_suspect *made = count ? mem_array(count, sizeof *made) : NULL;
    for (size_t i = 0; made && i < count; i++) {
        const void *packed;
        looker_at(l->looker, found[i].id, &made[i].id, &packed);
        made[i].doubted = found[i].doubted;
    }
    free(found);
    *list = made;
    return made ? count : 0;
}

void learner_status(const struct learner *l, struct assist_status *status)
{
    static const struct head_quality nothing;
    const struct head_quality *q = l->model ? head_model_quality(l->model) : &nothing;
    enum speaker who = speaker(l);
    *status = (struct assist_status){ .looked = l->looked,
                                      .answers = q->answers,
                                      .accuracy = q->accuracy };
    for (size_t i = 1; i < l->class_count; i++) {
        if (l->class_answers[i] > l->class_answers[status->majority]) {
            status->majority = i;
        }
    }
    status->state = who != SPEAKER_NONE ? ASSIST_PREDICTING
                    : q->classes < 2    ? ASSIST_NEEDS_CLASSES
                                        : ASSIST_NO_BETTER;
    if (who == SPEAKER_PRIOR) {
        status->accuracy = q->answers ? (float)l->prior_right / (float)q->answers : 0.0f;
    }
}
