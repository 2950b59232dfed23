#include "base/stamp.h"

#include <sys/stat.h>

#include "base/clock.h"

#define RACY_NS 2000000000 /* a more recent time stamp may not change with the next write */

_Static_assert(sizeof(struct file_stamp) == 32, "no padding");

bool file_stamp_of(const char *path, struct file_stamp *stamp)
{
    struct stat st;
    *stamp = (struct file_stamp){ 0 };
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
        return false;
    }
    stamp->device = st.st_dev;
    stamp->inode = st.st_ino;
    stamp->size = st.st_size;
    stamp->changed_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
    return true;
}

bool file_stamp_same(const struct file_stamp *a, const struct file_stamp *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->changed_ns == b->changed_ns;
}

bool file_stamp_settled(const char *path, const struct file_stamp *stamp)
{
    struct file_stamp now;
    return file_stamp_of(path, &now) && file_stamp_same(&now, stamp) &&
           stamp->changed_ns < clock_wall_ms() * 1000000 - RACY_NS;
}
