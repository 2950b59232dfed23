/* The formats of picture files that are known: those that can be read, and those
 * that are named when they turn up. The table is in src/image/formats.c; nothing
 * else lists formats or endings. */
#ifndef IMAGE_FORMAT_H
#define IMAGE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image_format {
    const char *name;    /* "JPEG" */
    const char *endings; /* of file names, "jpg jpeg jpe jfif"; "" when none says so */
    const char *refusal; /* NULL: it can be read in this build; else why not, and what to do */
};

/* By the content, which alone decides what a file is; NULL when it is not known.
 * A kilobyte from the beginning is enough. */
const struct image_format *image_format_of_bytes(const uint8_t *bytes, size_t len);

/* By the ending of a file's name, in any case; NULL when it is no picture's. */
const struct image_format *image_format_of_name(const char *name);

/* Row number `index`; NULL behind the last one. */
const struct image_format *image_format_at(size_t index);

#endif
