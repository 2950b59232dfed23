#include "cache_store.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash_table.h"
#include "base/mem.h"
#include "cache_files.h"

#define FLUSH_VECTORS 64
#define FLUSH_NS 1000000000
#define PENDING_MAX 512 /* entries that wait while another process writes */
#define READ_RECORDS 1024

struct entry {
    struct file_stamp stamp;
    struct hash128 content;
    uint64_t vector;
    uint32_t generation;
};

/* An entry that waits to be written. */
struct pending {
    struct index_record record;
    bool relative; /* `vector` counts from the first waiting record */
};

struct cache_store {
    struct cache *cache; /* borrowed */
    char *id;
    size_t payload, record; /* bytes of a vector; of its record */

    bool loaded;
    bool writing;
    struct generation generations[CACHE_GENERATIONS]; /* oldest first */
    size_t generation_count;

    struct entry *entries;
    size_t count, cap;
    struct hash_table by_stamp, by_content; /* of the entries: the last with that key */

    char *vectors; /* waiting records */
    size_t vector_count, vector_cap;
    struct pending *pending;
    size_t pending_count, pending_cap;
    int64_t flushed_ns;
    char *scratch; /* one vector record */
};

/* ------------------------------------------------------------------- index */

static bool same_content(const struct hash128 *a, const struct hash128 *b)
{
    return a->low == b->low && a->high == b->high;
}

static uint32_t hash_of_stamp(const struct file_stamp *stamp)
{
    return (uint32_t)hash64(stamp, sizeof *stamp, 0);
}

static uint32_t stamp_hash(const void *entries, uint32_t at)
{
    return hash_of_stamp(&((const struct entry *)entries)[at].stamp);
}

static bool has_stamp(const void *entries, uint32_t at, const void *stamp)
{
    return file_stamp_same(&((const struct entry *)entries)[at].stamp, stamp);
}

static uint32_t content_hash(const void *entries, uint32_t at)
{
    return (uint32_t)((const struct entry *)entries)[at].content.low;
}

static bool has_content(const void *entries, uint32_t at, const void *content)
{
    return same_content(&((const struct entry *)entries)[at].content, content);
}

static const struct hash_keys stamps = { stamp_hash, has_stamp };
static const struct hash_keys contents = { content_hash, has_content };

/* Without memory it is computed again when needed. */
static void add_entry(struct cache_store *s, const struct index_record *record, uint32_t generation)
{
    if (s->count >= UINT32_MAX / 2 ||
        !mem_reserve(&s->entries, &s->cap, s->count + 1, sizeof *s->entries)) {
        return;
    }
    uint32_t at = (uint32_t)s->count;
    s->entries[at] = (struct entry){ .stamp = record->stamp,
                                     .content = record->content,
                                     .vector = record->vector,
                                     .generation = generation };
    if (!hash_table_put(&s->by_content, &contents, s->entries, content_hash(s->entries, at),
                        &record->content, at)) {
        return;
    }
    s->count++;
    if (record->stamp.size >= 0) {
        hash_table_put(&s->by_stamp, &stamps, s->entries, stamp_hash(s->entries, at),
                       &record->stamp, at);
    }
}

/* ------------------------------------------------------------- generations */

static uint64_t vector_check(const struct cache_store *s, const struct vector_head *head)
{
    return hash64(head + 1, s->payload, head->content.low ^ head->content.high);
}

static int open_folder(const struct cache_store *s)
{
    return cache_open_folder(s->cache, CACHE_EMBEDDINGS, s->id, true);
}

/* Opens or creates the generation as the newest; a damaged one is emptied. */
static bool open_generation(struct cache_store *s, uint32_t number)
{
    struct error err = { ERROR_NONE, "" };
    struct generation g;
    const int flags = O_RDWR | O_CREAT;
    int folder = open_folder(s);
    if (folder < 0) {
        return false;
    }
    bool ok = cache_generation_open(&g, folder, number, flags, s->record, &err);
    if (!ok && err.kind == ERROR_DATA) {
        cache_generation_remove(folder, number);
        ok = cache_generation_open(&g, folder, number, flags, s->record, NULL);
    }
    if (ok && s->generation_count == CACHE_GENERATIONS) {
        cache_grew(s->cache, -cache_generation_remove(folder, s->generations[0].number));
        cache_generation_close(&s->generations[0]);
        memmove(s->generations, s->generations + 1,
                (CACHE_GENERATIONS - 1) * sizeof *s->generations);
        s->generation_count--;
    }
    if (ok) {
        s->generations[s->generation_count++] = g;
    }
    close(folder);
    return ok;
}

