/* Shared by the two halves of the catalog: the listing thread (listing.c) and the functions
 * for its owner (catalog.c). */
#ifndef CATALOG_CATALOG_PRIVATE_H
#define CATALOG_CATALOG_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "catalog/catalog.h"

#define CHUNK 65536u /* entries per block of a chunked table */
#define CHUNKS (CATALOG_MAX / CHUNK + 1)

/* The region of an item, if it has one, stands behind the NUL of its name: a million plain
 * pictures take no room for it. */
struct entry {
    const char *name;
    uint32_t folder : 31;
    uint32_t is_region : 1;
};

struct folder {
    char *path;
    uint32_t source; /* index of the input it came from */
    bool listed;     /* from a list: keeps the list's order */
};

/* Blocks never move, so published names can be read without the lock. */
struct names_block {
    struct names_block *next;
    size_t used, size;
    char bytes[];
};

/* Number of files left out, by ending: picture formats that cannot be read. */
#define ENDING_MAX 15
#define ENDINGS_MAX 64

struct left_out {
    char ending[ENDING_MAX + 1]; /* lower case, with its dot */
    size_t count;
};

struct catalog {
    /* Owned by the listing thread. */
    struct entry *entries[CHUNKS];
    struct folder *folders[CHUNKS];
    struct names_block *names;
    uint32_t found, folder_count;
    uint32_t source;                       /* input being read */
    struct left_out left_out[ENDINGS_MAX]; /* read by the owner once listing is complete */
    size_t endings;
    char **inputs;
    size_t input_count;
    bool as_they_are;
    int list_fd;
    char separator;
    catalog_regions_fn *regions;
    void *regions_context;
    pthread_t thread;
    bool started;
    atomic_bool stop;
    atomic_bool in_order; /* see struct catalog_source */
    bool shuffled;        /* pictures were published out of order: sort at the end */
    int64_t told_ns;      /* time of the last report */
    int stop_pipe[2];     /* [0] becomes readable when the thread must stop */
    catalog_wake_fn *wake;
    void *context;

    pthread_mutex_t lock; /* protects the members up to first_problem */
    pthread_cond_t changed;
    uint32_t published, counted; /* counted: found, but possibly not published yet */
    uint32_t *sorted;            /* the final order; handed over once */
    bool complete;
    size_t problems;
    struct error first_problem;

    /* Used by the owner's thread only. */
    uint32_t count, seen;   /* copies of published and counted */
    uint32_t *order, *rank; /* NULL: in order of discovery */
    bool done;
};

static inline struct entry *entry_at(const struct catalog *c, uint32_t id)
{
    return &c->entries[id / CHUNK][id % CHUNK];
}

static inline struct region entry_region(const struct entry *e)
{
    struct region r = { 0 };
    if (e->is_region) {
        memcpy(&r, e->name + strlen(e->name) + 1, sizeof r); /* not aligned */
    }
    return r;
}

static inline struct folder *folder_at(const struct catalog *c, uint32_t folder)
{
    return &c->folders[folder / CHUNK][folder % CHUNK];
}

/* Appends folder + "/" + name, or the name alone if the folder is "". */
static inline void entry_path(struct buf *path, const char *folder, const char *name, size_t len)
{
    size_t folder_len = strlen(folder);
    buf_add(path, folder, folder_len);
    if (folder_len && folder[folder_len - 1] != '/') {
        buf_addc(path, '/');
    }
    buf_add(path, name, len);
}

/* Main function of the listing thread; context is the struct catalog. */
void *catalog_list(void *context);

#endif
