#include "base/scheduler.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/resource.h>
#include <time.h>

#include <cmocka.h>

#include "base/mem.h"

#define JOBS 64
#define WORKERS 4

/* What the jobs of all clients do: they tell that they begin, and wait until they may end. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t begun, ended;
    size_t allowed; /* jobs that may end */
    struct {
        size_t urgency, running; /* others, when it began */
        int nice;
    } log[JOBS];
} stage = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

struct client {
    struct scheduler_client face;
    struct scheduler *scheduler;
    pthread_mutex_t lock;
    size_t jobs[JOBS]; /* their urgencies, in any order */
    size_t count;
    bool at_work[WORKERS];
};

static size_t first_job(const struct client *c)
{
    size_t first = 0;
    for (size_t i = 1; i < c->count; i++) {
        first = c->jobs[i] < c->jobs[first] ? i : first;
    }
    return first;
}

static size_t next(void *self)
{
    struct client *c = self;
    pthread_mutex_lock(&c->lock);
    size_t urgency = c->count ? c->jobs[first_job(c)] : URGENCY_NONE;
    pthread_mutex_unlock(&c->lock);
    return urgency;
}

/* In the order of these calls jobs begin. */
static void take(void *self, size_t worker)
{
    struct client *c = self;
    pthread_mutex_lock(&c->lock);
    assert_true(worker < WORKERS && !c->at_work[worker]);
    c->at_work[worker] = c->count > 0;
    if (c->count) {
        size_t first = first_job(c);
        pthread_mutex_lock(&stage.lock);
        stage.log[stage.begun].urgency = c->jobs[first];
        stage.log[stage.begun].running = stage.begun - stage.ended;
        stage.log[stage.begun].nice = getpriority(PRIO_PROCESS, 0);
        stage.begun++;
        pthread_cond_broadcast(&stage.changed);
        pthread_mutex_unlock(&stage.lock);
        c->jobs[first] = c->jobs[--c->count];
    }
    pthread_mutex_unlock(&c->lock);
}

static void run(void *self, size_t worker)
{
    struct client *c = self;
    if (!c->at_work[worker]) {
        return;
    }
    pthread_mutex_lock(&stage.lock);
    while (stage.allowed == 0) {
        pthread_cond_wait(&stage.changed, &stage.lock);
    }
    stage.allowed--;
    stage.ended++;
    c->at_work[worker] = false;
    pthread_cond_broadcast(&stage.changed);
    pthread_mutex_unlock(&stage.lock);
}

static void wait_for(const size_t *number, size_t at_least)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 60;
    pthread_mutex_lock(&stage.lock);
    while (*number < at_least && pthread_cond_timedwait(&stage.changed, &stage.lock, &until) == 0) {
    }
    size_t reached = *number;
    pthread_mutex_unlock(&stage.lock);
    assert_true(reached >= at_least);
}

static void allow(size_t more)
{
    pthread_mutex_lock(&stage.lock);
    stage.allowed += more;
    pthread_cond_broadcast(&stage.changed);
    pthread_mutex_unlock(&stage.lock);
}

static void join(struct client *c, struct scheduler *s, enum thread_yield yield)
{
    *c = (struct client){
        .face = { .self = c, .yield = yield, .next = next, .take = take, .run = run },
        .scheduler = s,
    };
    pthread_mutex_init(&c->lock, NULL);
    assert_true(scheduler_join(s, &c->face, NULL));
}

static void add(struct client *c, const size_t *urgencies, size_t count)
{
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < count; i++) {
        c->jobs[c->count++] = urgencies[i];
    }
    pthread_mutex_unlock(&c->lock);
    scheduler_notify(c->scheduler);
}

#define ADD(c, ...)                                                                                \
    add(c, (const size_t[]){ __VA_ARGS__ }, ARRAY_LEN(((const size_t[]){ __VA_ARGS__ })))

static void leave(struct client *c)
{
    scheduler_leave(c->scheduler, &c->face);
    pthread_mutex_destroy(&c->lock);
}

static int reset(void **state)
{
    (void)state;
    stage.begun = stage.ended = stage.allowed = 0;
    return 0;
}

static void assert_began(size_t from, const size_t *urgencies, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(stage.log[from + i].urgency, urgencies[i]);
    }
}

