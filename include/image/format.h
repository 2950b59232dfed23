/* The known picture formats: those that can be read, and those that are recognised only
 * to name them in a message. src/image/formats.c is the only list of formats, of file
 * name endings, and of what reads them. */
#ifndef IMAGE_FORMAT_H
#define IMAGE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image_format {
    const char *name;    /* "JPEG" */
    const char *endings; /* of file names: "jpg jpeg jpe jfif"; "": recognised by content only */
    const char *library; /* that reads it, if the build has it: "libpng", "built in"; NULL: none */
    const char *refusal; /* NULL: readable in this build; else why not, and what to do */
};

/* By content, which decides how a file is read; NULL: unknown. The first kilobyte is
 * enough. */
const struct image_format *image_format_of_bytes(const uint8_t *bytes, size_t len);

/* By the ending of the file name, in upper or lower case; NULL: no known format's. */
const struct image_format *image_format_of_name(const char *name);

/* The format of that index; NULL past the last one. */
const struct image_format *image_format_at(size_t index);

#endif
