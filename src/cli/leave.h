/* The end of the program. */
#ifndef CLI_LEAVE_H
#define CLI_LEAVE_H

/* Makes the process end with this code after a second at the latest: a thread may hang in
 * a file system, a decoder or a library, and so may exit handlers. Call it after the
 * terminal is restored, the labels are closed and the output is written. Flushes standard
 * output. */
void leave_soon(int code);

#endif
