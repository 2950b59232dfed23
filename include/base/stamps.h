/* A set of file stamps: those of the pictures of a folder. */
#ifndef BASE_STAMPS_H
#define BASE_STAMPS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/stamp.h"

struct stamps {
    struct file_stamp *items; /* in order once stamps_sort() was called */
    size_t count, cap;
};

bool stamps_add(struct stamps *s, const struct file_stamp *stamp, struct error *err);

/* To be called after the last one was added, before any is looked for. Drops doubles. */
void stamps_sort(struct stamps *s);
void stamps_release(struct stamps *s);

bool stamps_have(const struct stamps *s, const struct file_stamp *stamp);

/* Whether one of them has that size and time, whatever its device and inode. */
bool stamps_have_time(const struct stamps *s, const struct file_stamp *stamp);

#endif
