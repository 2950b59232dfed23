/* A temporary folder for a test's files, and what tests do in it. What cannot
 * be done fails the test. */
#ifndef SUPPORT_SCRATCH_H
#define SUPPORT_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

/* A new folder below $TMPDIR or /tmp; the caller gives it to scratch_remove(). */
char *scratch_new(void);

/* Removes the folder and all below it, and frees its name. */
void scratch_remove(char *folder);

/* folder + "/" + name, the caller's. */
char *scratch_path(const char *folder, const char *name);

/* Creates or overwrites the file. */
void scratch_write(const char *path, const void *bytes, size_t len);

/* The whole file with a NUL behind it, the caller's; *len (may be NULL) is
 * filled. */
char *scratch_read(const char *path, size_t *len);

/* Also true for a dangling link. */
bool scratch_exists(const char *path);

/* Number of entries of a folder. */
size_t scratch_count(const char *folder);

#endif
