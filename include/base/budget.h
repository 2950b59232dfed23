/* Memory that threads share out: who wants some says how much and waits until
 * there is room.
 *
 * A lease is what one thread holds. It may grow in steps: when all who hold
 * something wait for more, the first of them gets it whatever there is, so that
 * they never wait for each other; the budget is then passed by one lease at most.
 * A single wish beyond the whole budget is met when nobody else holds anything. */
#ifndef BASE_BUDGET_H
#define BASE_BUDGET_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

struct budget_waiter;

struct budget {
    pthread_mutex_t lock; /* all below */
    pthread_cond_t changed;
    uint64_t limit, used, peak;  /* bytes */
    size_t holders;              /* leases of more than 0 bytes... */
    size_t waiting_holders;      /* ... of which so many wait for more */
    struct budget_waiter *queue; /* in the order in which they are served */
};

#define BUDGET_INIT(bytes)                                                                         \
    {                                                                                              \
        PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, bytes, 0, 0, 0, 0, NULL               \
    }

struct budget_lease {
    uint64_t bytes; /* held; begin with 0 */
};

/* Adds bytes to the lease, waiting as long as it takes. Of those who wait, lower
 * ranks are served first, equal ones in the order in which they came. */
void budget_take(struct budget *b, struct budget_lease *lease, uint64_t bytes, unsigned rank);

/* Gives all back that the lease holds. */
void budget_give(struct budget *b, struct budget_lease *lease);

void budget_set_limit(struct budget *b, uint64_t bytes);
uint64_t budget_limit(struct budget *b);

/* The most that was held at a time since the limit was set. */
uint64_t budget_peak(struct budget *b);

/* Threads that wait now. */
size_t budget_waiting(struct budget *b);

#endif
