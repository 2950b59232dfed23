/* A folder for files that are of no use after the command: removed when it ends, however it ends,
 * by a process of its own, which the sandbox does not bind. */
#ifndef CLI_SCRATCH_FOLDER_H
#define CLI_SCRATCH_FOLDER_H

#include <sys/types.h>

#include "base/error.h"

struct scratch_folder {
    char *path; /* in $TMPDIR, else /tmp; NULL: none */
    int until;  /* the remover waits until this descriptor is closed */
    pid_t remover;
};

/* To be called before threads are started and before the sandbox is entered. */
bool scratch_folder_make(struct scratch_folder *f, struct error *err);

/* Removes it, with the files in it. */
void scratch_folder_remove(struct scratch_folder *f);

#endif
