/* Which part, of train, val and test, each picture of an export belongs to. */
#ifndef FORMATS_SPLIT_H
#define FORMATS_SPLIT_H

#include "format.h"

/* Sets `split` of each of e's pictures, as formats_export() says, and what the report has of
 * groups. */
bool split_pictures(const struct export *e, struct export_picture *pictures, struct error *err);

#endif
