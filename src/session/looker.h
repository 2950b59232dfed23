/* Looks at pictures on threads of its own, those needed soon first, and keeps
 * what it has seen: their embeddings, packed, in memory, a byte or so a value.
 * The functions may be called from any thread. */
#ifndef SESSION_LOOKER_H
#define SESSION_LOOKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "learn/cache.h"
#include "learn/embedder.h"
#include "session/guesser.h"

struct looker;

/* Called on a looking thread when a picture has been looked at, or turned out to
 * have been. */
typedef void looker_found_fn(void *context);

/* The embedder and the cache are borrowed. */
struct looker *looker_new(const struct embedder *e, struct embedding_cache *cache,
                          struct error *err);
bool looker_start(struct looker *l, int workers, looker_found_fn *found, void *context,
                  struct error *err);
void looker_stop(struct looker *l); /* waits for the pictures being looked at */
void looker_free(struct looker *l);

/* What is needed soon, most urgent first, in place of what was before. */
bool looker_want(struct looker *l, const struct guess_request *requests, size_t count);

/* The memory for pictures that nobody wants is used up. */
bool looker_full(struct looker *l);

/* A picture to be looked at when nothing is wanted; false when too many wait. Without
 * memory for it, it is passed over. */
bool looker_add(struct looker *l, uint32_t id, const char *path);

enum look { LOOK_NOT_YET, LOOK_SEEN, LOOK_FAILED };

/* Pictures looked at so far, seen or failed, and the one in that place; place <
 * looker_count(). *packed: the embedding of a picture seen; lives as long as
 * the looker. */
size_t looker_count(struct looker *l);
enum look looker_at(struct looker *l, size_t place, uint32_t *id, const void **packed);

/* *place and *packed are set when it has been looked at. */
enum look looker_find(struct looker *l, uint32_t id, size_t *place, const void **packed);

/* Nothing is wanted or waits that has not been looked at. */
bool looker_idle(struct looker *l);

#endif
