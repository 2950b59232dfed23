/* Messages about what a listing of pictures found and left out. */
#ifndef CLI_FOUND_H
#define CLI_FOUND_H

#include <stdbool.h>

#include "catalog/catalog.h"

/* Prints to stderr how many files a completed listing left out. */
void found_tell_left_out(const struct catalog *c);

/* True, with err set, if a completed listing is empty. The message is the first error of
 * the listing, else that there are no pictures, and what was left out. */
bool found_nothing(struct catalog *c, struct error *err);

#endif
