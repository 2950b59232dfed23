/* Decodes a region of a picture (base/region.h). */
#ifndef IMAGE_REGION_H
#define IMAGE_REGION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/region.h"
#include "image/decode.h"

/* Like image_decode_bytes() and image_decode_file(), but *out is the region alone; the hint
 * is for it. A region that reaches out of the picture is cut there; one that is all outside
 * is ERROR_DATA. NULL or a whole region: all of the picture. */
bool image_decode_region(const void *bytes, size_t len, const struct region *region,
                         const struct image_limits *limits, int want_width, int want_height,
                         struct image *out, struct error *err);
bool image_decode_file_region(const char *path, const struct region *region,
                              const struct image_limits *limits, int want_width, int want_height,
                              struct image *out, struct error *err);

/* The region of a picture that was decoded: `whole` may be smaller than the picture, of which
 * `info` tells the size. whole and out must differ. */
bool image_crop_region(const struct image *whole, const struct image_info *info,
                       const struct region *region, struct image *out, struct error *err);

#endif
