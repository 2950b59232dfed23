/* The files of a folder that is a source. */
#ifndef FORMATS_TREE_H
#define FORMATS_TREE_H

#include "format.h"

typedef bool tree_fn(void *context, const char *path, struct error *err);

/* Calls fn for each file below the folder whose name ends like that (".xml", in any case), in
 * natural order; hidden ones are left out, and links to folders not followed. */
bool tree_each(const char *folder, const char *ending, tree_fn *fn, void *context,
               struct error *err);

/* True if one of the first 100 such files has a text for which is() is true. */
bool tree_has(const char *folder, const char *ending, bool (*is)(const char *text));

/* The path of something directly in the folder for whose name is() is true, to be freed by the
 * caller; NULL: none. */
char *tree_top_find(const char *folder, bool (*is)(const char *name));

/* The text of a file, as UTF-8. */
bool tree_read(const char *path, struct buf *text, struct error *err);

#endif
