/* Threads that leave signals to the main thread. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

#include "base/error.h"

/* pthread_create() with every signal blocked in the new thread. */
bool thread_start(pthread_t *thread, void *(*run)(void *), void *context, struct error *err);

/* How much the calling thread gives way to others: work that is soon needed, and work
 * that can wait. */
enum thread_yield { THREAD_SOON, THREAD_LATER };

/* From now on and, on Linux, for this thread alone. Where the system cannot do all of
 * it, it does less. */
void thread_give_way(enum thread_yield yield);

#endif
