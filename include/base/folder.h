/* A folder that the user named, and the only ways in which thumbtag writes
 * into it.
 *
 * What lies in a folder of pictures may come from anybody: from an archive, a
 * clone, another person of the same machine. So the folder is opened once (its
 * own path may lead through symbolic links: the user named it), and a file in
 * it by its bare name, relative to the open folder. A file is used only if it
 *
 *   is a regular file, not a symbolic link (one is never followed), a FIFO, ...
 *   has this one name (writing to a hard link would change a file elsewhere)
 *   belongs to us, to the folder's owner or, where others may write into the
 *     folder as well and remove each other's files, to any of them
 *
 * Else the functions fail with ERROR_DATA, and the message names the file and
 * what it is. A `name` is one part of a path: with a '/' in it, it is refused.
 *
 * What is created gets the rights of folder->like where those are known, and
 * is never open to more people; else 0666 less the umask.
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

/* Who may do what with a file. */
struct file_rights {
    bool known;
    mode_t mode;
    uid_t owner;
    gid_t group;
};

struct folder {
    int fd;       /* -1: closed */
    char *path;   /* as the user wrote it */
    char *prefix; /* what stands before a name in messages: "photos/", or "" */
    uid_t owner;
    bool shared; /* others may write into it, and remove each other's files */
    struct file_rights like;
};

/* Opens the folder, or the one in which the file lies; *name then points to the
 * last part of file_path. folder_close() in any case. */
bool folder_open(struct folder *f, const char *path, struct error *err);
bool folder_open_of(struct folder *f, const char *file_path, const char **name, struct error *err);
void folder_close(struct folder *f);

/* Takes the rights of that file, if it is there, for all that is created. */
void folder_like(struct folder *f, const char *name);

enum folder_entry {
    FOLDER_NOTHING, /* no such name */
    FOLDER_FILE,    /* a file that may be used */
    FOLDER_REFUSED, /* something else; *err tells what */
};

/* Says what has that name, without opening it. */
enum folder_entry folder_look(const struct folder *f, const char *name, struct error *err);

/* Opens a file that may be used. flags: O_RDONLY or O_RDWR, perhaps with
 * O_CREAT or O_CREAT | O_EXCL. -1: errno tells why, 0 if the file is refused. */
int folder_open_file(const struct folder *f, const char *name, int flags, struct stat *st,
                     struct error *err);

/* As file_reader_open() and file_read(). */
bool folder_reader_open(const struct folder *f, struct file_reader *r, const char *name,
                        int64_t limit, struct error *err);
bool folder_read(const struct folder *f, const char *name, size_t limit, struct buf *out,
                 struct error *err);

/* Replaces the file by the bytes, atomically: a temporary file, fsync, rename,
 * fsync of the folder. A file that is there keeps its rights, and its owner as
 * far as we may give it. On failure the old file is untouched and the temporary
 * one removed; only when the last step, the sync of the folder, fails may the
 * new file stand there, whole. */
bool folder_replace(const struct folder *f, const char *name, const void *bytes, size_t len,
                    struct error *err);

/* Whether folder_replace() would work as things are, tried with an empty temporary
 * file: to be asked before hours of work whose result goes there. */
bool folder_can_replace(const struct folder *f, const char *name, struct error *err);

/* Writes a file that was not there before, synced: `name`, or where that is
 * taken, name-2, name-3 ... `made`, of at least NAME_MAX + 1 bytes, becomes its
 * name. */
bool folder_create_numbered(const struct folder *f, const char *name, const void *bytes, size_t len,
                            char *made, struct error *err);

/* The number'th of those names, from 1; false when it would be too long. */
bool folder_numbered(char *out, const char *name, int number);

/* Removes the temporary files that a killed folder_replace() of this name left
 * behind. The caller makes sure that nobody is replacing it right now. */
void folder_remove_leftovers(const struct folder *f, const char *name);

/* Cuts the file to `size` bytes and syncs. */
bool folder_truncate(const struct folder *f, const char *name, int64_t size, struct error *err);

/* Removes; a file that is not there is fine. A link is removed, not what it
 * leads to. */
bool folder_remove(const struct folder *f, const char *name, struct error *err);

/* A file that is appended to, row by row, each row synced before
 * file_log_append() returns. The folder must stay open. */
struct file_log {
    int fd;       /* -1: closed */
    int64_t size; /* bytes known to be good */
    bool suspect; /* a write or sync failed: what the disk holds is unknown */
    const struct folder *folder;
    char *name;
};

/* Opens or creates; the folder is synced when it was created. */
bool file_log_open(struct file_log *log, const struct folder *f, const char *name,
                   struct error *err);

/* True while the name still is that of the file that is open and nobody else
 * has changed its size; else false with ERROR_BUSY. */
bool file_log_check(const struct file_log *log, struct error *err);

/* Checks, appends and syncs. On failure nothing of the bytes counts: the file
 * is cut back to log->size, and log->suspect is set when even that, or a sync,
 * failed; the owner then rewrites the whole file with folder_replace(), because
 * after a failed fsync the page cache cannot be believed, and reopens. */
bool file_log_append(struct file_log *log, const void *bytes, size_t len, struct error *err);

void file_log_close(struct file_log *log);

#endif
