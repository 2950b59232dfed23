/* The pictures of a session: found by a thread of its own, so that the first
 * can be shown while a million others are still being listed.
 *
 * A picture has an id, its number in order of discovery, which never changes;
 * its position in the order of the session changes once, when the listing is
 * complete and sorted. All functions but catalog_new() belong to one thread.
 *
 * What is listed: of a folder, all files with the ending of a format that can be
 * read (image/format.h, any case) in it and its sub-folders, in natural order,
 * without hidden ones; links to files are followed, links to
 * folders are not. A file named .txt or .lst is a list, one path a line,
 * relative to the working folder, in its own order. Any other file is taken as
 * a picture. */
#ifndef SESSION_CATALOG_H
#define SESSION_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

#define CATALOG_MAX 20000000u /* pictures */
#define CATALOG_NO_ID UINT32_MAX

struct catalog;

/* Called on the listing thread when catalog_poll() has something to see. */
typedef void catalog_wake_fn(void *context);

struct catalog_source {
    const char *const *paths; /* folders, files, lists */
    size_t count;
    bool in_order; /* what is told of stands in its final place: a folder when all of it is
                      read; else in order of discovery until the listing is complete */
    bool as_they_are; /* every path is a picture, there or not, in this order */
    int list_fd;    /* >= 0: a list to read after them (stdin); not closed */
    char separator; /* of that list: '\n' or '\0' */
};

/* Starts listing. The paths are copied. A path that does not exist is an error
 * at once; what cannot be read later on is a problem (below). */
struct catalog *catalog_new(const struct catalog_source *source, catalog_wake_fn *wake,
                            void *context, struct error *err);

/* The same with the whole list, waited for: for who has nothing else to do. */
struct catalog *catalog_list_all(const struct catalog_source *source, struct error *err);

/* Stops the listing if it goes on, and frees everything. */
void catalog_free(struct catalog *c);

enum { CATALOG_GREW = 1, CATALOG_SORTED = 2, CATALOG_DONE = 4 };

/* Takes over what the thread has found since; returns CATALOG_* bits. */
unsigned catalog_poll(struct catalog *c);

/* Waits up to timeout_ms for the listing to be complete. */
void catalog_wait(struct catalog *c, int timeout_ms);

bool catalog_done(const struct catalog *c);

/* Pictures found so far, those among them that are not told of yet. */
size_t catalog_found(const struct catalog *c);

/* From here on in order of discovery, at once. */
void catalog_hurry(struct catalog *c);
size_t catalog_count(const struct catalog *c);

/* Position in the order <-> id. */
uint32_t catalog_id(const struct catalog *c, size_t position);
size_t catalog_position(const struct catalog *c, uint32_t id);

/* Folder number and name of a picture; its path is folder + "/" + name, or
 * name alone where the folder is "". Valid as long as the catalog. */
uint32_t catalog_folder(const struct catalog *c, uint32_t id);
const char *catalog_name(const struct catalog *c, uint32_t id);
const char *catalog_folder_path(const struct catalog *c, uint32_t folder);

/* The path, into a buffer that is cleared first. */
void catalog_path(const struct catalog *c, uint32_t id, struct buf *path);

/* Once the listing is done: how many files of folders were left out because their
 * ending is that of a picture format that cannot be read (image/format.h). Into
 * *text (may be NULL), which is cleared first: "20 files left out: .heic 20; convert
 * them to JPEG or PNG", or nothing. */
size_t catalog_left_out(const struct catalog *c, struct buf *text);

/* Folders and lists that could not be read: their number, and the first one's
 * message in *first (may be NULL). */
size_t catalog_problems(struct catalog *c, struct error *first);

#endif
