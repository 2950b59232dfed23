#include "effort.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "assist/guesser.h"
#include "base/mem.h"
#include "base/random.h"
#include "base/scheduler.h"
#include "session/page.h"

#define AHEAD 8                /* single pictures fixed ahead, as on the screen */
#define CLOCK_MS 1767225600000 /* 2026-01-01 00:00 UTC: nothing depends on the time */

struct bell {
    pthread_mutex_t lock;
    pthread_cond_t rung;
    bool news;
};

struct labeller {
    const struct effort_task *task;
    struct bell bell;
    struct classes classes;
    struct catalog *catalog;
    struct labels *labels;
    struct scheduler *scheduler;
    struct guesser *guesser;
    struct session *session;
    struct random random;
    struct effort *effort;
};

static void ring(void *context)
{
    struct bell *b = context;
    pthread_mutex_lock(&b->lock);
    b->news = true;
    pthread_cond_signal(&b->rung);
    pthread_mutex_unlock(&b->lock);
}

/* Waits until everything that was told is learned and made. */
static void settle(struct labeller *l)
{
    session_poll(l->session);
    while (!session_assist_settled(l->session)) {
        pthread_mutex_lock(&l->bell.lock);
        while (!l->bell.news) {
            pthread_cond_wait(&l->bell.rung, &l->bell.lock);
        }
        l->bell.news = false;
        pthread_mutex_unlock(&l->bell.lock);
        session_poll(l->session);
    }
}

static size_t truth(const struct labeller *l, uint32_t id)
{
    return l->task->examples->items[id].class_index;
}

/* ------------------------------------------------------------------- pages */

/* The class that most items of the page have. */
static size_t majority(const struct labeller *l, const struct page *page)
{
    size_t best = truth(l, page->ids[0]);
    size_t most = 0;
    for (size_t i = 0; i < page->count; i++) {
        size_t same = 0;
        for (size_t j = 0; j < page->count; j++) {
            same += truth(l, page->ids[j]) == truth(l, page->ids[i]);
        }
        if (same > most) {
            most = same;
            best = truth(l, page->ids[i]);
        }
    }
    return best;
}

/* Decides on each item, as it is seen; returns the number of exceptions. *seconds: how many of
 * them have their second class. */
static size_t look_at(struct labeller *l, const struct page *page, struct page_answer *answers,
                      size_t *seconds)
{
    bool proposed = page->class_index < l->classes.count;
    size_t class_index = proposed ? page->class_index : majority(l, page);
    size_t exceptions = 0;
    for (size_t i = 0; i < page->count; i++) {
        bool wrong = truth(l, page->ids[i]) != class_index;
        bool seen = wrong && random_unit(&l->random) >= l->task->misses;
        answers[i] =
            (struct page_answer){ .status = STATUS_LABELED,
                                  .class_index = seen ? truth(l, page->ids[i]) : class_index };
        exceptions += seen;
        *seconds += seen && proposed && truth(l, page->ids[i]) == page->guesses[i].second;
    }
    return exceptions;
}

static bool do_page(struct labeller *l, const struct page *page, struct error *err)
{
    struct effort_part *part = &l->effort->parts[page->kind];
    struct page_answer answers[PAGE_MAX];
    size_t seconds = 0;
    size_t exceptions = look_at(l, page, answers, &seconds);
    size_t keys = PAGE_KEYS_ACCEPT + (PAGE_KEYS_LETTER + PAGE_KEYS_CLASS) * exceptions -
                  (l->task->second ? PAGE_KEYS_CLASS * seconds : 0);
    part->pages++;
    part->looked += page->count;
    if (keys > PAGE_KEYS_ACCEPT + PAGE_KEYS_SINGLE * page->count) {
        part->dismissed++;
        part->keys += PAGE_KEYS_ACCEPT;
        session_dismiss_page(l->session);
        return true;
    }
    part->keys += keys;
    part->exceptions += exceptions;
    part->seconds += seconds;
    part->pictures += page->count;
    return session_answer_page(l->session, answers, err);
}

