/* What to do about a folder or a file that cannot be written. */
#ifndef STORE_ADVICE_H
#define STORE_ADVICE_H

#include "base/folder.h"

/* Makes *err say it, where errnum is one of those that a person can do something
 * about, and leaves it as it is otherwise. name: NULL for the folder. False. */
bool advise(const struct folder *f, const char *name, int errnum, struct error *err);

#endif
