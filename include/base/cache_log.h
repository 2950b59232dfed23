/* Cache files, which may be lost at any time: logs of fixed-size records, shared by
 * processes, and their folders.
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
    bool broken; /* a partial record could not be truncated: no more appends */
};

/* Opens or creates the file (mode 0666 less the umask). ERROR_DATA if it is not such a
 * log, or has another record size or byte order. */
bool cache_log_open(struct cache_log *log, const char *path, size_t record, struct error *err);
void cache_log_close(struct cache_log *log);

/* Number of whole records in the file; 0 if the file cannot be examined. */
uint64_t cache_log_count(const struct cache_log *log);

/* Appends `count` records; *first is set to the number of the first one.
 * ERROR_BUSY while another process writes. */
bool cache_log_append(struct cache_log *log, const void *records, size_t count, uint64_t *first,
                      struct error *err);

/* Reads records first..first+count-1; false unless all of them exist. */
bool cache_log_read(const struct cache_log *log, uint64_t first, size_t count, void *records);

/* Creates a folder and its missing parents, for the owner alone (mode 0700). */
bool cache_folder_make(const char *path, struct error *err);

/* Removes the folder if it is empty. */
void cache_folder_remove(const char *path);

#endif
