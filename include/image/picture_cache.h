/* Decoded pictures, shared: each is opened and decoded once for all who need it, at a size
 * that serves them all.
 *
 * A picture that was decoded is kept in memory for those who come later, within a limit. When
 * that is reached, those go first that have not been needed for the longest time, and of those
 * that come next (picture_cache_set_next()) the last. Who asks for a picture that is being decoded
 * waits for it. A failure is kept like a picture: everybody gets the same message. A picture whose
 * file has changed is never handed out again.
 *
 * All functions may be called from several threads at once; no lock is held while a file is
 * read or decoded. */
#ifndef IMAGE_PICTURE_CACHE_H
#define IMAGE_PICTURE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/stamp.h"
#include "image/decode.h"
#include "image/image.h"
#include "image/thumbnails.h"

struct picture_cache;

/* A decoded picture; read-only, as others may read it at the same time. */
struct picture {
    struct image image;     /* upright; may be smaller than the picture */
    struct image_info info; /* of the picture */
    bool from_thumbnail;    /* decoded from a thumbnail (image/thumbnails.h) */
    struct hash128 content; /* of the file's bytes, seed 0; only if not from a thumbnail */
};

/* bytes: limit for the pixels that are kept while nobody uses them. thumbnails: borrowed, may be
 * NULL. NULL and err when out of memory. */
struct picture_cache *picture_cache_new(size_t bytes, struct thumbnails *thumbnails,
                                        struct error *err);

/* All pictures must have been given back. p may be NULL. */
void picture_cache_free(struct picture_cache *p);

/* Who asks. The screen takes any copy that is large enough, a network only one from the file
 * itself and decoded at just the size that it asked for: what it computes must not depend on what
 * was on the screen before. The network also waits for the screen's picture
 * (picture_cache_await()). */
enum picture_use { PICTURE_FOR_SCREEN, PICTURE_FOR_NETWORK };

struct picture_request {
    const char *path;
    struct file_stamp stamp; /* of the file, taken just before; all zeros, for what is no regular
                                file: the picture is decoded for this caller alone */
    enum picture_use use;
    enum image_levels levels;
    int want_width, want_height; /* a hint as for image_decode_file(), ... */
    int part_width, part_height; /* ... and of which part, as in struct image_limits */
    bool ahead;                  /* decoded for its thumbnail, see picture_cache_thumbnail_ahead();
                                    goes before the others when memory is short */
    unsigned rank;               /* among those that wait for memory, and 0: waits for no decode of
                                    the network for longer than a quarter of a second */
};

/* The picture, from memory, from its thumbnail or from its file; the caller gives it back by
 * picture_cache_put(). NULL and err on failure; the message begins with the path. p NULL: nothing
 * is shared or kept. */
const struct picture *picture_cache_get(struct picture_cache *p,
                                        const struct picture_request *request, struct error *err);

/* Gives a picture back; picture may be NULL. */
void picture_cache_put(struct picture_cache *p, const struct picture *picture);

/* Writes the picture's thumbnail if it needs one and has none; takes some milliseconds. */
void picture_cache_keep_thumbnail(struct picture_cache *p, const char *path,
                                  const struct picture *picture);

/* True if a network should ask for the picture at the size at which pictures are shown, so that
 * its thumbnail is written before that: where this takes it no longer. It then sets `ahead`, and
 * calls picture_cache_keep_thumbnail() when it has done its own work. */
bool picture_cache_thumbnail_ahead(const struct picture_cache *p,
                                   const struct picture_request *request);

/* Drops what is kept of the file. */
void picture_cache_forget(struct picture_cache *p, const char *path);

/* The size at which pictures are shown; 0: none are. */
void picture_cache_set_box(struct picture_cache *p, int width, int height);

/* How many pictures there are in all. */
void picture_cache_set_count(struct picture_cache *p, size_t count);

/* The pictures that are shown next, most urgent first, in place of those before. */
void picture_cache_set_next(struct picture_cache *p, const char *const *paths, size_t count);

/* True if the picture should be decoded for the screen even if only a network needs it now: there
 * is room for it, counted from the most urgent one, or for all pictures, or it is not known yet
 * which come next. *width, *height: the size at which pictures are shown. Waits for the first
 * picture_cache_set_box(). */
bool picture_cache_shown_soon(struct picture_cache *p, const char *path, int *width, int *height);

/* The picture that the screen is about to ask for; NULL: none. Until it has it, a network waits
 * for that picture, so that it is decoded on a thread of the screen. */
void picture_cache_await(struct picture_cache *p, const char *path);

/* The screen's thread has finished with that picture, whatever came out. */
void picture_cache_arrived(struct picture_cache *p, const char *path);

/* Bytes of pixels kept, in use or not. */
size_t picture_cache_bytes(struct picture_cache *p);

#endif
