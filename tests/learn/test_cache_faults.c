/* Fails the first, the second, the third ... system call that changes the
 * cache, once or from then on, until a session has fewer calls than that: the
 * embeddings are right all the same, in this session and in the next. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "learn/cache.h"
#include "picture.h"
#include "scratch.h"

static const struct region whole;

#define RGB_MODEL "tests/data/rgb/model.tflite"
#define PICTURES 40
#define MAX_BYTES 2000 /* a few vectors a generation */

enum fault_kind { FAULT_NONE, FAULT_ENOSPC, FAULT_SHORT };

static struct {
    enum fault_kind kind;
    bool forever;
    int countdown; /* calls until the fault */
    bool hit;
} fault;

static bool fails(void)
{
    if (fault.kind == FAULT_NONE || --fault.countdown > 0) {
        return false;
    }
    if (fault.countdown < 0 && !fault.forever) {
        return false;
    }
    fault.hit = true;
    errno = ENOSPC;
    return true;
}

int __real_openat(int folder, const char *path, int flags, ...);
ssize_t __real_pwrite(int fd, const void *bytes, size_t len, off_t offset);
int __real_ftruncate(int fd, off_t size);
int __real_unlinkat(int folder, const char *path, int flags);
int __real_mkdirat(int folder, const char *path, mode_t mode);
int __real_flock(int fd, int operation);

int __wrap_openat(int folder, const char *path, int flags, ...);
ssize_t __wrap_pwrite(int fd, const void *bytes, size_t len, off_t offset);
int __wrap_ftruncate(int fd, off_t size);
int __wrap_unlinkat(int folder, const char *path, int flags);
int __wrap_mkdirat(int folder, const char *path, mode_t mode);
int __wrap_flock(int fd, int operation);

int __wrap_openat(int folder, const char *path, int flags, ...)
{
    mode_t mode = 0;

    if ((flags & O_CREAT) != 0) {
        va_list args;
        va_start(args, flags);
        mode = va_arg(args, mode_t);
        va_end(args);
        if (fails()) {
            return -1;
        }
    }
    return __real_openat(folder, path, flags, mode);
}

ssize_t __wrap_pwrite(int fd, const void *bytes, size_t len, off_t offset)
{
    if (!fails()) {
        return __real_pwrite(fd, bytes, len, offset);
    }
    /* a disk that fills up in the middle of a write */
    return fault.kind == FAULT_SHORT && len > 1 ? __real_pwrite(fd, bytes, len / 2, offset) : -1;
}

int __wrap_ftruncate(int fd, off_t size)
{
    return fails() ? -1 : __real_ftruncate(fd, size);
}

int __wrap_unlinkat(int folder, const char *path, int flags)
{
    return fails() ? -1 : __real_unlinkat(folder, path, flags);
}

int __wrap_mkdirat(int folder, const char *path, mode_t mode)
{
    return fails() ? -1 : __real_mkdirat(folder, path, mode);
}

int __wrap_flock(int fd, int operation)
{
    return fails() ? -1 : __real_flock(fd, operation);
}

static void paint(const char *folder, int number)
{
    uint8_t rgb[8 * 8 * 3];
    char name[32];
    struct buf out = BUF_INIT;

    snprintf(name, sizeof name, "%d.ppm", number);
    char *path = scratch_path(folder, name);
    memset(rgb, 5 * number, sizeof rgb);
    picture_ppm(&out, 8, 8, rgb);
    scratch_write(path, out.data, out.len);
    struct timespec times[2] = { { 1000000000, 5 }, { 1000000000, 5 } };
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    buf_release(&out);
    free(path);
}

static void look_at_all(const char *folder, const char *at, const struct embedder *e,
                        struct embed_runner *r)
{
    void *packed = malloc(embedder_packed_bytes(e));
    float values[15];
    struct cache *disk = cache_new(at, MAX_BYTES, NULL);
    struct embedding_cache *c = embedding_cache_new(disk, e, NULL);

    assert_non_null(c);
    for (int i = 0; i < PICTURES; i++) {
        char name[32];
        snprintf(name, sizeof name, "%d.ppm", i);
        char *path = scratch_path(folder, name);
        assert_true(embedding_cache_get(c, r, path, &whole, packed, NULL));
        embedder_unpack(e, packed, values, NULL);
        assert_int_equal((int)(values[0] * 255.0f + 0.5f), 5 * i);
        free(path);
    }
    embedding_cache_free(c);
    cache_free(disk);
    free(packed);
}

static void test_faults(void **state)
{
    static const struct {
        enum fault_kind kind;
        bool forever;
    } kinds[] = { { FAULT_ENOSPC, false },
                  { FAULT_ENOSPC, true },
                  { FAULT_SHORT, false },
                  { FAULT_SHORT, true } };
    struct embedder *e = embedder_new(RGB_MODEL, NULL, NULL);
    struct embed_runner *r = embed_runner_new(e, NULL);
    char *folder = scratch_new();

    (void)state;
    for (int i = 0; i < PICTURES; i++) {
        paint(folder, i);
    }
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        int nth = 0;
        do {
            char *at = scratch_new();
            char *cache = scratch_path(at, "cache");
            nth++;
            fault.hit = false;
            fault.forever = kinds[k].forever;
            fault.countdown = nth;
            fault.kind = kinds[k].kind;
            look_at_all(folder, cache, e, r);
            fault.kind = FAULT_NONE;
            look_at_all(folder, cache, e, r);
            free(cache);
            scratch_remove(at);
        } while (fault.hit);
        assert_true(nth > 5);
    }
    embed_runner_free(r);
    embedder_free(e);
    scratch_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
