/* A second line of defence in case a malicious file takes over the process: files can be
 * written only in a few named places (Landlock), and system calls that thumbtag never
 * makes are refused (seccomp).
 *
 * Entered once, before the first thread starts and before untrusted data is read. It
 * cannot be left, and applies to threads and children. What the kernel does not support
 * is left out without an error. */
#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

/* What may be written; everything may be read. Paths that do not exist are ignored;
 * links are resolved when the sandbox is entered. Everything is borrowed. */
struct sandbox {
    const char *const *folders; /* anything below may be created, written and removed */
    size_t folder_count;
    const char *const *devices; /* may be opened for writing */
    size_t device_count;
    bool links; /* symbolic links may be made in the folders */
};

struct sandbox_state {
    int landlock;      /* ABI version; 0: not in force */
    char no_files[80]; /* why Landlock is not in force */
    int refused;       /* number of system calls refused by seccomp; 0: not in force */
    char no_calls[80]; /* why seccomp is not in force */
};

void sandbox_enter(const struct sandbox *rules, struct sandbox_state *state);

#endif
