#include "base/budget.h"

#include <stdbool.h>

struct budget_waiter {
    uint64_t bytes;
    unsigned rank;
    bool holds; /* its lease has some already */
    struct budget_waiter *next;
};

/* Inserts w behind all waiters of the same rank. */
static void join_queue(struct budget *b, struct budget_waiter *w)
{
    struct budget_waiter **at = &b->queue;
    while (*at && (*at)->rank <= w->rank) {
        at = &(*at)->next;
    }
    w->next = *at;
    *at = w;
    b->waiting_holders += w->holds;
}

static void leave_queue(struct budget *b, const struct budget_waiter *w)
{
    struct budget_waiter **at = &b->queue;
    while (*at != w) {
        at = &(*at)->next;
    }
    *at = w->next;
    b->waiting_holders -= w->holds;
}

/* The first waiter that already holds a lease. When all holders wait, serving anyone else
 * would only prolong the deadlock. */
static const struct budget_waiter *first_holder(const struct budget *b)
{
    const struct budget_waiter *w = b->queue;
    while (w && !w->holds) {
        w = w->next;
    }
    return w;
}

static bool may_go(const struct budget *b, const struct budget_waiter *w)
{
    bool fits = w->bytes <= b->limit && b->used <= b->limit - w->bytes;
    bool jam = b->holders == b->waiting_holders;
    if (b->queue == w && (fits || b->holders == 0)) {
        return true;
    }
    return jam && first_holder(b) == w;
}

void budget_take(struct budget *b, struct budget_lease *lease, uint64_t bytes, unsigned rank)
{
    struct budget_waiter w = { bytes, rank, lease->bytes > 0, NULL };
    if (bytes == 0) {
        return;
    }
    pthread_mutex_lock(&b->lock);
    join_queue(b, &w);
    pthread_cond_broadcast(&b->changed); /* all holders may be waiting now */
    while (!may_go(b, &w)) {
        pthread_cond_wait(&b->changed, &b->lock);
    }
    leave_queue(b, &w);
    b->holders += !w.holds;
    b->used += bytes;
    b->peak = b->used > b->peak ? b->used : b->peak;
    lease->bytes += bytes;
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
}

void budget_give(struct budget *b, struct budget_lease *lease)
{
    if (lease->bytes == 0) {
        return;
    }
    pthread_mutex_lock(&b->lock);
    b->used -= lease->bytes;
    b->holders--;
    lease->bytes = 0;
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
}

void budget_set_limit(struct budget *b, uint64_t bytes)
{
    pthread_mutex_lock(&b->lock);
    b->limit = bytes;
    b->peak = b->used;
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
}

uint64_t budget_limit(struct budget *b)
{
    pthread_mutex_lock(&b->lock);
    uint64_t limit = b->limit;
    pthread_mutex_unlock(&b->lock);
    return limit;
}

uint64_t budget_peak(struct budget *b)
{
    pthread_mutex_lock(&b->lock);
    uint64_t peak = b->peak;
    pthread_mutex_unlock(&b->lock);
    return peak;
}

size_t budget_waiting(struct budget *b)
{
    size_t count = 0;
    pthread_mutex_lock(&b->lock);
    for (const struct budget_waiter *w = b->queue; w; w = w->next) {
        count++;
    }
    pthread_mutex_unlock(&b->lock);
    return count;
}
