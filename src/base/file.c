/* Writing files by their paths: through the folder that each is in. */
#include "base/file.h"

#include <errno.h>
#include <unistd.h>

#include "base/folder.h"

bool file_replace(const char *path, const void *bytes, size_t len, struct error *err)
{
    struct folder folder;
    const char *name;
    bool ok =
        folder_open_of(&folder, path, &name, err) && folder_replace(&folder, name, bytes, len, err);
    folder_close(&folder);
    return ok;
}

bool file_can_replace(const char *path, struct error *err)
{
    struct folder folder;
    const char *name;
    bool ok = folder_open_of(&folder, path, &name, err) && folder_can_replace(&folder, name, err);
    folder_close(&folder);
    return ok;
}

bool file_remove(const char *path, struct error *err)
{
    if (unlink(path) != 0 && errno != ENOENT) {
        return error_errno(err, ERROR_IO, errno, "%s: cannot remove", path);
    }
    return true;
}
