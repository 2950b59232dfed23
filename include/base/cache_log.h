/* Files that may be lost at any time: logs of records of one size, which
 * processes share, and their folders.
 *
 * Nothing is synced, so what a record holds must have a checksum of its own.
 * Appends are whole or not at all: a lock is held for the moment of writing,
 * and what a killed process or a full disk left of a record is cut off. A file
 * that is removed while it is open lives on until it is closed. */
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
    bool broken; /* what could not be written whole could not be cut off either */
};

/* Opens or creates (0666 less umask). A file of another record size or byte
 * order, or of another kind, is ERROR_DATA. */
bool cache_log_open(struct cache_log *log, const char *path, size_t record, struct error *err);
void cache_log_close(struct cache_log *log);

/* Whole records in the file; 0 when it cannot be told. */
uint64_t cache_log_count(const struct cache_log *log);

/* Appends `count` records; *first becomes the number of the first one.
 * ERROR_BUSY while another process writes. */
bool cache_log_append(struct cache_log *log, const void *records, size_t count, uint64_t *first,
                      struct error *err);

/* Reads records first..first+count-1; false when they are not all there. */
bool cache_log_read(const struct cache_log *log, uint64_t first, size_t count, void *records);

/* Makes a folder and those above it, for their owner alone (0700). */
bool cache_folder_make(const char *path, struct error *err);

/* Removes an empty folder; a folder that holds something stays. */
void cache_folder_remove(const char *path);

#endif
