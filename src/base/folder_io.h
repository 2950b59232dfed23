/* What folder.c, folder_write.c and file_log.c share. */
#ifndef BASE_FOLDER_IO_H
#define BASE_FOLDER_IO_H

#include "base/folder.h"
#include "file_io.h"

/* Creates a new file with the permissions `like`, if known. -1 with errno on failure. */
int folder_create(const struct folder *f, const char *name, const struct file_rights *like);

/* Sets mode and group; if the group cannot be set, the mode is narrowed. */
void folder_give_rights(int fd, const struct file_rights *like);

bool folder_sync(const struct folder *f, struct error *err);

#endif
