/* Finds a file in a ZIP archive that follows other bytes, as the associated files of a
 * TensorFlow Lite model do.
 *
 * Format, little-endian: the archive ends in a record "PK\5\6" of 22 bytes and a
 * comment, which says how many bytes the directory in front of it has and where
 * it is; each of the directory's entries, "PK\1\2", 46 bytes, a name, extra
 * bytes and a comment, says where its file is: "PK\3\4", 30 bytes, the name,
 * extra bytes, then the content. Offsets count from the archive's start or, as most
 * writers do it here, from the start of all bytes. */
#ifndef NN_ZIP_H
#define NN_ZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct nn_span {
    const uint8_t *bytes;
    size_t len;
};

/* The content of the file called `name`, within `bytes`, after comparing its checksum.
 * `place` is the source in messages. ERROR_DATA when there is no archive, no such file,
 * or damage; ERROR_UNSUPPORTED when the file is compressed or encrypted. */
bool nn_zip_find(const void *bytes, size_t len, struct nn_span name, struct nn_span *content,
                 const char *place, struct error *err);

#endif
