#include "levels.h"

#include <stdio.h>

#define FULL 65535u
#define DARK (FULL / 8) /* below this a picture is too dark to see */
#define FAINT_MOST 1024u
#define FAINT_LEAST 16u /* fewer levels are just noise */

static bool spread(struct levels *l, uint32_t low, uint32_t high)
{
    l->stretched = true;
    l->low = low;
    l->high = high;
    return true;
}

static bool multiply(struct levels *l, char *text, size_t size)
{
    uint32_t factor = 1;
    while (l->max * factor * 2 <= FULL) {
        factor *= 2;
    }
    snprintf(text, size, "levels ×%u", factor);
    return spread(l, 0, FULL / factor);
}

static bool take_apart(struct levels *l, char *text, size_t size)
{
    snprintf(text, size, "levels %u to %u", l->min, l->max);
    return spread(l, l->min, l->max);
}

/* After all samples of a picture: true if it must be decoded again, with *l as updated
 * here. */
static bool stretch(struct levels *l, enum image_levels mode, char *text, size_t size)
{
    if (l->stretched || mode == IMAGE_LEVELS_PLAIN || l->min >= l->max) {
        return false;
    }
    uint32_t range = l->max - l->min;
    if (mode == IMAGE_LEVELS_FULL) {
        return (l->min >= 256 || l->max < FULL - 255) && take_apart(l, text, size);
    }
    if (l->max < DARK) {
        return multiply(l, text, size);
    }
    return range < FAINT_MOST && range >= FAINT_LEAST && take_apart(l, text, size);
}

static const struct levels whole_range = { .high = FULL, .min = FULL };

bool levels_decode(levels_decoder *decode, const struct codec_request *request,
                   struct codec_result *out, struct error *err)
{
    struct codec_request once_more = *request;
    struct levels levels = whole_range;
    once_more.again = true;
    if (!decode(request, &levels, out, err)) {
        return false;
    }
    if (!stretch(&levels, request->limits->levels, out->levels, sizeof out->levels)) {
        return true;
    }
    image_release(&out->image);
    return decode(&once_more, &levels, out, err);
}

/* The range of the colours, without fully transparent pixels. */
static struct levels seen_in(const struct image *image)
{
    struct levels l = whole_range;
    size_t count = (size_t)image->width * (size_t)image->height;
    const uint8_t *p = image->pixels;
    for (size_t i = 0; i < count; i++, p += image->channels) {
        for (int c = 0; c < 3 && (image->channels == 3 || p[3] > 0); c++) {
            levels_sample(&l, p[c], 0);
        }
    }
    return l;
}

void levels_of_image(struct image *image, enum image_levels mode, char *text, size_t size)
{
    struct levels l = mode == IMAGE_LEVELS_FULL ? seen_in(image) : whole_range;
    if (l.min >= l.max || (l.min == 0 && l.max == 255)) {
        return;
    }
    take_apart(&l, text, size);
    size_t count = (size_t)image->width * (size_t)image->height;
    uint8_t *p = image->pixels;
    for (size_t i = 0; i < count; i++, p += image->channels) {
        for (int c = 0; c < 3; c++) {
            p[c] = levels_sample(&l, p[c], 0);
        }
    }
}
