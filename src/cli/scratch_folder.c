#include "scratch_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"

#define FOLDER_NAME "/thumbtag-XXXXXX"

static void remove_all(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            unlinkat(dirfd(dir), entry->d_name, 0);
        }
    }
    if (dir) {
        closedir(dir);
    }
    rmdir(path);
}

/* What interrupts the command must not keep the folder from being removed. */
static void wait_and_remove(const char *path, int until)
{
    char byte;
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGQUIT, SIG_IGN);
    while (read(until, &byte, 1) < 0 && errno == EINTR) {
    }
    remove_all(path);
    _exit(0);
}

bool scratch_folder_make(struct scratch_folder *f, struct error *err)
{
    const char *parent = getenv("TMPDIR");
    struct buf path = BUF_INIT;
    int ends[2];
    *f = (struct scratch_folder){ .until = -1 };
    buf_adds(&path, parent && parent[0] == '/' ? parent : "/tmp");
    buf_adds(&path, FOLDER_NAME);
    if (path.failed) {
        return error_nomem(err, path.len, "a folder's name");
    }
    f->path = buf_take(&path);
    if (!mkdtemp(f->path)) {
        error_errno(err, ERROR_IO, errno, "%s", f->path);
        free(f->path);
        f->path = NULL;
        return false;
    }
    if (pipe2(ends, O_CLOEXEC) != 0) {
        error_errno(err, ERROR_IO, errno, "a pipe");
        remove_all(f->path);
        free(f->path);
        f->path = NULL;
        return false;
    }
    f->until = ends[1];
    f->remover = fork();
    if (f->remover == 0) {
        close(ends[1]);
        wait_and_remove(f->path, ends[0]);
    }
    close(ends[0]);
    return true;
}

void scratch_folder_remove(struct scratch_folder *f)
{
    if (!f->path) {
        return;
    }
    close(f->until);
    if (f->remover > 0) {
        while (waitpid(f->remover, NULL, 0) < 0 && errno == EINTR) {
        }
    } else {
        remove_all(f->path);
    }
    free(f->path);
    f->path = NULL;
}
