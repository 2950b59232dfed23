/* The cache on disk: one folder, one budget in bytes for all that is kept there.
 *
 *   usage                        the bytes of all entries; the folder is only scanned when
 *                                they exceed the budget or are unknown
 *   thumbnails/HASH.cache        an entry a file
 *   embeddings/ID/NNNN.index     an entry two files: a generation of a model's embeddings
 *   embeddings/ID/NNNN.vectors
 *
 * HASH and ID are 32 hexadecimal digits. Over the budget, the entries that were not used for
 * the longest go first, of whatever kind. Other names are left alone.
 *
 * All of it may be lost or deleted at any time, and several processes and threads may use it.
 * Nothing is synced and nothing is trusted: what is read needs a checksum of its own. Below
 * the folder no link is followed, and only folders and regular files that are our own and
 * have no other name are used. New folders have mode 0700, new files 0600. */
#ifndef BASE_CACHE_H
#define BASE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"

enum cache_kind { CACHE_EMBEDDINGS, CACHE_THUMBNAILS, CACHE_KINDS };

#define CACHE_ID_SIZE 33 /* with its NUL */
#define CACHE_NAME_SIZE 48

/* "embeddings", "thumbnails". */
const char *cache_kind_name(enum cache_kind kind);

struct cache;

/* Touches no file. path is copied; links in it are followed. NULL when out of memory. */
struct cache *cache_new(const char *path, int64_t max_bytes, struct error *err);
void cache_free(struct cache *c);
int64_t cache_max_bytes(const struct cache *c);

/* Creates the folder of that path and its missing parents. */
bool cache_make(const char *path, struct error *err);

/* Opens the folder of a kind, or of one ID in it (NULL: none); -1 if there is none or it must
 * not be used, with errno set. create: it is made when missing. The caller closes it. */
int cache_open_folder(const struct cache *c, enum cache_kind kind, const char *id, bool create);

/* Opens a file in such a folder; flags: O_RDONLY or O_RDWR, perhaps O_CREAT. -1 with errno
 * on failure; errno is 0 for what must not be used. */
int cache_open_file(int folder, const char *name, int flags);

/* To be called after so many bytes more were written (or fewer, below 0); removes entries if
 * there are too many now. Never waits. */
void cache_grew(struct cache *c, int64_t bytes);

/* ------------------------------------------------------------------- files */

/* Reads the file of that name and marks it as used now; false if it does not exist or
 * has more than `limit` bytes. */
bool cache_read_file(const struct cache *c, enum cache_kind kind, struct hash128 name, size_t limit,
                     struct buf *out);

/* Writes it, all or nothing. */
bool cache_write_file(struct cache *c, enum cache_kind kind, struct hash128 name, const void *bytes,
                      size_t len);

/* The size of the file, -1 if it is not there. */
int64_t cache_file_size(const struct cache *c, enum cache_kind kind, struct hash128 name);

/* False if it is there and cannot be removed. */
bool cache_remove_file(struct cache *c, enum cache_kind kind, struct hash128 name,
                       struct error *err);

/* ----------------------------------------------------------------- entries */

struct cache_entry {
    enum cache_kind kind;
    char id[CACHE_ID_SIZE];     /* of the model; "" for thumbnails */
    char name[CACHE_NAME_SIZE]; /* without an ending */
    int64_t bytes;
    int64_t used_ns; /* since 1970 */
};

struct cache_list {
    struct cache_entry *entries; /* by kind, id and name */
    size_t count, cap;
    int64_t bytes;       /* of all */
    size_t refused;      /* things in their places that are not read, listed or removed */
    struct error reason; /* of the first of them */
};

/* Lists what is there; nothing, if there is no such folder. False only when out of memory.
 * Release the list in either case. */
bool cache_list(const struct cache *c, struct cache_list *list, struct error *err);
void cache_list_release(struct cache_list *list);

/* Removes all entries, and what killed processes left. Safe at any time: who has one open
 * keeps it until it is closed. The list says what was removed (`entries`) and what was not
 * (`refused`). */
bool cache_clear(struct cache *c, struct cache_list *removed, struct error *err);

#endif
