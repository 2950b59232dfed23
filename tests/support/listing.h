/* A wake that can be waited for, and helpers to fill folders, for the tests of
 * this layer. */
#ifndef TESTS_SUPPORT_LISTING_H
#define TESTS_SUPPORT_LISTING_H

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "catalog/catalog.h"
#include "scratch.h"

struct bell {
    pthread_mutex_t lock;
    pthread_cond_t rung;
    unsigned count;
};

#define BELL_INIT                                                                                  \
    {                                                                                              \
        PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0                                     \
    }

static inline void bell_ring(void *context)
{
    struct bell *b = context;

    pthread_mutex_lock(&b->lock);
    b->count++;
    pthread_cond_broadcast(&b->rung);
    pthread_mutex_unlock(&b->lock);
}

/* Waits until it has been rung more than `heard` times; returns how often. */
static inline unsigned bell_wait(struct bell *b, unsigned heard)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 60;
    pthread_mutex_lock(&b->lock);
    while (b->count <= heard && pthread_cond_timedwait(&b->rung, &b->lock, &until) == 0) {
    }
    unsigned count = b->count;
    pthread_mutex_unlock(&b->lock);
    assert_true(count > heard);
    return count;
}

/* Creates folder/name, empty, and the folders of its path. */
static inline void touch(const char *folder, const char *name)
{
    char *path = scratch_path(folder, name);

    for (char *s = path + strlen(folder) + 1; *s; s++) {
        if (*s == '/') {
            *s = '\0';
            mkdir(path, 0777);
            *s = '/';
        }
    }
    scratch_write(path, "", 0);
    free(path);
}

/* A catalog of one path, listed to the end. */
static inline struct catalog *list_one(const char *path, struct bell *bell)
{
    struct catalog_source source = { .paths = &path, .count = 1, .list_fd = -1 };
    struct error err = { ERROR_NONE, "" };
    struct catalog *c = catalog_new(&source, bell_ring, bell, &err);

    assert_string_equal(err.message, "");
    assert_non_null(c);
    catalog_wait(c, 60000);
    catalog_poll(c);
    assert_true(catalog_done(c));
    return c;
}

#endif
