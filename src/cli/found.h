/* What a listing found and left out, for the commands. */
#ifndef CLI_FOUND_H
#define CLI_FOUND_H

#include <stdbool.h>

#include "session/catalog.h"

/* Of a listing that is done: says on standard error how many files it left out. */
void found_tell_left_out(const struct catalog *c);

/* True, with err, when a listing that is done has nothing in it: the first thing that
 * could not be read, else that there are no pictures, and what was left out. */
bool found_nothing(struct catalog *c, struct error *err);

#endif
