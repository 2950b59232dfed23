#include "base/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"

static bool refuse(struct error *err, int errnum, const char *folder, size_t bytes)
{
    return error_errno(err, ERROR_IO, errnum, "%s: cannot make a temporary file of %zu MiB", folder,
                       (bytes >> 20) + 1);
}

/* A file in the folder that nobody else can open. NFS has none without a name: there it has
 * one for a moment. */
static int make_file(const char *folder)
{
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) {
        return fd;
    }
    char *name = file_join(folder, ".thumbtag-XXXXXX");
    if (!name) {
        errno = ENOMEM;
        return -1;
    }
    fd = mkostemp(name, O_CLOEXEC);
    if (fd >= 0) {
        unlink(name);
    }
    free(name);
    return fd;
}

static void *map(const char *folder, size_t bytes, struct error *err)
{
    int fd = make_file(folder);
    if (fd < 0) {
        refuse(err, errno, folder, bytes);
        return NULL;
    }
    /* A page for which the disk has no room would end the program later. */
    int failed = posix_fallocate(fd, 0, (off_t)bytes);
    void *memory =
        failed ? MAP_FAILED : mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) {
        refuse(err, failed ? failed : errno, folder, bytes);
        memory = NULL;
    }
    close(fd);
    return memory;
}

void *spill_new(const char *beside, size_t bytes, struct error *err)
{
    char *folder = file_dirname(beside);
    if (!folder) {
        error_nomem(err, strlen(beside), "a path");
        return NULL;
    }
    void *memory = map(folder, bytes, err);
    free(folder);
    return memory;
}

void spill_free(void *memory, size_t bytes)
{
    if (memory) {
        munmap(memory, bytes);
    }
}
