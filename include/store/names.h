/* Converts picture paths to file_names of the CSV, which are relative to its folder, and
 * back.
 *
 * Both paths are made absolute with the working folder. If neither contains a ".." part
 * and the picture is below the CSV's folder as written, the name is what follows the
 * folder, with symbolic links kept as the user sees them. Otherwise the links of both
 * folders are resolved (".." means the physical parent), and a picture outside gets one
 * "../" per level. The last part of a picture's path is never resolved. */
#ifndef STORE_NAMES_H
#define STORE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"

struct names {
    char *cwd;           /* absolute */
    char *folder;        /* the CSV's, as the user wrote it: for paths back */
    char *written;       /* absolute, links kept; NULL if it contains ".." */
    char *physical;      /* absolute, links resolved; NULL if that fails */
    char *last_dir;      /* cache: the folder resolved last, as consecutive */
    char *last_physical; /* pictures are mostly in the same folder */
};

bool names_init(struct names *n, const char *csv_path, struct error *err);
void names_release(struct names *n);

/* The file_name of a picture; the caller frees it. NULL when out of memory or if there is
 * no path from one folder to the other. */
char *names_relative(struct names *n, const char *picture_path, struct error *err);

/* Converts a file_name of a CSV that was written by another program or edited by hand to
 * the form of names_relative(): relative, without "//" and "." parts, and in the Unicode
 * normal form (NFC or NFD) in which the file exists. An absolute name stays absolute if
 * its folder does not exist. out must be empty. n may be NULL: absolute names are then
 * kept, and no file is looked up. names_is_odd(): false if the name needs no conversion. */
bool names_is_odd(const char *file_name, size_t len);
void names_add_key(struct names *n, const char *file_name, size_t len, struct buf *out);

/* The path of a file_name, valid in the working folder; the caller frees it. NULL when out
 * of memory. */
char *names_path(const struct names *n, const char *file_name);

#endif