static bool do_single(struct labeller *l, struct error *err)
{
    struct effort_part *part = &l->effort->parts[PAGE_KINDS];
    uint32_t id = session_current(l->session);
    session_take_guess(l->session);
    session_shown(l->session, id);
    part->keys += PAGE_KEYS_SINGLE;
    part->pictures++;
    part->looked++;
    return session_answer(l->session, STATUS_LABELED, truth(l, id), err);
}

static bool work(struct labeller *l, struct error *err)
{
    bool ok = true;
    session_take_second(l->session, l->task->second);
    session_want_pages(l->session, PAGE_KINDS, l->task->page);
    while (ok && !session_at_end(l->session)) {
        struct page page;
        settle(l);
        session_page_state(l->session); /* takes a page over and asks for the one behind it */
        session_look_ahead(l->session, AHEAD);
        settle(l);
        ok = session_page(l->session, 0, &page) ? do_page(l, &page, err) : do_single(l, err);
    }
    return ok;
}

/* --------------------------------------------------------- beginning and end */

static bool begin(struct labeller *l, struct error *err)
{
    const struct examples *e = l->task->examples;
    const char **paths = mem_array(e->count, sizeof *paths);
    if (!paths) {
        return error_nomem(err, e->count * sizeof *paths, "paths");
    }
    bool ok = true;
    for (size_t i = 0; i < e->count; i++) {
        paths[i] = e->items[i].path;
    }
    for (size_t i = 0; ok && i < e->class_count; i++) {
        ok = classes_add(&l->classes, e->classes[i], strlen(e->classes[i]), KEYCODE_NONE,
                         CLASS_COLOR_NONE, "a folder", err);
    }
    struct catalog_source source = {
        .paths = paths, .count = e->count, .as_they_are = true, .in_order = true, .list_fd = -1
    };
    struct guesser_options guesser = { .model_path = l->task->model_path,
                                       .classifier = l->task->classifier,
                                       .classes = &l->classes,
                                       .in_step = true };
    struct session_options session = { .mode = SESSION_LABEL,
                                       .order = SESSION_ACTIVE,
                                       .annotator = "eval",
                                       .csv_path = l->task->csv_path,
                                       .now_ms = CLOCK_MS };
    l->scheduler = ok ? scheduler_new((size_t)l->task->workers, err) : NULL;
    guesser.scheduler = l->scheduler;
    ok = l->scheduler && (l->catalog = catalog_list_all(&source, err)) &&
         (l->labels = labels_open(l->task->csv_path, LABELS_READ_WRITE, NULL, err)) &&
         (l->guesser = guesser_new(&guesser, ring, &l->bell, err)) &&
         (l->session = session_new(&session, l->catalog, l->labels, &l->classes,
                                   guesser_assist(l->guesser), err));
    free(paths);
    return ok;
}

static void count_wrong(struct labeller *l)
{
    struct annotation a;
    for (size_t i = 0; i < l->task->examples->count; i++) {
        size_t class_index = l->classes.count;
        if (session_answer_of(l->session, (uint32_t)i, &a)) {
            class_index = classes_find(&l->classes, a.label);
        }
        l->effort->pictures++;
        l->effort->wrong += class_index != truth(l, (uint32_t)i);
    }
}

bool effort_measure(const struct effort_task *task, struct effort *effort, struct error *err)
{
    struct labeller l = { .task = task,
                          .bell = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false },
                          .random = random_start(task->seed, 0),
                          .effort = effort };
    *effort = (struct effort){ .pictures = 0 };
    classes_init(&l.classes);
    bool ok = begin(&l, err) && work(&l, err);
    if (ok) {
        count_wrong(&l);
    }
    session_free(l.session);
    guesser_free(l.guesser);
    scheduler_free(l.scheduler);
    catalog_free(l.catalog);
    ok = (!l.labels || labels_close(l.labels, ok ? err : NULL)) && ok;
    classes_release(&l.classes);
    return ok;
}
