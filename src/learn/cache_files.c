#include "cache_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "learn/embedder.h"

_Static_assert(EMBEDDER_ID_SIZE == CACHE_ID_SIZE, "the name of a model's folder");

#define NAME_SIZE 32

static const char *const file_kinds[] = { "index", "vectors" };

static void name_of(uint32_t generation, const char *kind, char out[NAME_SIZE])
{
    snprintf(out, NAME_SIZE, "%04u.%s", generation, kind);
}

uint64_t index_check(const struct index_record *record)
{
    return hash64(record, offsetof(struct index_record, check), 0);
}

void cache_generation_close(struct generation *g)
{
    cache_log_close(&g->index);
    cache_log_close(&g->vectors);
}

bool cache_generation_open(struct generation *g, int folder, uint32_t number, int flags,
                           size_t vector_record, struct error *err)
{
    char index[NAME_SIZE], vectors[NAME_SIZE];
    name_of(number, file_kinds[0], index);
    name_of(number, file_kinds[1], vectors);
    *g = (struct generation){ .number = number, .index = { .fd = -1 }, .vectors = { .fd = -1 } };
    /* The vectors first: without them there is no need for an index. */
    bool ok = cache_log_open(&g->vectors, folder, vectors, flags, vector_record, err) &&
              cache_log_open(&g->index, folder, index, flags, sizeof(struct index_record), err);
    if (!ok) {
        cache_generation_close(g);
    }
    return ok;
}

/* Reads the generation from a file's name; false for names of other files. */
static bool parse_name(const char *name, uint32_t *generation)
{
    char again[NAME_SIZE];
    if (sscanf(name, "%9u", generation) != 1) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(file_kinds); i++) {
        name_of(*generation, file_kinds[i], again);
        if (strcmp(name, again) == 0) {
            return true;
        }
    }
    return false;
}

int64_t cache_generation_remove(int folder, uint32_t number)
{
    int64_t bytes = 0;
    for (size_t i = 0; i < ARRAY_LEN(file_kinds); i++) {
        char name[NAME_SIZE];
        struct stat st;
        name_of(number, file_kinds[i], name);
        if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            unlinkat(folder, name, 0) == 0) {
            bytes += st.st_size;
        }
    }
    return bytes;
}

size_t cache_generations(int folder, uint32_t newest[CACHE_GENERATIONS])
{
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
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
    } else if (fd >= 0) {
        close(fd);
    }
    return count;
}