/* Whoever has them; of equals those that are needed soon come first. */
static void test_in_order_of_urgency(void **state)
{
    static const size_t order[] = { 9, 10, 11, 12, 12, 13, 40, URGENCY_IDLE };
    struct scheduler *s = scheduler_new(1, NULL);
    struct client soon, later;

    (void)state;
    join(&soon, s, THREAD_SOON);
    join(&later, s, THREAD_LATER);
    ADD(&soon, 9);
    wait_for(&stage.begun, 1);
    ADD(&later, URGENCY_IDLE, 10, 40, 12);
    ADD(&soon, 13, 12, 11);
    allow(JOBS);
    wait_for(&stage.ended, ARRAY_LEN(order));
    assert_began(0, order, ARRAY_LEN(order));
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        assert_int_equal(stage.log[i].running, 0);
    }
    assert_int_equal(stage.log[4].nice, 19);
    assert_true(stage.log[3].nice < 19);
    leave(&soon);
    leave(&later);
    scheduler_free(s);
}

/* Background work takes no thread from what the user looks at, and what is far waits until
 * there is a processor for it. */
static void test_near_ones_wait_for_none(void **state)
{
    struct scheduler *s = scheduler_new(2, NULL);
    struct client soon, later;

    (void)state;
    join(&soon, s, THREAD_SOON);
    join(&later, s, THREAD_LATER);
    ADD(&later, URGENCY_IDLE, URGENCY_IDLE, URGENCY_IDLE);
    wait_for(&stage.begun, 2);
    ADD(&soon, URGENCY_NEAR);
    ADD(&soon, 0);
    wait_for(&stage.begun, 3);
    assert_int_equal(stage.log[2].urgency, 0);
    assert_int_equal(stage.log[2].running, 2);
    ADD(&soon, 1);
    wait_for(&stage.begun, 4);
    assert_int_equal(stage.log[3].urgency, 1);
    allow(JOBS);
    wait_for(&stage.ended, 6);
    for (size_t i = 4; i < 6; i++) {
        assert_true(stage.log[i].running < 2);
    }
    assert_int_equal(stage.log[4].urgency, URGENCY_NEAR);
    leave(&later);
    leave(&soon);
    scheduler_free(s);
}

/* All workers of a kind are used, and no more. */
static void test_as_many_as_there_are_workers(void **state)
{
    struct scheduler *s = scheduler_new(WORKERS, NULL);
    struct client c;

    (void)state;
    assert_int_equal(scheduler_workers(s), WORKERS);
    join(&c, s, THREAD_LATER);
    ADD(&c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    wait_for(&stage.begun, WORKERS);
    allow(JOBS);
    wait_for(&stage.ended, 12);
    for (size_t i = 0; i < 12; i++) {
        assert_true(stage.log[i].running < WORKERS);
    }
    leave(&c);
    scheduler_free(s);
}

static void *allow_all(void *context)
{
    (void)context;
    allow(JOBS);
    return NULL;
}

/* A client that leaves waits for the jobs that it has begun; others go on. */
static void test_leave(void **state)
{
    struct scheduler *s = scheduler_new(1, NULL);
    struct client first, second;
    pthread_t thread;

    (void)state;
    join(&first, s, THREAD_SOON);
    join(&second, s, THREAD_LATER);
    scheduler_leave(s, &second.face);
    scheduler_leave(s, &second.face);
    assert_true(scheduler_join(s, &second.face, NULL));
    ADD(&first, 10, 11);
    wait_for(&stage.begun, 1);
    assert_true(thread_start(&thread, allow_all, NULL, NULL));
    scheduler_leave(s, &first.face);
    assert_false(first.at_work[0]);
    assert_int_equal(pthread_join(thread, NULL), 0);
    ADD(&first, 0);
    size_t begun = stage.begun;
    ADD(&second, 20, 21);
    wait_for(&stage.ended, begun + 2);
    assert_int_equal(stage.log[begun].urgency, 20);
    assert_int_equal(stage.log[begun + 1].urgency, 21);
    leave(&first);
    leave(&second);
    scheduler_free(s);
    scheduler_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_in_order_of_urgency, reset),
        cmocka_unit_test_setup(test_near_ones_wait_for_none, reset),
        cmocka_unit_test_setup(test_as_many_as_there_are_workers, reset),
        cmocka_unit_test_setup(test_leave, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