static struct generation *newest(struct cache_store *s)
{
    return &s->generations[s->generation_count - 1];
}

static void read_index(struct cache_store *s, const struct generation *g)
{
    uint64_t count = cache_log_count(&g->index);
    uint64_t vectors = cache_log_count(&g->vectors);
    struct index_record *records = mem_array(READ_RECORDS, sizeof *records);
    for (uint64_t at = 0; records && at < count; at += READ_RECORDS) {
        size_t n = count - at < READ_RECORDS ? (size_t)(count - at) : READ_RECORDS;
        if (!cache_log_read(&g->index, at, n, records)) {
            break;
        }
        for (size_t i = 0; i < n; i++) {
            if (records[i].check == index_check(&records[i]) && records[i].vector < vectors) {
                add_entry(s, &records[i], g->number);
            }
        }
    }
    free(records);
}

static void load_generations(struct cache_store *s)
{
    uint32_t numbers[CACHE_GENERATIONS];
    s->loaded = true;
    s->flushed_ns = clock_monotonic_ns();
    int folder = open_folder(s);
    if (folder < 0) {
        return;
    }
    size_t count = cache_generations(folder, numbers);
    close(folder);
    for (size_t i = 0; i < count; i++) {
        if (open_generation(s, numbers[i])) {
            futimens(newest(s)->index.fd, NULL); /* used now */
            read_index(s, newest(s));
        }
    }
    s->writing = s->generation_count || open_generation(s, 1);
}

/* Begins anew with what is on the disk now: the files that are open were removed, or records
 * from them. What waits and refers to these is dropped; it is found by content again. */
static void reload(struct cache_store *s)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->generation_count; i++) {
        cache_generation_close(&s->generations[i]);
    }
    s->generation_count = 0;
    s->count = 0;
    hash_table_release(&s->by_stamp);
    hash_table_release(&s->by_content);
    for (size_t i = 0; i < s->pending_count; i++) {
        if (s->pending[i].relative) {
            s->pending[kept++] = s->pending[i];
        }
    }
    s->pending_count = kept;
    load_generations(s);
}

/* -------------------------------------------------------------- the vectors */

static const struct generation *generation_of(const struct cache_store *s, const struct entry *e)
{
    for (size_t i = 0; i < s->generation_count; i++) {
        if (s->generations[i].number == e->generation) {
            return &s->generations[i];
        }
    }
    return NULL;
}

static bool read_vector(const struct cache_store *s, const struct entry *e, void *payload)
{
    const struct generation *g = generation_of(s, e);
    struct vector_head *head = (struct vector_head *)s->scratch;
    if (!g || !cache_log_read(&g->vectors, e->vector, 1, s->scratch) ||
        !same_content(&head->content, &e->content) || head->check != vector_check(s, head)) {
        return false;
    }
    memcpy(payload, head + 1, s->payload);
    return true;
}

/* ----------------------------------------------------------------- writing */

static void drop_pending(struct cache_store *s)
{
    s->vector_count = 0;
    s->pending_count = 0;
}

/* Limits of the bytes of a generation's index and vectors. */
static bool is_full(struct cache_store *s)
{
    uint64_t most = (uint64_t)cache_max_bytes(s->cache) / (2 * CACHE_GENERATIONS) / s->record;
    return cache_log_count(&newest(s)->vectors) >= most ||
           cache_log_count(&newest(s)->index) >= 2 * most;
}

static bool write_pending(struct cache_store *s, struct error *err)
{
    uint64_t first = 0;
    uint64_t ignored;
    struct generation *g = newest(s);
    if (s->vector_count &&
        !cache_log_append(&g->vectors, s->vectors, s->vector_count, &first, err)) {
        return false;
    }
    struct index_record *records = mem_array(s->pending_count, sizeof *records);
    if (!records) {
        return error_nomem(err, s->pending_count * sizeof *records, "a cache");
    }
    for (size_t i = 0; i < s->pending_count; i++) {
        records[i] = s->pending[i].record;
        records[i].vector += s->pending[i].relative ? first : 0;
        records[i].check = index_check(&records[i]);
        add_entry(s, &records[i], g->number);
    }
    bool ok = cache_log_append(&g->index, records, s->pending_count, &ignored, err);
    free(records);
    cache_grew(s->cache, (int64_t)(s->vector_count * s->record +
                                   s->pending_count * sizeof(struct index_record)));
    return ok;
}

