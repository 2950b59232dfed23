/* What the terminal of a script answers. */
#ifndef TERM_SCRIPTED_REPLIES_H
#define TERM_SCRIPTED_REPLIES_H

#include "base/buf.h"
#include "term/scripted.h"

/* Appends the reply to a question, as struct vt's ask(): nothing if the terminal does not
 * know the answer. False: it is no question. A fence is none of these. */
bool replies_add(const struct scripted_options *options, int rows, int cols, char kind,
                 const char *text, struct buf *out);

#endif
