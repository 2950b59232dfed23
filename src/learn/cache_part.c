/* The part of the cache that belongs to some pictures: what it takes, and removing it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cache_files.h"
#include "learn/cache.h"

#define LOCK_TRIES 200 /* while other processes append, which takes them a moment */
#define LOCK_PAUSE_MS 10
#define READ_RECORDS 256
#define VECTORS_MAX ((uint64_t)1 << 32)

/* Which vectors of a generation are whose. */
struct part {
    const struct stamps *pictures;
    bool *theirs, *others; /* for each vector: an entry of the pictures has it, of other ones */
    uint64_t *numbers;     /* of the vectors that stay, once the others are gone */
    uint64_t vectors;
    size_t entries; /* of the pictures */
};

/* The stamp of a region's entry has its picture's size and time of change, and in place of
 * its device 64 bits of a hash, while a device's number fits in 32. */
static bool is_theirs(const struct part *p, const struct index_record *record)
{
    struct file_stamp stamp = record->stamp;
    if (stamp.size < 0) {
        stamp.size = -1 - stamp.size;
    }
    return !p->pictures || stamps_have(p->pictures, &stamp) ||
           (stamp.device > UINT32_MAX && stamps_have_time(p->pictures, &stamp));
}

static bool is_whole(const struct part *p, const struct index_record *record)
{
    return record->check == index_check(record) && record->vector < p->vectors;
}

static void add_entry(struct part *p, const struct index_record *record)
{
    if (is_whole(p, record)) {
        bool theirs = is_theirs(p, record);
        p->entries += theirs;
        *(theirs ? &p->theirs[record->vector] : &p->others[record->vector]) = true;
    }
}

static bool read_entries(struct part *p, const struct generation *g)
{
    uint64_t count = cache_log_count(&g->index);
    struct index_record records[READ_RECORDS];
    for (uint64_t at = 0; at < count; at += READ_RECORDS) {
        size_t n = count - at < READ_RECORDS ? (size_t)(count - at) : READ_RECORDS;
        if (!cache_log_read(&g->index, at, n, records)) {
            return false;
        }
        for (size_t i = 0; i < n; i++) {
            add_entry(p, &records[i]);
        }
    }
    return true;
}

/* Vectors that no entry has, of a killed process, go with them. */
static bool keep_vector(void *context, uint64_t number, void *record)
{
    struct part *p = context;
    (void)record;
    return number >= p->vectors || p->others[number];
}

static bool keep_entry(void *context, uint64_t number, void *bytes)
{
    struct part *p = context;
    struct index_record *record = bytes;
    (void)number;
    if (!is_whole(p, record) || is_theirs(p, record)) {
        return false;
    }
    record->vector = p->numbers[record->vector];
    record->check = index_check(record);
    return true;
}

static bool remove_part(struct part *p, struct generation *g, struct error *err)
{
    uint64_t kept = 0;
    for (uint64_t i = 0; i < p->vectors; i++) {
        p->numbers[i] = kept;
        kept += p->others[i];
    }
    return cache_log_filter(&g->vectors, keep_vector, p, err) &&
           cache_log_filter(&g->index, keep_entry, p, err);
}

static bool lock(struct cache_log *log, struct error *err)
{
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (cache_log_lock(log, err)) {
            return true;
        }
        poll(NULL, 0, LOCK_PAUSE_MS);
    }
    return false;
}

static int64_t bytes_of(const struct part *p, const struct generation *g)
{
    uint64_t bytes = p->entries * g->index.record;
    for (uint64_t i = 0; i < p->vectors; i++) {
        bytes += p->theirs[i] && !p->others[i] ? g->vectors.record : 0;
    }
    return (int64_t)bytes;
}

/* The caller has locked the generation if it is to be changed. */
static bool take_part(struct part *p, struct generation *g, bool removing,
                      struct embedding_part *sum, struct error *err)
{
    p->vectors = cache_log_count(&g->vectors);
    if (p->vectors > VECTORS_MAX) {
        return error_set(err, ERROR_DATA, "more than %llu embeddings",
                         (unsigned long long)VECTORS_MAX);
    }
    p->theirs = mem_array((size_t)p->vectors, sizeof *p->theirs);
    p->others = mem_array((size_t)p->vectors, sizeof *p->others);
    p->numbers = mem_array((size_t)p->vectors, sizeof *p->numbers);
    if (!p->theirs || !p->others || !p->numbers) {
        return error_nomem(err, (size_t)p->vectors * sizeof *p->numbers, "a part of the cache");
    }
    if (!read_entries(p, g)) {
        return error_set(err, ERROR_IO, "its index cannot be read");
    }
    int64_t bytes = bytes_of(p, g);
    if (removing && p->entries && !remove_part(p, g, err)) {
        return false;
    }
    sum->count += p->entries;
    sum->bytes += bytes;
    return true;
}

static bool each_generation(int folder, uint32_t number, const struct stamps *pictures,
                            bool removing, struct embedding_part *sum, struct error *err)
{
    struct generation g;
    struct error why = { ERROR_NONE, "" };
    struct part p = { .pictures = pictures };
    if (!cache_generation_open(&g, folder, number, removing ? O_RDWR : O_RDONLY, 0, &why)) {
        /* A file that is not there, or not ours, has nothing of theirs. */
        return why.kind == ERROR_DATA || errno == ENOENT ||
               error_set(err, why.kind, "%s", why.message);
    }
    bool ok = !removing || (lock(&g.vectors, err) && lock(&g.index, err));
    ok = ok && take_part(&p, &g, removing, sum, err);
    if (ok && removing && !cache_log_count(&g.index)) {
        cache_generation_remove(folder, number);
    }
    free(p.theirs);
    free(p.others);
    free(p.numbers);
    cache_generation_close(&g); /* also unlocks */
    return ok;
}

bool embedding_cache_part(struct cache *disk, const char *id, const struct stamps *pictures,
                          bool removing, struct embedding_part *part, struct error *err)
{
    struct error why = { ERROR_NONE, "" };
    uint32_t numbers[CACHE_GENERATIONS];
    *part = (struct embedding_part){ .count = 0 };
    int folder = cache_open_folder(disk, CACHE_EMBEDDINGS, id, false);
    if (folder < 0) {
        return true; /* cache_list() says why */
    }
    bool ok = true;
    size_t count = cache_generations(folder, numbers);
    for (size_t i = 0; ok && i < count; i++) {
        ok = each_generation(folder, numbers[i], pictures, removing, part, &why);
    }
    close(folder);
    if (removing && part->bytes) {
        cache_grew(disk, -part->bytes);
    }
    return ok || error_set(err, why.kind, "the embeddings of model %s: %s", id, why.message);
}
