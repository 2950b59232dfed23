/* A folder that the user named, and the only ways in which thumbtag writes
 * into it.
 *
 * The content of a folder of pictures is not trusted: it may come from an archive, a
 * clone or another user of the machine. So the folder is opened once (its own path may
 * lead through symbolic links: the user named it), and each file in it is opened by its
 * bare name, relative to the open folder. A file is used only if it
 *
 *   is a regular file, not a symbolic link (never followed), FIFO or device
 *   has no other name (writing to a hard link would change a file elsewhere)
 *   belongs to us or to the folder's owner; or to anyone, in a folder where other
 *     users may write and remove each other's files (no sticky bit)
 *
 * Otherwise the functions fail with ERROR_DATA, and the message names the file and the
 * reason. A `name` is one part of a path: a name that contains '/' is refused.
 *
 * New files get the mode and group of folder->like if that is known, never wider
 * permissions; otherwise 0666 less the umask.
 *
 *   struct folder folder;
 *   if (folder_open(&folder, "photos", err))
 *       folder_replace(&folder, ".labels.csv.classes", bytes, len, err);
 *   folder_close(&folder);
 */
#ifndef BASE_FOLDER_H
#define BASE_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"

/* Permissions and owner of a file. */
struct file_rights {
    bool known;
    mode_t mode;
    uid_t owner;
    gid_t group;
};

struct folder {
    int fd;       /* -1: closed */
    char *path;   /* as the user wrote it */
    char *prefix; /* printed before a name in messages: "photos/", or "" */
    uid_t owner;
    bool shared; /* group or others may write into it, and it has no sticky bit */
    struct file_rights like;
};

/* Opens the folder, or the one that contains file_path; *name then points to the last
 * part of file_path. Call folder_close() even on failure. */
bool folder_open(struct folder *f, const char *path, struct error *err);
bool folder_open_of(struct folder *f, const char *file_path, const char **name, struct error *err);
void folder_close(struct folder *f);

/* Files created from now on get the permissions of that file, if it exists. */
void folder_like(struct folder *f, const char *name);

enum folder_entry {
    FOLDER_NOTHING, /* no such name */
    FOLDER_FILE,    /* a file that may be used */
    FOLDER_REFUSED, /* exists but must not be used; *err says why */
};

/* Examines what has that name, without opening it. */
enum folder_entry folder_look(const struct folder *f, const char *name, struct error *err);

/* Opens a file that may be used. flags: O_RDONLY or O_RDWR, optionally with O_CREAT or
 * O_CREAT | O_EXCL. Returns -1 on failure, with errno set; errno is 0 if the file was
 * refused. */
int folder_open_file(const struct folder *f, const char *name, int flags, struct stat *st,
                     struct error *err);

/* As file_reader_open() and file_read(). */
bool folder_reader_open(const struct folder *f, struct file_reader *r, const char *name,
                        int64_t limit, struct error *err);
bool folder_read(const struct folder *f, const char *name, size_t limit, struct buf *out,
                 struct error *err);

/* Replaces or creates the file atomically: a temporary file, fsync, rename, fsync of the
 * folder. An existing file keeps its permissions, and its owner as far as we are allowed
 * to set it. On failure the old file is untouched and the temporary file removed; only
 * if the last step, the sync of the folder, fails may the new file already be in place,
 * complete. */
bool folder_replace(const struct folder *f, const char *name, const void *bytes, size_t len,
                    struct error *err);

/* Whether folder_replace() would work now, tried with an empty temporary file. For use
 * before hours of work whose result goes there. */
bool folder_can_replace(const struct folder *f, const char *name, struct error *err);

/* Writes and syncs a new file: `name`, or if that exists, name-2, name-3 ... The name
 * used is copied to `made`, a buffer of at least NAME_MAX + 1 bytes. */
bool folder_create_numbered(const struct folder *f, const char *name, const void *bytes, size_t len,
                            char *made, struct error *err);

/* The number-th of those names, counted from 1; false if it is too long. */
bool folder_numbered(char *out, const char *name, int number);

/* Removes temporary files left behind by a killed folder_replace() of this name. The
 * caller ensures that no other process is replacing it. */
void folder_remove_leftovers(const struct folder *f, const char *name);

/* Truncates the file to `size` bytes and syncs it. */
bool folder_truncate(const struct folder *f, const char *name, int64_t size, struct error *err);

/* Removes the file; succeeds if it does not exist. A link is removed, not its target. */
bool folder_remove(const struct folder *f, const char *name, struct error *err);

/* A file that is appended to, row by row, each row synced before
 * file_log_append() returns. The folder must stay open. */
struct file_log {
    int fd;       /* -1: closed */
    int64_t size; /* bytes known to be on the disk */
    bool suspect; /* a write or sync failed: the content on the disk is unknown */
    const struct folder *folder;
    char *name;
};

/* Opens or creates the file; the folder is synced if it was created. */
bool file_log_open(struct file_log *log, const struct folder *f, const char *name,
                   struct error *err);

/* True while the name still refers to the open file and its size is unchanged; else
 * false with ERROR_BUSY: another program has replaced or changed it. */
bool file_log_check(const struct file_log *log, struct error *err);

/* Checks the file, appends and syncs. On failure nothing counts as written: the file is
 * truncated to log->size. log->suspect is set if that fails too, or if the sync failed;
 * the owner must then rewrite the whole file with folder_replace() and reopen it, as the
 * page cache cannot be trusted after a failed fsync. */
bool file_log_append(struct file_log *log, const void *bytes, size_t len, struct error *err);

void file_log_close(struct file_log *log);

#endif
