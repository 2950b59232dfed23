/* Picture paths as the CSV has them: relative to its folder, and back.
 *
 * Both paths are made absolute by the working folder. While neither holds a
 * ".." part and the picture lies below the CSV's folder as written, what
 * follows the folder is the name, with symbolic links inside it kept as the
 * user sees them. Otherwise the links of both folders are resolved (".." means
 * the physical parent), and a picture outside gets one "../" for each folder
 * up. The last part of a picture's path is never resolved. */
#ifndef STORE_NAMES_H
#define STORE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"

struct names {
    char *cwd;           /* absolute */
    char *folder;        /* the CSV's, as the user wrote it: for paths back */
    char *written;       /* absolute, links kept; NULL if it holds ".." */
    char *physical;      /* absolute, links resolved; NULL if that fails */
    char *last_dir;      /* the folder resolved last, and what it gave: */
    char *last_physical; /* pictures come in runs of one folder */
};

bool names_init(struct names *n, const char *csv_path, struct error *err);
void names_release(struct names *n);

/* The file_name of a picture, the caller's; NULL when memory is out or there
 * is no way from one folder to the other. */
char *names_relative(struct names *n, const char *picture_path, struct error *err);

/* A file_name of a CSV, which may have been written by another program or edited
 * by hand, as names_relative() gives it: relative, without "//" and "." in it, and
 * in the Unicode normal form of the file that is there, if only that form is. One
 * of a file outside stays absolute if its folder is not there. out is empty; n may
 * be NULL: absolute names then stay, and no file is looked for. */
bool names_is_odd(const char *file_name, size_t len);
void names_add_key(struct names *n, const char *file_name, size_t len, struct buf *out);

/* The path of a file_name, to be opened from the working folder; the
 * caller's, NULL when memory is out. */
char *names_path(const struct names *n, const char *file_name);

#endif
