/* Threads that leave signals to the main thread. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

#include "base/error.h"

/* pthread_create() with every signal blocked in the new thread. */
bool thread_start(pthread_t *thread, void *(*run)(void *), void *context, struct error *err);

#endif
