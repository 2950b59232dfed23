/* The catalog's two halves: the thread that lists (listing.c), and what its
 * owner sees (catalog.c). */
#ifndef SESSION_CATALOG_PRIVATE_H
#define SESSION_CATALOG_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "session/catalog.h"

#define CHUNK 65536u /* entries in one block of a chunked table */
#define CHUNKS (CATALOG_MAX / CHUNK + 1)

struct entry {
    const char *name;
    uint32_t folder;
};

struct folder {
    char *path;
    uint32_t source; /* which of the inputs it came from */
    bool listed;     /* keeps the order of its list */
};

/* Blocks never move, so what is published can be read without the lock. */
struct names_block {
    struct names_block *next;
    size_t used, size;
    char bytes[];
};

/* Files of a folder that are pictures by their ending, of a format that cannot be
 * read. */
#define ENDING_MAX 15
#define ENDINGS_MAX 64

struct left_out {
    char ending[ENDING_MAX + 1]; /* small letters, with its dot */
    size_t count;
};

struct catalog {
    /* The listing thread's. */
    struct entry *entries[CHUNKS];
    struct folder *folders[CHUNKS];
    struct names_block *names;
    uint32_t found, folder_count;
    uint32_t source; /* input being read */
    struct left_out left_out[ENDINGS_MAX]; /* read by the owner once all is listed */
    size_t endings;
    char **inputs;
    size_t input_count;
    bool as_they_are;
    int list_fd;
    char separator;
    pthread_t thread;
    bool started;
    atomic_bool stop;
    atomic_bool in_order; /* see struct catalog_source */
    bool shuffled;        /* something was told of out of its order */
    int64_t told_ns;
    int stop_pipe[2]; /* [0] becomes readable when it is time to go */
    catalog_wake_fn *wake;
    void *context;

    pthread_mutex_t lock; /* the hand-over */
    pthread_cond_t changed;
    uint32_t published, counted; /* counted: found, perhaps not to be told of yet */
    uint32_t *sorted; /* handed over once */
    bool complete;
    size_t problems;
    struct error first_problem;

    /* The owner's. */
    uint32_t count, seen; /* seen: counted */
    uint32_t *order, *rank; /* NULL: in order of discovery */
    bool done;
};

static inline struct entry *entry_at(const struct catalog *c, uint32_t id)
{
    return &c->entries[id / CHUNK][id % CHUNK];
}

static inline struct folder *folder_at(const struct catalog *c, uint32_t folder)
{
    return &c->folders[folder / CHUNK][folder % CHUNK];
}

/* The listing thread; context is the struct catalog. */
void *catalog_list(void *context);

#endif
