/* A second wall around the whole process, in case that the content of a file takes
 * it over: files are written in a few named places only (Landlock), and system calls
 * that thumbtag never makes are refused (seccomp).
 *
 * Entered once, before the first thread and before anything that is not trusted is
 * read. It cannot be left, and holds for threads and children. What the kernel lacks
 * is left out: nothing fails because of it. */
#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

/* What may be written. Everything may be read. A path that is not there is passed
 * over; links in it are followed now, not later. All of it is borrowed. */
struct sandbox {
    const char *const *folders; /* files and folders below may be made, written, removed */
    size_t folder_count;
    const char *const *devices; /* may be opened for writing */
    size_t device_count;
};

struct sandbox_state {
    int landlock;      /* its ABI version; 0: not in force, */
    char no_files[80]; /* and why */
    int refused;       /* system calls that seccomp refuses; 0: not in force, */
    char no_calls[80]; /* and why */
};

void sandbox_enter(const struct sandbox *rules, struct sandbox_state *state);

#endif
