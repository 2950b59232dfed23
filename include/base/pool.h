/* A few threads that share numbered jobs. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stddef.h>

#include "base/error.h"

struct pool;

/* job: 0 to count-1, each run once. worker: 0 to workers-1, each runs one job at a time,
 * so it can index scratch memory. */
typedef void pool_fn(void *context, size_t job, size_t worker);

/* The thread that calls pool_run() is one of the workers. */
struct pool *pool_new(size_t workers, struct error *err);
void pool_free(struct pool *pool); /* NULL is fine */

size_t pool_workers(const struct pool *pool);

/* Returns when all jobs are done. */
void pool_run(struct pool *pool, size_t count, pool_fn *fn, void *context);

#endif