static void flush(struct cache_store *s)
{
    struct error err = { ERROR_NONE, "" };
    if (!s->pending_count || !s->writing) {
        return;
    }
    s->flushed_ns = clock_monotonic_ns();
    if (cache_log_lost(&newest(s)->vectors) || cache_log_lost(&newest(s)->index)) {
        reload(s);
        if (!s->writing) {
            drop_pending(s);
            return;
        }
    }
    if (s->pending_count && !write_pending(s, &err)) {
        s->writing = err.kind == ERROR_BUSY;
        if (s->writing && s->pending_count < PENDING_MAX) {
            return; /* try again later */
        }
    }
    drop_pending(s);
    if (s->writing && is_full(s)) {
        s->writing = open_generation(s, newest(s)->number + 1);
    }
}

static void add_pending(struct cache_store *s, const struct hash128 *content,
                        const struct file_stamp *stamp, bool settled, uint64_t vector,
                        bool relative)
{
    if (!mem_reserve(&s->pending, &s->pending_cap, s->pending_count + 1, sizeof *s->pending)) {
        return;
    }
    struct pending *p = &s->pending[s->pending_count++];
    *p = (struct pending){ .record = { .stamp = *stamp, .content = *content, .vector = vector },
                           .relative = relative };
    if (!settled) {
        p->record.stamp.size = -1 - stamp->size;
    }
    if (s->pending_count >= FLUSH_VECTORS || clock_monotonic_ns() - s->flushed_ns > FLUSH_NS) {
        flush(s);
    }
}

void cache_store_add(struct cache_store *s, const struct hash128 *content,
                     const struct file_stamp *stamp, bool settled, const void *payload)
{
    size_t bytes;
    if (!s->loaded) {
        load_generations(s);
    }
    if (!s->writing || !mem_mul(s->vector_count + 1, s->record, &bytes) ||
        !mem_reserve(&s->vectors, &s->vector_cap, bytes, 1)) {
        return;
    }
    char *record = s->vectors + s->vector_count * s->record;
    memset(record, 0, s->record);
    memcpy(record + sizeof(struct vector_head), payload, s->payload);
    struct vector_head *head = (struct vector_head *)record;
    head->content = *content;
    head->check = vector_check(s, head);
    add_pending(s, content, stamp, settled, s->vector_count++, true);
}

/* ----------------------------------------------------------------- reading */

bool cache_store_by_stamp(struct cache_store *s, const struct file_stamp *stamp, void *payload)
{
    if (!s->loaded) {
        load_generations(s);
    }
    uint32_t at = hash_table_find(&s->by_stamp, &stamps, s->entries, hash_of_stamp(stamp), stamp);
    return at != HASH_TABLE_NONE && read_vector(s, &s->entries[at], payload);
}

bool cache_store_by_content(struct cache_store *s, const struct hash128 *content,
                            const struct file_stamp *stamp, void *payload)
{
    if (!s->loaded) {
        load_generations(s);
    }
    uint32_t at =
        hash_table_find(&s->by_content, &contents, s->entries, (uint32_t)content->low, content);
    if (at == HASH_TABLE_NONE || !read_vector(s, &s->entries[at], payload)) {
        return false;
    }
    const struct entry *e = &s->entries[at];
    if (stamp && s->writing) {
        if (e->generation == newest(s)->number) {
            add_pending(s, content, stamp, true, e->vector, false);
        } else { /* else it would be removed with its generation */
            cache_store_add(s, content, stamp, true, payload);
        }
    }
    return true;
}

/* --------------------------------------------------------------- beginning */

struct cache_store *cache_store_new(struct cache *cache, const char *id, size_t payload,
                                    struct error *err)
{
    struct cache_store *s = calloc(1, sizeof *s);
    if (s) {
        s->cache = cache;
        s->payload = payload;
        s->record = sizeof(struct vector_head) + (payload + 7) / 8 * 8;
        s->id = mem_string(id, strlen(id));
        s->scratch = malloc(s->record);
    }
    if (!s || !s->id || !s->scratch) {
        cache_store_free(s);
        error_nomem(err, sizeof *s + payload, "a cache");
        return NULL;
    }
    return s;
}

void cache_store_free(struct cache_store *s)
{
    if (!s) {
        return;
    }
    if (s->loaded) {
        flush(s);
    }
    for (size_t i = 0; i < s->generation_count; i++) {
        cache_generation_close(&s->generations[i]);
    }
    free(s->id);
    free(s->entries);
    hash_table_release(&s->by_stamp);
    hash_table_release(&s->by_content);
    free(s->vectors);
    free(s->pending);
    free(s->scratch);
    free(s);
}
