#include "cache_files.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cache_log.h"
#include "base/file.h"
#include "base/mem.h"
#include "learn/embedder.h"

#define MODELS_MAX 1000 /* model folders considered */

char *cache_file_path(const char *folder, uint32_t generation, const char *kind)
{
    char name[32];
    snprintf(name, sizeof name, "%04u.%s", generation, kind);
    return file_join(folder, name);
}

/* Reads the generation from a file's name; false for names of other files. */
static bool parse_name(const char *name, uint32_t *generation)
{
    char again[2][32];
    if (sscanf(name, "%9u", generation) != 1) {
        return false;
    }
    snprintf(again[0], sizeof again[0], "%04u.index", *generation);
    snprintf(again[1], sizeof again[1], "%04u.vectors", *generation);
    return strcmp(name, again[0]) == 0 || strcmp(name, again[1]) == 0;
}

void cache_generation_remove(const char *folder, uint32_t generation)
{
    static const char *const file_kinds[] = { "index", "vectors" };
    for (size_t i = 0; i < ARRAY_LEN(file_kinds); i++) {
        char *path = cache_file_path(folder, generation, file_kinds[i]);
        if (path) {
            file_remove(path, NULL);
        }
        free(path);
    }
}

size_t cache_generations(const char *folder, uint32_t newest[CACHE_GENERATIONS])
{
    DIR *dir = opendir(folder);
    size_t count = 0;
    struct dirent *d;
    uint32_t n;
    while (dir && (d = readdir(dir))) {
        if (!parse_name(d->d_name, &n)) {
            continue;
        }
        size_t at = 0;
        while (at < count && newest[at] < n) {
            at++;
        }
        if (at < count && newest[at] == n) {
            continue;
        }
        if (count < CACHE_GENERATIONS) {
            memmove(newest + at + 1, newest + at, (count - at) * sizeof *newest);
            newest[at] = n;
            count++;
        } else if (at == 0) {
            cache_generation_remove(folder, n);
        } else {
            cache_generation_remove(folder, newest[0]);
            memmove(newest, newest + 1, (at - 1) * sizeof *newest);
            newest[at - 1] = n;
        }
    }
    if (dir) {
        closedir(dir);
    }
    return count;
}

/* ------------------------------------------------------------------ models */

struct model_use {
    char id[EMBEDDER_ID_SIZE];
    int64_t bytes;
    int64_t used; /* seconds since 1970 */
};

static bool is_id(const char *name)
{
    return strlen(name) == EMBEDDER_ID_SIZE - 1 &&
           strspn(name, "0123456789abcdef") == EMBEDDER_ID_SIZE - 1;
}

/* Adds up a model's files, or removes them. */
static void each_file(const char *folder, struct model_use *use, bool removing)
{
    DIR *dir = opendir(folder);
    struct dirent *d;
    struct stat st;
    uint32_t generation;
    while (dir && (d = readdir(dir))) {
        if (!parse_name(d->d_name, &generation)) {
            continue;
        }
        char *path = file_join(folder, d->d_name);
        if (path && removing) {
            file_remove(path, NULL);
        } else if (path && stat(path, &st) == 0) {
            use->bytes += st.st_size;
            use->used = st.st_mtime > use->used ? st.st_mtime : use->used;
        }
        free(path);
    }
    if (dir) {
        closedir(dir);
    }
}

static int longest_unused_first(const void *a, const void *b)
{
    const struct model_use *x = a;
    const struct model_use *y = b;
    return (x->used > y->used) - (x->used < y->used);
}

static size_t list_models(const char *folder, const char *keep, struct model_use *models)
{
    DIR *dir = opendir(folder);
    size_t count = 0;
    struct dirent *d;
    while (dir && count < MODELS_MAX && (d = readdir(dir))) {
        if (!is_id(d->d_name) || strcmp(d->d_name, keep) == 0) {
            continue;
        }
        struct model_use *use = &models[count++];
        memcpy(use->id, d->d_name, sizeof use->id);
        char *path = file_join(folder, use->id);
        if (path) {
            each_file(path, use, false);
        }
        free(path);
    }
    if (dir) {
        closedir(dir);
    }
    return count;
}

void cache_remove_old_models(const char *folder, const char *keep, int64_t max_bytes)
{
    struct model_use *models = mem_array(MODELS_MAX, sizeof *models);
    size_t count = models ? list_models(folder, keep, models) : 0;
    int64_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        bytes += models[i].bytes;
    }
    if (count) {
        qsort(models, count, sizeof *models, longest_unused_first);
    }
    for (size_t i = 0; i < count && bytes > max_bytes; i++) {
        char *path = file_join(folder, models[i].id);
        if (path) {
            each_file(path, &models[i], true);
            cache_folder_remove(path);
        }
        bytes -= models[i].bytes;
        free(path);
    }
    free(models);
}
