/* Advice for a folder or file that cannot be written. */
#ifndef STORE_ADVICE_H
#define STORE_ADVICE_H

#include "base/folder.h"

/* If the user can do something about errnum, replaces *err by a message that says what;
 * otherwise leaves it unchanged. name: NULL for the folder itself. Returns false. */
bool advise(const struct folder *f, const char *name, int errnum, struct error *err);

#endif
