/* Large pictures for the bench programs, made of photographs. */
#ifndef BENCH_PICTURES_H
#define BENCH_PICTURES_H

#include "bench.h"

#include <stdint.h>

#include "image/decode.h"
#include "image/scale.h"

/* The middle of a photograph, as much as has the aspect, at that size. */
static inline bool bench_photo(const char *path, int width, int height, struct image *out)
{
    struct image photo = IMAGE_INIT;
    struct image part = IMAGE_INIT;
    struct image_rect rect;
    bool ok = image_decode_file(path, NULL, 0, 0, &photo, NULL, NULL) && photo.channels == 3;
    if (ok) {
        image_fit(width, height, photo.width, photo.height, true, &rect.width, &rect.height);
        rect.x = (photo.width - rect.width) / 2;
        rect.y = (photo.height - rect.height) / 2;
        enum image_filter filter = width > rect.width ? IMAGE_FILTER_CUBIC : IMAGE_FILTER_LANCZOS;
        ok = image_crop(&photo, rect, &part, NULL) &&
             image_scale(&part, width, height, filter, out, NULL);
    }
    image_release(&photo);
    image_release(&part);
    return ok;
}

/* Photographs side by side: much detail. */
static inline bool bench_mosaic(const glob_t *photos, int across, int down, int width, int height,
                                struct image *out)
{
    int w = width / across;
    int h = height / down;
    size_t tiles = (size_t)across * (size_t)down;
    if (!image_init(out, width, height, 3, NULL)) {
        return false;
    }
    memset(out->pixels, 0, image_stride(out) * (size_t)height);
    for (size_t i = 0; i < tiles; i++) {
        struct image tile = IMAGE_INIT;
        int left = (int)(i % (size_t)across) * w;
        int top = (int)(i / (size_t)across) * h;
        if (bench_photo(photos->gl_pathv[i * photos->gl_pathc / tiles], w, h, &tile)) {
            for (int y = 0; y < h; y++) {
                memcpy(image_at(out, left, top + y), image_at(&tile, 0, y), image_stride(&tile));
            }
        }
        image_release(&tile);
    }
    return true;
}

/* One photograph enlarged, with the noise of a camera: little detail. */
static inline bool bench_enlarged(const char *path, int width, int height, struct image *out)
{
    uint32_t random = 1;
    if (!bench_photo(path, width, height, out)) {
        return false;
    }
    for (size_t i = 0; i < image_stride(out) * (size_t)height; i++) {
        random = random * 1664525u + 1013904223u;
        int v = out->pixels[i] + (int)(random >> 30) + (int)(random >> 28 & 3) - 3;
        out->pixels[i] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
    }
    return true;
}

#endif
