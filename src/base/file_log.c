#include "base/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "folder_io.h"

bool file_log_open(struct file_log *log, const struct folder *f, const char *name,
                   struct error *err)
{
    struct stat st;
    *log = (struct file_log){ .fd = -1, .folder = f };
    log->name = mem_string(name, strlen(name));
    if (!log->name) {
        return error_nomem(err, strlen(name), "a file name");
    }
    log->fd = folder_open_file(f, name, O_RDWR | O_CREAT, &st, err);
    if (log->fd < 0) {
        file_log_close(log);
        return false;
    }
    log->size = st.st_size;
    return true;
}

bool file_log_check(const struct file_log *log, struct error *err)
{
    const char *prefix = log->folder->prefix, *name = log->name;
    struct stat opened, named;
    if (fstat(log->fd, &opened) != 0) {
        return error_errno(err, ERROR_IO, errno, "%s%s: cannot examine", prefix, name);
    }
    if (fstatat(log->folder->fd, name, &named, AT_SYMLINK_NOFOLLOW) != 0 ||
        named.st_ino != opened.st_ino || named.st_dev != opened.st_dev) {
        return error_set(err, ERROR_BUSY, "%s%s: another program has replaced or removed it",
                         prefix, name);
    }
    if (opened.st_size != log->size && !log->suspect) {
        return error_set(err, ERROR_BUSY,
                         "%s%s: another program has changed it: %lld bytes, expected %lld", prefix,
                         name, (long long)opened.st_size, (long long)log->size);
    }
    return true;
}

static void cut_back(struct file_log *log)
{
    if (io_cut(log->fd, log->size) != 0) {
        log->suspect = true;
    }
}

bool file_log_append(struct file_log *log, const void *bytes, size_t len, struct error *err)
{
    const char *prefix = log->folder->prefix, *name = log->name;
    if (log->suspect) {
        return error_set(err, ERROR_IO, "%s%s: an earlier write failed", prefix, name);
    }
    if (!file_log_check(log, err)) {
        return false;
    }
    if (!io_write_at(log->fd, log->size, bytes, len)) {
        error_errno(err, ERROR_IO, errno, "%s%s: cannot append %zu bytes", prefix, name, len);
        cut_back(log);
        return false;
    }
    if (io_sync_data(log->fd) != 0) {
        error_errno(err, ERROR_IO, errno, "%s%s: cannot sync", prefix, name);
        log->suspect = true;
        cut_back(log);
        return false;
    }
    log->size += (int64_t)len;
    return true;
}

void file_log_close(struct file_log *log)
{
    if (log->fd >= 0) {
        close(log->fd);
    }
    free(log->name);
    *log = (struct file_log){ .fd = -1 };
}
