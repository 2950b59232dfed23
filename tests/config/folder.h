/* A scratch folder and the path of the file written last in it, for tests that
 * only read what they have just written. */
#ifndef TESTS_CONFIG_FOLDER_H
#define TESTS_CONFIG_FOLDER_H

#include <stdio.h>
#include <string.h>

#include "scratch.h"

struct folder {
    char *dir;
    char path[512];
};

static inline void folder_open(struct folder *f)
{
    f->dir = scratch_new();
}

static inline void folder_close(struct folder *f)
{
    scratch_remove(f->dir);
}

/* Writes dir/name and returns its path. */
static inline const char *folder_write(struct folder *f, const char *name, const void *bytes,
                                       size_t len)
{
    snprintf(f->path, sizeof f->path, "%s/%s", f->dir, name);
    scratch_write(f->path, bytes, len);
    return f->path;
}

static inline const char *folder_text(struct folder *f, const char *name, const char *text)
{
    return folder_write(f, name, text, strlen(text));
}

#endif
