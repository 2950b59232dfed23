/* What folder.c, folder_write.c and file_log.c share. */
#ifndef BASE_FOLDER_IO_H
#define BASE_FOLDER_IO_H

#include "base/folder.h"
#include "file_io.h"

/* Creates a file that was not there, with those rights, where they are known.
 * errno tells the reason of a failure. */
int folder_create(const struct folder *f, const char *name, const struct file_rights *like);

/* Mode and group; what may not be given narrows the mode. */
void folder_give_rights(int fd, const struct file_rights *like);

bool folder_sync(const struct folder *f, struct error *err);

#endif
