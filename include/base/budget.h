/* A memory budget shared by threads: a thread asks for bytes and waits until they fit.
 *
 * A lease is what one thread holds. It may grow in steps: when every holder waits for
 * more, the first of them is served even if it does not fit, so that they cannot
 * deadlock; one lease at most then exceeds the budget. A request larger than the whole
 * budget is served when nothing else is held. */
#ifndef BASE_BUDGET_H
#define BASE_BUDGET_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

struct budget_waiter;

struct budget {
    pthread_mutex_t lock; /* protects everything below */
    pthread_cond_t changed;
    uint64_t limit, used, peak;  /* bytes */
    size_t holders;              /* leases of more than 0 bytes... */
    size_t waiting_holders;      /* ... and how many of them wait for more */
    struct budget_waiter *queue; /* in the order in which they are served */
};

#define BUDGET_INIT(bytes)                                                                         \
    {                                                                                              \
        PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, bytes, 0, 0, 0, 0, NULL               \
    }

struct budget_lease {
    uint64_t bytes; /* held; initialise to 0 */
};

/* Adds bytes to the lease, waiting as long as it takes. Waiting threads are served by
 * rank, the lowest first, and equal ranks in the order of their calls. */
void budget_take(struct budget *b, struct budget_lease *lease, uint64_t bytes, unsigned rank);

/* Gives back everything that the lease holds. */
void budget_give(struct budget *b, struct budget_lease *lease);

void budget_set_limit(struct budget *b, uint64_t bytes);
uint64_t budget_limit(struct budget *b);

/* The most bytes held at one time since the limit was set. */
uint64_t budget_peak(struct budget *b);

/* Number of threads that are waiting. */
size_t budget_waiting(struct budget *b);

#endif
