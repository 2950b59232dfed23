/* Reduces 16-bit samples to 8. Keeping the upper 8 bits would show a picture that uses
 * few of the 65536 levels (12-bit cameras write such files) as black or a single grey.
 * Such a picture is decoded a second time, with its levels stretched to the whole range.
 * Private to image. */
#ifndef IMAGE_LEVELS_H
#define IMAGE_LEVELS_H

#include <stdint.h>

#include "codec.h"

struct levels {
    bool stretched;
    uint32_t low, high; /* if stretched: become 0 and 255 */
    uint32_t min, max;  /* of the samples so far */
};

/* Counts a sample (0 to 65535) and returns its 8-bit value; plain: that without
 * stretching. */
static inline uint8_t levels_sample(struct levels *l, uint32_t sample, uint8_t plain)
{
    l->min = sample < l->min ? sample : l->min;
    l->max = sample > l->max ? sample : l->max;
    if (!l->stretched) {
        return plain;
    }
    uint32_t level = sample < l->low ? l->low : sample > l->high ? l->high : sample;
    return (uint8_t)(((level - l->low) * 255 + (l->high - l->low) / 2) / (l->high - l->low));
}

/* Decodes a picture, passing its samples through levels_sample() with *levels. */
typedef bool levels_decoder(const struct codec_request *request, struct levels *levels,
                            struct codec_result *out, struct error *err);

/* Decodes a picture, and once more where its levels are to be stretched; out->levels then
 * tells the change: "levels ×16" or "levels 300 to 900".
 *
 * IMAGE_LEVELS_AUTO: if no sample exceeds an eighth of the full scale, samples are
 * multiplied by the largest power of two that fits (a power of two, so that most pictures
 * of one camera get the same factor); else, if they span 16 to 1023 levels, these are
 * stretched to the whole range. IMAGE_LEVELS_FULL: stretched unless they already span
 * the whole range. */
bool levels_decode(levels_decoder *decode, const struct codec_request *request,
                   struct codec_result *out, struct error *err);

/* Stretches an 8-bit picture in place; does nothing unless mode is IMAGE_LEVELS_FULL. */
void levels_of_image(struct image *image, enum image_levels mode, char *text, size_t size);

#endif
