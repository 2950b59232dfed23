/* The orientation in a file's metadata: from its EXIF block or, if that gives none, from
 * its XMP packet (tiff:Orientation). Same rules as Pillow's ImageOps.exif_transpose():
 * the tag may have any numeric type except BYTE; the tag of the embedded thumbnail is
 * ignored. Private to image. */
#ifndef IMAGE_EXIF_H
#define IMAGE_EXIF_H

#include <stddef.h>
#include <stdint.h>

/* The orientation, 1 to 8; 1 if there is none or it is invalid. Bytes of another format
 * give 1. */
int exif_orientation_jpeg(const uint8_t *bytes, size_t len);
int exif_orientation_png(const uint8_t *bytes, size_t len);
int exif_orientation_webp(const uint8_t *bytes, size_t len);

#endif
