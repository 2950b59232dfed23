/* The picture files of a folder, by name: what the names in a data set of another program
 * are matched to. */
#ifndef FORMATS_PICTURES_H
#define FORMATS_PICTURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct pictures;

enum picture_match {
    MATCH_PATH,      /* the name, or its end from a '/' on, is the path of a picture, or the end
                        of one path only */
    MATCH_BASE_NAME, /* only its last part is, with or without the ending, and of one only */
    MATCH_AMBIGUOUS, /* of several */
    MATCH_NONE,
};

/* `folder`: what the names of the pictures are relative to. NULL when out of memory. */
struct pictures *pictures_new(const char *folder);
void pictures_free(struct pictures *p);

/* Adds a picture by its path in the folder. False when out of memory. */
bool pictures_add(struct pictures *p, const char *name, size_t len);

size_t pictures_count(const struct pictures *p);
const char *pictures_folder(const struct pictures *p);
const char *pictures_name(const struct pictures *p, uint32_t index);

/* Finds the picture that a name of a data set means. '\' counts as '/'; what stands in front
 * of a path, as in C:\data\a\1.jpg or gs://bucket/a/1.jpg, is ignored. On MATCH_AMBIGUOUS and
 * MATCH_NONE *index is not set. */
enum picture_match pictures_find(struct pictures *p, const char *name, size_t len, uint32_t *index);

/* Frees what only pictures_find() needs; it may still be called. */
void pictures_forget_index(struct pictures *p);

#endif
