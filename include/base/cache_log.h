/* Files of the cache (base/cache.h) that are logs of fixed-size records, shared by processes.
 *
 * Nothing is synced, so each record needs a checksum of its own. An append is all or
 * nothing: the file is locked while it is written, and a partial record left by a
 * killed process or a full disk is truncated. A file that is removed while it is open
 * stays usable until it is closed. */
#ifndef BASE_CACHE_LOG_H
#define BASE_CACHE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define CACHE_LOG_RECORD_MIN 32
#define CACHE_LOG_RECORD_MAX ((size_t)1 << 20)

struct cache_log {
    int fd; /* -1: closed */
    size_t record;
    bool broken;   /* a partial record could not be truncated: no more appends */
    uint64_t seen; /* records there were at the last look */
};

/* Opens the file in a folder of cache_open_folder(); flags as for cache_open_file(). record:
 * bytes of a record, or 0 for those of the existing file. ERROR_DATA if it is not such a log, or
 * has another record size or byte order. */
bool cache_log_open(struct cache_log *log, int folder, const char *name, int flags, size_t record,
                    struct error *err);
void cache_log_close(struct cache_log *log);

/* Number of whole records in the file; 0 if the file cannot be examined. */
uint64_t cache_log_count(const struct cache_log *log);

/* True if another process has removed the file, or records from it: what is appended may never
 * be found, and the numbers of records are no longer those they were. */
bool cache_log_lost(const struct cache_log *log);

/* Appends `count` records; *first is set to the number of the first one.
 * ERROR_BUSY while another process writes. */
bool cache_log_append(struct cache_log *log, const void *records, size_t count, uint64_t *first,
                      struct error *err);

/* Reads records first..first+count-1; false unless all of them exist. */
bool cache_log_read(const struct cache_log *log, uint64_t first, size_t count, void *records);

/* For rewriting: while it is locked no other process appends. ERROR_BUSY if one is appending,
 * or has it locked. */
bool cache_log_lock(struct cache_log *log, struct error *err);
void cache_log_unlock(struct cache_log *log);

/* Keeps the records for which keep() is true, in their order; it may change them. The caller
 * has it locked. Processes that have it open notice that it is shorter (cache_log_lost()), and
 * until then find records that are not those they look for, as after a crash in the middle. */
typedef bool cache_log_keep_fn(void *context, uint64_t number, void *record);
bool cache_log_filter(struct cache_log *log, cache_log_keep_fn *keep, void *context,
                      struct error *err);

#endif
