/* The orientation that a file's metadata gives: of its EXIF block, or, where
 * that has none, of its XMP packet (tiff:Orientation). As Pillow's
 * ImageOps.exif_transpose(): the tag may be of any numeric type; a BYTE does not
 * count, nor does the tag of the embedded thumbnail. Private to image. */
#ifndef IMAGE_EXIF_H
#define IMAGE_EXIF_H

#include <stddef.h>
#include <stdint.h>

/* The orientation, 1 to 8; 1 when there is none that makes sense. The format
 * is not checked: bytes of another kind give 1. */
int exif_orientation_jpeg(const uint8_t *bytes, size_t len);
int exif_orientation_png(const uint8_t *bytes, size_t len);
int exif_orientation_webp(const uint8_t *bytes, size_t len);

#endif
