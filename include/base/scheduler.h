/* The threads that work in the background of a session, and the order in which its jobs begin.
 *
 * Who has jobs is a client: it keeps its own list of them, which it may change at any time, and
 * tells how urgent the first one is. Jobs begin in the order of that number, whoever has them:
 * those that are near (below URGENCY_NEAR) as soon as a thread is free, all others only while
 * fewer jobs than `workers` run, near ones included, and none of any client is more urgent. A job
 * that has begun is finished.
 *
 * A client's threads are of one of the two kinds of enum thread_yield, as many of each as there
 * are `workers`: what can wait never takes a thread from what is needed soon, and gets little of
 * a processor that others want. A kind's threads are started when its first client joins.
 *
 * Clients join and leave on one thread, the owner's; the other functions may be called from any. */
#ifndef BASE_SCHEDULER_H
#define BASE_SCHEDULER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/thread.h"

struct scheduler;

/* The lowest is the most urgent. */
#define URGENCY_NEAR ((size_t)8)    /* what the user looks at, or soon will, is below it */
#define URGENCY_IDLE (SIZE_MAX - 1) /* when there is nothing else to do */
#define URGENCY_NONE SIZE_MAX       /* no job waits */

/* next() and take() are called with the scheduler's lock held, by one thread at a time: they may
 * take the client's lock, but call no function of the scheduler. `worker`, 0 to workers - 1, is a
 * thread of the client's kind, which does one job at a time: it is the index of what it needs. */
struct scheduler_client {
    void *self;
    enum thread_yield yield;
    /* How urgent the first job is that waits. */
    size_t (*next)(void *self);
    /* Takes that job out of the list, for the worker. There may be another one by now, or none:
     * then run() has nothing to do. */
    void (*take)(void *self, size_t worker);
    /* Does it, without a lock. */
    void (*run)(void *self, size_t worker);
};

/* workers >= 1. NULL and err on failure. */
struct scheduler *scheduler_new(size_t workers, struct error *err);

/* All clients must have left. s may be NULL. */
void scheduler_free(struct scheduler *s);

size_t scheduler_workers(const struct scheduler *s);

/* The client is borrowed until it leaves. False when no thread can be started; fewer than
 * `workers` are enough. */
bool scheduler_join(struct scheduler *s, const struct scheduler_client *client, struct error *err);

/* No job of the client begins any more; waits for those that run. Fine for one that has not
 * joined. */
void scheduler_leave(struct scheduler *s, const struct scheduler_client *client);

/* To be called when a client may have got jobs, or more urgent ones, without its lock held. */
void scheduler_notify(struct scheduler *s);

#endif
