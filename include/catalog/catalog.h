/* The items of a session, pictures or regions of pictures, listed by a background thread, so that
 * the first one can be shown while a million others are still being found.
 *
 * An item's id is its number in order of discovery and never changes. Its position in
 * the order of the session changes once, when the listing is complete and sorted. All
 * functions are called from one thread, the owner.
 *
 * A picture is one item, the whole of it, unless catalog_source.regions says otherwise.
 *
 * Inputs: of a folder, all files in it and its sub-folders whose names end like a readable
 * format (image/format.h, any case), in natural order, without hidden ones; links to
 * files are followed, links to folders are not. A .txt or .lst file is a list, one path
 * per line, relative to the working folder, in the order given. Any other file is taken
 * for a picture. */
#ifndef CATALOG_CATALOG_H
#define CATALOG_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/region.h"

#define CATALOG_MAX 20000000u /* items */
#define CATALOG_NO_ID UINT32_MAX

struct catalog;

/* Called on the listing thread when catalog_poll() has something to see. */
typedef void catalog_wake_fn(void *context);

/* The items of a picture, called on the listing thread: their number, 0 for the whole
 * picture alone, or CATALOG_LEAVE_OUT for none. *list, in which a whole region stands for the
 * picture itself, stays as it is until the next call. Where items are sorted, those of one picture
 * are in the order of region_compare(), else in that of the list. */
#define CATALOG_LEAVE_OUT SIZE_MAX
typedef size_t catalog_regions_fn(void *context, const char *path, const struct region **list);

struct catalog_source {
    const char *const *paths; /* folders, files, lists */
    size_t count;
    bool in_order;    /* publish pictures only in their final order: a folder once it has been
                         read; else in order of discovery until the listing is complete */
    bool as_they_are; /* every path is a picture, existing or not, in the given order */
    int list_fd;      /* >= 0: a list to read after them (stdin); not closed */
    char separator;   /* of that list: '\n' or '\0' */
    catalog_regions_fn *regions; /* NULL: every picture is one item */
    void *regions_context;       /* borrowed while the catalog lives */
};

/* Starts listing. The paths are copied. A path that does not exist is an error here; what
 * cannot be read later is counted by catalog_problems(). */
struct catalog *catalog_new(const struct catalog_source *source, catalog_wake_fn *wake,
                            void *context, struct error *err);

/* The same, but returns only when the listing is complete. */
struct catalog *catalog_list_all(const struct catalog_source *source, struct error *err);

/* Stops the listing if it is running, and frees everything. */
void catalog_free(struct catalog *c);

enum { CATALOG_GREW = 1, CATALOG_SORTED = 2, CATALOG_DONE = 4 };

/* Takes over what the listing thread has found since the last call; returns CATALOG_* bits. */
unsigned catalog_poll(struct catalog *c);

/* Waits up to timeout_ms for the listing to be complete. */
void catalog_wait(struct catalog *c, int timeout_ms);

bool catalog_done(const struct catalog *c);

/* Items found so far, including those not published yet. */
size_t catalog_found(const struct catalog *c);

/* Turns in_order off: pictures are published at once, in order of discovery. */
void catalog_hurry(struct catalog *c);
size_t catalog_count(const struct catalog *c);

/* Position in the order <-> id. */
uint32_t catalog_id(const struct catalog *c, size_t position);
size_t catalog_position(const struct catalog *c, uint32_t id);

/* Folder number and name of an item's picture; its path is folder + "/" + name, or the name alone
 * if the folder is "". Valid as long as the catalog. */
uint32_t catalog_folder(const struct catalog *c, uint32_t id);
const char *catalog_name(const struct catalog *c, uint32_t id);
const char *catalog_folder_path(const struct catalog *c, uint32_t folder);

/* The region of the picture; a whole one: all of it. */
struct region catalog_region(const struct catalog *c, uint32_t id);

/* Writes the path of the picture to a buffer, which is cleared first. */
void catalog_path(const struct catalog *c, uint32_t id, struct buf *path);

/* Once the listing is done: number of files left out because they are in a picture format
 * that cannot be read, by their endings (image/format.h). *text (may be NULL) is cleared
 * and set to "20 files left out: .heic 20; convert them to JPEG or PNG", or to "". */
size_t catalog_left_out(const struct catalog *c, struct buf *text);

/* Number of folders and lists that could not be read, and the message for the first one in
 * *first (may be NULL). */
size_t catalog_problems(struct catalog *c, struct error *first);

#endif
