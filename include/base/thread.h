/* Threads that block all signals, which leaves them to the main thread. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

#include "base/error.h"

/* pthread_create() with every signal blocked in the new thread. */
bool thread_start(pthread_t *thread, void *(*run)(void *), void *context, struct error *err);

/* How far the calling thread yields to others: for work that is needed soon, or for work
 * that can wait. */
enum thread_yield { THREAD_SOON, THREAD_LATER };

/* Lowers the scheduling priority of the calling thread (on Linux of this thread only)
 * as far as the system supports it. */
void thread_give_way(enum thread_yield yield);

#endif
