/* A folder that is filled under a temporary name and appears under its own when it is
 * complete.
 *
 *   struct new_folder n;
 *   bool ok = new_folder_begin(&n, "out", err) &&
 *             new_folder_write(&n, "cat/a.txt", bytes, len, err) &&
 *             new_folder_commit(&n, err);
 *   new_folder_end(&n);
 */
#ifndef BASE_NEW_FOLDER_H
#define BASE_NEW_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/folder.h"

struct new_folder {
    struct folder parent;
    char *path, *name, *temp;
    int fd; /* -1: none */
};

/* Begins a folder of that path. ERROR_USAGE if there is something of that name already, apart
 * from an empty folder. Call new_folder_end() even on failure. */
bool new_folder_begin(struct new_folder *n, const char *path, struct error *err);

/* Each makes a file `name` in the folder, and the sub-folders in its name. A name of that kind
 * that is there already, or that leads out of the folder, is an error. */
bool new_folder_write(struct new_folder *n, const char *name, const void *bytes, size_t len,
                      struct error *err);
bool new_folder_copy(struct new_folder *n, const char *name, const char *from, struct error *err);
bool new_folder_link(struct new_folder *n, const char *name, const char *target, struct error *err);

/* As new_folder_copy(), but the copy shares its blocks with the original where the file system
 * can do that (FICLONE: Btrfs, XFS), which *shared tells. */
bool new_folder_clone(struct new_folder *n, const char *name, const char *from, bool *shared,
                      struct error *err);

/* A file of the folder that is written in pieces. */
struct new_file {
    struct new_folder *folder;
    const char *name; /* borrowed */
    int fd;           /* -1: none */
    int64_t size;
};

/* Call new_file_end() even if this or new_file_add() fails. */
bool new_file_begin(struct new_file *f, struct new_folder *n, const char *name, struct error *err);
bool new_file_add(struct new_file *f, const void *bytes, size_t len, struct error *err);
bool new_file_end(struct new_file *f, struct error *err);

/* Makes an empty sub-folder, if it is not there yet. */
bool new_folder_make(struct new_folder *n, const char *name, struct error *err);

/* Syncs it and gives it its name. */
bool new_folder_commit(struct new_folder *n, struct error *err);

/* Removes all of it unless it was committed, and frees the names. */
void new_folder_end(struct new_folder *n);

#endif
