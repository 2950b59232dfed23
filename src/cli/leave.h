/* The end of the program. */
#ifndef CLI_LEAVE_H
#define CLI_LEAVE_H

/* From now on the process ends by itself with this code when it has not within
 * a second: a thread may hang in a file system, a decoder or a library, and so may what
 * libraries do at the exit. Called when the terminal, the labels and the output are
 * done. Flushes standard output. */
void leave_soon(int code);

#endif
