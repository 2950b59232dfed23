/* Computes the embeddings of pictures and regions on the scheduler's threads, those needed soon
 * first, and keeps them in memory, packed to about one byte per value. The functions may be
 * called from any thread. */
#ifndef ASSIST_LOOKER_H
#define ASSIST_LOOKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "assist/assist.h"
#include "base/error.h"
#include "base/scheduler.h"
#include "learn/cache.h"
#include "learn/embedder.h"

struct looker;

/* Called on a background thread when a picture is done, or was done already. */
typedef void looker_found_fn(void *context);

/* The embedder and the cache are borrowed. */
struct looker *looker_new(const struct embedder *e, struct embedding_cache *cache,
                          struct error *err);
/* scheduler: borrowed until looker_stop(). */
bool looker_start(struct looker *l, struct scheduler *scheduler, looker_found_fn *found,
                  void *context, struct error *err);
void looker_stop(struct looker *l); /* waits for the embeddings being computed */
void looker_free(struct looker *l);

/* Replaces the list of pictures needed soon, most urgent first. False when out of memory. */
bool looker_want(struct looker *l, const struct guess_request *requests, size_t count);

/* True when the memory for embeddings of added pictures is used up. */
bool looker_full(struct looker *l);

/* Queues a picture to be embedded when no wanted one waits; false when the queue is full.
 * When out of memory the picture is skipped. */
bool looker_add(struct looker *l, uint32_t id, const char *path, const struct region *region);

enum look { LOOK_NOT_YET, LOOK_SEEN, LOOK_FAILED };

/* Number of pictures done so far, embedded or failed, and the one at `place` <
 * looker_count(). *packed: its embedding, valid as long as the looker, or NULL. */
size_t looker_count(struct looker *l);
enum look looker_at(struct looker *l, size_t place, uint32_t *id, const void **packed);

/* The same by picture id; *place and *packed are not set for LOOK_NOT_YET. */
enum look looker_find(struct looker *l, uint32_t id, size_t *place, const void **packed);

/* True when every wanted and added picture is done. */
bool looker_idle(struct looker *l);

#endif
